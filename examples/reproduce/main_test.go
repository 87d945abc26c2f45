package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

func TestRun(t *testing.T) {
	table := []experiment{
		{name: "right", paper: "p", run: func(context.Context, setting) ([]figure, error) {
			return []figure{around("f", 10, 10.09, 0.01)}, nil
		}},
		{name: "wrong", paper: "p", run: func(context.Context, setting) ([]figure, error) {
			return []figure{around("f", 10, 10, 0.01), around("g", 10, 10.11, 0.01)}, nil
		}},
	}
	out := t.TempDir()
	var printed bytes.Buffer
	o := options{out: out, seed: 7}
	if err := run(t.Context(), &printed, o, table, []string{"right"}); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), &printed, o, table, []string{"wrong", "right"})
	if err == nil || !strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "right") {
		t.Errorf("a figure outside the expectation gives the error %v, expected one that names the experiment", err)
	}
	text, err := os.ReadFile(filepath.Join(out, "reproduce.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var holds []bool
	for line := range strings.Lines(string(text)) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Seed != 7 || len(r.Figures) == 0 {
			t.Errorf("line %s lacks seed or figures", line)
		}
		holds = append(holds, r.Holds)
	}
	if len(holds) != 3 || !holds[0] || holds[1] || !holds[2] {
		t.Errorf("verdicts %v, expected [true false true]", holds)
	}
	if n := strings.Count(printed.String(), "DOES NOT HOLD"); n != 2 {
		t.Errorf("printed %d failures, expected 2, of figure and experiment:\n%s", n, printed.String())
	}
}

func TestRunRejects(t *testing.T) {
	for _, names := range [][]string{nil, {"pca31"}} {
		if err := run(t.Context(), &bytes.Buffer{}, options{out: t.TempDir()}, experiments, names); err == nil {
			t.Errorf("experiments %q gave no error", names)
		}
	}
}

// TestMeasureLinear gives the linear autoencoder a set of five strong and fifteen weak directions:
// enough training passes, none fails.
func TestMeasureLinear(t *testing.T) {
	const n, d, k = 400, 20, 5
	x := make([]float32, n*d)
	state := uint64(1)
	for i := range x {
		state = state*6364136223846793005 + 1442695040888963407
		x[i] = float32(state>>40)/(1<<24) - 0.3
		if i%d >= k {
			x[i] *= 0.1
		}
	}
	set, err := data.NewSet(graph.Floats32(x, n, d), graph.Array{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		steps int
		holds bool
	}{{3000, true}, {1, false}} {
		folder, err := show.NewFolder(t.TempDir(), "test")
		if err != nil {
			t.Fatal(err)
		}
		recipe := ae.Linear(d, k, c.steps)
		recipe.Train.BatchSize = 100
		figures, err := measureLinear(t.Context(), setting{folder: folder, seed: 1}, set, set, recipe)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range figures {
			if f.holds() != c.holds {
				t.Errorf("after %d steps %s is %g, accepted is %g to %g", c.steps, f.Name, f.Ours, f.Low, f.High)
			}
		}
	}
}

package train

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
)

// A script answers evaluation i with its number i, whatever the weights.
type script struct {
	*quadratic
	metric string
	values []float64
	seen   int
	at     []string // the weights of each evaluation
}

func (s *script) Evaluate(graph.Key, data.Batch) (Metrics, error) {
	s.at = append(s.at, values(s.p))
	s.seen++
	return Metrics{Loss: 0, s.metric: s.values[s.seen-1]}, nil
}

func TestEarlyStop(t *testing.T) {
	nan := math.NaN()
	cases := []struct {
		stop   EarlyStop
		values []float64
		steps  int // at which the run ends
		best   int // step
		reason Reason
		err    error
	}{
		{EarlyStop{Patience: 2}, []float64{5, 4, 4.5, 3, 3, 3, 1, 1}, 6, 4, StoppedEarly, nil},
		{EarlyStop{Patience: 1}, []float64{5, 4, 3, 2, 1, 0, -1, -2}, 8, 8, Finished, nil},
		{EarlyStop{Patience: 2, MinDelta: 1}, []float64{5, 4.5, 4, 3, 3, 3, 3, 3}, 3, 1, StoppedEarly, nil},
		{EarlyStop{Patience: 3, MinDelta: 1}, []float64{5, 4.5, 4, 3, 3, 3, 3, 3}, 7, 4, StoppedEarly, nil},
		{EarlyStop{Patience: 2, Metric: "accuracy", Maximise: true}, []float64{0.1, 0.5, 0.4, 0.5, 1, 1, 1, 1}, 4, 2, StoppedEarly, nil},
		{EarlyStop{}, []float64{5, 4, 6, 7, 8, 9, 9, 9}, 8, 2, Finished, nil},
		{EarlyStop{Patience: 2, Metric: "acuracy"}, []float64{1}, 1, 0, Failed, ErrConfig},
		{EarlyStop{Patience: 2, Metric: "accuracy"}, []float64{1, nan}, 2, 1, Failed, graph.ErrNotFinite},
	}
	for i, c := range cases {
		for _, restore := range []bool{false, true} {
			s := &script{quadratic: newQuadratic(t, graph.Float64), metric: "accuracy", values: c.values}
			if c.stop.Metric == "" {
				s.metric = Loss
			}
			c.stop.Restore = restore
			r, err := Run(context.Background(), s, examples(10, 3),
				Config{Epochs: len(c.values), BatchSize: 10, Valid: examples(2, 3), Stop: c.stop})
			if c.err == nil && err != nil || !errors.Is(err, c.err) || r.Step != c.steps || r.Reason != c.reason || r.Best.Step != c.best {
				t.Errorf("case %d: %+v, %v", i, r, err)
				continue
			}
			want := c.steps
			if restore {
				want = c.best
			}
			if err == nil && values(s.p) != s.at[want-1] {
				t.Errorf("case %d: the run does not leave the weights of step %d", i, want)
			}
		}
	}
}

// TestLastEvaluation scores at the end even if it is not the time.
func TestLastEvaluation(t *testing.T) {
	r := mustRun(t, newQuadratic(t, graph.Float32), examples(10, 3),
		Config{Steps: 7, BatchSize: 5, Valid: examples(4, 3), EvalEvery: Interval{Steps: 3}})
	got := ""
	for _, r := range r.History.Records {
		got += fmt.Sprintf("%d/%d/%t ", r.Step, r.Epoch, r.Valid != nil)
	}
	if want := "2/1/false 3/1/true 4/2/false 6/3/true 7/3/true "; got != want {
		t.Errorf("records %s, want %s", got, want)
	}
	steps, losses := r.History.Curve(Valid, Loss)
	if fmt.Sprint(steps) != "[3 6 7]" || len(losses) != 3 {
		t.Errorf("curve %v %v", steps, losses)
	}
}

func odd() *History {
	return &History{[]Record{
		{Step: 3, Epoch: 1, Train: Metrics{Loss: 0.1, `a,"b"`: math.NaN()}},
		{Step: 6, Epoch: 2, Train: Metrics{Loss: math.Inf(1)}, Valid: Metrics{"x/y": -1e-300}},
	}}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := odd().WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	want := "step,epoch,\"train.a,\"\"b\"\"\",train.loss,valid.x/y\n3,1,NaN,0.1,\n6,2,,+Inf,-1e-300\n"
	if b.String() != want {
		t.Errorf("got %s, want %s", b.String(), want)
	}
	path := filepath.Join(t.TempDir(), "h.csv")
	if err := odd().SaveCSV(path); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != want {
		t.Errorf("the file holds %s (%v)", text, err)
	}
	if err := odd().SaveCSV(filepath.Join(t.TempDir(), "no", "h.csv")); err == nil {
		t.Error("no error without a folder")
	}
}

func TestHistoryTensors(t *testing.T) {
	tensors := map[string]graph.Array{}
	odd().put(tensors)
	var h History
	if err := h.get(tensors); err != nil || !sameHistory(&h, odd()) {
		t.Errorf("got %v (%v)", h, err)
	}
	column := string(Train) + "/" + Loss
	for name, bad := range map[string]func(map[string]graph.Array){
		"no epochs": func(m map[string]graph.Array) { delete(m, epochsName) },
		"no values": func(m map[string]graph.Array) { delete(m, valuesName+column) },
		"high row":  func(m map[string]graph.Array) { m[rowsName+column] = graph.Ints([]int{0, 2}, 2) },
		"low row":   func(m map[string]graph.Array) { m[rowsName+column] = graph.Ints([]int{-1, 0}, 2) },
		"no metric": func(m map[string]graph.Array) { m[rowsName+"train"] = graph.Ints([]int{0}, 1) },
		"third set": func(m map[string]graph.Array) {
			m[rowsName+"test/loss"], m[valuesName+"test/loss"] = graph.Ints([]int{0}, 1), graph.Floats64([]float64{1}, 1)
		},
	} {
		tensors := map[string]graph.Array{}
		odd().put(tensors)
		bad(tensors)
		if err := (&History{}).get(tensors); !errors.Is(err, ckpt.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMetricsString(t *testing.T) {
	if got := (Metrics{Loss: 0.25, "error": 1e-9}).String(); got != "error 1e-09 loss 0.25" || strings.Contains(got, "map") {
		t.Error(got)
	}
}

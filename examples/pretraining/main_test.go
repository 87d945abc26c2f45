package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/optim"
	"github.com/pkg/errors"
)

func small(t *testing.T) options {
	t.Helper()
	u := make([]float64, 60*4)
	graph.Uniform(graph.NewKey(1), u)
	var b strings.Builder
	for r := range 60 {
		for i := range 4 {
			v := "0"
			if u[4*r+i] < 0.1+0.8*float64((r+i)%2) {
				v = "1"
			}
			b.WriteString(v + ",")
		}
		b.WriteString(string(rune('0'+r%2)) + "\n")
	}
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return options{
		input: show.Input{Path: path, Label: "-1", HeldOut: 0.2}, examples: 20, valid: 10, layers: "denoising", corruption: "masking:0.2", init: nn.FanIn, method: optim.SGD,
		depth: 2, units: 5, epochs: 2, fineTune: 2, batch: 5, seeds: 2, out: filepath.Join(t.TempDir(), "out"),
	}
}

func TestRunWritesEverything(t *testing.T) {
	for _, layers := range []string{"denoising", "plain", "rbm"} {
		o := small(t)
		o.layers = layers
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := run(ctx, o); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, interrupted: %v", layers, err)
		}
		o.resume = true
		if err := run(context.Background(), o); err != nil {
			t.Fatal(layers, err)
		}
		for _, name := range []string{"depth.png", "learning.png", "report.html"} {
			if info, err := os.Stat(filepath.Join(o.out, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-layers":     func(o *options) { o.layers = "svm" },
		"-depth":      func(o *options) { o.depth = 0 },
		"-examples":   func(o *options) { o.examples = 1000 },
		"-normalize":  func(o *options) { o.normalize = "much" },
		"data":        func(o *options) { o.input.Path = "no such file" },
		"no labels":   func(o *options) { o.input.Label = "" },
		"epochs":      func(o *options) { o.epochs = 0 },
		"corruption":  func(o *options) { o.corruption = "rain:3" },
		"at least 1":  func(o *options) { o.units = 0 },
		"batch size":  func(o *options) { o.batch = 0 },
		"Rate":        func(o *options) { o.rate = -1 },
		"-seeds 0":    func(o *options) { o.seeds = 0 },
		"-valid 0":    func(o *options) { o.valid = 0 },
		"larger than": func(o *options) { o.batch = 500 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/vae"
)

// small is a run on a table of 12 examples of 4 values in [0, 1] with two labels.
func small(t *testing.T) options {
	path := filepath.Join(t.TempDir(), "table.csv")
	table := "a,b,c,d,kind\n" + strings.Repeat("1,0,0.5,1,x\n0,1,0.25,0,y\n0,0,1,1,x\n", 4)
	if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	return options{
		input:   show.Input{Path: path, Label: "-1", HeldOut: 0.25},
		model:   vae.Config{Latent: 2},
		encoder: "5:tanh",
		valid:   0.25,
		bound:   3,
		out:     filepath.Join(t.TempDir(), "out"),
		train:   train.Config{Epochs: 2, BatchSize: 4},
	}
}

func TestRunWritesEverything(t *testing.T) {
	table := []string{"codes", "units", "curves", "curves-kl"}
	images := []string{"samples", "reconstructions", "interpolations", "traversals", "units", "anomalies", "manifold", "codes2", "curves"}
	for name, c := range map[string]struct {
		change   func(o *options)
		pictures []string
	}{
		"table":       {func(o *options) {}, table},
		"normalised":  {func(o *options) { o.normalize, o.model.Likelihood = "standard", vae.Gaussian }, table},
		"images":      {func(o *options) { o.input.Shape, o.model.Latent, o.manifold, o.warmUp = "2x2", 3, 1, 0.5 }, images},
		"conditional": {func(o *options) { o.input.Shape, o.model.Classes = "2x2", 2 }, []string{"labels", "samples", "codes"}},
	} {
		o := small(t)
		c.change(&o)
		if err := run(context.Background(), o); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		files := []string{"model.safetensors", "history.csv", "report.html"}
		for _, p := range c.pictures {
			files = append(files, p+".png")
		}
		for _, f := range files {
			if info, err := os.Stat(filepath.Join(o.out, f)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %s: %v", name, f, err)
			}
		}
		m, err := vae.Load(filepath.Join(o.out, "model.safetensors"))
		if err != nil || m.Config().Classes != o.model.Classes || (m.Config().Normalizer != nil) != (o.normalize != "") {
			t.Errorf("%s: the model came back as %+v, %v", name, m, err)
		}
	}
}

func TestReportWarnsOfCollapse(t *testing.T) {
	o := small(t)
	o.model.Beta, o.train.Epochs = 1e4, 200
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(o.out, "report.html"))
	if err != nil || !strings.Contains(string(text), "posterior collapse") || !strings.Contains(string(text), "0 of 2") {
		t.Errorf("the report does not warn: %v", err)
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-encoder":            func(o *options) { o.encoder = "five" },
		"Latent 0":            func(o *options) { o.model.Latent = 0 },
		"-normalize":          func(o *options) { o.normalize = "much" },
		"-data":               func(o *options) { o.input.Path = "no such file" },
		"-valid":              func(o *options) { o.valid = 1.5 },
		"-held-out":           func(o *options) { o.input.HeldOut = 1 },
		"-warm-up":            func(o *options) { o.warmUp = -1 },
		"-batch":              func(o *options) { o.train.BatchSize = 0 },
		"-bound":              func(o *options) { o.bound = 0 },
		"-manifold":           func(o *options) { o.manifold = -1 },
		"[0, 1]":              func(o *options) { o.normalize = "standard" },
		"has no labels":       func(o *options) { o.input.Label, o.model.Classes, o.input.Path = "", 2, numbers(o) },
		"expected 0 to 1":     func(o *options) { o.input.Path, o.model.Classes = threeKinds(o), 2 },
		"Categories 0":        func(o *options) { o.model.Likelihood = vae.Categorical },
		"one-hot":             func(o *options) { o.model.Likelihood, o.model.Categories = vae.Categorical, 2 },
		"needs the Gaussian":  func(o *options) { o.model.Variance = 1 },
		"FreeBits -1, expect": func(o *options) { o.model.FreeBits = -1 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

// numbers and threeKinds are other tables beside that of o.
func numbers(o *options) string {
	return beside(o, "numbers.csv", strings.Repeat("1,0,0.5\n0,1,0.25\n", 6))
}

func threeKinds(o *options) string {
	return beside(o, "three.csv", strings.Repeat("1,0,x\n0,1,y\n1,1,z\n", 5))
}

func beside(o *options, name, text string) string {
	path := filepath.Join(filepath.Dir(o.input.Path), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		panic(err)
	}
	return path
}

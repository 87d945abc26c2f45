package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pixel"
)

// small is a run on a table of 24 images of 3 by 3 with two labels.
func small(t *testing.T) options {
	path := filepath.Join(t.TempDir(), "table.csv")
	table := strings.Repeat("1,0,0.5,1,0,0,0,1,1,x\n0,1,0.25,0,1,1,0,0,0,y\n", 12)
	if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	return options{
		input:   show.Input{Path: path, Label: "-1", Shape: "3x3", HeldOut: 0.25},
		model:   pixel.Config{Layers: 1, Features: 4},
		valid:   0.25,
		samples: 5,
		out:     filepath.Join(t.TempDir(), "out"),
		train:   train.Config{Epochs: 2, BatchSize: 4},
	}
}

func TestRunWritesEverything(t *testing.T) {
	for name, change := range map[string]func(o *options){
		"convolutional":  func(o *options) {},
		"recurrent":      func(o *options) { o.model.Kind = pixel.Recurrent },
		"self-attention": func(o *options) { o.model.Kind, o.valid = pixel.SelfAttention, 0 },
		"levels":         func(o *options) { o.model.Levels = 5 },
		"labels":         func(o *options) { o.model.Classes = 2 },
		"binarised":      func(o *options) { o.model.Binarize, o.train.Stop.Patience = true, 1 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, f := range []string{"samples.png", "completions.png", "predictions.png", "surprises.png", "curves.png", "model.safetensors", "history.csv", "report.html"} {
			if info, err := os.Stat(filepath.Join(o.out, f)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %s: %v", name, f, err)
			}
		}
		m, err := pixel.Load(filepath.Join(o.out, "model.safetensors"))
		if err != nil || m.Config().Kind != o.model.Kind || m.Config().Classes != o.model.Classes {
			t.Errorf("%s: the model came back as %+v, %v", name, m, err)
		}
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-data":           func(o *options) { o.input.Path = "no such file" },
		"-valid":          func(o *options) { o.valid = 1.5 },
		"-batch":          func(o *options) { o.train.BatchSize = 0 },
		"-samples":        func(o *options) { o.samples = 0 },
		"-normalize":      func(o *options) { o.normalize = "much" },
		"expected images": func(o *options) { o.input.Shape = "" },
		"-shape":          func(o *options) { o.input.Shape = "2x2" },
		"Levels 300":      func(o *options) { o.model.Levels = 300 },
		"Layers -1":       func(o *options) { o.model.Layers = -1 },
		"Heads 3":         func(o *options) { o.model.Kind, o.model.Heads = pixel.SelfAttention, 3 },
		"has no labels":   func(o *options) { o.input.Label, o.input.Path, o.model.Classes = "", numbers(t, o), 2 },
		"expected 0 to 1": func(o *options) { o.model.Classes, o.input.Path = 2, threeKinds(t, o) },
		"[0, 1]":          func(o *options) { o.normalize = "standard" },
		"Binarize needs":  func(o *options) { o.model.Binarize, o.model.Levels = true, 4 },
		"give a positive": func(o *options) { o.train.Epochs = 0 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

// numbers and threeKinds are other tables beside that of o.
func numbers(t *testing.T, o *options) string {
	return beside(t, o, "numbers.csv", strings.Repeat("1,0,0.5,1,0,0,0,1,1\n", 12))
}

func threeKinds(t *testing.T, o *options) string {
	return beside(t, o, "three.csv", strings.Repeat("1,0,0,1,0,0,0,1,1,x\n1,0,0,1,0,0,0,1,1,y\n1,0,0,1,0,0,0,1,1,z\n", 8))
}

func beside(t *testing.T, o *options, name, text string) string {
	path := filepath.Join(filepath.Dir(o.input.Path), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
)

func small(t *testing.T, csv string) options {
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(csv), 0o644); err != nil {
		t.Fatal(err)
	}
	return options{
		input:     show.Input{Path: path, Label: "-1", HeldOut: 0.25},
		normalize: "standard",
		valid:     0.25,
		encoder:   "5:tanh,2",
		out:       filepath.Join(t.TempDir(), "out"),
		train:     train.Config{Epochs: 2, BatchSize: 4},
	}
}

const table = "a,b,c,kind\n1,2,3,x\n2,3,5,y\n3,4,6,x\n0,1,4,y\n5,2,1,x\n3,3,3,y\n2,2,9,x\n1,0,2,y\n4,4,4,x\n6,1,2,y\n2,5,1,x\n3,1,0,y\n"

func TestRunWritesEverything(t *testing.T) {
	o := small(t, table)
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "encoder.safetensors", "decoder.safetensors", "codes.png", "curves.png", "history.csv", "report.html"} {
		if info, err := os.Stat(filepath.Join(o.out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := ae.Load(filepath.Join(o.out, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Config().Normalizer == nil || m.Config().CodeSize() != 2 {
		t.Errorf("the model came back as %+v", m.Config())
	}
}

// TestConvolutions trains on images, and draws the filters.
func TestConvolutions(t *testing.T) {
	o := small(t, table)
	o.input.Shape, o.conv = "3x1", "4x3/2:relu,3x1"
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"filters.png", "reconstructions.png", "codes.png"} {
		if info, err := os.Stat(filepath.Join(o.out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := ae.Load(filepath.Join(o.out, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	want := []nn.Conv{{Units: 4, Size: 3, Stride: 2, Activation: op.ReLUActivation}, {Units: 3, Size: 1}}
	if c := m.Config(); !slices.Equal(c.Conv, want) || c.CodeSize() != 2 {
		t.Errorf("the model came back as %+v", c)
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-encoder":     func(o *options) { o.encoder = "five" },
		"activation":   func(o *options) { o.encoder = "5:swish" },
		"at least 1":   func(o *options) { o.encoder = "0" },
		"-conv: layer": func(o *options) { o.conv = "16x4/2" },
		"(c, y, x)":    func(o *options) { o.conv = "4x3" },
		"-normalize":   func(o *options) { o.normalize = "much" },
		"-data":        func(o *options) { o.input.Path = "no such file" },
		"-shape":       func(o *options) { o.input.Shape = "3" },
		"-shape 2x2":   func(o *options) { o.input.Shape = "2x2" },
		"-valid":       func(o *options) { o.valid = 1.5 },
		"-held-out":    func(o *options) { o.input.HeldOut = 1 },
		"corruption":   func(o *options) { o.model.Corruption = "rain:3" },
		"epochs":       func(o *options) { o.train.Epochs = -1 },
		"[0, 1]":       func(o *options) { o.model.Loss = ae.CrossEntropy },
	} {
		o := small(t, table)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

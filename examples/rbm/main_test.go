package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// small are options for 40 images of 6 by 6 pixels in an IDX file.
func small(t *testing.T) options {
	t.Helper()
	head := []byte{0, 0, 8, 3}
	for _, d := range []uint32{40, 6, 6} {
		head = binary.BigEndian.AppendUint32(head, d)
	}
	u := make([]float64, 40*36)
	graph.Uniform(graph.NewKey(2), u)
	for _, v := range u {
		head = append(head, byte(255*v))
	}
	return options{
		input: show.Input{Path: write(t, "images.idx", head), HeldOut: 0.3}, binarize: true, valid: 0.2,
		model:  rbm.Config{Hidden: 30, Steps: 1, Chains: 5},
		epochs: 2, batch: 8, rate: 0.1, gibbs: 3, temperatures: 20, out: filepath.Join(t.TempDir(), "out"),
	}
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func exist(t *testing.T, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// patience is a context that is cancelled when it has been asked so often.
type patience struct {
	context.Context
	left *atomic.Int32
}

func (p patience) Err() error {
	if p.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestImages runs interrupted at some places and resumed, and compares with a run that was not.
func TestImages(t *testing.T) {
	whole, o := small(t), small(t)
	if err := run(context.Background(), whole); err != nil {
		t.Fatal(err)
	}
	for _, asked := range []int32{0, 9, 13, 60} {
		ctx := patience{context.Background(), new(atomic.Int32)}
		ctx.left.Store(asked)
		if err := run(ctx, o); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		o.resume = true
	}
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "history.csv", "gap.png", "fantasies.png"} {
		a, err1 := os.ReadFile(filepath.Join(whole.out, name))
		b, err2 := os.ReadFile(filepath.Join(o.out, name))
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is another after interruptions (%v, %v)", name, err1, err2)
		}
	}
	exist(t, o.out, "report.html", "model.safetensors", "filters.png", "reconstructions.png", "fantasies.png", "completions.png",
		"uncertainty.png", "curves.png", "free-energy.png", "gap.png", "history.csv")
	m, err := rbm.Load(filepath.Join(o.out, "model.safetensors"))
	if err != nil || m.Config().Hidden != 30 {
		t.Error(err)
	}
}

func TestUnits(t *testing.T) {
	table := write(t, "table.csv", []byte(strings.Repeat("1,0,0,0,1\n0,1,0,1,0\n0,0,1,1,0\n", 12)))
	groups := write(t, "groups.csv", []byte(strings.Repeat("1,0,0,0,1,0\n0,1,0,1,0,0\n0,0,1,1,0,0\n", 12)))
	for name, change := range map[string]func(*options){
		"gaussian":  func(o *options) { o.model.VisibleUnits, o.normalize, o.model.LearnStd = rbm.Gaussian, "standard", true },
		"rectified": func(o *options) { o.model.HiddenUnits, o.rate, o.momentum = rbm.Rectified, 0.001, 0.9 },
		"linear":    func(o *options) { o.model.HiddenUnits, o.rate, o.model.Chains = rbm.Gaussian, 0.001, 0 },
		"tempered":  func(o *options) { o.model.Temperatures = 3 },
		"small":     func(o *options) { o.model.Hidden = 4 },
		"table":     func(o *options) { o.input.Path = table },
		"softmax":   func(o *options) { o.input.Path, o.model.VisibleUnits, o.model.Categories = groups, rbm.Softmax, 3 },
	} {
		t.Run(name, func(t *testing.T) {
			o := small(t)
			change(&o)
			if err := run(context.Background(), o); err != nil {
				t.Fatal(err)
			}
			exist(t, o.out, "report.html", "model.safetensors", "curves.png")
		})
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-valid":      func(o *options) { o.valid = 1 },
		"-gibbs":      func(o *options) { o.gibbs = 0 },
		"-data":       func(o *options) { o.input.Path = "no such file" },
		"-normalize":  func(o *options) { o.normalize = "much" },
		"Gibbs":       func(o *options) { o.model.Steps = 0 },
		"hidden":      func(o *options) { o.model.Hidden = 0 },
		"softmax":     func(o *options) { o.model.VisibleUnits = rbm.Softmax },
		"epochs":      func(o *options) { o.epochs = -1 },
		"Rate":        func(o *options) { o.rate = -1 },
		"temperature": func(o *options) { o.model.Temperatures = 1 },
		"[0, 1]":      func(o *options) { o.normalize, o.binarize = "standard", false },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

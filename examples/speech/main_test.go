package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/audio"
	"github.com/latent-go/latent/pretrain"
	"github.com/pkg/errors"
)

// small are options for three words, a tone that rises, one that falls and one that stays, by two speakers.
func small(t *testing.T) options {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "words")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for w, label := range []string{"fall", "rise", "stay"} {
		for s, speaker := range []string{"ann", "bob"} {
			for n := range 6 {
				x := make([]float32, 2400+40*n)
				graph.Normal(graph.NewKey(uint64(100*w+10*s+n)), x)
				phase := 0.0
				for i := range x {
					place := float64(i) / float64(len(x))
					hz := []float64{2500 - 2000*place, 500 + 2000*place, 1500}[w] * (1 + 0.1*float64(s))
					phase += 2 * math.Pi * hz / 8000
					x[i] = 0.02*x[i] + 0.3*float32(math.Sin(phase))
				}
				path := filepath.Join(dir, label+"_"+speaker+"_"+string(rune('0'+n))+".wav")
				if err := audio.WriteWAV(path, audio.Wave{Rate: 8000, Samples: x}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return options{
		data: dir, test: 2, valid: 0.2, states: 3, align: 2, context: 2, bands: 20, hidden: "16,12", epochs: 2, fineTune: 6, batch: 16, seed: 1,
		out: filepath.Join(dir, "..", "out"),
	}
}

func TestRunWritesEverything(t *testing.T) {
	o := small(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	o.resume = true
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"utterances.png", "filters.png", "curves.png", "stack.safetensors", "network-random.safetensors", "network-pretrained.safetensors", "report.html",
	} {
		if info, err := os.Stat(filepath.Join(o.out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	again := o
	again.resume, again.out = false, filepath.Join(t.TempDir(), "again")
	if err := run(context.Background(), again); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"stack.safetensors", "network-random.safetensors", "network-pretrained.safetensors"} {
		one, err := os.ReadFile(filepath.Join(o.out, name))
		if err != nil {
			t.Fatal(err)
		}
		if two, err := os.ReadFile(filepath.Join(again.out, name)); err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s is another in a second run, %v", name, err)
		}
	}
	net, err := pretrain.LoadNetwork(filepath.Join(o.out, "network-pretrained.safetensors"))
	if err != nil || net.Config().Outputs != 9 || net.Config().Inputs() != 100 || len(net.Config().Normalizer.Shift) != 100 {
		t.Errorf("the network came back as %+v, %v", net.Config(), err)
	}
}

// TestRecognises: rising, falling and steady tones are told apart.
func TestRecognises(t *testing.T) {
	o := small(t)
	o.fineTune = 30
	p := &program{options: o}
	if err := p.prepare(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []func(context.Context) error{p.gaussian, p.pretrain, p.networks} {
		if err := f(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if p.results[0][2] != "0.00" || p.results[2][2] != "0.00" {
		t.Errorf("errors %v, expected no wrong word by Gaussians and pretrained network", p.results)
	}
}

func TestSynthetic(t *testing.T) {
	p := &program{options: small(t)}
	p.data = "synthetic"
	p.test = 5
	if err := p.prepare(); err != nil {
		t.Fatal(err)
	}
	if len(p.train.clips) != 336 || len(p.valids.clips) != 84 || len(p.tests.clips) != 300 || len(p.labels) != 10 {
		t.Errorf("%d, %d and %d recordings of %d words", len(p.train.clips), len(p.valids.clips), len(p.tests.clips), len(p.labels))
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-data":            func(o *options) { o.data = "no such file" },
		"-test 0":          func(o *options) { o.test = 0 },
		"-test 100":        func(o *options) { o.test = 100 },
		"-valid 1.5":       func(o *options) { o.valid = 1.5 },
		"-valid 0.999":     func(o *options) { o.valid = 0.999 },
		"-states 0":        func(o *options) { o.states = 0 },
		"at least as many": func(o *options) { o.states = 60 },
		"-align":           func(o *options) { o.align = -1 },
		"-context":         func(o *options) { o.context = 101 },
		"-bands 12":        func(o *options) { o.bands = 12 },
		"fewer bands":      func(o *options) { o.bands = 200 },
		"-hidden":          func(o *options) { o.hidden = "16,x" },
		"-epochs":          func(o *options) { o.epochs = 0 },
		"-finetune":        func(o *options) { o.fineTune = 0 },
		"-batch 0":         func(o *options) { o.batch = 0 },
		"larger than":      func(o *options) { o.batch = 100000 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

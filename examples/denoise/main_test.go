package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/audio"
	"github.com/latent-go/latent/pretrain"
	"github.com/pkg/errors"
)

// small are options for eight tones, three of them by another speaker, and noise of two kinds.
func small(t *testing.T) options {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, samples []float32) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := audio.WriteWAV(path, audio.Wave{Rate: 4000, Samples: samples}); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"a_ann_0", "a_ann_1", "a_ann_2", "a_ann_3", "a_bob_0", "b_ann_0", "b_ann_1", "b_ann_2", "b_bob_0", "b_bob_1"} {
		x := make([]float32, 1500)
		for j := range x {
			x[j] = float32(0.3 * math.Sin(float64(j)*(0.3+0.02*float64(i))))
		}
		write("speech/"+name+".wav", x)
	}
	for i := range 10 {
		x := make([]float32, 2000)
		graph.Normal(graph.NewKey(uint64(i)), x)
		for j := range x {
			x[j] *= 0.1
		}
		write([]string{"noise/rain/", "noise/sea/"}[i/5]+string(rune('0'+i))+".wav", x)
	}
	return options{
		data: filepath.Join(dir, "speech"), noise: filepath.Join(dir, "noise"), ratios: "0, 10", speakers: 1, context: 1, hidden: "20:relu",
		epochs: 2, batch: 16, rate: 1e-3, seed: 1, out: filepath.Join(dir, "out"),
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
	for _, name := range []string{"clean.wav", "noisy.wav", "denoised.wav", "spectra.png", "curves.png", "history.csv", "model.safetensors", "report.html"} {
		if info, err := os.Stat(filepath.Join(o.out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	net, err := pretrain.LoadNetwork(filepath.Join(o.out, "model.safetensors"))
	if err != nil || net.Config().Outputs != 65 || len(net.Config().Normalizer.Shift) != 3*65 {
		t.Errorf("the model came back as %+v, %v", net, err)
	}
	again := o
	again.resume, again.out = false, filepath.Join(t.TempDir(), "again")
	if err := run(context.Background(), again); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "denoised.wav"} { // the bits of a run that was interrupted and resumed
		one, two := read(t, o.out, name), read(t, again.out, name)
		if !bytes.Equal(one, two) {
			t.Errorf("%s is another in a second run", name)
		}
	}
	clean, err := audio.ReadWAV(filepath.Join(o.out, "clean.wav"))
	if err != nil || clean.Rate != 4000 || len(clean.Samples) != 2*(1500+200) {
		t.Error(len(clean.Samples), clean.Rate, err)
	}
	if peak := slices.Max(clean.Samples); math.Abs(float64(peak)-0.3) > 0.001 { // at the level of the recording
		t.Errorf("peak %v", peak)
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDenoises trains on tones in noise: the test waves come nearer to the clean ones.
func TestDenoises(t *testing.T) {
	o := small(t)
	o.epochs, o.ratios, o.hidden = 40, "0", "64:relu"
	p := &program{options: o}
	if err := p.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := p.fit(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, m := range p.test {
		_, wave, err := p.denoise(m)
		if err != nil {
			t.Fatal(err)
		}
		before, err := p.quality(m, m.noisy)
		if err != nil {
			t.Fatal(err)
		}
		after, err := p.quality(m, wave)
		if err != nil || !(after.snr > before.snr+1) || !(after.distance < before.distance-1) {
			t.Errorf("%v: %+v became %+v, %v", m, before, after, err)
		}
	}
}

// TestHeldOut: no speaker and no clip of noise is both in the training and in the test.
func TestHeldOut(t *testing.T) {
	p := &program{options: small(t)}
	if err := p.prepare(); err != nil {
		t.Fatal(err)
	}
	if len(p.train) != 12 || len(p.valid) != 2 || len(p.test) != 6 {
		t.Errorf("%d, %d and %d waves", len(p.train), len(p.valid), len(p.test))
	}
	var heard []string
	for _, m := range slices.Concat(p.train, p.valid) {
		heard = append(heard, m.word.Speaker, m.noise)
	}
	for _, m := range p.test {
		if slices.Contains(heard, m.word.Speaker) || slices.Contains(heard, m.noise) {
			t.Errorf("%v is in the training", m)
		}
		r, err := audio.SNR(m.word.Samples, m.noisy)
		if err != nil || math.Abs(r-m.db) > 0.01 {
			t.Errorf("%v: %v dB, %v", m, r, err)
		}
		sum := 0.0
		for _, v := range m.noisy {
			sum += float64(v) * float64(v) / float64(len(m.noisy))
		}
		if math.Abs(math.Sqrt(sum)-0.003) > 1e-6 {
			t.Errorf("%v: root mean square %v", m, math.Sqrt(sum))
		}
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-data":          func(o *options) { o.data = "no such file" },
		"-noise":         func(o *options) { o.noise = "no such file" },
		"at least 5":     func(o *options) { o.noise = filepath.Join(filepath.Dir(o.noise), "noise/rain/0.wav") },
		"-snr":           func(o *options) { o.ratios = "5,loud" },
		"-50 to 50":      func(o *options) { o.ratios = "5,60" },
		"-speakers 0":    func(o *options) { o.speakers = 0 },
		"-speakers 2":    func(o *options) { o.speakers = 2 },
		"-context":       func(o *options) { o.context = -1 },
		"-hidden":        func(o *options) { o.hidden = "wide" },
		"-epochs":        func(o *options) { o.epochs = 0 },
		"-batch 0":       func(o *options) { o.batch = 0 },
		"larger than":    func(o *options) { o.batch = 100000 },
		"Rate":           func(o *options) { o.rate = -1 },
		"label, speaker": func(o *options) { o.data = o.noise },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

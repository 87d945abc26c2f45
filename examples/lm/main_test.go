package main

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
)

// small is a run on a text of 1,000 characters.
func small(t *testing.T) options {
	path := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("The cat sat on the mat, häppily.\n", 30)), 0o644); err != nil {
		t.Fatal(err)
	}
	return options{
		data:        path,
		heldOut:     0.2,
		model:       lm.Config{Kind: lm.Transformer, Context: 8, Layers: 1, Units: 8, Heads: 2, Tied: true},
		train:       train.Config{Steps: 20, BatchSize: 4},
		samples:     2,
		temperature: 1,
		length:      30,
		out:         filepath.Join(t.TempDir(), "out"),
	}
}

func TestRunWritesEverything(t *testing.T) {
	for name, change := range map[string]func(o *options){
		"characters": func(o *options) { o.prompt = "The " },
		"words":      func(o *options) { o.words, o.prompt, o.model.Kind = 6, "The zebra", lm.Recurrent },
		"epochs":     func(o *options) { o.train.Steps, o.train.Epochs, o.model.Kind = 0, 2, lm.FeedForward },
		"lengths":    func(o *options) { o.length, o.train.Epochs, o.temperature = 0, 1, 0 },
		"few":        func(o *options) { o.train.Steps, o.train.BatchSize = 1, 500 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, f := range []string{"model.safetensors", "history.csv", "curves.png", "report.html"} {
			if info, err := os.Stat(filepath.Join(o.out, f)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %s: %v", name, f, err)
			}
		}
		page, err := os.ReadFile(filepath.Join(o.out, "report.html"))
		if err != nil || !strings.Contains(string(page), "trigrams") || o.prompt != "" && !strings.Contains(string(page), "The ") {
			t.Errorf("%s: the report lacks something: %v", name, err)
		}
		m, err := lm.Load(filepath.Join(o.out, "model.safetensors"))
		if err != nil || m.Config().Kind != o.model.Kind || m.Config().Tokens.Len() != m.Config().Vocabulary {
			t.Errorf("%s: the model came back as %+v, %v", name, m, err)
		}
	}
}

// TestEmbeddedText: the default text is there, whole.
func TestEmbeddedText(t *testing.T) {
	o := options{heldOut: 0.1}
	training, test, err := o.load()
	if err != nil || len(training)+len(test) != 567_038 || len(test) < 56_000 {
		t.Errorf("%d and %d characters, %v", len(training), len(test), err)
	}
}

func TestResume(t *testing.T) {
	o := small(t)
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	o.resume = true
	if err := run(context.Background(), o); err != nil {
		t.Error(err)
	}
	o.model.Units = 16
	if err := run(context.Background(), o); err == nil {
		t.Error("the training of another model is resumed")
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-held-out 0":      func(o *options) { o.heldOut = 0 },
		"-held-out 1":      func(o *options) { o.heldOut = 1 },
		"-words -1":        func(o *options) { o.words = -1 },
		"-batch 0":         func(o *options) { o.train.BatchSize = 0 },
		"-steps 0":         func(o *options) { o.train.Steps = 0 },
		"-steps -1":        func(o *options) { o.train.Steps = -1 },
		"-samples 0":       func(o *options) { o.samples = 0 },
		"-length -1":       func(o *options) { o.length = -1 },
		"-temperature -1":  func(o *options) { o.temperature = -1 },
		"-temperature NaN": func(o *options) { o.temperature = math.NaN() },
		"-prompt":          func(o *options) { o.prompt = "zebra" },
		"-data":            func(o *options) { o.data = "no such file" },
		"UTF-8":            func(o *options) { o.data = beside(o, "Latin-1 \xe4") },
		"no window":        func(o *options) { o.data = beside(o, "short") },
		"besides":          func(o *options) { o.words, o.data = 5, beside(o, "         a") },
		"the held-out":     func(o *options) { o.heldOut = 0.005 },
		"Heads 3":          func(o *options) { o.model.Heads = 3 },
		"Context -1":       func(o *options) { o.model.Context = -1 },
		"Dropout 1":        func(o *options) { o.model.Dropout = 1 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

// beside is another text beside that of o.
func beside(o *options, content string) string {
	path := filepath.Join(filepath.Dir(o.data), "other.txt")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		panic(err)
	}
	return path
}

// TestNgram: probabilities sum to 1 after any context, and are those of Witten & Bell's formula.
func TestNgram(t *testing.T) {
	ids := []int{0, 1, 0, 1, 0, 2, 0, 1}
	for n := 1; n <= 3; n++ {
		g := newNgram(n, 4, ids)
		for _, context := range [][]int{nil, {0}, {1, 0}, {3, 3}, {2, 1}} {
			context = context[max(0, len(context)-n+1):]
			total := 0.0
			for id := range 4 {
				total += g.p(context, id)
			}
			if math.Abs(total-1) > 1e-12 {
				t.Errorf("%d-grams after %v sum to %g", n, context, total)
			}
		}
	}
	one := (3 + 3*0.25) / (8 + 3)
	two := (3 + 2*one) / (4 + 2) // 0 is followed by 1 three times, by 2 once
	g := newNgram(2, 4, ids)
	if got := g.p(nil, 1); math.Abs(got-one) > 1e-12 {
		t.Errorf("p(1) = %g, expected %g", got, one)
	}
	if got := g.p([]int{0}, 1); math.Abs(got-two) > 1e-12 {
		t.Errorf("p(1 | 0) = %g, expected %g", got, two)
	}
	if got, want := g.perplexity([]int{2, 0, 1}), math.Exp(-(math.Log(g.p([]int{2}, 0))+math.Log(two))/2); math.Abs(got-want) > 1e-12 {
		t.Errorf("perplexity %g, expected %g", got, want)
	}
}

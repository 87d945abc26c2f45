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

	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

const sentence = "The cat sat on the mat, häppily; and then the dog saw it. "

// small is a run on a text of a few sentences, over and over.
func small(t *testing.T) options {
	return options{
		data: write(t, strings.Repeat(sentence, 60)), heldOut: 0.1, noise: "deletion:0.05,swap:0.05,replacement:0.05", length: 12,
		model: lm.SeqConfig{Units: 8, Embedding: 4}, train: train.Config{Epochs: 2, BatchSize: 16}, beam: 2,
		out: filepath.Join(t.TempDir(), "out"),
	}
}

func write(t *testing.T, content string) string {
	path := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunWritesEverything(t *testing.T) {
	for name, change := range map[string]func(o *options){
		"default":     func(*options) {},
		"insertion":   func(o *options) { o.noise, o.model.Layers = "insertion:0.9", 2 },
		"masking":     func(o *options) { o.noise, o.beam = "masking:0.2,shuffle:2", 1 },
		"none":        func(o *options) { o.noise = "none" },
		"large batch": func(o *options) { o.train.BatchSize = 1000 },
		"one word":    func(o *options) { o.length = 4 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, f := range []string{"curves.png", "model.safetensors", "history.csv", "report.html"} {
			if info, err := os.Stat(filepath.Join(o.out, f)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %s: %v", name, f, err)
			}
		}
		m, err := lm.LoadSeq(filepath.Join(o.out, "model.safetensors"))
		if err != nil || m.Config().TargetLength != o.length || m.Config().SourceTokens[len(m.Config().SourceTokens)-1] != "ä" {
			t.Errorf("%s: the model came back as %+v, %v", name, m, err)
		}
	}
}

// TestResume: a run that was interrupted and resumed has the bits of one that was not.
func TestResume(t *testing.T) {
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
	again := o
	again.resume, again.out = false, filepath.Join(t.TempDir(), "again")
	if err := run(context.Background(), again); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "report.html"} {
		one, err := os.ReadFile(filepath.Join(o.out, name))
		two, err2 := os.ReadFile(filepath.Join(again.out, name))
		if err != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s is another in a second run: %v, %v", name, err, err2)
		}
	}
	o.noise = "swap:0.1"
	if err := run(context.Background(), o); err == nil {
		t.Error("a training with other noise is resumed")
	}
}

// TestDenoises trains on a sentence, which the model learns by heart: its pieces come nearer to the clean ones, and where
// it looks is drawn.
func TestDenoises(t *testing.T) {
	o := small(t)
	o.train.Epochs, o.train.Optim.Rate, o.model.Units, o.noise = 40, 0.01, 32, "deletion:0.03,swap:0.03,replacement:0.03"
	p := fitted(t, o)
	before, after := rates(p.test, p.noisy, p.noisy), rates(p.test, p.noisy, p.found)
	if !(after.characters < before.characters/2) || !(after.words < before.words/2) || !(after.pieces < before.pieces/2) {
		t.Errorf("%+v became %+v", before, after)
	}
	if err := p.draw(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(p.folder.File("attention-1.png")); err != nil || info.Size() == 0 {
		t.Errorf("attention: %v", err)
	}
	hardest := p.hardest()
	if len(hardest) == 0 || p.found[hardest[0]] != p.test[hardest[0]] || p.noisy[hardest[0]] == p.test[hardest[0]] {
		t.Errorf("pieces %v are right", hardest)
	}
}

// fitted is run as far as the scores.
func fitted(t *testing.T, o options) *program {
	t.Helper()
	p, err := newProgram(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.fit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.score(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEmbeddedText: no piece is both learnt from and tested on, as far as the book does not repeat itself, and no word is
// lost.
func TestEmbeddedText(t *testing.T) {
	o := small(t)
	o.data, o.length = "", 32
	p, err := newProgram(o)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.training) < 16_000 || len(p.valid) < 400 || len(p.test) < 1800 {
		t.Errorf("%d, %d and %d pieces", len(p.training), len(p.valid), len(p.test))
	}
	learnt := map[string]bool{}
	for _, piece := range slices.Concat(p.training, p.valid) {
		learnt[piece] = true
	}
	same := 0
	for _, piece := range p.test {
		if learnt[piece] {
			same++
		}
		if n := len([]rune(piece)); n > 32 || n < 1 {
			t.Errorf("%q has %d characters", piece, n)
		}
		if p.decode(p.encode(piece)) != piece {
			t.Errorf("%q came back as %q", piece, p.decode(p.encode(piece)))
		}
	}
	if same > len(p.test)/200 {
		t.Errorf("%d pieces of the test are in the training too", same)
	}
}

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		text   string
		length int
		want   string
	}{
		{"a bc def g", 4, "a bc|def|g"}, {"a bc def g", 5, "a bc|def g"}, {"a bc def g", 1, "a|g"}, {"a bc def g", 100, "a bc def g"},
		{"äöü äöü", 7, "äöü äöü"}, {"toolong", 3, ""}, {"", 3, ""},
	} {
		if got := strings.Join(pieces(strings.Fields(c.text), c.length), "|"); got != c.want {
			t.Errorf("%q in pieces of %d: %q, expected %q", c.text, c.length, got, c.want)
		}
	}
}

func TestDictionary(t *testing.T) {
	d := newDictionary(strings.Fields("the the the then Light. light, \"light\" refraction (refracted) it's 1704 ___ they"))
	for noisy, want := range map[string]string{
		"the light": "the light", "teh ligth,": "the light,", "thn": "the", "lihgt!": "light!", "(refractd)": "(refracted)",
		"refrcation": "refraction", "1705": "1704", "quite otherwise": "quite otherwise", "its": "it's", "...": "...", "Lihgt": "Light",
		"": "", "xxxxx": "xxxxx", "theyy": "they", "rfrcation": "refraction", "thex": "the",
	} {
		if got := d.correct(noisy); got != want {
			t.Errorf("%q became %q, expected %q", noisy, got, want)
		}
	}
}

func TestTypingDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"abcd", "bcde", 2}, {"ab", "ba", 1}, {"abcd", "badc", 2},
		{"ca", "abc", 3}, {"the", "teh", 1}, {"äb", "bä", 1},
	} {
		if got := typingDistance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("from %q to %q: %d, expected %d", c.a, c.b, got, c.want)
		}
	}
}

func TestRates(t *testing.T) {
	got := rates([]string{"the light", "of day", "it", "is"}, []string{"teh light", "fo day", "xx", "xs"}, []string{"teh light", "of day", "x", "xx"})
	want := errorRates{100 * 6. / 19, 100 * 3. / 6, 75, 25}
	if math.Abs(got.characters-want.characters) > 1e-12 || got.words != want.words || got.pieces != want.pieces || got.worse != want.worse {
		t.Errorf("%+v, expected %+v", got, want)
	}
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-held-out 0":      func(o *options) { o.heldOut = 0 },
		"-held-out 1":      func(o *options) { o.heldOut = 1 },
		"-length 0":        func(o *options) { o.length = 0 },
		"-length 501":      func(o *options) { o.length = 501 },
		"-batch 0":         func(o *options) { o.train.BatchSize = 0 },
		"-epochs 0":        func(o *options) { o.train.Epochs = 0 },
		"-beam 0":          func(o *options) { o.beam = 0 },
		"a beam of 1001":   func(o *options) { o.beam = 1001 },
		"-noise":           func(o *options) { o.noise = "typos:0.1" },
		"0 to 1":           func(o *options) { o.noise = "deletion:2" },
		"no such file":     func(o *options) { o.data = "no such file" },
		"UTF-8":            func(o *options) { o.data = write(t, "Latin-1 \xe4") },
		"too few":          func(o *options) { o.data = write(t, "a short text") },
		"besides":          func(o *options) { o.data = write(t, " \n ") },
		"Units 7":          func(o *options) { o.model.Units = 7 },
		"Dropout":          func(o *options) { o.model.Dropout = 1 },
		"Rate is -1":       func(o *options) { o.train.Optim.Rate = -1 },
		"12 characters ":   func(o *options) { o.data = write(t, strings.Repeat("incomprehensibilities ", 100)) },
		"2 tokens or more": func(o *options) { o.data = write(t, strings.Repeat("a", 10)) },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}

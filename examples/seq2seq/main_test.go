package main

import (
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
)

// small is a run on 12 pairs of 9 sources.
func small(t *testing.T) options {
	text := strings.Repeat("ab\tx y\nba\ty x\nabc\tx y z\n", 2) + "c\tz\nca\tz x\nac\tx z\nbc\ty z\ncb\tz y\ncab\tz x y\n"
	return options{
		data:  file(t, "pairs.tsv", text),
		model: lm.SeqConfig{Units: 8, Embedding: 4}, heldOut: 0.25, valid: 0.25, beam: 2,
		train: train.Config{Epochs: 2, BatchSize: 4},
		out:   filepath.Join(t.TempDir(), "out"),
	}
}

func file(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunWritesEverything(t *testing.T) {
	for name, c := range map[string]struct {
		change         func(o *options)
		source, target int
	}{
		"characters":  {func(*options) {}, 6, 7},
		"words":       {func(o *options) { o.targetWords, o.model.Layers = true, 2 }, 6, 6},
		"reversed":    {func(o *options) { o.sourceWords, o.reverse, o.valid = true, true, 0 }, 6, 6},
		"packed":      {func(o *options) { o.data = packed(t, o.data) }, 6, 7},
		"large batch": {func(o *options) { o.train.BatchSize, o.beam = 1000, 1 }, 6, 7},
	} {
		o := small(t)
		c.change(&o)
		if err := run(context.Background(), o); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, f := range []string{"attention-1.png", "attention-2.png", "curves.png", "model.safetensors", "history.csv", "report.html"} {
			if info, err := os.Stat(filepath.Join(o.out, f)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %s: %v", name, f, err)
			}
		}
		m, err := lm.LoadSeq(filepath.Join(o.out, "model.safetensors"))
		if err != nil || len(m.Config().SourceTokens) != c.source || len(m.Config().TargetTokens) != c.target {
			t.Errorf("%s: the model came back as %+v, %v", name, m, err)
		}
	}
}

// packed is a file as gzip.
func packed(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"no such file":     func(o *options) { o.data = "no such file" },
		"there is no pair": func(o *options) { o.data = file(t, "empty", "\n\n") },
		"line 2":           func(o *options) { o.data = file(t, "untabbed", "a\tb\nc d\n") },
		"one tab":          func(o *options) { o.data = file(t, "tabs", "a\tb\tc\n") },
		"line 1":           func(o *options) { o.data = file(t, "blank", "a\t \n") },
		"not UTF-8":        func(o *options) { o.data = file(t, "bytes", "a\tb\n\xff\xfe\tc\n") },
		"gzip":             func(o *options) { o.data = file(t, "torn.gz", "\x1f\x8b\x08") },
		"1 to 1000 tokens": func(o *options) { o.data = file(t, "long", strings.Repeat("a", 1001)+"\tb\nb\tc\nc\td\nd\te\n") },
		"-held-out 1,":     func(o *options) { o.heldOut = 1 },
		"-held-out 0.01":   func(o *options) { o.heldOut = 0.01 },
		"-valid":           func(o *options) { o.valid = 1 },
		"-batch":           func(o *options) { o.train.BatchSize = 0 },
		"-epochs":          func(o *options) { o.train.Epochs = 0 },
		"-beam":            func(o *options) { o.beam = 0 },
		"a beam of 1001":   func(o *options) { o.beam = 1001 },
		"Units 7":          func(o *options) { o.model.Units = 7 },
		"Dropout":          func(o *options) { o.model.Dropout = 1 },
		"Rate is -1":       func(o *options) { o.train.Optim.Rate = -1 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}

func TestDates(t *testing.T) {
	d := time.Date(2001, 11, 2, 0, 0, 0, 0, time.UTC)
	for way, want := range []string{
		"2 November 2001", "November 2, 2001", "Friday, Nov 2, 2001", "2.11.2001", "2001, 2 Nov", "02 NOV 2001",
		"the 2nd of November, 2001", "November 2nd, 2001",
	} {
		if got := spell(d, way); got != want {
			t.Errorf("way %d: %s, expected %s", way, got, want)
		}
	}
	for n, want := range map[int]string{1: "1st", 3: "3rd", 11: "11th", 12: "12th", 13: "13th", 20: "20th", 22: "22nd", 31: "31st"} {
		if got := ordinal(n); got != want {
			t.Errorf("%s, expected %s", got, want)
		}
	}
	seen := map[string]bool{}
	for _, p := range makeDates(graph.NewKey(1), 2000) {
		if d, err := time.Parse(time.DateOnly, p[1]); err != nil || d.Year() < 1900 || d.Year() > 2099 || seen[p[0]] {
			t.Errorf("%q is %q, %v", p[0], p[1], err)
		}
		seen[p[0]] = true
	}
}

// TestTask: no source is both learnt from and tested on, and each has all its targets.
func TestTask(t *testing.T) {
	pairs := [][2]string{{"a b", "x"}, {"b", "y"}, {"a b", "z"}, {"c", "x y"}}
	task, err := newTask(pairs, true, false, graph.NewKey(1), 0.4)
	if err != nil {
		t.Fatal(err)
	}
	if len(task.test) != 1 || len(task.training) != 2 || slices.Contains(task.training, task.test[0]) {
		t.Errorf("training on %q, test on %q", task.training, task.test)
	}
	source, target := task.pairs([]string{"a b"})
	if len(source) != 2 || !slices.Equal(source[0], []int{3, 4}) || !slices.Equal(target[1], []int{6}) {
		t.Errorf("%v and %v", source, target)
	}
	if got := task.target.text(task.target.of("x y")); got != "x y" {
		t.Errorf("%q comes back", got)
	}
}

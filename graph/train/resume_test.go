package train

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
)

// whole runs without interruption and returns the last checkpoint and the parameters.
func whole(t *testing.T, name string) (file, params string, history *History) {
	t.Helper()
	dir, obj := t.TempDir(), objectives[name](t)
	r := mustRun(t, obj, examples(15, 3), fullConfig(dir))
	if r.Step != fullSteps || r.Epoch != 3 || r.Examples != 45 || r.Reason != Finished {
		t.Fatalf("the run came to %+v", r)
	}
	return newest(t, dir), values(obj.Params()), r.History
}

func sameHistory(a, b *History) bool {
	return slices.EqualFunc(a.Records, b.Records, func(r, s Record) bool {
		return r.Step == s.Step && r.Epoch == s.Epoch && r.Train.String() == s.Train.String() && r.Valid.String() == s.Valid.String()
	})
}

// TestCancelAndResume stops after every single step, in and between epochs.
func TestCancelAndResume(t *testing.T) {
	for name := range objectives {
		file, params, history := whole(t, name)
		for stop := 1; stop < fullSteps; stop++ {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(context.Background())
			cfg := fullConfig(dir)
			cfg.Checkpoint.Every = Interval{Epochs: 100} // only the cancellation saves
			last := ""
			cfg.Hooks = []Hook{{OnStep: func(s State) error {
				if s.Step == stop {
					cancel()
				}
				last = values(s.Params)
				return nil
			}}}
			obj := objectives[name](t)
			r, err := Run(ctx, obj, examples(15, 3), cfg)
			if values(obj.Params()) != last {
				t.Errorf("%s: cancelled after step %d, the run does not leave its last weights", name, stop)
			}
			if !errors.Is(err, context.Canceled) || r.Reason != Cancelled || r.Step != stop {
				t.Fatalf("%s: cancelled after step %d: %+v, %v", name, stop, r, err)
			}
			obj = objectives[name](t)
			r = mustRun(t, obj, examples(15, 3), fullConfig(dir))
			if r.Resumed == "" {
				t.Fatalf("%s: the run did not resume", name)
			}
			if newest(t, dir) != file || values(obj.Params()) != params || !sameHistory(r.History, history) {
				t.Errorf("%s: stopped after step %d and resumed, the run ends elsewhere", name, stop)
			}
		}
	}
}

// TestCancelInEvaluation stops while held-out data are scored: the evaluation must be made up for.
func TestCancelInEvaluation(t *testing.T) {
	file, params, _ := whole(t, "quadratic")
	for evaluation := 1; evaluation <= 4; evaluation++ {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		obj := objectives["quadratic"](t).(*quadratic)
		seen := 0
		obj.scored = func() {
			if seen++; seen == evaluation*4-1 { // 4 batches to an evaluation
				cancel()
			}
		}
		if _, err := Run(ctx, obj, examples(15, 3), fullConfig(dir)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		obj = objectives["quadratic"](t).(*quadratic)
		mustRun(t, obj, examples(15, 3), fullConfig(dir))
		if newest(t, dir) != file || values(obj.Params()) != params {
			t.Errorf("cancelled in evaluation %d and resumed, the run ends elsewhere", evaluation)
		}
	}
}

// TestFailAndResume fails in every step, after the objective has changed its buffers.
func TestFailAndResume(t *testing.T) {
	file, params, _ := whole(t, "quadratic")
	for call := 1; call <= 2*fullSteps; call++ {
		dir := t.TempDir()
		obj := objectives["quadratic"](t).(*quadratic)
		before := values(obj.p)
		obj.after = func(n int, m Metrics) (Metrics, error) {
			if n == call {
				return nil, errors.New("broken")
			}
			return m, nil
		}
		cfg := fullConfig(dir)
		cfg.Hooks = []Hook{{OnStep: func(s State) error { before = values(s.Params); return nil }}}
		r, err := Run(context.Background(), obj, examples(15, 3), cfg)
		if err == nil || r.Reason != Failed {
			t.Fatalf("call %d: %+v, %v", call, r, err)
		}
		if values(obj.p) != before {
			t.Errorf("call %d: a failed step has changed parameters or buffers", call)
		}
		// The same object goes on: what is in memory is replaced by the checkpoint.
		obj.after = nil
		mustRun(t, obj, examples(15, 3), fullConfig(dir))
		if newest(t, dir) != file || values(obj.p) != params {
			t.Errorf("failed in call %d and resumed, the run ends elsewhere", call)
		}
	}
}

func TestThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name := range objectives {
		var first string
		for _, n := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(n)
			file, params, _ := whole(t, name)
			if first == "" {
				first = file + params
			} else if first != file+params {
				t.Errorf("%s: another result with %d threads", name, n)
			}
		}
	}
}

// TestKeyMatters shows that the comparisons above can fail.
func TestKeyMatters(t *testing.T) {
	for name := range objectives {
		_, params, _ := whole(t, name)
		obj, cfg := objectives[name](t), fullConfig(t.TempDir())
		cfg.Key = graph.NewKey(10)
		mustRun(t, obj, examples(15, 3), cfg)
		if values(obj.Params()) == params {
			t.Errorf("%s: the key has no effect", name)
		}
	}
}

func TestResumeFinished(t *testing.T) {
	dir, obj := t.TempDir(), objectives["chain"](t)
	mustRun(t, obj, examples(15, 3), fullConfig(dir))
	file, params := newest(t, dir), values(obj.Params())
	obj = objectives["chain"](t)
	r := mustRun(t, obj, examples(15, 3), fullConfig(dir))
	if r.Reason != Finished || r.Step != fullSteps || newest(t, dir) != file || values(obj.Params()) != params {
		t.Errorf("a finished run, resumed, came to %+v", r)
	}
	cfg := fullConfig(dir)
	cfg.Epochs = 5
	if r = mustRun(t, objectives["chain"](t), examples(15, 3), cfg); r.Epoch != 5 || r.Step != 20 {
		t.Errorf("a finished run, extended to 5 epochs, came to %+v", r)
	}
}

func TestResumeDamaged(t *testing.T) {
	file, _, _ := whole(t, "chain")
	dir := t.TempDir()
	cfg := fullConfig(dir)
	cfg.Epochs = 2
	mustRun(t, objectives["chain"](t), examples(15, 3), cfg)
	list, _ := filepath.Glob(filepath.Join(dir, "ckpt-*"))
	if err := os.Truncate(slices.Max(list), 300); err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, objectives["chain"](t), examples(15, 3), fullConfig(dir))
	if len(r.Warnings) != 1 || newest(t, dir) != file {
		t.Errorf("after damage the run ends elsewhere; warnings %q", r.Warnings)
	}
}

func TestForeignCheckpoint(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, objectives["chain"](t), examples(15, 3), fullConfig(dir))
	file := newest(t, dir)
	change := map[string]func(*Config){
		"batch size": func(c *Config) { c.BatchSize = 3 },
		"key":        func(c *Config) { c.Key.Seed++ },
		"rate":       func(c *Config) { c.Optim.Rate = 0.1 },
		"meta":       func(c *Config) { c.Checkpoint.Meta = nil },
		"valid":      func(c *Config) { c.Valid = examples(8, 3) },
		"no resume":  func(c *Config) { c.Checkpoint.Resume = false },
	}
	for name, f := range change {
		obj, cfg := objectives["chain"](t), fullConfig(dir)
		before := values(obj.Params())
		f(&cfg)
		r, err := Run(context.Background(), obj, examples(15, 3), cfg)
		if !errors.Is(err, ErrResume) || r != nil || values(obj.Params()) != before {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := Run(context.Background(), objectives["chain"](t), examples(16, 3), fullConfig(dir)); !errors.Is(err, ErrResume) {
		t.Errorf("another source: %v", err)
	}
	other := objectives["quadratic"](t)
	before := values(other.Params())
	if _, err := Run(context.Background(), other, examples(15, 3), fullConfig(dir)); !errors.Is(err, ckpt.ErrMismatch) {
		t.Errorf("another model: %v", err)
	}
	if newest(t, dir) != file || values(other.Params()) != before {
		t.Error("a refused checkpoint was changed, or has changed the model")
	}
}

// TestIncompleteCheckpoint refuses a file whose parameters fit and whose state does not, and leaves
// the model alone.
func TestIncompleteCheckpoint(t *testing.T) {
	for name, spoil := range map[string]func(*ckpt.File){
		"no state of the optimiser": func(f *ckpt.File) { delete(f.Tensors, prefixOptim+"adam/m/bias") },
		"no best weights":           func(f *ckpt.File) { delete(f.Tensors, prefixBest+"bias") },
		"no place":                  func(f *ckpt.File) { delete(f.Meta, metaPlace) },
		"another place":             func(f *ckpt.File) { f.Meta[metaPlace] = `{"Step":11}` },
		"negative place":            func(f *ckpt.File) { f.Meta[metaPlace] = `{"Step":12,"Batch":-1}` },
		"no settings":               func(f *ckpt.File) { delete(f.Meta, metaSettings) },
		"settings of no form":       func(f *ckpt.File) { f.Meta[metaSettings] = "[" },
		"three sums":                func(f *ckpt.File) { f.Tensors[prefixAverage+Loss] = graph.Floats64([]float64{1, 2, 3}, 3) },
		"half a history":            func(f *ckpt.File) { delete(f.Tensors, epochsName) },
	} {
		dir := t.TempDir()
		mustRun(t, objectives["chain"](t), examples(15, 3), fullConfig(dir))
		saver, err := ckpt.NewCheckpointer(dir, 2)
		if err != nil {
			t.Fatal(err)
		}
		c, err := saver.Latest()
		if err != nil {
			t.Fatal(err)
		}
		spoil(c.File)
		if err := ckpt.Write(c.Path, c.File); err != nil {
			t.Fatal(err)
		}
		obj := objectives["chain"](t)
		before := values(obj.Params())
		r, err := Run(context.Background(), obj, examples(15, 3), fullConfig(dir))
		if err == nil || r != nil || values(obj.Params()) != before {
			t.Errorf("%s: error %v, or the model has changed", name, err)
		}
	}
}

// TestDifference sees that what differs is named, and nothing else.
func TestDifference(t *testing.T) {
	const saved = `{"BatchSize":10,"Optim":{"Rate":0.1,"L2":0},"Meta":{"latent.config":"{\"shape\":[4],\"units\":3}"},"Old":1}`
	for own, want := range map[string]string{
		saved: "",
		`{"BatchSize":20,"Optim":{"Rate":0.1,"L2":0},"Meta":{"latent.config":"{\"shape\":[4],\"units\":3}"},"Old":1}`:   "BatchSize was 10 and is 20",
		`{"BatchSize":10,"Optim":{"Rate":0.2,"L2":0},"Meta":{"latent.config":"{\"shape\":[4],\"units\":5}"},"New":[1]}`: "Meta.latent.config.units was 3 and is 5; New was none and is [1]; Old was 1 and is none; Optim.Rate was 0.1 and is 0.2",
		`{"BatchSize":10,"Optim":null,"Meta":null,"Old":1}`:                                                             `Meta was {"latent.config":"{\"shape\":[4],\"units\":3}"} and is null; Optim was {"Rate":0.1,"L2":0} and is null`,
	} {
		if got, err := difference(saved, own); err != nil || got != want {
			t.Errorf("got %q (%v)\nwant %q", got, err, want)
		}
	}
	if _, err := difference("{", saved); !errors.Is(err, ckpt.ErrFormat) {
		t.Errorf("settings that are not JSON: %v", err)
	}
}

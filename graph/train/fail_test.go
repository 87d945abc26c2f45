package train

import (
	"context"
	"iter"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
)

// failing is a source whose third batch is fail's.
type failing struct {
	*data.Set
	fail func(yield func(data.Batch, error) bool)
}

func (f failing) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		i := 0
		for b, err := range f.Set.Batches(key, size) {
			if i++; i == 3 {
				f.fail(yield)
				return
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

var errBroken = errors.New("broken")

// TestFailures fails in the third step in every way. The error must say so, and parameters, buffers
// and checkpoints must be those of the second.
func TestFailures(t *testing.T) {
	third := func(f func(q *quadratic, m Metrics) (Metrics, error)) func(*quadratic, *Config, *data.Source) {
		return func(q *quadratic, _ *Config, _ *data.Source) {
			q.after = func(call int, m Metrics) (Metrics, error) {
				if call == 3 {
					return f(q, m)
				}
				return m, nil
			}
		}
	}
	source := func(f func(yield func(data.Batch, error) bool)) func(*quadratic, *Config, *data.Source) {
		return func(_ *quadratic, _ *Config, src *data.Source) { *src = failing{examples(20, 3), f} }
	}
	cases := map[string]struct {
		set  func(*quadratic, *Config, *data.Source)
		want error
		text string
	}{
		"error":      {third(func(*quadratic, Metrics) (Metrics, error) { return nil, errBroken }), errBroken, "step 3"},
		"panic":      {third(func(*quadratic, Metrics) (Metrics, error) { panic("ouch") }), ErrPanic, "ouch"},
		"no loss":    {third(func(*quadratic, Metrics) (Metrics, error) { return Metrics{"lose": 1}, nil }), ErrObjective, "step 3"},
		"no metrics": {third(func(*quadratic, Metrics) (Metrics, error) { return nil, nil }), ErrObjective, "step 3"},
		"NaN loss": {third(func(_ *quadratic, m Metrics) (Metrics, error) {
			m[Loss] = math.NaN()
			return m, nil
		}), graph.ErrNotFinite, "step 3"},
		"infinite loss": {third(func(_ *quadratic, m Metrics) (Metrics, error) {
			m[Loss] = math.Inf(-1)
			return m, nil
		}), graph.ErrNotFinite, "step 3"},
		"NaN gradient": {third(func(q *quadratic, m Metrics) (Metrics, error) {
			q.w.Grad().F64[1] = math.NaN()
			return m, nil
		}), graph.ErrNotFinite, `"w"`},
		"infinite gradient": {third(func(q *quadratic, m Metrics) (Metrics, error) {
			q.w.Grad().F64[2] = math.Inf(1)
			return m, nil
		}), graph.ErrNotFinite, `"w"`},
		"source error": {source(func(yield func(data.Batch, error) bool) { yield(data.Batch{}, errBroken) }), errBroken, "batch 3"},
		"source panic": {source(func(func(data.Batch, error) bool) { panic("ouch") }), nil, "ouch"},
		"empty batch":  {source(func(yield func(data.Batch, error) bool) { yield(data.Batch{}, nil) }), data.ErrBatch, "batch 3"},
	}
	for name, c := range cases {
		q, cfg, dir := newQuadratic(t, graph.Float64), Config{Steps: 9, BatchSize: 5, Valid: examples(5, 3)}, t.TempDir()
		var src data.Source = examples(20, 3)
		c.set(q, &cfg, &src)
		cfg.Checkpoint = Checkpoint{Dir: dir, Every: Interval{Steps: 1}}
		var second, file string
		cfg.Hooks = []Hook{
			{OnStep: func(s State) error { second = values(s.Params); return nil }},
			{OnEnd: func(State) error { t.Errorf("%s: OnEnd is called", name); return nil }},
		}
		r, err := Run(context.Background(), q, src, cfg)
		file = newest(t, dir)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got error %v, want %v that says %q", name, err, c.want, c.text)
			continue
		}
		if r.Reason != Failed || r.Step != 2 || values(q.p) != second || !strings.Contains(file, `{\"Step\":2,`) {
			t.Errorf("%s: came to %+v, or not all is as after step 2", name, r)
		}
	}
}

// TestGraphNotFinite wants the node named at which a loss became infinite.
func TestGraphNotFinite(t *testing.T) {
	r, src := newRegression(t, graph.Float32, 0), examples(8, 3)
	for i := range src.Y.F32 {
		src.Y.F32[i] = 3e38
	}
	before := values(r.p)
	_, err := Run(context.Background(), r, src, Config{Steps: 3, BatchSize: 4})
	if !errors.Is(err, graph.ErrNotFinite) || !strings.Contains(err.Error(), "step 1") || !strings.Contains(err.Error(), "squared") {
		t.Errorf("got %v", err)
	}
	if values(r.p) != before {
		t.Error("parameters have changed")
	}
}

// TestHookAndEvaluatorFailures come after a step, which counts.
func TestHookAndEvaluatorFailures(t *testing.T) {
	second := func(f func() error) func(State) error {
		return func(s State) error {
			if s.Step == 2 {
				return f()
			}
			return nil
		}
	}
	fail, ouch := func() error { return errBroken }, func() error { panic("ouch") }
	cases := map[string]struct {
		hook   Hook
		scored func()
		want   error
	}{
		"step":            {hook: Hook{OnStep: second(fail)}, want: errBroken},
		"step panic":      {hook: Hook{OnStep: second(ouch)}, want: ErrPanic},
		"epoch":           {hook: Hook{OnEpoch: second(fail)}, want: errBroken},
		"epoch panic":     {hook: Hook{OnEpoch: second(ouch)}, want: ErrPanic},
		"end":             {hook: Hook{OnEnd: second(fail)}, want: errBroken},
		"end panic":       {hook: Hook{OnEnd: second(ouch)}, want: ErrPanic},
		"evaluator panic": {scored: func() { panic("ouch") }, want: ErrPanic},
	}
	for name, c := range cases {
		q := newQuadratic(t, graph.Float64)
		q.scored = c.scored
		r, err := Run(context.Background(), q, examples(10, 3),
			Config{Epochs: 1, BatchSize: 5, Valid: examples(4, 3), Hooks: []Hook{c.hook}, Optim: optim.Config{EMA: 0.9}})
		if !errors.Is(err, c.want) || r.Reason != Failed || r.Step != 2 {
			t.Errorf("%s: came to %+v, error %v", name, r, err)
		}
	}
}

// TestHooks wants every hook called in order, with the state of that moment.
func TestHooks(t *testing.T) {
	var said []string
	note := func(what string) func(State) error {
		return func(s State) error {
			said = append(said, what+strings.Repeat(".", s.Step)+strings.Repeat("|", s.Epoch))
			if len(s.History.Records) != map[string]int{"s": (s.Step - 1) / 2, "e": s.Step / 2, "E": 2}[what] {
				t.Errorf("%s: the history has %d records", said[len(said)-1], len(s.History.Records))
			}
			if s.Metrics["size"] != 5 || s.Optim.Step != s.Step || s.Examples != 5*s.Step {
				t.Errorf("%s: %+v", said[len(said)-1], s)
			}
			return nil
		}
	}
	mustRun(t, newQuadratic(t, graph.Float32), examples(10, 3), Config{
		Epochs: 2, BatchSize: 5, Hooks: []Hook{{OnStep: note("s"), OnEnd: note("E")}, {OnEpoch: note("e")}},
	})
	if got, want := strings.Join(said, " "), "s. s..| e..| s...| s....|| e....|| E....||"; got != want {
		t.Errorf("the hooks were called as %s, want %s", got, want)
	}
}

func TestConfig(t *testing.T) {
	good := func() Config { return Config{Epochs: 1, BatchSize: 5} }
	cases := map[string]struct {
		set  func(*Config)
		want error
	}{
		"no end":            {func(c *Config) { c.Epochs = 0 }, ErrConfig},
		"negative epochs":   {func(c *Config) { c.Epochs = -1 }, ErrConfig},
		"negative steps":    {func(c *Config) { c.Steps = -1 }, ErrConfig},
		"no batch size":     {func(c *Config) { c.BatchSize = 0 }, data.ErrBatch},
		"negative batch":    {func(c *Config) { c.BatchSize = -5 }, data.ErrBatch},
		"large batch":       {func(c *Config) { c.BatchSize = 11 }, data.ErrBatch},
		"accumulate":        {func(c *Config) { c.Accumulate = -1 }, ErrConfig},
		"optimiser":         {func(c *Config) { c.Optim.Rate = -1 }, graph.ErrRange},
		"empty valid":       {func(c *Config) { c.Valid = &data.Set{} }, data.ErrEmpty},
		"both intervals":    {func(c *Config) { c.EvalEvery = Interval{1, 1} }, ErrConfig},
		"negative interval": {func(c *Config) { c.EvalEvery = Interval{Steps: -1} }, ErrConfig},
		"stop without":      {func(c *Config) { c.Stop.Patience = 1 }, ErrConfig},
		"restore without":   {func(c *Config) { c.Stop.Restore = true }, ErrConfig},
		"negative patience": {func(c *Config) { c.Stop.Patience = -1 }, ErrConfig},
		"NaN delta":         {func(c *Config) { c.Stop.MinDelta = math.NaN() }, ErrConfig},
		"infinite delta":    {func(c *Config) { c.Stop.MinDelta = math.Inf(1) }, ErrConfig},
		"keep":              {func(c *Config) { c.Checkpoint.Keep = -1 }, ErrConfig},
		"saving interval":   {func(c *Config) { c.Checkpoint.Every = Interval{1, 1} }, ErrConfig},
		"resume without":    {func(c *Config) { c.Checkpoint.Resume = true }, ErrConfig},
		"reserved metadata": {func(c *Config) {
			c.Checkpoint = Checkpoint{Dir: t.TempDir(), Meta: map[string]string{metaPlace: ""}}
		}, ErrConfig},
		"folder is a file": {func(c *Config) { c.Checkpoint.Dir = os.Args[0] }, nil},
	}
	for name, c := range cases {
		q, cfg := newQuadratic(t, graph.Float32), good()
		c.set(&cfg)
		r, err := Run(context.Background(), q, examples(10, 3), cfg)
		if r != nil || err == nil || c.want != nil && !errors.Is(err, c.want) || q.calls > 0 {
			t.Errorf("%s: %v, want %v, before any work", name, err, c.want)
		}
	}
	ctx := context.Background()
	if _, err := Run(ctx, newQuadratic(t, graph.Float32), &data.Set{}, good()); !errors.Is(err, data.ErrEmpty) {
		t.Errorf("empty set: %v", err)
	}
	if _, err := Run(ctx, nil, examples(10, 3), good()); !errors.Is(err, ErrConfig) {
		t.Errorf("no objective: %v", err)
	}
	if _, err := Run(ctx, newQuadratic(t, graph.Float32), nil, good()); !errors.Is(err, ErrConfig) {
		t.Errorf("no source: %v", err)
	}
	if _, err := Run(ctx, &quadratic{p: graph.NewParams(graph.Float32, graph.Key{})}, examples(10, 3), good()); !errors.Is(err, ErrObjective) {
		t.Errorf("no parameters: %v", err)
	}
	if _, err := Run(ctx, &quadratic{}, examples(10, 3), good()); !errors.Is(err, ErrObjective) {
		t.Errorf("nil parameters: %v", err)
	}
	cfg := good()
	cfg.Valid = examples(5, 3)
	blind := struct{ Objective }{newQuadratic(t, graph.Float32)}
	if _, err := Run(ctx, blind, examples(10, 3), cfg); !errors.Is(err, ErrConfig) {
		t.Errorf("held-out data without an evaluator: %v", err)
	}
}

// TestCancelledBefore does not take a step.
func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q, dir := newQuadratic(t, graph.Float32), t.TempDir()
	r, err := Run(ctx, q, examples(10, 3), Config{Epochs: 1, BatchSize: 5, Checkpoint: Checkpoint{Dir: dir}})
	if !errors.Is(err, context.Canceled) || r.Reason != Cancelled || q.calls > 0 {
		t.Errorf("came to %+v, %v", r, err)
	}
	newest(t, dir)
}

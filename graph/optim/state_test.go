package optim

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// copyState is s in memory of its own, as if it had been written to a file.
func copyState(s State) State {
	c := State{s.Steps, map[string]graph.Array{}}
	for name, a := range s.Tensors {
		c.Tensors[name] = graph.Array{Shape: slices.Clone(a.Shape), F32: slices.Clone(a.F32), F64: slices.Clone(a.F64)}
	}
	return c
}

func mustState(t *testing.T, o *Optimizer) State {
	t.Helper()
	s, err := o.State()
	if err != nil {
		t.Fatal(err)
	}
	return copyState(s)
}

// copyValues gives to the weights of from.
func copyValues(t *testing.T, to, from *graph.Params) {
	for _, q := range from.List() {
		if err := to.Lookup(q.Name).Set(q.Value()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestResumeIsBitIdentical(t *testing.T) {
	for _, m := range allMethods {
		cfg := Config{Method: m, L1: 0.001, L2: 0.01, EMA: 0.9, ClipNorm: 3, Schedule: Schedule{Kind: Cosine, Steps: 12, Warmup: 3}}
		if m.usesMomentum() {
			cfg.EarlyMomentum, cfg.EarlySteps = 0.5, 6
		}
		p := newParams(t, graph.Float32, wave(0), network...)
		o := mustNew(t, cfg, p)
		train(t, o, p, 5)
		saved := mustState(t, o)
		q := newParams(t, graph.Float32, wave(99), network...)
		copyValues(t, q, p)
		r := mustNew(t, o.Config(), q)
		if err := r.SetState(saved); err != nil {
			t.Fatal(err)
		}
		train(t, o, p, 4)
		train(t, r, q, 4)
		if !slices.Equal(slabBits(p), slabBits(q)) {
			t.Errorf("%v: resumed weights differ", m)
		}
		if !sameState(mustState(t, o), mustState(t, r)) {
			t.Errorf("%v: resumed state differs", m)
		}
	}
}

// Without any part of the state, the next step gives other weights or another average.
func TestAllStateMatters(t *testing.T) {
	for _, m := range allMethods {
		p := newParams(t, graph.Float32, wave(0), network...)
		o := mustNew(t, Config{Method: m, EMA: 0.9}, p)
		train(t, o, p, 3)
		saved := mustState(t, o)
		after := func(s State) float32 {
			copyValues(t, p, newParams(t, graph.Float32, wave(5), network...))
			if err := o.SetState(s); err != nil {
				t.Fatal(err)
			}
			train(t, o, p, 1)
			return graph.Values[float32](p.Lookup("enc/w"))[3] + mustState(t, o).Tensors["ema/enc/w"].F32[3]
		}
		want := after(saved)
		for name := range saved.Tensors {
			if !strings.HasSuffix(name, "/enc/w") {
				continue
			}
			changed := copyState(saved)
			changed.Tensors[name].F32[3]++
			if after(changed) == want {
				t.Errorf("%v: %s has no effect", m, name)
			}
		}
		if m.usesMoments() {
			changed := copyState(saved)
			changed.Steps++
			if after(changed) == want {
				t.Errorf("%v: the number of steps has no effect", m)
			}
		}
	}
}

func TestStateNames(t *testing.T) {
	for m, want := range map[Method][]string{
		Adam:     {"adam/m/w", "adam/v/w"},
		AdamW:    {"adamw/m/w", "adamw/v/w"},
		SGD:      nil,
		Momentum: {"momentum/v/w"},
		Nesterov: {"nesterov/v/w"},
		RMSProp:  {"rmsprop/v/w"},
		AdaGrad:  {"adagrad/v/w"},
	} {
		for _, ema := range []float64{0, 0.9} {
			p := newParams(t, graph.Float64, wave(0), paramSpec{"w", []int{2, 3}})
			if _, err := p.Add("buffer", false, nil, 3); err != nil {
				t.Fatal(err)
			}
			s := mustState(t, mustNew(t, Config{Method: m, EMA: ema}, p))
			names := slices.Clone(want)
			if ema > 0 {
				names = append(names, "ema/w")
			}
			slices.Sort(names)
			if got := slices.Sorted(maps.Keys(s.Tensors)); !slices.Equal(got, names) {
				t.Errorf("%v: state is %v, want %v", m, got, names)
			}
			for name, a := range s.Tensors {
				if !slices.Equal(a.Shape, []int{2, 3}) || len(a.F64) != 6 {
					t.Errorf("%v: %s has shape %v and %d elements", m, name, a.Shape, len(a.F64))
				}
			}
		}
	}
}

func sameState(a, b State) bool {
	same := func(x, y graph.Array) bool { return slices.Equal(x.F32, y.F32) && slices.Equal(x.F64, y.F64) }
	return a.Steps == b.Steps && maps.EqualFunc(a.Tensors, b.Tensors, same)
}

func TestSetStateRefuses(t *testing.T) {
	p := newParams(t, graph.Float32, wave(0), paramSpec{"a", []int{2, 3}}, paramSpec{"b", []int{3}})
	o := mustNew(t, Config{EMA: 0.9}, p)
	train(t, o, p, 3)
	good := mustState(t, o)
	for name, c := range map[string]struct {
		want   error
		change func(s *State)
	}{
		"missing":  {graph.ErrName, func(s *State) { delete(s.Tensors, "adam/v/b") }},
		"too many": {graph.ErrName, func(s *State) { s.Tensors["adam/v/c"] = s.Tensors["adam/v/b"] }},
		"other method": {graph.ErrName, func(s *State) {
			s.Tensors["adamw/v/b"] = s.Tensors["adam/v/b"]
			delete(s.Tensors, "adam/v/b")
		}},
		"empty":          {graph.ErrName, func(s *State) { s.Tensors = nil }},
		"shape":          {graph.ErrShape, func(s *State) { s.Tensors["adam/m/a"] = s.Tensors["adam/m/a"].Reshape(3, 2) }},
		"short":          {graph.ErrShape, func(s *State) { s.Tensors["adam/m/b"] = graph.Floats32(make([]float32, 2), 3) }},
		"type":           {graph.ErrType, func(s *State) { s.Tensors["ema/b"] = graph.Floats64(make([]float64, 3), 3) }},
		"integers":       {graph.ErrType, func(s *State) { s.Tensors["ema/b"] = graph.Ints(make([]int, 3), 3) }},
		"NaN":            {graph.ErrNotFinite, func(s *State) { s.Tensors["adam/m/b"].F32[1] = float32(math.NaN()) }},
		"Inf":            {graph.ErrNotFinite, func(s *State) { s.Tensors["ema/a"].F32[1] = float32(math.Inf(1)) }},
		"negative":       {graph.ErrRange, func(s *State) { s.Tensors["adam/v/b"].F32[2] = -1 }},
		"negative steps": {graph.ErrRange, func(s *State) { s.Steps = -1 }},
	} {
		bad := copyState(good)
		for _, a := range bad.Tensors { // so that any of it would be seen in the state
			for i := range a.F32 {
				a.F32[i] += 0.5
			}
		}
		bad.Steps = 77
		c.change(&bad)
		if err := o.SetState(bad); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v", name, err)
		}
		if !sameState(mustState(t, o), good) {
			t.Fatalf("%s: the state has changed", name)
		}
	}
	if err := o.SetState(good); err != nil {
		t.Error(err)
	}
}

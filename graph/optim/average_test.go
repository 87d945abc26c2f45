package optim

import (
	"slices"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

func TestAverageIsExponential(t *testing.T) {
	p := newParams(t, graph.Float64, func(int) float64 { return 3 }, paramSpec{"w", []int{2}})
	o := mustNew(t, Config{Method: SGD, Rate: 1, EMA: 0.6}, p)
	average := 3.0
	for step := 1; step <= 12; step++ {
		setGrad(p, "w", wave(float64(step)))
		mustStep(t, o)
		// (1+t)/(10+t) is 0.6 from step 12.5 on; let both sides of it be seen.
		decay := min(0.6, float64(1+step)/float64(10+step))
		average = decay*average + (1-decay)*values(p, "w")[0]
	}
	for step := 13; step <= 20; step++ {
		setGrad(p, "w", wave(float64(step)))
		mustStep(t, o)
		average = 0.6*average + 0.4*values(p, "w")[0]
	}
	weights := values(p, "w")
	err := o.WithAverage(func() error {
		if got := values(p, "w")[0]; !near(got, average, 1e-14) {
			t.Errorf("average is %v, want %v", got, average)
		}
		return nil
	})
	if err != nil || !slices.Equal(values(p, "w"), weights) {
		t.Errorf("weights are %v, were %v; error %v", values(p, "w"), weights, err)
	}
}

func TestWithAverageGuards(t *testing.T) {
	p := newParams(t, graph.Float32, wave(0), paramSpec{"w", []int{40}})
	o := mustNew(t, Config{EMA: 0.9}, p)
	train(t, o, p, 3)
	before := slabBits(p)
	fail := errors.New("fail")
	err := o.WithAverage(func() error {
		if slices.Equal(before, slabBits(p)) {
			t.Error("the averages are the weights")
		}
		for name, use := range map[string]func() error{
			"Step":        func() error { _, err := o.Step(); return err },
			"State":       func() error { _, err := o.State(); return err },
			"SetState":    func() error { return o.SetState(State{}) },
			"WithAverage": func() error { return o.WithAverage(func() error { return nil }) },
		} {
			if use() == nil {
				t.Errorf("%s works inside", name)
			}
		}
		return fail
	})
	if err != fail || !slices.Equal(before, slabBits(p)) {
		t.Errorf("error %v; weights restored: %v", err, slices.Equal(before, slabBits(p)))
	}
	func() {
		defer func() { _ = recover() }()
		_ = o.WithAverage(func() error { panic("inside") })
	}()
	if !slices.Equal(before, slabBits(p)) {
		t.Error("a panic left the averages in place")
	}
	train(t, o, p, 1)

	plain := mustNew(t, Config{}, p)
	ran := false
	if err := plain.WithAverage(func() error { ran = true; return nil }); err != nil || !ran {
		t.Errorf("without EMA: ran %v, error %v", ran, err)
	}
}

package optim

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// network is parameters as a model has them, with sizes about those of pieces.
var network = []paramSpec{{"enc/w", []int{200, 170}}, {"enc/b", []int{170}}, {"encoder/w", []int{3, 5}}, {"dec/w", []int{17, 10}}, {"dec/b", []int{10}}}

// train takes n steps with gradients by formula.
func train(t testing.TB, o *Optimizer, p *graph.Params, n int) {
	for range n {
		for k, q := range p.List() {
			setGrad(p, q.Name, wave(float64(10*o.Steps()+k)))
		}
		mustStep(t, o)
	}
}

// slabBits is all weights and gradients, padding included.
func slabBits(p *graph.Params) []uint32 {
	w, g := graph.Slab[float32](p)
	var bits []uint32
	for _, x := range append(slices.Clone(w), g...) {
		bits = append(bits, math.Float32bits(x))
	}
	return bits
}

func TestBitsDoNotDependOnThreads(t *testing.T) {
	for _, m := range allMethods {
		run := func(threads int) []uint32 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
			p := newParams(t, graph.Float32, wave(0), network...)
			train(t, mustNew(t, Config{Method: m, ClipNorm: 1, L1: 0.01, EMA: 0.9}, p), p, 5)
			return slabBits(p)
		}
		if one := run(1); !slices.Equal(one, run(2)) || !slices.Equal(one, run(7)) {
			t.Errorf("%v: the weights depend on the number of threads", m)
		}
	}
}

func TestPaddingStaysZero(t *testing.T) {
	for _, m := range allMethods {
		p := newParams(t, graph.Float32, wave(0), network...)
		train(t, mustNew(t, Config{Method: m, L1: 0.01, L2: 0.01, ClipValue: 0.5, EMA: 0.9}, p), p, 5)
		w, g := graph.Slab[float32](p)
		used := make([]bool, len(w))
		for _, q := range p.List() {
			for i := range q.Size {
				used[q.Offset+i] = true
			}
		}
		for i, u := range used {
			if !u && (w[i] != 0 || g[i] != 0) {
				t.Fatalf("%v: padding at %d is %v, its gradient %v", m, i, w[i], g[i])
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, m := range allMethods {
		p := newParams(t, graph.Float32, wave(0), network...)
		o := mustNew(t, Config{Method: m, ClipNorm: 1, ClipValue: 1, L1: 0.01, EMA: 0.9}, p)
		if n := testing.AllocsPerRun(10, func() { mustStep(t, o) }); n != 0 {
			t.Errorf("%v: %v allocations", m, n)
		}
	}
}

func TestClipNormIsExact(t *testing.T) {
	p := newParams(t, graph.Float64, func(int) float64 { return 0 }, paramSpec{"a", []int{1}}, paramSpec{"b", []int{1}})
	o := mustNew(t, Config{Method: SGD, Rate: 1, ClipNorm: 2.5}, p)
	for _, c := range []struct{ scale, norm, factor float64 }{{1, 5, 0.5}, {0.5, 2.5, 1}, {0.25, 1.25, 1}, {0, 0, 1}, {1 << 20, 5 << 20, 0.5 / (1 << 20)}} {
		before := []float64{values(p, "a")[0], values(p, "b")[0]}
		setGrad(p, "a", func(int) float64 { return 3 * c.scale })
		setGrad(p, "b", func(int) float64 { return -4 * c.scale })
		info := mustStep(t, o)
		a, b := before[0]-3*c.scale*c.factor, before[1]+4*c.scale*c.factor
		if info.GradNorm != c.norm || values(p, "a")[0] != a || values(p, "b")[0] != b {
			t.Errorf("%+v: norm %v, weights %v %v, want %v %v", c, info.GradNorm, values(p, "a"), values(p, "b"), a, b)
		}
	}
}

func TestClipValueComesBeforeClipNorm(t *testing.T) {
	p := newParams(t, graph.Float64, func(int) float64 { return 0 }, paramSpec{"a", []int{2}})
	o := mustNew(t, Config{Method: SGD, Rate: 1, ClipValue: 4, ClipNorm: 2.5}, p)
	setGrad(p, "a", func(i int) float64 { return []float64{3, -400}[i] })
	info := mustStep(t, o)
	if w := values(p, "a"); info.GradNorm != 5 || w[0] != -1.5 || w[1] != 2 {
		t.Errorf("norm %v, weights %v", info.GradNorm, w)
	}
}

func TestPenaltiesSpareVectors(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want float64 // of a weight of 2 without a gradient
	}{
		{Config{Method: SGD, Rate: 0.5, L1: 0.25}, 2 - 0.5*0.25},
		{Config{Method: SGD, Rate: 0.5, L2: 0.25}, 2 - 0.5*0.25*2},
		{Config{Method: SGD, Rate: 0.5, L1: 0.5, L2: 0.25}, 2 - 0.5*(0.5+0.25*2)},
		{Config{Method: AdamW, Rate: 0.5, Decay: 0.25}, 2 * (1 - 0.5*0.25)},
	} {
		p := newParams(t, graph.Float64, func(int) float64 { return 2 }, paramSpec{"w", []int{3, 1}}, paramSpec{"b", []int{3}})
		mustStep(t, mustNew(t, c.cfg, p))
		if w, b := values(p, "w")[2], values(p, "b")[2]; w != c.want || b != 2 {
			t.Errorf("%+v: weight %v, want %v; bias %v", c.cfg, w, c.want, b)
		}
	}
}

func TestRateScales(t *testing.T) {
	p := newParams(t, graph.Float64, func(int) float64 { return 0 },
		paramSpec{"enc/0/w", []int{4}}, paramSpec{"enc/1/w", []int{4}}, paramSpec{"encoder", []int{4}}, paramSpec{"dec", []int{4}}, paramSpec{"fix", []int{4}})
	o := mustNew(t, Config{Method: SGD, Rate: 1, RateScales: []RateScale{{"enc/1", 0.25}, {"enc", 0.5}, {"dec", 2}, {"fix", 0}}}, p)
	for _, q := range p.List() {
		setGrad(p, q.Name, func(int) float64 { return 1 })
	}
	info := mustStep(t, o)
	for name, want := range map[string]float64{"enc/0/w": -0.5, "enc/1/w": -0.25, "encoder": -1, "dec": -2, "fix": 0} {
		if got := values(p, name); slices.ContainsFunc(got, func(x float64) bool { return x != want }) {
			t.Errorf("%s moved to %v, want %v", name, got, want)
		}
	}
	if info.GradNorm != 4 { // four parameters of four ones
		t.Errorf("norm %v", info.GradNorm)
	}
	setGrad(p, "fix", func(int) float64 { return math.NaN() })
	mustStep(t, o)
}

func TestGradientMustBeFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, clip := range []float64{0, 1} {
			p := newParams(t, graph.Float32, wave(0), network...)
			o := mustNew(t, Config{ClipValue: clip, EMA: 0.9}, p)
			train(t, o, p, 2)
			graph.Grads[float32](p.Lookup("dec/w"))[33] = float32(bad)
			before := slabBits(p)
			_, err := o.Step()
			if !errors.Is(err, graph.ErrNotFinite) || !strings.Contains(err.Error(), `"dec/w"`) {
				t.Errorf("%v: error %v", bad, err)
			}
			if !slices.Equal(before, slabBits(p)) || o.Steps() != 2 {
				t.Errorf("%v: something has been updated", bad)
			}
		}
	}
	p := newParams(t, graph.Float64, wave(0), paramSpec{"w", []int{2}})
	setGrad(p, "w", func(int) float64 { return 1e200 })
	if _, err := mustNew(t, Config{}, p).Step(); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("overflow of the norm: %v", err)
	}
}

func TestStepRefusesNewParameters(t *testing.T) {
	p := newParams(t, graph.Float32, wave(0), paramSpec{"w", []int{2}})
	o := mustNew(t, Config{}, p)
	if _, err := p.Add("late", true, nil, 40); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Step(); !errors.Is(err, graph.ErrName) {
		t.Errorf("error %v", err)
	}
}

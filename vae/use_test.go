package vae

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

func TestEncodeDecodeByLoops(t *testing.T) {
	// Without hidden layers mean, log-variance and logits are each one matrix product.
	m := model(t, kinds()["linear"], graph.Float64)
	const n = 300 // more than one chunk
	x := uniform(4, n, 6)
	mean, variance, err := m.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	product := func(x func(i int) float64, in int, scope string, j int) float64 {
		w, b := m.params.Lookup(scope+"/w").Value(), m.params.Lookup(scope+"/b").Value()
		v := b.At(j)
		for i := range in {
			v += x(i) * w.At(i*w.Shape[1]+j)
		}
		return v
	}
	y := must(m.Decode(mean))(t)
	for e := range n {
		row := func(i int) float64 { return x.At(6*e + i) }
		code := func(i int) float64 { return mean.At(3*e + i) }
		for j := range 3 {
			near(t, "mean", mean.At(3*e+j), product(row, 6, "enc/mean", j), 1e-10)
			near(t, "variance", variance.At(3*e+j), math.Exp(product(row, 6, "enc/logvar", j)), 1e-10)
		}
		for i := range 6 {
			near(t, "E[x|z]", y.At(6*e+i), 1/(1+math.Exp(-product(code, 3, "dec/0", i))), 1e-10)
		}
	}
	if !sameBits(y, must(m.Reconstruct(x))(t)) {
		t.Error("Reconstruct is not Decode of the mean")
	}
}

func TestSample(t *testing.T) {
	m := model(t, kinds()["plain"], graph.Float32)
	one := must(m.Sample(graph.NewKey(1), 5))(t)
	if !slices.Equal(one.Shape, []int{5, 6}) || one.CheckRange(0, 1) != nil {
		t.Errorf("samples %v", one)
	}
	if !sameBits(one, must(m.Sample(graph.NewKey(1), 5))(t)) || sameBits(one, must(m.Sample(graph.NewKey(2), 5))(t)) {
		t.Error("samples are not a function of the key")
	}
	// With W = I and no bias a Gaussian decoder shows the prior itself.
	id := must(newModel(Config{Shape: []int{2}, Latent: 2, Likelihood: Gaussian, Decoder: []nn.Dense{}}, graph.Float64))(t)
	set(t, id, "dec/0/w", []float64{1, 0, 0, 1})
	draws := must(id.Sample(graph.NewKey(3), 20000))(t)
	squares := slices.Clone(draws.F64)
	for i, v := range squares {
		squares[i] = v * v
	}
	for want, values := range [][]float64{draws.F64, squares} {
		if mean, stderr := moments(values); math.Abs(mean-float64(want)) > 4*stderr {
			t.Errorf("moment %d of the prior: %g +- %g", want+1, mean, stderr)
		}
	}
}

func TestUnits(t *testing.T) {
	m := model(t, kinds()["linear"], graph.Float64)
	// Unit 0 follows x_0, unit 1 a little, unit 2 not at all; only unit 2's q differs from the prior for all x.
	w := make([]float64, 18)
	w[0], w[1] = 1, 0.3
	set(t, m, "enc/mean/w", w)
	set(t, m, "enc/mean/b", []float64{0, 0, 2})
	set(t, m, "enc/logvar/w", make([]float64, 18))
	set(t, m, "enc/logvar/b", make([]float64, 3))
	x := make([]float64, 600)
	mean, squares := 0.0, 0.0
	for i := range 100 {
		x[6*i] = float64(i) / 100
		mean += x[6*i] / 100
		squares += x[6*i] * x[6*i] / 100
	}
	u := must(m.Units(graph.Floats64(x, 100, 6)))(t)
	v := squares - mean*mean // 1/12
	for j, want := range []struct{ variance, kl float64 }{{v, squares / 2}, {0.09 * v, 0.09 * squares / 2}, {0, 2}} {
		near(t, "variance", u.Variance[j], want.variance, 1e-12)
		near(t, "KL", u.KL[j], want.kl, 1e-12)
	}
	if u.Active != 1 || u.Collapsed() != "" {
		t.Errorf("%d units active, %q", u.Active, u.Collapsed())
	}
	w[0] = 0.1
	set(t, m, "enc/mean/w", w)
	if u = must(m.Units(graph.Floats64(x, 100, 6)))(t); u.Active != 0 || u.Collapsed() == "" {
		t.Errorf("%d units active, %q", u.Active, u.Collapsed())
	}
}

func TestLogMeanExp(t *testing.T) {
	for _, values := range [][]float64{{0, math.Log(2), math.Log(3)}, {math.Log(3), 0, math.Log(2)}} {
		var s logMeanExp
		for _, v := range values {
			s.add(v - 5000)
		}
		near(t, "log mean", s.value(), math.Log(2)-5000, 1e-14)
	}
}

func TestCategoricalUse(t *testing.T) {
	cfg := kinds()["categorical"] // groups of 3
	m := model(t, cfg, graph.Float32)
	y := must(m.Sample(graph.NewKey(1), 5))(t)
	for lo := 0; lo < y.Len(); lo += 3 {
		near(t, "sum of probabilities", y.At(lo)+y.At(lo+1)+y.At(lo+2), 1, 1e-6)
	}
	good := batches(cfg)(2).X
	for says, spoil := range map[string]func(x []float32){
		"element 4 of example 1 is 0.5":  func(x []float32) { x[10] = 0.5 },
		"group 1 of example 0 has 0":     func(x []float32) { clear(x[3:6]) },
		"group 0 of example 1 has 3 one": func(x []float32) { x[6], x[7], x[8] = 1, 1, 1 },
	} {
		bad := graph.Floats32(slices.Clone(good.F32), 2, 6)
		spoil(bad.F32)
		if _, err := m.Score(graph.NewKey(1), bad); !errors.Is(err, graph.ErrRange) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// TestLikelihoodSumsToOne adds up p(x|z) over all examples, by ReconstructionProbability of a model whose
// posterior is the same narrow one for every x.
func TestLikelihoodSumsToOne(t *testing.T) {
	for name, values := range map[string][][]float32{
		"plain":       {{0}, {1}},
		"categorical": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	} {
		m := model(t, kinds()[name], graph.Float64)
		for _, w := range []string{"enc/mean/w", "enc/logvar/w"} {
			set(t, m, w, make([]float64, 15))
		}
		set(t, m, "enc/logvar/b", []float64{-60, -60, -60})
		var x []float32
		n := 0
		var add func(row []float32)
		add = func(row []float32) {
			if len(row) == 6 {
				x = append(x, row...)
				n++
				return
			}
			for _, v := range values {
				add(append(slices.Clone(row), v...))
			}
		}
		add(nil)
		total := 0.0
		for _, v := range must(m.ReconstructionProbability(t.Context(), graph.NewKey(1), graph.Floats32(x, n, 6), 1))(t).F64 {
			total += math.Exp(v)
		}
		near(t, name, total, 1, 1e-9)
	}
}

// TestReconstructionProbability on the linear model, where it is known: the mean over z of N(m, S) of log
// N(x; zW + b, v I) is that at z = m, less the trace of W'SW over 2v.
func TestReconstructionProbability(t *testing.T) {
	x := normals(6)
	m := linear(t, 1)
	mean, spread, err := m.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	y := must(m.Decode(mean))(t)
	got := must(m.ReconstructionProbability(t.Context(), graph.NewKey(1), x, 40000))(t)
	for e := range got.F64 {
		want := -2 * math.Log(2*math.Pi*variance)
		for i := range 4 {
			d := x.At(4*e+i) - y.At(4*e+i)
			want -= d * d / (2 * variance)
			for j := range 2 {
				want -= spread.At(2*e+j) * linearW[4*j+i] * linearW[4*j+i] / (2 * variance)
			}
		}
		near(t, "reconstruction probability", got.At(e), want, 0.01)
	}
	// An example that the latent units cannot describe has a low one.
	odd := graph.Floats64([]float64{0.1, -0.2, 0.3, 0.4, 0.1, -0.2, 0.3, 5.4}, 2, 4)
	if p := must(m.ReconstructionProbability(t.Context(), graph.NewKey(2), odd, 50))(t); p.At(1) > p.At(0)-10 {
		t.Errorf("an anomaly has %g, the mean of the data %g", p.At(1), p.At(0))
	}
}

// TestConcurrentUse asks one model for all of its uses from many goroutines, and compares with what it says when it
// is asked alone. It runs under the race detector too.
func TestConcurrentUse(t *testing.T) {
	m, key := model(t, kinds()["binarised"], graph.Float32), graph.NewKey(1)
	uses := map[string]func(x graph.Array) (graph.Array, error){
		"Encode":       func(x graph.Array) (graph.Array, error) { mean, _, err := m.Encode(x); return mean, err },
		"Decode":       func(x graph.Array) (graph.Array, error) { return m.Decode(x.Reshape(2*x.Shape[0], 3)) },
		"Reconstruct":  func(x graph.Array) (graph.Array, error) { return m.Reconstruct(x) },
		"Sample":       func(x graph.Array) (graph.Array, error) { return m.Sample(key, x.Shape[0]) },
		"Score":        func(x graph.Array) (graph.Array, error) { return m.Score(key, x) },
		"Bound":        func(x graph.Array) (graph.Array, error) { return m.Bound(t.Context(), key, x, 20) },
		"Bound by few": func(x graph.Array) (graph.Array, error) { return m.Bound(t.Context(), key, x, 3) },
		"Probability":  func(x graph.Array) (graph.Array, error) { return m.ReconstructionProbability(t.Context(), key, x, 7) },
	}
	// 300 are more than one run takes.
	if err := graphtest.CheckConcurrent(uses, uniform(4, 1, 6), uniform(4, 10, 6), uniform(4, 300, 6)); err != nil {
		t.Error(err)
	}
}

func TestBadInputs(t *testing.T) {
	m := model(t, kinds()["binarised"], graph.Float32)
	gaussian := model(t, kinds()["learnt"], graph.Float32)
	good, nan := uniform(4, 2, 6), uniform(4, 2, 6)
	nan.F32[7] = float32(math.NaN())
	outside := uniform(4, 2, 6)
	outside.F32[7] = 1.5
	key := graph.NewKey(1)
	bad := map[string]struct {
		x    graph.Array
		want error
	}{
		"NaN":       {nan, nil},
		"too large": {outside, graph.ErrRange},
		"width":     {uniform(4, 2, 5), graph.ErrShape},
		"no batch":  {graph.Floats32(make([]float32, 6), 6), graph.ErrShape},
		"integers":  {graph.Ints(make([]int, 12), 2, 6), graph.ErrShape},
		"empty":     {graph.Floats32(nil, 0, 6), graph.ErrShape},
		"length":    {graph.Floats32(make([]float32, 7), 2, 6), graph.ErrShape},
		"absent":    {graph.Array{}, nil},
	}
	for name, c := range bad {
		for _, m := range []*Model{m, gaussian} {
			if name == "too large" && m == gaussian {
				continue
			}
			calls := map[string]func() error{
				"Gradient":    func() error { _, err := m.Gradient(key, data.Batch{N: 2, X: c.x}); return err },
				"Evaluate":    func() error { _, err := m.Evaluate(key, data.Batch{N: 2, X: c.x}); return err },
				"Bound":       func() error { _, err := m.Bound(t.Context(), key, c.x, 2); return err },
				"Score":       func() error { _, err := m.Score(key, c.x); return err },
				"Encode":      func() error { _, _, err := m.Encode(c.x); return err },
				"Reconstruct": func() error { _, err := m.Reconstruct(c.x); return err },
				"Probability": func() error { _, err := m.ReconstructionProbability(t.Context(), key, c.x, 2); return err },
				"Units":       func() error { _, err := m.Units(c.x); return err },
				"Interpolate": func() error { _, err := m.Interpolate(good.Rows(0, 1), c.x, 3); return err },
			}
			for call, f := range calls {
				if err := f(); err == nil || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("%s of %s: %v", call, name, err)
				}
			}
		}
	}
}

func TestBadNumbers(t *testing.T) {
	m := model(t, kinds()["plain"], graph.Float32)
	x, key := uniform(4, 2, 6), graph.NewKey(1)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		call func() error
		want error
	}{
		"no samples":                 {func() error { _, err := m.Bound(t.Context(), key, x, 0); return err }, ErrConfig},
		"no samples for probability": {func() error { _, err := m.ReconstructionProbability(t.Context(), key, x, 0); return err }, ErrConfig},
		"sample none":                {func() error { _, err := m.Sample(key, -1); return err }, ErrConfig},
		"sample too many":            {func() error { _, err := m.Sample(key, 1<<61); return err }, ErrConfig},
		"too many steps":             {func() error { _, err := m.Interpolate(x.Rows(0, 1), x.Rows(1, 2), 1<<61); return err }, ErrConfig},
		"cancelled":                  {func() error { _, err := m.Bound(cancelled, key, x, 1); return err }, context.Canceled},
		"absent unit":                {func() error { _, err := m.Traverse(x.Rows(0, 1), 3, []float64{1}); return err }, ErrConfig},
		"no values":                  {func() error { _, err := m.Traverse(x.Rows(0, 1), 0, nil); return err }, ErrConfig},
		"NaN value":                  {func() error { _, err := m.Traverse(x.Rows(0, 1), 0, []float64{math.NaN()}); return err }, graph.ErrNotFinite},
		"two examples":               {func() error { _, err := m.Traverse(x, 0, []float64{1}); return err }, graph.ErrShape},
		"three units":                {func() error { _, err := m.Manifold(4); return err }, ErrConfig},
		"one step":                   {func() error { _, err := m.Interpolate(x.Rows(0, 1), x.Rows(1, 2), 1); return err }, ErrConfig},
		"two ends":                   {func() error { _, err := m.Interpolate(x, x, 3); return err }, graph.ErrShape},
		"one example":                {func() error { _, err := m.Units(x.Rows(0, 1)); return err }, graph.ErrShape},
		"latent width":               {func() error { _, err := m.Decode(x); return err }, graph.ErrShape},
		"NaN latent":                 {func() error { _, err := m.Decode(graph.Floats64([]float64{0, math.NaN(), 0}, 1, 3)); return err }, graph.ErrNotFinite},
		"batch size":                 {func() error { _, err := m.Gradient(key, data.Batch{N: 3, X: x}); return err }, graph.ErrShape},
		"no stages":                  {func() error { _, err := Burda(1, 0); return err }, ErrConfig},
		"too many":                   {func() error { _, err := Burda(1, 9); return err }, ErrConfig},
		"recipe samples":             {func() error { _, err := Burda(-1, 1); return err }, ErrConfig},
	} {
		if err := c.call(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

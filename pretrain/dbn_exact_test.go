package pretrain

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// tinyDBN is a net of 4 visible and 3, then 2 hidden units, with weights far from 0.
func tinyDBN(t *testing.T, labels int, dtype graph.DType) *DBN {
	t.Helper()
	return spreadDBN(t, DBNConfig{Visible: 4, Hidden: []int{3, 2}, Labels: labels, Steps: 2, Seed: 1}, dtype)
}

func spreadDBN(t *testing.T, cfg DBNConfig, dtype graph.DType) *DBN {
	t.Helper()
	d, err := newDBN(cfg, dtype)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range d.params.List() {
		v := make([]float64, q.Size)
		graph.Normal(graph.NewKey(9).Fork(q.Name), v)
		if err := q.Set(graph.Floats64(v, q.Shape...)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// exact is a tiny net in plain loops.
type exact struct{ d *DBN }

func (e exact) at(name string, i int) float64 { return e.d.params.Lookup(name).Value().At(i) }

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// up is p(layer i+1 = 1 | layer i) by the recognition weights.
func (e exact) up(i int, x []float64) []float64 {
	name := "rec/" + string(rune('0'+i))
	return e.affine(name+"/w", name+"/c", x, e.d.cfg.units(i+1), false)
}

// down is p(layer i = 1 | layer i+1) by the generative weights.
func (e exact) down(i int, h []float64) []float64 {
	name := "gen/" + string(rune('0'+i))
	return e.affine(name+"/w", name+"/b", h, e.d.cfg.units(i), true)
}

// affine is the logistic function of x w + bias, or of x w' + bias.
func (e exact) affine(w, bias string, x []float64, out int, transposed bool) []float64 {
	y := make([]float64, out)
	for j := range y {
		y[j] = e.at(bias, j)
		for i, v := range x {
			at := i*out + j
			if transposed {
				at = j*len(x) + i
			}
			y[j] += v * e.at(w, at)
		}
		y[j] = logistic(y[j])
	}
	return y
}

// topWeight is sum over the top hidden units of exp(-E(v, h)), v with its label.
func (e exact) topWeight(v []float64) float64 {
	h := e.d.cfg.units(e.d.cfg.top() + 1)
	log := 0.0
	for i, x := range v {
		log += x * e.at("top/b", i)
	}
	for _, p := range e.topHidden(v, h) {
		log -= math.Log(1 - p)
	}
	return math.Exp(log)
}

func (e exact) topHidden(v []float64, h int) []float64 {
	return e.affine("top/w", "top/c", v, h, false)
}

// bernoulli is the probability of x under independent units of means p.
func bernoulli(x, p []float64) float64 {
	all := 1.0
	for i, v := range x {
		all *= v*p[i] + (1-v)*(1-p[i])
	}
	return all
}

// bits is state s of n units.
func bits(s, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(s >> i & 1)
	}
	return v
}

// row is row r of an array (n, d).
func row(a graph.Array, r int) []float64 {
	v := make([]float64, a.Shape[1])
	for i := range v {
		v[i] = a.At(r*len(v) + i)
	}
	return v
}

func batchOf(n, labels int) data.Batch {
	s := bars(n, 4)
	b := data.Batch{N: n, X: s.X}
	if labels > 0 {
		y := make([]int, n)
		for i := range y {
			y[i] = i % labels
		}
		b.Y = graph.Ints(y, n)
	}
	return b
}

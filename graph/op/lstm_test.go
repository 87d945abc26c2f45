package op_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// normals are draws from N(0, scale^2).
func normals(seed uint64, scale float32, shape ...int) graph.Array {
	a := filled(0, shape...)
	graph.Normal(graph.NewKey(seed), a.F32)
	for i := range a.F32 {
		a.F32[i] *= scale
	}
	return a
}

// rowLSTM runs the operation without a gradient; start may be absent.
func rowLSTM(t *testing.T, dtype graph.DType, z, u, start graph.Array, reach int) (h, last graph.Array) {
	t.Helper()
	in := []graph.Array{z, u}
	if !start.IsZero() {
		in = append(in, start)
	}
	outs := computeAs(t, dtype, graph.Key{}, func(in nodes) nodes {
		h, last := op.RowLSTM(in[0], in[1], append(in, nil)[2], reach)
		return nodes{h, last}
	}, in...)
	return outs[0], outs[1]
}

// TestRowLSTMAgainstLoop compares with the formulas, element by element in float64.
func TestRowLSTMAgainstLoop(t *testing.T) {
	const n, rows, x, h, reach = 3, 4, 5, 2, 1
	z, u, start := normals(1, 1, n, rows, x, 4*h), normals(2, 1, 3*h, 4*h), normals(3, 1, n, x, 2*h)
	got, last := rowLSTM(t, graph.Float64, z, u, start, reach)
	hidden := func(i, y, p, k int) float64 { // what the operation has found for the row before
		switch {
		case p < 0 || p >= x:
			return 0
		case y < 0:
			return start.At((i*x+p)*2*h + k)
		}
		return got.At(((i*rows+y)*x+p)*h + k)
	}
	for i := range n * x * h {
		i, p, k := i/(x*h), i/h%x, i%h
		c := start.At((i*x+p)*2*h + h + k)
		for y := range rows {
			var gate [4]float64
			for g := range gate {
				gate[g] = z.At(((i*rows+y)*x+p)*4*h + g*h + k)
				for dx := -reach; dx <= reach; dx++ {
					for j := range h {
						gate[g] += hidden(i, y-1, p+dx, j) * u.At(((dx+reach)*h+j)*4*h+g*h+k)
					}
				}
			}
			c = unit(gate[1])*c + unit(gate[0])*math.Tanh(gate[3])
			if want := unit(gate[2]) * math.Tanh(c); math.Abs(hidden(i, y, p, k)-want) > 1e-12 {
				t.Fatalf("h[%d, %d, %d, %d] is %v, expected %v", i, y, p, k, hidden(i, y, p, k), want)
			}
		}
		at := (i*x+p)*2*h + k
		if last.At(at) != hidden(i, rows-1, p, k) || math.Abs(last.At(at+h)-c) > 1e-12 {
			t.Fatalf("the last state of %d, %d, %d is %v, %v, expected %v, %v", i, p, k, last.At(at), last.At(at+h), hidden(i, rows-1, p, k), c)
		}
	}
}

// TestLSTMInParts compares a sequence at once with two halves, a batch with its rows alone, and LSTM with RowLSTM.
func TestLSTMInParts(t *testing.T) {
	for _, c := range []struct{ n, t, h int }{{5, 4, 3}, {3, 6, 40}, {1, 2, 65}, {40, 2, 16}, {9, 3, 1}} {
		for _, dtype := range []graph.DType{graph.Float32, graph.Float64} {
			z, u, start := normals(1, 1, c.n, c.t, 4*c.h), normals(2, 0.3, c.h, 4*c.h), normals(3, 1, c.n, 2*c.h)
			whole := func(in nodes) nodes {
				h, last := op.LSTM(in[0], in[1], in[2])
				return nodes{h, last}
			}
			want := computeAs(t, dtype, graph.Key{}, whole, z, u, start)
			compare := func(what string, got []graph.Array, lo int) {
				t.Helper()
				if !sameBits(got[0], want[0].Rows(lo, c.n)) || !sameBits(got[1], want[1].Rows(lo, c.n)) {
					t.Errorf("%v, %v: other bits in %s", c, dtype, what)
				}
			}
			compare("two halves", computeAs(t, dtype, graph.Key{}, func(in nodes) nodes {
				h, last := op.LSTM(op.Slice(in[0], 1, 0, c.t/2), in[1], in[2])
				more, last := op.LSTM(op.Slice(in[0], 1, c.t/2, c.t), in[1], last)
				return nodes{op.Concat(1, h, more), last}
			}, z, u, start), 0)
			compare("a sequence alone", computeAs(t, dtype, graph.Key{}, whole, z.Rows(c.n-1, c.n), u, start.Rows(c.n-1, c.n)), c.n-1)
			h, last := rowLSTM(t, dtype, z.Reshape(c.n, c.t, 1, 4*c.h), u, start.Reshape(c.n, 1, 2*c.h), 0)
			compare("a RowLSTM of one place", []graph.Array{h, last}, 0)
		}
	}
}

// TestRowLSTMCausality changes one place: that place, and those of later rows within reach, change, and no others.
func TestRowLSTMCausality(t *testing.T) {
	const rows, x, h = 4, 9, 3
	for reach := range 3 {
		z, u := normals(1, 1, 1, rows, x, 4*h), normals(2, 1, (2*reach+1)*h, 4*h)
		before, _ := rowLSTM(t, graph.Float64, z, u, graph.Array{}, reach)
		for at := range rows * x {
			changed := normals(1, 1, 1, rows, x, 4*h)
			for i := range 4 * h {
				changed.F32[at*4*h+i]++
			}
			after, _ := rowLSTM(t, graph.Float64, changed, u, graph.Array{}, reach)
			for p := range rows * x {
				dy, dx := p/x-at/x, p%x-at%x
				sees := dy >= 0 && max(dx, -dx) <= reach*dy
				if differs := !sameBits(before.Reshape(rows*x, h).Rows(p, p+1), after.Reshape(rows*x, h).Rows(p, p+1)); differs != sees {
					t.Fatalf("reach %d: %d, %d sees %d, %d: %v, expected %v", reach, p/x, p%x, at/x, at%x, differs, sees)
				}
			}
		}
	}
}

// lstmGradient compiles a RowLSTM of parameters with a loss of h and the last state.
func lstmGradient(t testing.TB, n, y, x, h, reach int) (*graph.Params, *graph.Program) {
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Train)
	std := graph.NormalWith(1 / math.Sqrt(float64(h)))
	z, u, start := b.Param("z", graph.NormalWith(1), n, y, x, 4*h), b.Param("u", std, (2*reach+1)*h, 4*h), b.Param("start", std, n, x, 2*h)
	out, last := op.RowLSTM(z, u, start, reach)
	prog, err := b.CompileGradient(op.Add(op.Mean(op.Square(out)), op.Mean(op.Square(last))), out, last)
	if err != nil {
		t.Fatal(err)
	}
	return p, prog
}

// TestLSTMThreads asks for the same bits on 1, 2 and 4 threads, where work is split, and without a gradient.
func TestLSTMThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range [][5]int{{40, 3, 1, 100, 0}, {6, 3, 28, 32, 1}} {
		p, prog := lstmGradient(t, c[0], c[1], c[2], c[3], c[4])
		var first []graph.Array
		for _, threads := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(threads)
			outs, err := prog.Run(graph.Key{})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range p.List() {
				g := filled(0, q.Shape...)
				copy(g.F32, q.Grad().F32)
				outs = append(outs, g)
			}
			if first == nil {
				first = outs
			}
			for i := range outs {
				if !sameBits(outs[i], first[i]) {
					t.Errorf("%v: output %d has other bits on %d threads", c, i, threads)
				}
			}
		}
		h, last := rowLSTM(t, graph.Float32, p.Lookup("z").Value(), p.Lookup("u").Value(), p.Lookup("start").Value(), c[4])
		if !sameBits(h, first[1]) || !sameBits(last, first[2]) {
			t.Errorf("%v: other bits without a gradient", c)
		}
	}
}

// TestLSTMExtremes saturates the gates.
func TestLSTMExtremes(t *testing.T) {
	p, prog := lstmGradient(t, 2, 50, 3, 4, 1)
	for i, v := range p.Lookup("z").Value().F32 {
		p.Lookup("z").Value().F32[i] = float32(math.Copysign(1e4, float64(v)))
	}
	outs, err := prog.Run(graph.Key{})
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range append(outs, p.Lookup("z").Grad(), p.Lookup("u").Grad(), p.Lookup("start").Grad()) {
		if err := a.CheckFinite(); err != nil {
			t.Errorf("output or gradient %d: %v", i, err)
		}
	}
}

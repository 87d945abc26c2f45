package graph_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// nets are small networks of every family, with their inputs: each returns a loss and further outputs.
var nets = map[string]struct {
	build func(b *graph.Builder) nodes
	feed  func(key graph.Key) []graph.Array
}{
	"variational":   {variational, images(6, 12)},
	"convolutional": {convolutional, images(2, 6, 5, 1)},
	"row LSTM":      {rowLSTM, images(2, 6, 5, 1)},
	"recurrent":     {recurrent, tokens(3, 7)},
	"attention":     {attention, tokens(3, 7)},
	"Gibbs":         {gibbs, images(4, 9)},
}

// images is an input of draws from [0, 1].
func images(shape ...int) func(key graph.Key) []graph.Array {
	return func(key graph.Key) []graph.Array {
		n := 1
		for _, d := range shape {
			n *= d
		}
		x := make([]float32, n)
		graph.Uniform(key, x)
		return []graph.Array{graph.Floats32(x, shape...)}
	}
}

const vocabulary = 5

// tokens is an input of n sequences of t tokens and the next token of each.
func tokens(n, t int) func(key graph.Key) []graph.Array {
	return func(key graph.Key) []graph.Array {
		u := images(n, t+1)(key)[0].F32
		ids, next := make([]int, n*t), make([]int, n*t)
		for i := range ids {
			ids[i] = int(u[i] * vocabulary)
			next[i] = int(u[i+n] * vocabulary)
		}
		return []graph.Array{graph.Ints(ids, n, t), graph.Ints(next, n, t)}
	}
}

func variational(b *graph.Builder) nodes {
	x := b.Input("x", 6, 12)
	h := nn.Stack(b.Scope("enc"), x, []nn.Dense{{Units: 8, Activation: op.GELUActivation}, {Units: 7, Activation: op.TanhActivation}})
	mean := nn.Dense{Units: 3}.Apply(b.Scope("mean"), h)
	logVar := nn.Dense{Units: 3}.Apply(b.Scope("logvar"), h)
	z := op.Reparameterize(mean, logVar, op.Normal(mean))
	logits := nn.Stack(b.Scope("dec"), z, []nn.Dense{{Units: 8, Activation: op.ReLUActivation}, {Units: 12}})
	return nodes{op.Mean(op.Add(op.BernoulliNLL(logits, x), op.Sum(op.StandardNormalKL(mean, logVar), 1))), op.Sigmoid(logits), z}
}

func convolutional(b *graph.Builder) nodes {
	x := b.Input("x", 2, 6, 5, 1)
	h := nn.Conv{Units: 4, Size: 3}.Apply(b.Scope("first"), x)
	for i := range 3 {
		s := b.Scope(fmt.Sprint("layer", i))
		w := s.Param("w", graph.Glorot, 5*4, 8)
		gated := op.Gate(op.Conv(h, w, s.Param("b", graph.Zeros, 8), op.Identity, op.CausalWindow(3, true)))
		h = op.Add(h, nn.Conv{Units: 4, Size: 1}.Apply(s.Scope("out"), gated))
	}
	small := nn.Conv{Units: 3, Size: 3, Stride: 2, Activation: op.ELUActivation}.Apply(b.Scope("down"), h)
	y := nn.Conv{Units: 1, Size: 3, Stride: 2}.ApplyTranspose(b.Scope("up"), small, 6, 5)
	return nodes{op.Sum(op.SquaredError(y, x)), h}
}

func rowLSTM(b *graph.Builder) nodes {
	x := b.Input("x", 2, 6, 5, 1)
	h := nn.Conv{Units: 3, Size: 3}.Apply(b.Scope("in"), x)
	for i := range 2 {
		s := b.Scope(fmt.Sprint("layer", i))
		z := nn.Dense{Units: 4 * 3}.Apply(s.Scope("z"), h)
		y, _ := op.RowLSTM(z, s.Param("u", graph.Glorot, 3*3, 4*3), nil, 1)
		h = op.Add(h, y)
	}
	return nodes{op.Sum(op.SquaredError(nn.Dense{Units: 1}.Apply(b.Scope("out"), h), x))}
}

func recurrent(b *graph.Builder) nodes {
	ids, next := b.IntInput("ids", 3, 7), b.IntInput("next", 3, 7)
	h := nn.Embedding(b.Scope("embedding"), ids, vocabulary, 6)
	h, last := nn.LSTM{Units: 5}.Apply(b.Scope("one"), h, nil)
	h, last = nn.LSTM{Units: 5}.Apply(b.Scope("two"), h, last)
	logits := nn.Dense{Units: vocabulary}.Apply(b.Scope("out"), h)
	return nodes{op.Add(op.Mean(op.SoftmaxCrossEntropy(logits, next)), op.Mean(op.Square(last))), op.LogSoftmax(logits), last}
}

func attention(b *graph.Builder) nodes {
	ids, next := b.IntInput("ids", 3, 7), b.IntInput("next", 3, 7)
	h := nn.Embedding(b.Scope("embedding"), ids, vocabulary, 6)
	for i := range 2 {
		s := b.Scope(fmt.Sprint("block", i))
		x := nn.LayerNorm(s.Scope("norm"), h)
		part := func(name string) *node { return nn.Dense{Units: 6}.Apply(s.Scope(name), x) }
		h = op.Add(h, op.Dropout(op.Attention(part("q"), part("k"), part("v"), 2, true, nil), 0.2))
		h = op.Add(h, nn.Stack(s.Scope("mlp"), nn.LayerNorm(s.Scope("norm2"), h), []nn.Dense{{Units: 9, Activation: op.GELUActivation}, {Units: 6}}))
	}
	return nodes{op.Mean(op.SoftmaxCrossEntropy(nn.Dense{Units: vocabulary}.Apply(b.Scope("out"), h), next))}
}

func gibbs(b *graph.Builder) nodes {
	v := b.Input("v", 4, 9)
	w, bias, c := b.Param("w", graph.Glorot, 9, 5), b.Param("b", graph.Zeros, 9), b.Param("c", graph.Zeros, 5)
	chain := b.Buffer("chain", graph.UniformIn(1), 4, 9)
	x := chain
	for range 3 {
		x = op.AffineTBernoulli(op.AffineBernoulli(x, w, c), w, bias)
	}
	x = op.StopGradient(x)
	b.Update(chain, x)
	return nodes{op.Sub(op.Mean(op.FreeEnergy(v, w, bias, c, nil)), op.Mean(op.FreeEnergy(x, w, bias, c, nil))), x}
}

// compiled builds a network, always with the same parameters.
func compiled(t *testing.T, build func(b *graph.Builder) nodes) (*graph.Program, *graph.Params) {
	b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
	outs := build(b)
	return must[*graph.Program](t)(b.CompileGradient(outs[0], outs[1:]...)), b.Params()
}

// bits are those of outputs, gradients and buffers after a run.
func bits(t *testing.T, prog *graph.Program, p *graph.Params, key graph.Key, in []graph.Array) []uint64 {
	t.Helper()
	outs, err := prog.Run(key, in...)
	if err != nil {
		return nil // of NaN
	}
	for _, q := range p.List() {
		if outs = append(outs, q.Value()); q.Trainable {
			outs = append(outs, q.Grad())
		}
	}
	var all []uint64
	for _, a := range outs {
		for i := range a.Len() {
			all = append(all, math.Float64bits(a.At(i)))
		}
	}
	return all
}

// TestSharedMemory compares, run by run, networks whose results share memory with the same ones whose
// results have memory of their own, and with some in which results are NaN as soon as they are not
// needed any more.
func TestSharedMemory(t *testing.T) {
	for name, net := range nets {
		t.Run(name, func(t *testing.T) {
			alone, p := compiled(t, net.build)
			alone.Unshare()
			shared, pShared := compiled(t, net.build)
			poisoned, pPoisoned := compiled(t, net.build)
			poisoned.Poison()
			for run := range uint64(3) {
				key := graph.NewKey(5).At(run)
				in := net.feed(key)
				want := bits(t, alone, p, key, in)
				if want == nil {
					t.Fatal("no result")
				}
				if !slices.Equal(bits(t, shared, pShared, key, in), want) {
					t.Errorf("run %d: other bits in shared memory", run)
				}
				if !slices.Equal(bits(t, poisoned, pPoisoned, key, in), want) {
					t.Errorf("run %d: other bits with poison", run)
				}
			}
			if lives := shared.Lives(); overlap(lives) {
				t.Errorf("two results that are needed at one time overlap: %v", lives)
			}
		})
	}
}

// TestPoison ends the life of each result before its last reader, and of each output before it is read:
// poison must show it.
func TestPoison(t *testing.T) {
	for name, net := range nets {
		t.Run(name, func(t *testing.T) {
			prog, p := compiled(t, net.build)
			prog.Poison()
			in, start := net.feed(key), values(p)
			run := func() []uint64 { restore(p, start); return bits(t, prog, p, key, in) }
			want := run()
			for i, path := range prog.Order() {
				prog.EndEarly(i, func() {
					if slices.Equal(run(), want) {
						t.Errorf("the same bits although %s ends early", path)
					}
				})
			}
			if !slices.Equal(run(), want) {
				t.Error("the same lives as at first, but other bits")
			}
		})
	}
}

// TestPlace draws lives of all lengths.
func TestPlace(t *testing.T) {
	for draw := range uint64(200) {
		u := make([]float64, 3*(1+draw))
		graph.Uniform(key.At(draw), u)
		var lives []graph.Life
		for i := 0; i < len(u); i += 3 {
			first := int(u[i] * 50)
			lives = append(lives, graph.Life{First: first, Last: first + int(10*u[i+1]*u[i+1]), Len: 1 + int(math.Exp(8*u[i+2]))})
		}
		total := graph.Place(lives)
		end, most := 0, 0
		for _, l := range lives {
			end = max(end, l.At+l.Len)
			needed := 0
			for _, o := range lives {
				if o.First <= l.First && l.First <= o.Last {
					needed += (o.Len + 15) / 16 * 16
				}
			}
			most = max(most, needed)
		}
		if overlap(lives) || total != end || 4*total > 5*most {
			t.Errorf("draw %d: %d elements, up to %d in use, at most %d needed at once: %v", draw, total, end, most, lives)
		}
	}
	apart, over := graph.Life{First: 1, Last: 3, At: 0, Len: 16}, graph.Life{First: 3, Last: 4, At: 15, Len: 2}
	if !overlap([]graph.Life{apart, over}) {
		t.Error("an overlap is not seen")
	}
}

// TestMemoryOfChain: of a long chain of results, two are needed at once.
func TestMemoryOfChain(t *testing.T) {
	b := newBuilder()
	x := b.Input("x", 10, 160)
	y := x
	for range 50 {
		y = op.Tanh(y)
	}
	prog := must[*graph.Program](t)(b.Compile(y))
	for _, l := range prog.Lives() {
		if l.At+l.Len > 2*x.Len() {
			t.Errorf("a result lies at %d, where 2 x %d elements are enough", l.At, l.Len)
		}
	}
}

// TestPlanIsKept: an operation out of its turn may not overwrite what is still needed.
func TestPlanIsKept(t *testing.T) {
	prog, _ := compiled(t, gibbs)
	in := nets["Gibbs"].feed(key)
	must[[]graph.Array](t)(prog.Run(key, in...))
	prog.Swap(3, 4)
	_, err := prog.Run(key, in...)
	wantError(t, err, graph.ErrRun, prog.Order()[4], "another in the plan")
}

// values are copies of all parameters and buffers.
func values(p *graph.Params) (all []graph.Array) {
	for _, q := range p.List() {
		all = append(all, graph.Floats32(slices.Clone(q.Value().F32), q.Shape...))
	}
	return all
}

func restore(p *graph.Params, values []graph.Array) {
	for i, q := range p.List() {
		copy(q.Value().F32, values[i].F32)
	}
}

// overlap reports whether two results that are needed at one time share an element.
func overlap(lives []graph.Life) bool {
	for i, a := range lives {
		for _, b := range lives[:i] {
			if a.First <= b.Last && b.First <= a.Last && a.At < b.At+b.Len && b.At < a.At+a.Len {
				return true
			}
		}
	}
	return false
}

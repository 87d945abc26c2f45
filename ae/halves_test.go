package ae

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// TestReconstructIsDecodeOfEncode compares bits, for numbers of examples around the chunk.
func TestReconstructIsDecodeOfEncode(t *testing.T) {
	for _, cfg := range []Config{
		{Shape: []int{1, 28, 28}, Encoder: []nn.Dense{dense(40, op.ReLUActivation), dense(7, op.Identity)}, Loss: CrossEntropy},
		{Shape: []int{1, 28, 28}, Encoder: []nn.Dense{dense(33, op.SigmoidActivation)}, Tied: true, Output: op.TanhActivation},
		{Shape: []int{5}, Encoder: []nn.Dense{{Units: 9, Activation: op.TanhActivation, Dropout: 0.5}}},
		{Shape: []int{3, 9, 10}, Conv: []nn.Conv{{Units: 5, Size: 3, Stride: 2, Activation: op.ReLUActivation}, {Units: 4, Size: 3}}, Encoder: []nn.Dense{dense(6, op.Identity)}},
		// These features are so many that a run takes 102 examples.
		{Shape: []int{32, 32}, Conv: []nn.Conv{{Units: 40, Size: 1}, {Units: 1, Size: 3, Stride: 9}}, Encoder: []nn.Dense{dense(3, op.Identity)}, Loss: CrossEntropy},
	} {
		m := model(t, cfg, graph.Float32)
		d, k := cfg.Inputs(), cfg.CodeSize()
		all := uniform(7, 600, cfg.Shape...)
		flat := all.Reshape(600, d)
		for _, n := range []int{1, 255, 256, 257, 600} {
			x := all.Rows(0, n)
			code, whole, score := must(m.Encode(x))(t), must(m.Reconstruct(x))(t), must(m.Score(x))(t)
			if len(code.Shape) != 2 || code.Shape[0] != n || code.Shape[1] != k || len(score.Shape) != 1 || score.Shape[0] != n {
				t.Fatalf("%d examples: codes %v, scores %v", n, code.Shape, score.Shape)
			}
			if !sameBits(must(m.Decode(code))(t), whole) {
				t.Errorf("%v, %d examples: Reconstruct is not Decode of Encode", cfg.Shape, n)
			}
			if !sameBits(must(m.Reconstruct(flat.Rows(0, n)))(t), whole) {
				t.Errorf("%v, %d examples: the shape of the input matters", cfg.Shape, n)
			}
			for _, e := range []int{0, n / 2, n - 1} { // no example depends on the others
				alone := must(m.Reconstruct(all.Rows(e, e+1)))(t)
				for i := range d {
					near(t, "alone and among others", alone.At(i), whole.At(e*d+i), 1e-5)
				}
				row := make([]float64, d)
				y := make([]float64, d)
				for i := range row {
					row[i], y[i] = flat.At(e*d+i), whole.At(e*d+i)
				}
				near(t, "score", score.At(e), slowLoss(cfg.Loss, row, y), 1e-4)
			}
		}
	}
}

// TestConcurrentUse runs under the race detector too.
func TestConcurrentUse(t *testing.T) {
	for _, name := range []string{"deep tied", "deep conv"} {
		m := model(t, kinds()[name], graph.Float32)
		uses := map[string]func(x graph.Array) (graph.Array, error){
			"Encode":      m.Encode,
			"Decode":      func(x graph.Array) (graph.Array, error) { return m.Decode(uniform(5, x.Shape[0], m.cfg.CodeSize())) },
			"Reconstruct": m.Reconstruct,
			"Score":       m.Score,
		}
		var inputs []graph.Array
		for c := range 8 {
			inputs = append(inputs, uniform(uint64(c), 200+30*c, m.cfg.Shape...))
		}
		if err := graphtest.CheckConcurrent(uses, inputs...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTiedEqualsUntied copies the transposed weights of a tied model into an untied one.
func TestTiedEqualsUntied(t *testing.T) {
	for _, loss := range []Loss{SquaredError, CrossEntropy} {
		cfg := Config{Shape: []int{6}, Loss: loss, Tied: true, Encoder: []nn.Dense{dense(5, op.TanhActivation), dense(3, op.SigmoidActivation)}}
		tied := model(t, cfg, graph.Float64)
		cfg.Tied = false
		untied := model(t, cfg, graph.Float64)
		for _, q := range untied.Params().List() {
			if p := tied.Params().Lookup(q.Name); p != nil {
				copy(q.Value().F64, p.Value().F64)
			}
		}
		for i, from := range []string{"enc/1/w", "enc/0/w"} {
			w := tied.Params().Lookup(from)
			rows, cols := w.Shape[0], w.Shape[1]
			to := untied.value("dec/%d/w", i)
			for r := range rows {
				for c := range cols {
					to[c*rows+r] = w.Value().F64[r*cols+c]
				}
			}
		}
		b := data.Batch{N: 9, X: uniform(2, 9, 6)}
		a, c := must(tied.Gradient(graph.Key{}, b))(t)["loss"], must(untied.Gradient(graph.Key{}, b))(t)["loss"]
		near(t, "loss", a, c, 1e-12)
		y, z := must(tied.Reconstruct(b.X))(t), must(untied.Reconstruct(b.X))(t)
		for i := range y.Len() {
			near(t, "reconstruction", y.At(i), z.At(i), 1e-12)
		}
		// The gradient of a shared weight is the sum of those of its two uses.
		for i, name := range []string{"enc/1/w", "enc/0/w"} {
			w := tied.Params().Lookup(name)
			rows, cols := w.Shape[0], w.Shape[1]
			enc, dec := untied.Params().Lookup(name).Grad(), untied.Params().Lookup([]string{"dec/0/w", "dec/1/w"}[i]).Grad()
			for j := range w.Size {
				near(t, "gradient", w.Grad().At(j), enc.At(j)+dec.At(j%cols*rows+j/cols), 1e-12)
			}
		}
	}
}

package train

import (
	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// takeStep uses up to Accumulate batches of c for one step of the optimiser. If that fails, all is
// as it was before.
func (t *trainer) takeStep(c *cursor) (err error) {
	t.buffers.take()
	defer func() {
		if err != nil {
			t.buffers.restore()
		}
	}()
	key := t.cfg.Key.Fork("step").At(uint64(t.step))
	metrics, batches, examples := Metrics(nil), 0, 0
	sum := averages{}
	for batches < t.cfg.Accumulate && !c.done {
		if c.err != nil {
			return c.err
		}
		n := c.b.N
		if metrics, err = t.gradient(key.ForkN(batches), c.b); err != nil {
			return err
		}
		batches, examples = batches+1, examples+n
		if t.cfg.Accumulate > 1 {
			sum.add(metrics, float64(n))
			t.sum.add(t.params, float64(n), batches == 1)
		}
		c.advance()
	}
	if t.cfg.Accumulate > 1 {
		metrics = sum.metrics()
		t.sum.average(t.params, float64(examples))
	}
	info, err := t.opt.Step()
	if err != nil {
		return err
	}
	t.step, t.batch, t.examples = t.step+1, t.batch+batches, t.examples+examples
	t.last, t.info = metrics, info
	t.gathered.add(metrics, float64(examples))
	return nil
}

// gradient asks the objective, and checks what it answers.
func (t *trainer) gradient(key graph.Key, b data.Batch) (m Metrics, err error) {
	defer recovered(&err, "objective")
	if m, err = t.obj.Gradient(key, b); err != nil {
		return nil, errors.WithMessage(err, "objective")
	}
	return m, checkLoss(m)
}

// sumOfGradients gathers the gradients of the batches of one step. It holds memory only if there
// is more than one batch.
type sumOfGradients struct {
	f32 []float32
	f64 []float64
}

// add adds n times the gradient, or starts anew with it.
func (s *sumOfGradients) add(p *graph.Params, n float64, first bool) {
	if p.DType() == graph.Float64 {
		_, g := graph.Slab[float64](p)
		s.f64 = addScaled(s.f64, g, n, first)
		return
	}
	_, g := graph.Slab[float32](p)
	s.f32 = addScaled(s.f32, g, float32(n), first)
}

func addScaled[T graph.Float](sum, g []T, n T, first bool) []T {
	if sum == nil {
		sum = make([]T, len(g))
	}
	if first {
		kernel.Scale(sum, n, g)
	} else {
		kernel.AXPY(sum, n, g)
	}
	return sum
}

// average makes the sum over n examples the gradient per example.
func (s *sumOfGradients) average(p *graph.Params, n float64) {
	if p.DType() == graph.Float64 {
		_, g := graph.Slab[float64](p)
		kernel.Scale(g, 1/n, s.f64)
		return
	}
	_, g := graph.Slab[float32](p)
	kernel.Scale(g, float32(1/n), s.f32)
}

package pixel

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Sample draws n images (n, d) from the model, values in [0, 1]: of a conditional model, images of the given
// labels. It takes a run of the network's last row for every pixel. Image i does not depend on n.
func (m *Model) Sample(ctx context.Context, key graph.Key, n int, labels ...int) (graph.Array, error) {
	if most := max(1, maxSamples/m.cfg.pixels()); n < 1 || n > most {
		return graph.Array{}, errors.Wrapf(ErrConfig, "%d samples, expected 1 to %d", n, most)
	}
	d := m.cfg.pixels()
	return m.Complete(ctx, key, graph.Floats32(make([]float32, n*d), n, d), 0, labels...)
}

// maxSamples is how many pixels are drawn at most at once.
const maxSamples = 1 << 28

// Complete draws what comes, in raster order, after the first known pixels of images x (n, ...), 0 to d,
// given those. It returns the whole images (n, d).
func (m *Model) Complete(ctx context.Context, key graph.Key, x graph.Array, known int, labels ...int) (graph.Array, error) {
	d := m.cfg.pixels()
	if known < 0 || known > d {
		return x, errors.Wrapf(ErrConfig, "the first %d pixels are known, expected 0 to %d", known, d)
	}
	x, err := m.examples(x)
	if err != nil {
		return x, err
	}
	x, _ = m.rounded(x)
	n := x.Shape[0]
	labelled, err := m.with(n, labels)
	if err != nil {
		return x, err
	}
	images := graph.Floats32(make([]float32, n*d), n, d)
	for i := range images.F32 {
		images.F32[i] = float32(x.At(i))
	}
	for lo := 0; lo < n; lo += m.chunk() {
		hi := min(lo+m.chunk(), n)
		var y []graph.Array
		for _, a := range labelled {
			y = append(y, a.Rows(lo, hi))
		}
		if err := m.complete(ctx, key, images.Rows(lo, hi), lo, known, y); err != nil {
			return graph.Array{}, err
		}
	}
	return images, nil
}

// complete draws the pixels of x (n, d) from the first that is not known on. The images are those from first on
// of all that are drawn, with labels y one-hot, if any.
func (m *Model) complete(ctx context.Context, key graph.Key, x graph.Array, first, known int, y []graph.Array) error {
	n, d, width := x.Shape[0], m.cfg.pixels(), m.cfg.width()
	past := m.outside(n)
	row := graph.Floats32(make([]float32, n*width), n, width)
	draws := make([]float64, first+n)
	for at := range m.cfg.height() {
		for i := range n {
			copy(row.F32[i*width:(i+1)*width], x.F32[i*d+at*width:])
		}
		in := m.rowInputs(row, y, at, past)
		for j := max(0, known-at*width); j < width; j++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			logits, err := graph.First(m.draw.Run(graph.Key{}, n, in...))
			if err != nil {
				return err
			}
			graph.Uniform(key.ForkN(at*width+j), draws)
			for i := range n {
				row.F32[i*width+j] = m.cfg.pick(logits, i*width+j, draws[first+i])
			}
		}
		for i := range n {
			copy(x.F32[i*d+at*width:], row.F32[i*width:(i+1)*width])
		}
		var err error
		if past, err = m.advance.Run(graph.Key{}, n, in...); err != nil {
			return err
		}
	}
	return nil
}

// outside is what has been kept of the rows above the first one of n images.
func (m *Model) outside(n int) []graph.Array {
	past := make([]graph.Array, len(m.past))
	for i, shape := range m.past {
		size := n
		for _, s := range shape {
			size *= s
		}
		past[i] = graph.Floats32(make([]float32, size), append([]int{n}, shape...)...)
	}
	return past
}

// rowInputs are the inputs of draw and advance for row at of n images: its pixels (n, x), labels y one-hot, if
// any, and what has been kept of the rows above.
func (m *Model) rowInputs(row graph.Array, y []graph.Array, at int, past []graph.Array) []graph.Array {
	in := append([]graph.Array{row}, y...)
	if m.cfg.Kind == SelfAttention {
		skip := make([]int, row.Shape[0])
		for i := range skip {
			skip[i] = (m.cfg.height() - 1 - at) * m.cfg.width()
		}
		in = append(in, graph.Ints([]int{at}, 1), graph.Ints(skip, len(skip)))
	}
	return append(in, past...)
}

// pick is the value of the level at which u of [0, 1) is passed by the distribution of row i of logits.
func (c Config) pick(logits graph.Array, i int, u float64) float32 {
	p := make([]float64, c.Levels)
	c.distribution(logits, i, p)
	level, passed := 0, p[0]
	for passed <= u && level < c.Levels-1 {
		level++
		passed += p[level]
	}
	return float32(level) / float32(c.Levels-1)
}

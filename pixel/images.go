package pixel

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Methods of a conditional model take labels as their last arguments: one for each image, 0 to Classes-1. A
// model without Classes takes none.

// chunk is how many images one run computes at most, so that the features of a layer have some 16 MB.
func (m *Model) chunk() int {
	return min(256, max(1, (1<<22)/(m.cfg.pixels()*m.cfg.Features)))
}

// images returns the inputs of nll for images (n, ...) of any number.
func (m *Model) images(x graph.Array, labels []int) ([]graph.Array, error) {
	grey, err := m.examples(x)
	if err != nil {
		return nil, err
	}
	values, levels := m.rounded(grey)
	if m.cfg.Binarize { // the graph draws them
		values = grey
	}
	in, err := m.with(values.Shape[0], labels, values)
	if err == nil && m.cfg.Levels > 2 {
		in = append(in, levels)
	}
	return in, err
}

// examples views x as (n, d), and refuses what is not in [0, 1].
func (m *Model) examples(x graph.Array) (graph.Array, error) {
	x, err := x.Examples(m.cfg.Shape...)
	if err != nil {
		return x, err
	}
	return x, x.CheckRange(0, 1)
}

// rounded is x (n, d) with each element at the nearest level, and these levels.
func (m *Model) rounded(x graph.Array) (values, levels graph.Array) {
	top := float64(m.cfg.Levels - 1)
	levels = graph.Ints(make([]int, x.Len()), x.Shape...)
	values = graph.Floats64(make([]float64, x.Len()), x.Shape...)
	for i := range levels.Int {
		level := math.Round(top * x.At(i))
		levels.Int[i], values.F64[i] = int(level), level/top
	}
	return values, levels
}

// with returns the inputs first of n images, and after them the labels one-hot (n, Classes) if the model
// has any.
func (m *Model) with(n int, labels []int, first ...graph.Array) ([]graph.Array, error) {
	y, err := data.Condition(labels, n, m.cfg.Classes)
	if err != nil || y.IsZero() {
		return first, err
	}
	return append(first, y), nil
}

// LogLikelihood returns log p(x) (n), in nats, of images (n, ...) of any number. It is exact: with Binarize,
// of one draw of them.
func (m *Model) LogLikelihood(key graph.Key, x graph.Array, labels ...int) (graph.Array, error) {
	logp, err := m.Score(key, x, labels...)
	for i := range logp.F32 {
		logp.F32[i] = -logp.F32[i]
	}
	for i := range logp.F64 {
		logp.F64[i] = -logp.F64[i]
	}
	return logp, err
}

// Score returns the anomaly score -log p(x) (n), in nats, of images (n, ...): what the model has not been trained
// on has a low likelihood.
func (m *Model) Score(key graph.Key, x graph.Array, labels ...int) (graph.Array, error) {
	in, err := m.images(x, labels)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(m.nll.Map(key, m.chunk(), in...))
}

// Predict returns the distribution (n, d, v) of the level of every pixel of images (n, ...), given the pixels
// before it, v Levels.
func (m *Model) Predict(x graph.Array, labels ...int) (graph.Array, error) {
	x, err := m.examples(x)
	if err != nil {
		return x, err
	}
	x, _ = m.rounded(x)
	in, err := m.with(x.Shape[0], labels, x)
	if err != nil {
		return x, err
	}
	logits, err := graph.First(m.predict.Map(graph.Key{}, m.chunk(), in...))
	if err != nil {
		return logits, err
	}
	d, v := m.cfg.pixels(), m.cfg.Levels
	p := graph.Floats64(make([]float64, x.Shape[0]*d*v), x.Shape[0], d, v)
	for i := range x.Len() {
		m.cfg.distribution(logits, i, p.F64[i*v:(i+1)*v])
	}
	return p, nil
}

// distribution sets p (v) to the softmax of row i of logits (..., outputs).
func (c Config) distribution(logits graph.Array, i int, p []float64) {
	if c.Levels == 2 {
		z := logits.At(i)
		p[0], p[1] = 1/(1+math.Exp(z)), 1/(1+math.Exp(-z))
		return
	}
	most := math.Inf(-1)
	for l := range p {
		most = max(most, logits.At(i*len(p)+l))
	}
	total := 0.0
	for l := range p {
		p[l] = math.Exp(logits.At(i*len(p)+l) - most)
		total += p[l]
	}
	for l := range p {
		p[l] /= total
	}
}

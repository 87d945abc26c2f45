package main

import (
	"context"
	"slices"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/rbm"
)

// mapping is an operation that gives one result and draws nothing.
func mapping(takes, gives string, f func(graph.Array) (graph.Array, error)) operation {
	return operation{takes: takes, gives: []string{gives}, apply: func(_ graph.Key, x graph.Array, _ []int) ([]graph.Array, error) {
		y, err := f(x)
		return []graph.Array{y}, err
	}}
}

// units appends the sizes of layers.
func units(sizes []int, layers []nn.Dense) []int {
	for _, l := range layers {
		sizes = append(sizes, l.Units)
	}
	return sizes
}

// mirrored is decoder, or, where it is nil, the reverse of encoder.
func mirrored(decoder, encoder []nn.Dense) []nn.Dense {
	if decoder != nil {
		return decoder
	}
	encoder = slices.Clone(encoder)
	slices.Reverse(encoder)
	return encoder
}

// autoencoder is what an autoencoder and its halves have in common.
func autoencoder(kind string, c ae.Config) *model {
	return &model{
		kind: kind, config: c, shape: c.Shape, code: c.CodeSize(), normalizer: c.Normalizer,
		unit: c.Loss == ae.CrossEntropy, unitCode: c.Encoder[len(c.Encoder)-1].Activation == op.SigmoidActivation, ops: map[string]operation{},
	}
}

// encoderUnits and decoderUnits are the layers of the halves, the code in both; those of a convolution are its
// filters.
func encoderUnits(c ae.Config) []int {
	sizes := []int{c.Inputs()}
	for _, l := range c.Conv {
		sizes = append(sizes, l.Units)
	}
	return units(sizes, c.Encoder)
}

func decoderUnits(c ae.Config) []int {
	last := len(c.Encoder) - 1
	sizes := units([]int{c.CodeSize()}, mirrored(c.Decoder, c.Encoder[:last]))
	for _, l := range slices.Backward(c.Conv) {
		sizes = append(sizes, l.Units)
	}
	return append(sizes, c.Inputs())
}

func loadAE(path string) (*model, error) {
	a, err := ae.Load(path)
	if err != nil {
		return nil, err
	}
	c := a.Config()
	m := autoencoder("ae", c)
	m.layers = append(encoderUnits(c), decoderUnits(c)[1:]...)
	m.ops["encode"] = mapping(examples, codes, a.Encode)
	m.ops["decode"] = mapping(codes, examples, a.Decode)
	m.ops["reconstruct"] = mapping(examples, examples, a.Reconstruct)
	m.ops["score"] = mapping(examples, "scores", a.Score)
	return m, nil
}

func loadEncoder(path string) (*model, error) {
	e, err := ae.LoadEncoder(path)
	if err != nil {
		return nil, err
	}
	m := autoencoder("ae-encoder", e.Config())
	m.layers = encoderUnits(e.Config())
	m.ops["encode"] = mapping(examples, codes, e.Encode)
	return m, nil
}

func loadDecoder(path string) (*model, error) {
	d, err := ae.LoadDecoder(path)
	if err != nil {
		return nil, err
	}
	m := autoencoder("ae-decoder", d.Config())
	m.layers = decoderUnits(d.Config())
	m.ops["decode"] = mapping(codes, examples, d.Decode)
	return m, nil
}

func loadRBM(path string) (*model, error) {
	r, err := rbm.Load(path)
	if err != nil {
		return nil, err
	}
	c := r.Config()
	m := &model{
		kind: "rbm", config: c, layers: []int{c.Visible, c.Hidden}, shape: []int{c.Visible}, code: c.Hidden,
		unit: c.VisibleUnits == rbm.Bernoulli, unitCode: c.HiddenUnits == rbm.Bernoulli, normalizer: c.Normalizer, ops: map[string]operation{},
	}
	m.ops["encode"] = mapping(examples, codes, r.Transform)
	m.ops["decode"] = mapping(codes, examples, r.VisibleMean)
	m.ops["reconstruct"] = mapping(examples, examples, r.Reconstruct)
	if c.HiddenUnits != rbm.Rectified { // which have no free energy
		m.ops["score"] = mapping(examples, "scores", r.FreeEnergy)
	}
	m.ops["sample"] = operation{gives: []string{examples}, steps: 200,
		draw: func(ctx context.Context, key graph.Key, n, steps int, _ []int) ([]graph.Array, error) {
			x, err := r.Sample(ctx, key, n, steps, steps)
			return []graph.Array{x}, err
		}}
	return m, nil
}

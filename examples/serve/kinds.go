package main

import (
	"context"
	"slices"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/rbm"
	"github.com/latent-go/latent/vae"
	"github.com/pkg/errors"
)

// mapping is an operation that gives one result and draws nothing.
func mapping(takes, gives string, f func(graph.Array) (graph.Array, error)) operation {
	return operation{takes: takes, gives: []string{gives}, apply: func(_ graph.Key, x graph.Array) ([]graph.Array, error) {
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

// encoderUnits and decoderUnits are the layers of the halves, the code in both.
func encoderUnits(c ae.Config) []int { return units([]int{c.Inputs()}, c.Encoder) }

func decoderUnits(c ae.Config) []int {
	last := len(c.Encoder) - 1
	return append(units([]int{c.CodeSize()}, mirrored(c.Decoder, c.Encoder[:last])), c.Inputs())
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
		unit: c.VisibleUnits == rbm.Bernoulli, unitCode: c.HiddenUnits == rbm.Bernoulli, ops: map[string]operation{},
	}
	m.ops["encode"] = mapping(examples, codes, r.Transform)
	m.ops["decode"] = mapping(codes, examples, r.VisibleMean)
	m.ops["reconstruct"] = mapping(examples, examples, r.Reconstruct)
	if c.HiddenUnits != rbm.Rectified { // which have no free energy
		m.ops["score"] = mapping(examples, "scores", r.FreeEnergy)
	}
	m.ops["sample"] = operation{gives: []string{examples}, steps: 200,
		draw: func(ctx context.Context, key graph.Key, n, steps int) (graph.Array, error) {
			return r.Sample(ctx, key, n, steps, steps)
		}}
	return m, nil
}

func loadVAE(path string) (*model, error) {
	v, err := vae.Load(path)
	if err != nil {
		return nil, err
	}
	if c := v.Config().Classes; c > 0 {
		return nil, errors.Errorf("%s is conditional on %d classes, and only models without labels are served", path, c)
	}
	return fromVAE(v), nil
}

func fromVAE(v *vae.Model) *model {
	c := v.Config()
	layers := append(units([]int{c.Inputs()}, c.Encoder), c.Latent)
	m := &model{
		kind: "vae", config: c, layers: append(units(layers, mirrored(c.Decoder, c.Encoder)), c.Inputs()),
		shape: c.Shape, code: c.Latent, unit: c.Likelihood == vae.Bernoulli, ops: map[string]operation{},
	}
	m.ops["encode"] = operation{takes: examples, gives: []string{codes, "variances"}, apply: func(_ graph.Key, x graph.Array) ([]graph.Array, error) {
		mean, variance, err := v.Encode(x)
		return []graph.Array{mean, variance}, err
	}}
	m.ops["decode"] = mapping(codes, examples, func(z graph.Array) (graph.Array, error) { return v.Decode(z) })
	m.ops["reconstruct"] = mapping(examples, examples, func(x graph.Array) (graph.Array, error) { return v.Reconstruct(x) })
	m.ops["score"] = operation{takes: examples, gives: []string{"scores"}, random: true, apply: func(key graph.Key, x graph.Array) ([]graph.Array, error) {
		scores, err := v.Score(x, key)
		return []graph.Array{scores}, err
	}}
	m.ops["sample"] = operation{gives: []string{examples}, draw: func(_ context.Context, key graph.Key, n, _ int) (graph.Array, error) {
		return v.Sample(n, key)
	}}
	return m
}

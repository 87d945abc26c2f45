package main

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/vae"
)

func loadVAE(path string) (*model, error) {
	v, err := vae.Load(path)
	if err != nil {
		return nil, err
	}
	return fromVAE(v), nil
}

func fromVAE(v *vae.Model) *model {
	c := v.Config()
	layers := append(units([]int{c.Inputs()}, c.Encoder), c.Latent)
	m := &model{
		kind: "vae", config: c, layers: append(units(layers, mirrored(c.Decoder, c.Encoder)), c.Inputs()),
		shape: c.Shape, code: c.Latent, unit: c.Likelihood == vae.Bernoulli, normalizer: c.Normalizer,
	}
	m.classes, m.ops = c.Classes, map[string]operation{
		"encode": {takes: examples, gives: []string{codes, "variances"}, apply: func(_ graph.Key, x graph.Array, labels []int) ([]graph.Array, error) {
			mean, variance, err := v.Encode(x, labels...)
			return []graph.Array{mean, variance}, err
		}},
		"decode":      given(codes, v.Decode),
		"reconstruct": given(examples, v.Reconstruct),
		"score": {takes: examples, gives: []string{"scores"}, random: true, apply: func(key graph.Key, x graph.Array, labels []int) ([]graph.Array, error) {
			scores, err := v.Score(key, x, labels...)
			return []graph.Array{scores}, err
		}},
		"sample": {gives: []string{examples}, draw: func(_ context.Context, key graph.Key, n, _ int, labels []int) ([]graph.Array, error) {
			x, err := v.Sample(key, n, labels...)
			return []graph.Array{x}, err
		}},
	}
	if c.Classes > 0 {
		m.condition()
	}
	return m
}

// given is an operation of a function that gives examples, perhaps by their labels.
func given(takes string, f func(x graph.Array, labels ...int) (graph.Array, error)) operation {
	return operation{takes: takes, gives: []string{examples}, apply: func(_ graph.Key, x graph.Array, labels []int) ([]graph.Array, error) {
		y, err := f(x, labels...)
		return []graph.Array{y}, err
	}}
}

// condition makes all operations labelled. Samples without labels have each label in turn.
func (m *model) condition() {
	for name, op := range m.ops {
		op.labelled = true
		if draw := op.draw; draw != nil {
			op.gives = append(op.gives, labelsName)
			op.draw = func(ctx context.Context, key graph.Key, n, steps int, labels []int) ([]graph.Array, error) {
				for i := len(labels); i < n; i++ {
					labels = append(labels, i%m.classes)
				}
				outs, err := draw(ctx, key, n, steps, labels)
				return append(outs, graph.Ints(labels, n)), err
			}
		}
		m.ops[name] = op
	}
}

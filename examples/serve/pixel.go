package main

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/pixel"
)

func loadPixel(path string) (*model, error) {
	p, err := pixel.Load(path)
	if err != nil {
		return nil, err
	}
	c := p.Config()
	d := product(c.Shape)
	layers := []int{d}
	for range c.Layers + 1 {
		layers = append(layers, d*c.Features)
	}
	m := &model{
		kind: "pixel", config: c, layers: append(layers, d), shape: c.Shape, classes: c.Classes, unit: true,
		ops: map[string]operation{
			"score": {takes: examples, gives: []string{"scores"}, random: c.Binarize, apply: func(key graph.Key, x graph.Array, labels []int) ([]graph.Array, error) {
				scores, err := p.Score(key, x, labels...)
				return []graph.Array{scores}, err
			}},
			"sample": {gives: []string{examples}, draw: func(ctx context.Context, key graph.Key, n, _ int, labels []int) ([]graph.Array, error) {
				x, err := p.Sample(ctx, key, n, labels...)
				return []graph.Array{x}, err
			}},
		},
	}
	if c.Classes > 0 {
		m.condition()
	}
	return m, nil
}

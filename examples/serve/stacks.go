package main

import (
	"context"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
)

func loadStack(path string) (*model, error) {
	s, err := pretrain.LoadStack(path)
	if err != nil {
		return nil, err
	}
	m := &model{kind: "pretrain-stack", layers: []int{s.Inputs()}, shape: []int{s.Inputs()}, code: s.CodeSize(), ops: map[string]operation{}}
	var configs []any
	for i := range s.Len() {
		if a := s.AE(i); a != nil {
			configs = append(configs, a.Config())
			m.layers = append(m.layers, a.Config().CodeSize())
			m.unitCode = a.Config().Encoder[0].Activation == op.SigmoidActivation
		} else {
			configs = append(configs, s.RBM(i).Config())
			m.layers = append(m.layers, s.RBM(i).Config().Hidden)
			m.unitCode = s.RBM(i).Config().HiddenUnits == rbm.Bernoulli
		}
	}
	m.config = configs
	if a := s.AE(0); a != nil {
		m.shape, m.normalizer, m.unit = a.Config().Shape, a.Config().Normalizer, a.Config().Loss == ae.CrossEntropy
	} else {
		m.unit, m.normalizer = s.RBM(0).Config().VisibleUnits == rbm.Bernoulli, s.RBM(0).Config().Normalizer
	}
	m.ops["encode"] = mapping(examples, codes, s.Encode)
	m.ops["decode"] = mapping(codes, examples, s.Decode)
	m.ops["reconstruct"] = thereAndBack(s.Encode, s.Decode)
	return m, nil
}

func loadNetwork(path string) (*model, error) {
	n, err := pretrain.LoadNetwork(path)
	if err != nil {
		return nil, err
	}
	c := n.Config()
	m := &model{
		kind: "pretrain-network", config: c, layers: append(units([]int{c.Inputs()}, c.Hidden), c.Outputs),
		shape: c.Shape, normalizer: c.Normalizer, ops: map[string]operation{},
	}
	if c.Task == pretrain.Regress {
		m.ops["predict"] = mapping(examples, "predictions", n.Predict)
		return m, nil
	}
	m.ops["classify"] = classifier(n.Predict)
	return m, nil
}

func loadDBN(path string) (*model, error) {
	d, err := pretrain.LoadDBN(path)
	if err != nil {
		return nil, err
	}
	c := d.Config()
	m := &model{
		kind: "pretrain-dbn", config: c, layers: append([]int{c.Visible}, c.Hidden...), shape: []int{c.Visible}, classes: c.Labels,
		unit: true, unitCode: true, normalizer: c.Normalizer, ops: map[string]operation{},
	}
	m.code = m.layers[len(m.layers)-2] // of the layer below the top
	m.ops["encode"] = mapping(examples, codes, d.Encode)
	m.ops["decode"] = mapping(codes, examples, d.Decode)
	m.ops["reconstruct"] = thereAndBack(d.Encode, d.Decode)
	sample := operation{gives: []string{examples}, steps: 200, labelled: c.Labels > 0,
		draw: func(ctx context.Context, key graph.Key, n, steps int, labels []int) ([]graph.Array, error) {
			x, drawn, err := d.Generate(ctx, key, pretrain.Fantasy{N: n, Steps: steps, Labels: labels})
			return []graph.Array{x, graph.Ints(drawn, n)}, err
		}}
	if c.Labels > 0 {
		sample.gives = append(sample.gives, labelsName)
		m.ops["classify"] = classifier(d.Predict)
	}
	m.ops["sample"] = sample
	return m, nil
}

// thereAndBack is the operation that decodes the codes of examples.
func thereAndBack(encode, decode func(graph.Array) (graph.Array, error)) operation {
	return mapping(examples, examples, func(x graph.Array) (graph.Array, error) {
		code, err := encode(x)
		if err != nil {
			return code, err
		}
		return decode(code)
	})
}

// classifier is the operation of a function that gives probabilities of classes (n, k).
func classifier(predict func(graph.Array) (graph.Array, error)) operation {
	return operation{takes: examples, gives: []string{labelsName, "probabilities"}, apply: func(_ graph.Key, x graph.Array, _ []int) ([]graph.Array, error) {
		p, err := predict(x)
		if err != nil {
			return nil, err
		}
		return []graph.Array{largest(p), p}, nil
	}}
}

// largest is the column of the largest element of each row (n, k), as integers (n).
func largest(p graph.Array) graph.Array {
	n, k := p.Shape[0], p.Shape[1]
	at := make([]int, n)
	for r := range at {
		for c := range k {
			if p.At(r*k+c) > p.At(r*k+at[r]) {
				at[r] = c
			}
		}
	}
	return graph.Ints(at, n)
}

package rbm

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/pkg/errors"
)

const (
	kind  = "rbm" // of model files
	chunk = 256   // how many examples one run takes at most
)

// FreeEnergy returns F(v) (n) of examples (n, ...) in [0, 1], in nats: log p(v) is -F(v) - log Z.
func (m *Model) FreeEnergy(v graph.Array) (graph.Array, error) { return m.mapExamples(m.energy, v) }

// Transform returns the hidden probabilities p(h = 1 | v) (n, h) of examples (n, ...) in [0, 1].
func (m *Model) Transform(v graph.Array) (graph.Array, error) { return m.mapExamples(m.transform, v) }

// Reconstruct returns the visible probabilities (n, d) given the hidden probabilities of examples
// (n, ...) in [0, 1]. Nothing is drawn.
func (m *Model) Reconstruct(v graph.Array) (graph.Array, error) {
	return m.mapExamples(m.reconstruct, v)
}

func (m *Model) mapExamples(f *graph.Function, v graph.Array) (graph.Array, error) {
	v, err := m.examples(v)
	if err != nil {
		return graph.Array{}, err
	}
	outs, err := f.Map(graph.Key{}, chunk, v)
	if err != nil {
		return graph.Array{}, err
	}
	return outs[0], nil
}

// Sample draws n visible states (n, d), zeros and ones, from up to 256 Gibbs chains side by side, which
// start at draws from the visible biases alone. A chain's first sample comes after burnIn steps, at
// least 0, each further one after thin more, at least 1: the fewer, the less the samples are those of the
// model, and the more those of one chain resemble each other.
func (m *Model) Sample(ctx context.Context, key graph.Key, n, burnIn, thin int) (graph.Array, error) {
	if n < 1 || n > maxUnits || burnIn < 0 || thin < 1 {
		return graph.Array{}, errors.Wrapf(ErrConfig, "%d samples after %d steps, then every %d: expected 1 to %d samples, no negative burn-in, thinning of 1 or more", n, burnIn, thin, maxUnits)
	}
	d, chains := m.cfg.Visible, min(n, chunk)
	v := m.baseSamples(key.Fork("start"), m.values("b"), chains)
	samples := make([]float32, 0, n*d)
	for step := 0; ; step++ {
		if step >= burnIn && (step-burnIn)%thin == 0 {
			for i := range min(chains*d, n*d-len(samples)) {
				samples = append(samples, float32(v.At(i)))
			}
			if len(samples) == n*d {
				return graph.Floats32(samples, n, d), nil
			}
		}
		if err := ctx.Err(); err != nil {
			return graph.Array{}, err
		}
		outs, err := m.step.Run(key.Fork("step").ForkN(step), chains, v)
		if err != nil {
			return graph.Array{}, err
		}
		v = outs[0]
	}
}

// values is a parameter's value as float64.
func (m *Model) values(name string) []float64 {
	a := m.params.Lookup(name).Value()
	v := make([]float64, a.Len())
	for i := range v {
		v[i] = a.At(i)
	}
	return v
}

// baseSamples draws (n, d) visible states from independent units of the given biases.
func (m *Model) baseSamples(key graph.Key, bias []float64, n int) graph.Array {
	d := m.cfg.Visible
	p := make([]float64, n*d)
	for i := range p {
		p[i] = sigmoid(bias[i%d])
	}
	graph.Bernoulli(key, p, p)
	return graph.Floats64(p, n, d)
}

// Save writes the model, persistent chains included, to a file.
func (m *Model) Save(path string) error {
	return ckpt.SaveModel(path, kind, m.cfg, nil, m.params)
}

// Load reads a model that Save has written.
func Load(path string) (*Model, error) {
	var cfg Config
	file, err := ckpt.LoadModel(path, kind, &cfg)
	if err != nil {
		return nil, err
	}
	m, err := restore(cfg, file)
	return m, errors.WithMessage(err, path)
}

func restore(cfg Config, file *ckpt.File) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := cfg.checkHolds(file); err != nil {
		return nil, err
	}
	m, err := newModel(cfg, graph.Float32)
	if err != nil {
		return nil, err
	}
	if err := file.Restore(m.params, ""); err != nil {
		return nil, err
	}
	for _, q := range m.params.List() {
		if err := q.Value().CheckFinite(); err != nil {
			return nil, errors.WithMessagef(err, "weights %q", q.Name)
		}
	}
	return m, nil
}

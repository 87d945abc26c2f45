package lm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/pkg/errors"
)

// kind is that of a model file.
const kind = "lm"

// Save writes the model to a file, its Tokens included.
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
	m, err := restore(cfg.complete(), file)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	return m, nil
}

// restore makes the model of cfg with the weights of its file.
func restore(cfg Config, file *ckpt.File) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := file.CheckHolds(cfg.weights()); err != nil {
		return nil, err
	}
	m, err := newModel(cfg, graph.Float32)
	if err != nil {
		return nil, err
	}
	return m, file.Restore(m.params, "")
}

package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/pkg/errors"
)

const kind = "rbm" // of model files

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
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	return m, nil
}

func restore(cfg Config, file *ckpt.File) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := file.CheckHolds(cfg.numbers()); err != nil {
		return nil, err
	}
	m, err := newModel(cfg, graph.Float32)
	if err != nil {
		return nil, err
	}
	return m, file.Restore(m.params, "")
}

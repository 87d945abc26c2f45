package rbm

import "github.com/latent-go/latent/graph/ckpt"

const kind = "rbm" // of model files

// Save writes the model, persistent chains included, to a file.
func (m *Model) Save(path string) error {
	return ckpt.SaveModel(path, kind, m.cfg, nil, m.params)
}

// Load reads a model that Save has written.
func Load(path string) (*Model, error) {
	return ckpt.LoadModel(path, kind, (*Config).validate, Config.numbers, build)
}

package pixel

import "github.com/latent-go/latent/graph/ckpt"

// kind is that of a model file.
const kind = "pixel"

// Save writes the model to a file.
func (m *Model) Save(path string) error {
	return ckpt.SaveModel(path, kind, m.cfg, nil, m.params)
}

// Load reads a model that Save has written.
func Load(path string) (*Model, error) {
	return ckpt.LoadModel(path, kind, (*Config).validate, Config.weights, build)
}

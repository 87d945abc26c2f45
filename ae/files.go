package ae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
)

// Kinds of model files.
const (
	kindModel   = "ae"
	kindEncoder = "ae-encoder"
	kindDecoder = "ae-decoder"
)

// Save writes the whole model to a file.
func (m *Model) Save(path string) error {
	return ckpt.SaveModel(path, kindModel, m.cfg, nil, m.params)
}

// Load reads a model that Save has written.
func Load(path string) (*Model, error) { return load(path, kindModel, build) }

// Save writes the encoder to a file of its own.
func (e *Encoder) Save(path string) error {
	return save(path, kindEncoder, e.cfg, e.params, prepareEncoder)
}

// Save writes the decoder to a file of its own.
func (d *Decoder) Save(path string) error {
	return save(path, kindDecoder, d.cfg, d.params, prepareDecoder)
}

// LoadEncoder reads an encoder that Encoder.Save has written.
func LoadEncoder(path string) (*Encoder, error) { return load(path, kindEncoder, prepareEncoder) }

// LoadDecoder reads a decoder that Decoder.Save has written.
func LoadDecoder(path string) (*Decoder, error) { return load(path, kindDecoder, prepareDecoder) }

// prepareEncoder makes an encoder with all its parameters.
func prepareEncoder(cfg Config, p *graph.Params) (*Encoder, error) {
	e := newEncoder(cfg, p)
	return e, e.encode.Prepare(1)
}

// prepareDecoder makes a decoder with all its parameters.
func prepareDecoder(cfg Config, p *graph.Params) (*Decoder, error) {
	d := newDecoder(cfg, p)
	return d, d.decode.Prepare(1)
}

// save writes those of a model's parameters that one half needs.
func save[T any](path, kind string, cfg Config, whole *graph.Params, prepare func(Config, *graph.Params) (T, error)) error {
	part := graph.NewParams(graph.Float32, graph.Key{})
	if _, err := prepare(cfg, part); err != nil {
		return err
	}
	for _, q := range part.List() {
		if err := q.Set(whole.Lookup(q.Name).Value()); err != nil {
			return err
		}
	}
	return ckpt.SaveModel(path, kind, cfg, nil, part)
}

// load makes a model, or one half, from its file.
func load[T any](path, kind string, build func(Config, *graph.Params) (T, error)) (T, error) {
	weights := func(c Config) float64 { return c.weights(kind) }
	return ckpt.LoadModel(path, kind, (*Config).validate, weights, build)
}

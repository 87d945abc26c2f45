package ae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/pkg/errors"
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
func load[T any](path, kind string, prepare func(Config, *graph.Params) (T, error)) (T, error) {
	var none T
	var cfg Config
	file, err := ckpt.LoadModel(path, kind, &cfg)
	if err != nil {
		return none, err
	}
	if err := cfg.validate(); err != nil {
		return none, errors.WithMessage(err, path)
	}
	m, err := restore(cfg, file, kind, prepare)
	if err != nil {
		return none, errors.WithMessage(err, path)
	}
	return m, nil
}

// restore makes a model, or one half, of a valid configuration with the weights of its file.
func restore[T any](cfg Config, file *ckpt.File, kind string, prepare func(Config, *graph.Params) (T, error)) (m T, err error) {
	if err := file.CheckHolds(cfg.weights(kind)); err != nil {
		return m, err
	}
	p := graph.NewParams(graph.Float32, graph.NewKey(cfg.Seed))
	if m, err = prepare(cfg, p); err != nil {
		return m, err
	}
	return m, file.Restore(p, "")
}

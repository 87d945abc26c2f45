package lm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/pkg/errors"
)

// seqKind is that of a model file.
const seqKind = "seq2seq"

// Save writes the model to a file.
func (m *SeqModel) Save(path string) error {
	return ckpt.SaveModel(path, seqKind, m.cfg, nil, m.params)
}

// LoadSeq reads a model that Save has written.
func LoadSeq(path string) (*SeqModel, error) {
	var cfg SeqConfig
	file, err := ckpt.LoadModel(path, seqKind, &cfg)
	if err != nil {
		return nil, err
	}
	m, err := restoreSeq(cfg.complete(), file)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	return m, nil
}

// restoreSeq makes the model of cfg with the weights of its file.
func restoreSeq(cfg SeqConfig, file *ckpt.File) (*SeqModel, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := file.CheckHolds(cfg.weights()); err != nil {
		return nil, err
	}
	m, err := newSeq(cfg, graph.Float32)
	if err != nil {
		return nil, err
	}
	return m, file.Restore(m.params, "")
}

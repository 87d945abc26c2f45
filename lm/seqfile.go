package lm

import "github.com/latent-go/latent/graph/ckpt"

// seqKind is that of a model file.
const seqKind = "seq2seq"

// Save writes the model to a file.
func (m *SeqModel) Save(path string) error {
	return ckpt.SaveModel(path, seqKind, m.cfg, nil, m.params)
}

// LoadSeq reads a model that Save has written.
func LoadSeq(path string) (*SeqModel, error) {
	return ckpt.LoadModel(path, seqKind, (*SeqConfig).validate, SeqConfig.weights, buildSeq)
}

package ckpt

import "github.com/pkg/errors"

// Sentinels, to be found with errors.Is.
var (
	ErrFormat       = errors.New("ckpt: not a safetensors file that can be used")
	ErrKind         = errors.New("ckpt: file of another kind")
	ErrVersion      = errors.New("ckpt: file of a newer version")
	ErrMismatch     = errors.New("ckpt: file does not fit the model")
	ErrNoCheckpoint = errors.New("ckpt: no checkpoint")
	ErrNewer        = errors.New("ckpt: newer checkpoints are in the way")
)

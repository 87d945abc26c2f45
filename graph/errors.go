package graph

import "github.com/pkg/errors"

// Sentinels, to be found with errors.Is.
var (
	ErrShape     = errors.New("graph: wrong shape")
	ErrType      = errors.New("graph: wrong element type")
	ErrName      = errors.New("graph: wrong name")
	ErrNotFinite = errors.New("graph: NaN or Inf")
	ErrRun       = errors.New("graph: run failed")
)

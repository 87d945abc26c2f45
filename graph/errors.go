package graph

import "github.com/pkg/errors"

// Sentinels, to be found with errors.Is.
var (
	ErrShape     = errors.New("graph: wrong shape")
	ErrType      = errors.New("graph: wrong element type")
	ErrName      = errors.New("graph: wrong name")
	ErrNotFinite = errors.New("graph: NaN or Inf")
	ErrRange     = errors.New("graph: value out of range")
	ErrRun       = errors.New("graph: run failed")
)

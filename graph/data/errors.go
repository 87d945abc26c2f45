package data

import "github.com/pkg/errors"

// Sentinels, to be found with errors.Is. Wrong shapes are graph.ErrShape, wrong element types
// graph.ErrType, NaN and Inf graph.ErrNotFinite.
var (
	ErrEmpty  = errors.New("data: no examples")
	ErrBatch  = errors.New("data: wrong batch size")
	ErrFormat = errors.New("data: malformed file")
	ErrConfig = errors.New("data: setting out of range")
	ErrLabel  = errors.New("data: wrong label")
)

package data

import (
	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Threshold is the Transform that maps values above limit to 1, others to 0.
func Threshold(limit float32) Transform {
	return func(_ graph.Key, dst, src graph.Array) error {
		if err := checkFloats(dst, src); err != nil {
			return errors.Wrap(err, "data: threshold")
		}
		for i, v := range src.F32 {
			dst.F32[i] = 0
			if v > limit {
				dst.F32[i] = 1
			}
		}
		return nil
	}
}

// Binarize is the Transform that maps v to 1 with probability v, else to 0. Values must be in
// [0, 1]. With Map of a Source the pixels are drawn anew every epoch (Salakhutdinov and Murray
// 2008, "On the quantitative analysis of deep belief networks"); with Set.Map they are fixed.
func Binarize(key graph.Key, dst, src graph.Array) error {
	if err := checkFloats(dst, src); err != nil {
		return errors.Wrap(err, "data: binarisation")
	}
	for i, v := range src.F32 {
		if !(v >= 0 && v <= 1) {
			return errors.Wrapf(ErrConfig, "binarisation: example %d has the value %v, expected 0 to 1", i/rowLen(src), v)
		}
	}
	graph.Bernoulli(key, dst.F32, src.F32)
	return nil
}

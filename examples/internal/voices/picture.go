package voices

import "github.com/latent-go/latent/graph"

// Image is features (t, d) as a picture (1, height, t): time from left to right, the first feature at the
// bottom, values of low to high as 0 to 1. Rows are repeated to fill the height.
func Image(a graph.Array, height int, low, high float64) graph.Array {
	frames, d := a.Shape[0], a.Shape[1]
	out := make([]float32, height*frames)
	for y := range height {
		feature := (height - 1 - y) * d / height
		for t := range frames {
			v := (float64(a.F32[t*d+feature]) - low) / (high - low)
			out[y*frames+t] = float32(min(max(v, 0), 1))
		}
	}
	return graph.Floats32(out, 1, height, frames)
}

// Range is the smallest and the largest of some values; a wider one if they are equal.
func Range(a graph.Array) (low, high float64) {
	low, high = a.At(0), a.At(0)
	for i := range a.Len() {
		low, high = min(low, a.At(i)), max(high, a.At(i))
	}
	if low == high {
		high = low + 1
	}
	return low, high
}

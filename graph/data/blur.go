package data

import (
	"math"

	"github.com/latent-go/latent/graph"
)

// Blur convolves images (n, c, y, x) or (n, y, x) with a Gaussian of standard deviation Sigma
// pixels, 0 to 100, cut off at 3 Sigma. Images are continued by their mirror images, edge pixel
// repeated, which keeps the mean of each. It draws nothing.
type Blur struct{ Sigma float64 }

// Corrupt blurs, first along x, then along y.
func (c Blur) Corrupt(_ graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	n, rows, cols, err := planes(c, src)
	if err != nil {
		return err
	}
	weights := gaussianWeights(c.Sigma)
	size := rows * cols
	line, sum := make([]float32, max(rows, cols)+2*len(weights)), make([]float32, max(rows, cols))
	for p := range n {
		in, out := src.F32[p*size:(p+1)*size], dst.F32[p*size:(p+1)*size]
		for y := range rows {
			blurLine(out[y*cols:], in[y*cols:], cols, 1, weights, line, sum)
		}
		for x := range cols {
			blurLine(out[x:], out[x:], rows, cols, weights, line, sum)
		}
	}
	return nil
}

// gaussianWeights are those of the pixels at distance 0, 1, ... . All together, either side
// counted, sum to 1.
func gaussianWeights(sigma float64) []float32 {
	w := []float64{1}
	total := 1.0
	for d := 1; float64(d) <= math.Ceil(3*sigma); d++ {
		w = append(w, math.Exp(-float64(d*d)/(2*sigma*sigma)))
		total += 2 * w[d]
	}
	weights := make([]float32, len(w))
	for d := range w {
		weights[d] = float32(w[d] / total)
	}
	return weights
}

// blurLine convolves the n numbers of in at the given stride into out, which may be in. line has
// room for n + 2 (len(weights) - 1) numbers, sum for n.
func blurLine(out, in []float32, n, stride int, weights, line, sum []float32) {
	radius := len(weights) - 1
	line, sum = line[:n+2*radius], sum[:n]
	for i := range line {
		line[i] = in[mirrored(i-radius, n)*stride]
	}
	for i := range sum {
		sum[i] = weights[0] * line[i+radius]
	}
	for d := 1; d <= radius; d++ {
		w, left, right := weights[d], line[radius-d:], line[radius+d:]
		for i := range sum {
			sum[i] += w * (left[i] + right[i])
		}
	}
	for i, v := range sum {
		out[i*stride] = v
	}
}

// mirrored is the place in [0, n) of which place i of the continued line is an image.
func mirrored(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}

func (c Blur) String() string { return describe("blur", c.Sigma) }
func (c Blur) check() error   { return inRange("sigma of the blur", c.Sigma, 0, 100) }

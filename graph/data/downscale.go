package data

import (
	"strconv"

	"github.com/latent-go/latent/graph"
)

// Downscale lowers the resolution of images (n, c, y, x) or (n, y, x) by Factor, 1 to 1024: every
// block of Factor by Factor pixels becomes its mean. Blocks at the lower and right edge may be
// smaller. The shape stays, and so does the mean of each image. It draws nothing.
type Downscale struct{ Factor int }

// Corrupt averages blocks.
func (c Downscale) Corrupt(_ graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	n, rows, cols, err := planes(c, src)
	if err != nil {
		return err
	}
	size := rows * cols
	for p := range n {
		in, out := src.F32[p*size:(p+1)*size], dst.F32[p*size:(p+1)*size]
		for y := 0; y < rows; y += c.Factor {
			for x := 0; x < cols; x += c.Factor {
				averageBlock(out, in, cols, y, min(y+c.Factor, rows), x, min(x+c.Factor, cols))
			}
		}
	}
	return nil
}

// averageBlock sets rows y0 to y1-1 and columns x0 to x1-1 of out to the mean of those of in.
func averageBlock(out, in []float32, cols, y0, y1, x0, x1 int) {
	sum := float32(0)
	for y := y0; y < y1; y++ {
		for _, v := range in[y*cols+x0 : y*cols+x1] {
			sum += v
		}
	}
	mean := sum / float32((y1-y0)*(x1-x0))
	for y := y0; y < y1; y++ {
		row := out[y*cols+x0 : y*cols+x1]
		for i := range row {
			row[i] = mean
		}
	}
}

func (c Downscale) String() string { return "downscale:" + strconv.Itoa(c.Factor) }
func (c Downscale) check() error   { return inRange("factor of downscaling", float64(c.Factor), 1, 1024) }

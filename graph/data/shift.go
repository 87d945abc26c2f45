package data

import (
	"strconv"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Shift moves each image (n, c, y, x) or (n, y, x) by whole pixels, down and right by numbers
// from -Max to Max, each as likely, the same for all channels; zeros come in from outside. Max is
// from 0 to less than the sides of the image.
type Shift struct{ Max int }

// Corrupt moves the images.
func (c Shift) Corrupt(key graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	_, rows, cols, err := planes(c, src)
	if err != nil {
		return err
	}
	if c.Max >= min(rows, cols) {
		return errors.Wrapf(ErrConfig, "corruption %s leaves nothing of images of %d x %d pixels", c, rows, cols)
	}
	n := src.Shape[0]
	u := make([]float32, 2*n)
	graph.Uniform(key, u)
	steps := float32(2*c.Max + 1)
	image := rowLen(src)
	for i := range n {
		down, right := int(u[2*i]*steps)-c.Max, int(u[2*i+1]*steps)-c.Max
		for lo := i * image; lo < (i+1)*image; lo += rows * cols {
			movePlane(dst.F32[lo:lo+rows*cols], src.F32[lo:lo+rows*cols], rows, cols, down, right)
		}
	}
	return nil
}

// movePlane sets out[y+down][x+right] = in[y][x], and 0 where no pixel comes.
func movePlane(out, in []float32, rows, cols, down, right int) {
	clear(out)
	for y := max(0, -down); y < min(rows, rows-down); y++ {
		from, to := in[y*cols:(y+1)*cols], out[(y+down)*cols:(y+down+1)*cols]
		if right >= 0 {
			copy(to[right:], from)
		} else {
			copy(to, from[-right:])
		}
	}
}

func (c Shift) String() string { return "shift:" + strconv.Itoa(c.Max) }
func (c Shift) check() error   { return inRange("largest shift", float64(c.Max), 0, 1<<20) }

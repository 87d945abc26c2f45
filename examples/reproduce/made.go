package main

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// The sets of this file are made: the originals are not to be had, but their definitions are published.

const side = 28 // of images

// A split is a set in three parts.
type split struct{ train, valid, test *data.Set }

// drawBasic is the set "basic" of Larochelle et al. 2007: digits (n, 784) drawn from all of MNIST without
// replacement.
func drawBasic(key graph.Key, digits, test *data.Set, nTrain, nValid, nTest int) (split, error) {
	all, err := data.Concat(digits, test)
	if err != nil {
		return split{}, err
	}
	if all, err = all.Reshape(all.X.Len() / all.Len()); err != nil {
		return split{}, err
	}
	if all, err = all.Subset(key.Perm(all.Len())[:nTrain+nValid+nTest]); err != nil {
		return split{}, err
	}
	return cut(all, nTrain, nValid)
}

// cut cuts a set after its first nTrain and the next nValid examples.
func cut(all *data.Set, nTrain, nValid int) (s split, err error) {
	if s.train, err = all.Slice(0, nTrain); err != nil {
		return s, err
	}
	if s.valid, err = all.Slice(nTrain, nTrain+nValid); err != nil {
		return s, err
	}
	s.test, err = all.Slice(nTrain+nValid, all.Len())
	return s, err
}

// makeRectangles is the set "rectangles" of Larochelle et al. 2007: images (n, 784) of the white outline of
// a rectangle on black. Height and width are uniform, drawn anew if they differ by less than 3 pixels, and
// so is the place among those where the whole rectangle is visible. The label is 1 if it is taller than
// wide, else 0.
func makeRectangles(key graph.Key, n int) (*data.Set, error) {
	x, labels := make([]float32, n*side*side), make([]int, n)
	for i := range n {
		d := draws{key: key.ForkN(i)}
		h, w := 0, 0
		for max(h-w, w-h) < 3 {
			h, w = 1+d.upTo(side), 1+d.upTo(side)
		}
		top, left := d.upTo(side-h+1), d.upTo(side-w+1)
		outline(x[i*side*side:(i+1)*side*side], top, left, h, w)
		if h > w {
			labels[i] = 1
		}
	}
	return data.NewSet(graph.Floats32(x, n, side*side), graph.Ints(labels, n))
}

func outline(image []float32, top, left, h, w int) {
	for y := range h {
		for x := range w {
			if y == 0 || y == h-1 || x == 0 || x == w-1 {
				image[(top+y)*side+left+x] = 1
			}
		}
	}
}

// draws are whole numbers drawn one after the other.
type draws struct {
	key   graph.Key
	count int
}

// upTo is a number from 0 to n-1, each as likely.
func (d *draws) upTo(n int) int {
	var u [1]float64
	graph.Uniform(d.key.ForkN(d.count), u[:])
	d.count++
	return min(int(u[0]*float64(n)), n-1)
}

// barsAndStripes are all images (n, size*size) whose rows are each all black or all white, or whose columns
// are; of those that are both, the two uniform ones, there are two copies, as Fischer & Igel 2010 have it:
// 2^(size+1) images.
func barsAndStripes(size int) (*data.Set, error) {
	n := 2 << size
	x := make([]float32, n*size*size)
	for i := range n {
		pattern, bars := i/2, i%2 == 0
		for r := range size {
			for c := range size {
				at := r
				if bars {
					at = c
				}
				x[(i*size+r)*size+c] = float32(pattern >> at & 1)
			}
		}
	}
	return data.NewSet(graph.Floats32(x, n, size*size), graph.Array{})
}

// nudge is a set of images (n, size*size) with its images moved by one pixel up, down, left and right, with
// zeros at the edge: five times as many.
func nudge(set *data.Set, size int) (*data.Set, error) {
	n, d := set.Len(), size*size
	x, labels := set.X.F32[:n*d:n*d], set.Y.Int[:n:n]
	for _, move := range [][2]int{{0, 1}, {0, -1}, {1, 0}, {-1, 0}} {
		moved := make([]float32, n*d)
		for i := range moved {
			r, c := i%d/size-move[0], i%size-move[1]
			if r >= 0 && r < size && c >= 0 && c < size {
				moved[i] = set.X.F32[i/d*d+r*size+c]
			}
		}
		x, labels = append(x, moved...), append(labels, set.Y.Int...)
	}
	return data.NewSet(graph.Floats32(x, 5*n, d), graph.Ints(labels, 5*n))
}

package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// A Window is what a convolution sees around each place: the places at (dy, dx) from it, its taps. A
// masked convolution has no taps where its mask is 0, and so neither weights nor work for them.
type Window struct {
	Taps   [][2]int
	Stride int // every how many places, in both directions; 0 means 1
}

// SquareWindow sees size by size places, row by row, with its own in the middle. size is odd: an even
// one has no middle, and gives an empty window.
func SquareWindow(size int) Window {
	var win Window
	if size%2 == 0 {
		return win
	}
	for dy := -(size / 2); dy <= size/2; dy++ {
		for dx := -(size / 2); dx <= size/2; dx++ {
			win.Taps = append(win.Taps, [2]int{dy, dx})
		}
	}
	return win
}

// CausalWindow is the part of a SquareWindow that comes before the place itself, rows from the top and
// each from the left, with the place itself if self: the masks B and A of van den Oord et al. 2016 (Pixel
// Recurrent Neural Networks, section 3.4).
func CausalWindow(size int, self bool) Window {
	win := SquareWindow(size)
	win.Taps = win.Taps[:len(win.Taps)/2]
	if self && size%2 != 0 {
		win.Taps = append(win.Taps, [2]int{})
	}
	return win
}

// Conv is a convolution of images with their channels last: x (n, y, x, c), w (taps c, h) with row
// t c + i for channel i of tap t, bias (h) or nil, result (n, y/stride, x/stride, h), rounded up,
//
//	out[n, y, x] = act(bias + sum over t of x[n, stride y + dy[t], stride x + dx[t]] w[t]),
//
// where places outside of the image count as 0.
func Conv(x, w, bias *node, act Activation, win Window) *node {
	fused, slope, ok := act.fused()
	if !ok { // as in an affine map
		return Activate(Conv(x, w, bias, Identity, win), act)
	}
	return graph.Apply("conv("+act.String()+")", withBias(x, w, bias), func() (graph.Op, error) {
		g, err := convolutionOf(x, w, bias, win)
		if err != nil {
			return graph.Op{}, err
		}
		o := graph.Op{
			Shape: []int{g.n, g.rows, g.cols, g.h},
			Backward: func(in nodes, y, dy *node) nodes {
				dz := dy
				if act != Identity {
					dz = activationGrad(y, dy, fused, slope)
				}
				return biasGrad(in, dz, nodes{
					ifNeeded(in[0], func() *node { return ConvTranspose(dz, in[1], nil, Identity, g.window, g.height, g.width) }),
					ifNeeded(in[1], func() *node { return convWeights(in[0], dz, g) }),
				})
			},
		}
		if g.pointwise() {
			p := matrixProduct{batch: 1, m: g.n * g.rows * g.cols, n: g.h, k: g.c}
			o.Forward = pick(x, forwardAffine[float32](p, fused, slope, false), forwardAffine[float64](p, fused, slope, false))
			return o, nil
		}
		s := g.sweep()
		o.Forward = pick(x, forwardSweep[float32](s, fused, slope), forwardSweep[float64](s, fused, slope))
		return o, nil
	})
}

// ConvTranspose is the adjoint of Conv, as the decoder of a convolutional autoencoder needs it: x
// (n, height/stride, width/stride, h), rounded up, w (taps c, h) as Conv's, bias (c) or nil, result
// (n, height, width, c). Each place of x adds x w[t]' to the places that Conv would see from it.
func ConvTranspose(x, w, bias *node, act Activation, win Window, height, width int) *node {
	fused, slope, ok := act.fused()
	if !ok {
		return Activate(ConvTranspose(x, w, bias, Identity, win, height, width), act)
	}
	return graph.Apply("convtranspose("+act.String()+")", withBias(x, w, bias), func() (graph.Op, error) {
		g, err := adjointOf(x, w, bias, win, height, width)
		if err != nil {
			return graph.Op{}, err
		}
		o := graph.Op{
			Shape: []int{g.n, height, width, g.c},
			Backward: func(in nodes, y, dy *node) nodes {
				dz := dy
				if act != Identity {
					dz = activationGrad(y, dy, fused, slope)
				}
				return biasGrad(in, dz, nodes{
					ifNeeded(in[0], func() *node { return Conv(dz, in[1], nil, Identity, g.window) }),
					ifNeeded(in[1], func() *node { return convWeights(dz, in[0], g) }),
				})
			},
		}
		if g.pointwise() {
			p := matrixProduct{batch: 1, m: g.n * g.rows * g.cols, n: g.c, k: g.h, transB: true}
			o.Forward = pick(x, forwardAffine[float32](p, fused, slope, false), forwardAffine[float64](p, fused, slope, false))
			return o, nil
		}
		s := g.adjoint()
		o.Forward = pick(x, forwardSweep[float32](s, fused, slope), forwardSweep[float64](s, fused, slope))
		return o, nil
	})
}

func withBias(x, w, bias *node) nodes {
	if bias == nil {
		return nodes{x, w}
	}
	return nodes{x, w, bias}
}

// biasGrad completes grads by that of the bias, if there is one.
func biasGrad(in nodes, dz *node, grads nodes) nodes {
	if len(in) == 3 {
		grads = append(grads, ifNeeded(in[2], func() *node { return Sum(dz, 0, 1, 2) }))
	}
	return grads
}

// A convolution takes images (n, height, width, c) to (n, rows, cols, h).
type convolution struct {
	n, height, width, c int
	rows, cols, h       int
	window              Window // with a positive stride
}

// convolutionOf checks a Conv; bias may be nil.
func convolutionOf(x, w, bias *node, win Window) (g convolution, err error) {
	if g.window, err = checkWindow(win); err != nil {
		return g, err
	}
	if err := convRanks(x, w); err != nil {
		return g, err
	}
	g.n, g.height, g.width, g.c, g.h = x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3), w.Dim(1)
	g.rows, g.cols = (g.height-1)/g.window.Stride+1, (g.width-1)/g.window.Stride+1
	if w.Dim(0) != len(win.Taps)*g.c {
		return g, errors.Wrapf(graph.ErrShape, "w must be (%d, h), for %d taps of %d channels", len(win.Taps)*g.c, len(win.Taps), g.c)
	}
	return g, convBias(bias, g.h)
}

// adjointOf checks a ConvTranspose; bias may be nil.
func adjointOf(x, w, bias *node, win Window, height, width int) (g convolution, err error) {
	if g.window, err = checkWindow(win); err != nil {
		return g, err
	}
	if height < 1 || width < 1 {
		return g, errors.Wrapf(graph.ErrRange, "no image is %d by %d", height, width)
	}
	if err := convRanks(x, w); err != nil {
		return g, err
	}
	g.n, g.height, g.width, g.h, g.c = x.Dim(0), height, width, w.Dim(1), w.Dim(0)/len(win.Taps)
	g.rows, g.cols = (height-1)/g.window.Stride+1, (width-1)/g.window.Stride+1
	if x.Dim(1) != g.rows || x.Dim(2) != g.cols || x.Dim(3) != g.h {
		return g, errors.Wrapf(graph.ErrShape, "x must be (n, %d, %d, %d) for images of %d by %d", g.rows, g.cols, g.h, height, width)
	}
	if w.Dim(0)%len(win.Taps) != 0 {
		return g, errors.Wrapf(graph.ErrShape, "the rows of w are no multiple of %d taps", len(win.Taps))
	}
	return g, convBias(bias, g.c)
}

func convRanks(x, w *node) error {
	switch {
	case !floats(x, w):
		return errors.Wrap(graph.ErrType, "convolution of integers")
	case len(x.Shape()) != 4 || len(w.Shape()) != 2:
		return errors.Wrap(graph.ErrShape, "a convolution needs images x (n, y, x, c) and a matrix w")
	}
	return nil
}

func convBias(bias *node, n int) error {
	if bias != nil && (len(bias.Shape()) != 1 || bias.Dim(0) != n) {
		return errors.Wrapf(graph.ErrShape, "the bias must be (%d)", n)
	}
	return nil
}

// checkWindow returns a copy of the window with its default stride.
func checkWindow(win Window) (Window, error) {
	seen := make(map[[2]int]bool)
	for _, t := range win.Taps {
		if seen[t] {
			return win, errors.Wrapf(graph.ErrRange, "the window has tap (%d, %d) twice", t[0], t[1])
		}
		seen[t] = true
	}
	switch {
	case len(win.Taps) == 0:
		return win, errors.Wrap(graph.ErrRange, "the window is empty")
	case win.Stride < 0:
		return win, errors.Wrapf(graph.ErrRange, "stride %d is negative", win.Stride)
	}
	return Window{slices.Clone(win.Taps), max(1, win.Stride)}, nil
}

// pointwise tells whether each place sees itself alone: a product of matrices.
func (g convolution) pointwise() bool {
	return g.window.Stride == 1 && len(g.window.Taps) == 1 && g.window.Taps[0] == [2]int{}
}

package ae

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// TestLargestFilters asks for all that a file may: it takes no time beyond that of the weights.
func TestLargestFilters(t *testing.T) {
	conv := []nn.Conv{{Units: 1, Size: nn.MaxSize, Stride: nn.MaxSize}}
	m := model(t, Config{Shape: []int{600, 300}, Conv: conv, Encoder: []nn.Dense{dense(1, op.Identity)}}, graph.Float64)
	x := uniform(1, 1, 600, 300)
	row := make([]float64, x.Len())
	for i := range row {
		row[i] = x.At(i)
	}
	code, want := must(m.Encode(x))(t), m.slowEncode(row)
	near(t, "code", code.At(0), want[1][0], 1e-10)
	y := must(m.Decode(code))(t)
	for i, v := range m.slowDecode(want[1]) {
		near(t, "reconstruction", y.At(i), v, 1e-10)
	}
}

// A slowImage is features (y, x, c).
type slowImage struct {
	y, x, c int
	v       []float64
}

// at is the feature of a channel at a place, nil outside.
func (i slowImage) at(y, x, c int) *float64 {
	if y < 0 || y >= i.y || x < 0 || x >= i.x {
		return nil
	}
	return &i.v[(y*i.x+x)*i.c+c]
}

// slowConvolve returns one example's image and the outputs of all convolutions.
func (m *Model) slowConvolve(x []float64) []slowImage {
	s := m.cfg.Shape
	in := slowImage{y: s[len(s)-2], x: s[len(s)-1], c: 1, v: make([]float64, len(x))}
	if len(s) == 3 {
		in.c = s[0]
	}
	for i, v := range x { // from (c, y, x)
		*in.at(i/in.x%in.y, i%in.x, i/in.x/in.y) = v
	}
	images := []slowImage{in}
	for i, l := range m.cfg.Conv {
		w, bias, stride, half := m.value("enc/conv/%d/w", i), m.value("enc/conv/%d/b", i), max(1, l.Stride), l.Size/2
		out := slowImage{y: (in.y + stride - 1) / stride, x: (in.x + stride - 1) / stride, c: l.Units}
		for place := range out.y * out.x {
			for u := range l.Units {
				sum := bias[u]
				for k := range l.Size * l.Size * in.c {
					tap, c := k/in.c, k%in.c
					if v := in.at(place/out.x*stride+tap/l.Size-half, place%out.x*stride+tap%l.Size-half, c); v != nil {
						sum += *v * w[k*l.Units+u]
					}
				}
				out.v = append(out.v, activate(l.Activation, sum))
			}
		}
		images, in = append(images, out), out
	}
	return images
}

// slowDeconvolve leads features back to one example, through images of the sizes of the given ones.
func (m *Model) slowDeconvolve(x []float64, sizes []slowImage, output op.Activation) []float64 {
	n := len(m.cfg.Conv)
	in := sizes[n]
	in.v = x
	for i := n - 1; i >= 0; i-- {
		l := m.cfg.Conv[i]
		w, bias, stride, half := m.value("dec/conv/%d/w", n-1-i), m.value("dec/conv/%d/b", n-1-i), max(1, l.Stride), l.Size/2
		out := sizes[i]
		out.v = make([]float64, out.y*out.x*out.c)
		for at, v := range in.v { // each adds to what it would be made of
			place, u := at/in.c, at%in.c
			for k := range l.Size * l.Size * out.c {
				tap, c := k/out.c, k%out.c
				if to := out.at(place/in.x*stride+tap/l.Size-half, place%in.x*stride+tap%l.Size-half, c); to != nil {
					*to += v * w[k*in.c+u]
				}
			}
		}
		act := output
		if i > 0 {
			act = m.cfg.Conv[i-1].Activation
		}
		for j := range out.v {
			out.v[j] = activate(act, out.v[j]+bias[j%out.c])
		}
		in = out
	}
	y := make([]float64, len(in.v)) // to (c, y, x)
	for i := range y {
		y[i] = *in.at(i/in.x%in.y, i%in.x, i/in.x/in.y)
	}
	return y
}

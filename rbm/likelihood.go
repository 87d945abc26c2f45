package rbm

import (
	"context"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

const maxEnumerated = 25 // units: 33 million states

// LogZ is the exact logarithm of the partition function, in nats, by enumeration of the states of a
// side of Bernoulli units, the smaller one if both are. That side must have at most 25 units, and the
// other must not be of rectified units, but may be softmax or Gaussian. The work grows as 2 to that
// number times the units of the other side.
func (m *Model) LogZ(ctx context.Context) (float64, error) {
	d, h := m.cfg.Visible, m.cfg.Hidden
	visible := m.cfg.VisibleUnits == Bernoulli && d <= maxEnumerated && m.cfg.HiddenUnits != Rectified
	hidden := m.cfg.HiddenUnits == Bernoulli && h <= maxEnumerated
	w, b, c := m.values("w"), m.values("b"), m.values("c")
	switch {
	case visible && (d <= h || !hidden):
		return enumerate(ctx, w, b, c, m.hiddenPartition(c))
	case hidden:
		rows := make([]float64, len(w)) // the transpose
		for i, v := range w {
			rows[i%h*d+i/h] = v
		}
		return enumerate(ctx, rows, c, b, m.visiblePartition(b))
	}
	return 0, errors.Wrapf(ErrConfig, "log Z of %d %v visible and %d %v hidden units: one side must be of at most %d Bernoulli units; see AIS",
		d, m.cfg.VisibleUnits, h, m.cfg.HiddenUnits, maxEnumerated)
}

// A partition is the logarithm of the sum, or integral, over the states of one side, which given the
// other has the inputs x, its bias among them.
type partition func(x []float64) float64

func (m *Model) hiddenPartition(c []float64) partition {
	if m.cfg.HiddenUnits == Bernoulli {
		return sumSoftplus
	}
	one := make([]float64, len(c))
	for i := range one {
		one[i] = 1
	}
	return gaussianPartition(c, one)
}

func (m *Model) visiblePartition(b []float64) partition {
	switch m.cfg.VisibleUnits {
	case Bernoulli:
		return sumSoftplus
	case Gaussian:
		return gaussianPartition(b, m.stds())
	}
	return func(x []float64) float64 {
		total := 0.0
		for lo := 0; lo < len(x); lo += m.cfg.Categories {
			var group logSum
			for _, v := range x[lo : lo+m.cfg.Categories] {
				group.add(v)
			}
			total += group.value()
		}
		return total
	}
}

// gaussianPartition integrates exp(-(v-b)^2/(2 s^2) + v (x-b)/s^2), which is s sqrt(2 pi) exp((x^2 -
// b^2)/(2 s^2)).
func gaussianPartition(b, std []float64) partition {
	return func(x []float64) float64 {
		total := 0.0
		for i, v := range x {
			s := std[i]
			total += 0.5*math.Log(2*math.Pi) + math.Log(s) + (v-b[i])*(v+b[i])/(2*s*s)
		}
		return total
	}
}

// enumerate is, with one row of rows for each unit of s, the logarithm of the sum of exp(s bias +
// other(s rows + start)) over all binary s. It visits s in the order of a Gray code, in which neighbours
// differ in one unit, and sums in blocks, each of which starts from an exact state.
func enumerate(ctx context.Context, rows, bias, start []float64, other partition) (float64, error) {
	block := min(len(bias), 12)
	var total logSum
	for hi := range 1 << (len(bias) - block) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		total.add(enumerateBlock(rows, bias, start, other, hi, block))
	}
	return total.value(), nil
}

// enumerateBlock sums over the lowest units, the others fixed to the bits of hi.
func enumerateBlock(rows, bias, start []float64, other partition, hi, block int) float64 {
	inputs := append([]float64(nil), start...)
	linear := 0.0
	flip := func(unit int, sign float64) {
		linear += sign * bias[unit]
		for j, v := range rows[unit*len(start) : (unit+1)*len(start)] {
			inputs[j] += sign * v
		}
	}
	for unit := block; unit < len(bias); unit++ {
		if hi>>(unit-block)&1 == 1 {
			flip(unit, 1)
		}
	}
	var sum logSum
	sum.add(linear + other(inputs))
	for i := 1; i < 1<<block; i++ {
		unit := 0
		for i>>unit&1 == 0 {
			unit++
		}
		sign := 1.0
		if (i^i>>1)>>unit&1 == 0 { // the Gray code of i, after the flip
			sign = -1
		}
		flip(unit, sign)
		sum.add(linear + other(inputs))
	}
	return sum.value()
}

// sumSoftplus is sum log(1 + e^x), with one logarithm for many elements.
func sumSoftplus(xs []float64) float64 {
	sum, product := 0.0, 1.0
	for _, x := range xs {
		sum += max(x, 0)
		product *= 1 + math.Exp(-math.Abs(x))
		if product > 1e300 {
			sum += math.Log(product)
			product = 1
		}
	}
	return sum + math.Log(product)
}

// A logSum adds numbers given by their logarithms. The zero value is the empty sum.
type logSum struct {
	peak, sum float64 // the sum is exp(peak) sum
}

func (s *logSum) add(x float64) {
	switch {
	case s.sum == 0:
		s.peak, s.sum = x, 1
	case x <= s.peak:
		s.sum += math.Exp(x - s.peak)
	default:
		s.peak, s.sum = x, s.sum*math.Exp(s.peak-x)+1
	}
}

func (s *logSum) value() float64 { return s.peak + math.Log(s.sum) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// LogLikelihood returns log p(v) (n) = -F(v) - logZ of examples (n, ...), in nats. logZ is that of LogZ or
// an estimate, as AIS gives.
func (m *Model) LogLikelihood(v graph.Array, logZ float64) (graph.Array, error) {
	f, err := m.FreeEnergy(v)
	if err != nil {
		return f, err
	}
	logp := make([]float64, f.Len())
	for i := range logp {
		logp[i] = -f.At(i) - logZ
	}
	return graph.Floats64(logp, len(logp)), nil
}

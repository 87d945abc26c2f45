package rbm

import (
	"context"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

const maxEnumerated = 25 // units: 33 million states

// LogZ is the exact logarithm of the partition function, in nats, by enumeration of the states of the
// smaller side, which must have at most 25 units. The work grows as 2 to that number times the units of the other side.
func (m *Model) LogZ(ctx context.Context) (float64, error) {
	d, h := m.cfg.Visible, m.cfg.Hidden
	if min(d, h) > maxEnumerated {
		return 0, errors.Wrapf(ErrConfig, "log Z of %d visible and %d hidden units: the smaller side can have at most %d units; see AIS", d, h, maxEnumerated)
	}
	w, visible, hidden := m.values("w"), m.values("b"), m.values("c")
	if d <= h {
		return enumerate(ctx, w, visible, hidden)
	}
	rows := make([]float64, len(w)) // the transpose
	for i, v := range w {
		rows[i%h*d+i/h] = v
	}
	return enumerate(ctx, rows, hidden, visible)
}

// enumerate is, with one row of rows for each unit of s, log sum_s exp(s bias) prod_j (1 + exp(s rows + other)_j) over all binary s. It visits s in
// the order of a Gray code, in which neighbours differ in one unit, and sums in blocks, each of which
// starts from an exact state.
func enumerate(ctx context.Context, rows, bias, other []float64) (float64, error) {
	block := min(len(bias), 12)
	var total logSum
	for hi := range 1 << (len(bias) - block) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		total.add(enumerateBlock(rows, bias, other, hi, block))
	}
	return total.value(), nil
}

// enumerateBlock sums over the lowest units, the others fixed to the bits of hi.
func enumerateBlock(rows, bias, other []float64, hi, block int) float64 {
	logits := append([]float64(nil), other...)
	linear := 0.0
	flip := func(unit int, sign float64) {
		linear += sign * bias[unit]
		for j, v := range rows[unit*len(other) : (unit+1)*len(other)] {
			logits[j] += sign * v
		}
	}
	for unit := block; unit < len(bias); unit++ {
		if hi>>(unit-block)&1 == 1 {
			flip(unit, 1)
		}
	}
	var sum logSum
	sum.add(linear + sumSoftplus(logits))
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
		sum.add(linear + sumSoftplus(logits))
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

package view

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// linearTicks marks a few round numbers.
type linearTicks struct {
	whole bool // only whole ones, as of epochs or layers
}

func (l linearTicks) Ticks(lo, hi float64) []plot.Tick {
	step := roundStep((hi - lo) / 6)
	if l.whole {
		step = max(step, 1)
	}
	format, digits := byte('f'), max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	if digits > 4 || max(math.Abs(lo), math.Abs(hi)) >= 1e7 {
		format, digits = 'g', 8
	}
	var ticks []plot.Tick
	for i := math.Ceil(lo / step); i <= math.Floor(hi/step) && len(ticks) < 20; i++ {
		v := i * step
		if i == 0 {
			v = 0 // not -0
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, format, digits, 64)})
	}
	return ticks
}

// roundStep is the smallest of 1, 2 and 5 times a power of ten that is at least about x.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= 0.8*x {
			return m * power
		}
	}
	return 10 * power
}

// logTicks marks an axis that shows the decimal logarithms of what its labels say.
type logTicks struct{}

func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	if hi-lo < 1 { // less than a decade holds few round powers
		var ticks []plot.Tick
		for _, t := range (linearTicks{}).Ticks(math.Pow(10, lo), math.Pow(10, hi)) {
			if t.Value > 0 {
				t.Value = math.Log10(t.Value)
				ticks = append(ticks, t)
			}
		}
		return ticks
	}
	step := int(math.Ceil((hi - lo) / 8))
	var ticks []plot.Tick
	for e := int(math.Floor(lo)); e <= int(math.Floor(hi)); e++ {
		for m := 1; m < 10; m++ {
			t := plot.Tick{Value: float64(e) + math.Log10(float64(m))}
			labelled := m == 1 && e%step == 0 || hi-lo < 3 && (m == 2 || m == 5)
			if labelled {
				t.Label = strconv.FormatFloat(float64(m)*math.Pow10(e), 'g', 3, 64)
			}
			if t.Value >= lo && t.Value <= hi && (labelled || step == 1) {
				ticks = append(ticks, t)
			}
		}
	}
	return ticks
}

// Package optim moves parameters along their gradients: the classical methods with learning
// rate schedules, clipping, penalties and weight averages. It works on the slabs of
// graph.Params in single passes and knows nothing of models or graphs.
//
// Steps are bit-identical for any number of threads, and an Optimizer restored from its State
// goes on with the bits that the original would have had.
package optim

import (
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// An Optimizer updates one set of parameters. It is not safe for concurrent use.
type Optimizer struct {
	cfg    Config
	params *graph.Params
	listed int // parameters and buffers at New
	steps  int // taken so far
	pieces []piece
	sums   []float64 // squared norm of the gradient by piece
	engine engine
	// averaged is set while the averages stand in the place of the weights.
	averaged bool
}

// An engine does the passes over the slabs, for one element type.
type engine interface {
	// squares sets sums to the squared norms of the gradient, after clipping to ±clip if clip
	// is not 0.
	squares(clip float64)
	// update does one step.
	update(n numbers)
	swapAverage()
	stateSlabs() []stateSlab
}

// StepInfo describes one update.
type StepInfo struct {
	Step int     // its number, from 1
	Rate float64 // learning rate, before RateScales
	// GradNorm is the Euclidean norm of the gradient, after ClipValue and before ClipNorm,
	// without penalties.
	GradNorm float64
}

// New makes an Optimizer of the parameters in p, which must be complete. With cfg.EMA, the
// values at this moment are the first average. It returns an error that wraps
// graph.ErrRange if cfg is not valid, or graph.ErrName if a prefix in it fits no parameter.
func New(cfg Config, p *graph.Params) (*Optimizer, error) {
	cfg = cfg.defaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if p.Count() == 0 {
		return nil, errors.Wrap(graph.ErrName, "optim: there is no trainable parameter")
	}
	pieces, err := cut(p, cfg.RateScales)
	if err != nil {
		return nil, err
	}
	o := &Optimizer{cfg: cfg, params: p, listed: len(p.List()), pieces: pieces, sums: make([]float64, len(pieces))}
	if p.DType() == graph.Float64 {
		o.engine = newEngine[float64](o)
	} else {
		o.engine = newEngine[float32](o)
	}
	return o, nil
}

// Config returns the configuration, with defaults filled in.
func (o *Optimizer) Config() Config { return o.cfg }

// Steps returns the number of updates so far.
func (o *Optimizer) Steps() int { return o.steps }

// Step updates the parameters from their gradients, which it may change (by clipping, by
// penalties). If a gradient is NaN or infinite, nothing is updated and the error, which wraps
// graph.ErrNotFinite, names the parameter.
func (o *Optimizer) Step() (StepInfo, error) {
	if o.averaged {
		return StepInfo{}, errors.New("optim: Step inside of WithAverage")
	}
	if len(o.params.List()) != o.listed {
		return StepInfo{}, errors.Wrapf(graph.ErrName, "optim: there are %d parameters and buffers now and were %d at New", len(o.params.List()), o.listed)
	}
	info := StepInfo{Step: o.steps + 1, Rate: o.cfg.Rate * o.cfg.Schedule.At(o.steps)}
	o.engine.squares(0)
	sum := total(o.sums)
	if math.IsInf(sum, 0) || math.IsNaN(sum) {
		return info, o.notFinite()
	}
	if o.cfg.ClipValue > 0 {
		o.engine.squares(o.cfg.ClipValue)
		sum = total(o.sums)
	}
	info.GradNorm = math.Sqrt(sum)
	scale := 1.0
	if c := o.cfg.ClipNorm; c > 0 && info.GradNorm > c {
		scale = c / info.GradNorm
	}
	o.engine.update(o.numbers(info.Rate, scale))
	o.steps++
	return info, nil
}

// notFinite names the first parameter whose gradient is not finite.
func (o *Optimizer) notFinite() error {
	for _, q := range o.params.List() {
		if !q.Trainable || rateScale(q.Name, o.cfg.RateScales) == 0 {
			continue
		}
		if err := q.Grad().CheckFinite(); err != nil {
			return errors.Wrapf(err, "optim: step %d: gradient of %q", o.steps+1, q.Name)
		}
	}
	return errors.Wrapf(graph.ErrNotFinite, "optim: step %d: the norm of the gradient overflows", o.steps+1)
}

// numbers are the scalars of one step, in full precision and before RateScales.
type numbers struct {
	rate, scale, momentum float64
	correct1, correct2    float64 // of Adam's moments
	gain                  float64 // of the average of weights
}

func (o *Optimizer) numbers(rate, scale float64) numbers {
	c, t := &o.cfg, float64(o.steps+1)
	n := numbers{rate: rate, scale: scale, momentum: c.Momentum, correct1: 1, correct2: 1}
	if o.steps < c.EarlySteps {
		n.momentum = c.EarlyMomentum
	}
	if c.Method.usesMoments() {
		n.correct1 = 1 / (1 - math.Pow(c.Beta1, t))
		n.correct2 = 1 / (1 - math.Pow(c.Beta2, t))
	}
	n.gain = 1 - min(c.EMA, (1+t)/(10+t))
	return n
}

// WithAverage runs f with the averages of Config.EMA in the place of the weights, to evaluate
// or to save them, and puts the weights back, whatever f does. Without EMA it just runs f.
// Inside f the Optimizer must not be used.
func (o *Optimizer) WithAverage(f func() error) error {
	if o.averaged {
		return errors.New("optim: WithAverage inside of WithAverage")
	}
	if o.cfg.EMA > 0 {
		o.averaged = true
		o.engine.swapAverage()
		defer func() {
			o.engine.swapAverage()
			o.averaged = false
		}()
	}
	return f()
}

func total(sums []float64) float64 {
	sum := 0.0
	for _, s := range sums {
		sum += s
	}
	return sum
}

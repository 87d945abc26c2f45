package train

import (
	"maps"
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A watch follows the metric of EarlyStop through the evaluations of a run.
type watch struct {
	cfg   EarlyStop
	best  Best
	bad   int       // evaluations since the best one
	taken *snapshot // the weights of the best one; nil unless they are to be restored
}

// Best is the best evaluation of a run.
type Best struct {
	Step  int     // steps taken before it; 0 if there was none
	Value float64 // of the metric of EarlyStop
}

func newWatch(cfg EarlyStop, p *graph.Params) *watch {
	w := &watch{cfg: cfg}
	if cfg.Restore {
		w.taken = newSnapshot(p, isAny)
	}
	return w
}

// see takes note of an evaluation after a step, with its weights in place.
func (w *watch) see(step int, m Metrics) error {
	v, ok := m[w.cfg.Metric]
	if !ok {
		return errors.Wrapf(ErrConfig, "early stopping by metric %q, of which the evaluator knows nothing; it has %q",
			w.cfg.Metric, slices.Sorted(maps.Keys(m)))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return errors.Wrapf(graph.ErrNotFinite, "early stopping by metric %q, which is %v", w.cfg.Metric, v)
	}
	gain := w.best.Value - v
	if w.cfg.Maximise {
		gain = -gain
	}
	if w.best.Step > 0 && !(gain > w.cfg.MinDelta) {
		w.bad++
		return nil
	}
	w.best, w.bad = Best{step, v}, 0
	if w.taken != nil {
		w.taken.take()
	}
	return nil
}

// out reports whether patience has run out.
func (w *watch) out() bool { return w.cfg.Patience > 0 && w.bad >= w.cfg.Patience }

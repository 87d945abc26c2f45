package train

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Metrics of one batch or of one pass, averaged per example. "loss" is always among them. What is
// no average over examples (a perplexity, a norm) must be derived from one afterwards.
type Metrics map[string]float64

// String lists the metrics by name.
func (m Metrics) String() string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s %.6g", name, m[name])
	}
	return b.String()
}

// Loss is the name of the metric that every objective returns.
const Loss = "loss"

// An Objective estimates, for one mini-batch, the direction in which its parameters should
// descend.
//
//  1. Params returns the same set every time, and all parameters exist before training.
//  2. Gradient overwrites Grad of every trainable parameter and leaves Value alone.
//  3. It takes all its randomness from key: equal values, buffers, key and batch give equal bits.
//  4. It neither changes nor keeps the batch.
//  5. It returns metrics averaged per example, Loss among them, in a map that stays as it is until
//     the next call.
//  6. It may update buffers (persistent chains, running statistics), which are saved with the
//     parameters and put back if the step fails. What else it remembers must not affect the
//     results.
//
// The estimate need not be the gradient of any function: that of contrastive divergence is not.
type Objective interface {
	Params() *graph.Params
	Gradient(key graph.Key, b data.Batch) (Metrics, error)
}

// An Evaluator scores held-out batches. It touches neither Value nor Grad nor buffers, and is
// otherwise bound by the same contract as an Objective. An Objective that is an Evaluator too can
// be trained with held-out data.
type Evaluator interface {
	Evaluate(key graph.Key, b data.Batch) (Metrics, error)
}

// checkLoss says whether m holds a finite loss.
func checkLoss(m Metrics) error {
	loss, ok := m[Loss]
	if !ok {
		return errors.Wrapf(ErrObjective, "its metrics are %v, expected %q among them", m, Loss)
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return errors.Wrapf(graph.ErrNotFinite, "the loss is %v", loss)
	}
	return nil
}

// averages gathers metrics over batches, each weighted by its number of examples.
type averages map[string]*average

type average struct{ sum, weight float64 }

func (a averages) add(m Metrics, weight float64) {
	for name, v := range m {
		w := a[name]
		if w == nil {
			w = &average{}
			a[name] = w
		}
		w.sum += v * weight
		w.weight += weight
	}
}

// metrics returns what has been gathered, or nil if that is nothing.
func (a averages) metrics() Metrics {
	if len(a) == 0 {
		return nil
	}
	m := Metrics{}
	for name, w := range a {
		m[name] = w.sum / w.weight
	}
	return m
}

package train

import (
	"context"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Evaluate scores all of src in batches of at most size examples and returns the metrics per
// example. Batch i is scored with a part of key of its own: equal keys score with the same
// noise. A loss that is not finite is graph.ErrNotFinite.
func Evaluate(ctx context.Context, ev Evaluator, key graph.Key, src data.Source, size int) (Metrics, error) {
	if n := src.Len(); n > 0 {
		size = min(size, n)
	}
	sum, i := averages{}, 0
	for b, err := range data.Prefetch(src).Batches(key.Fork("order"), size) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = score(ev, key.Fork("batch").ForkN(i), b, sum)
		}
		if err != nil {
			return nil, errors.WithMessagef(err, "train: evaluation, batch %d", i)
		}
		i++
	}
	if i == 0 {
		return nil, errors.Wrap(data.ErrEmpty, "train: evaluation")
	}
	return sum.metrics(), nil
}

func score(ev Evaluator, key graph.Key, b data.Batch, sum averages) (err error) {
	defer recovered(&err, "evaluator")
	m, err := ev.Evaluate(key, b)
	if err != nil {
		return err
	}
	sum.add(m, float64(b.N))
	return checkLoss(m)
}

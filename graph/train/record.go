package train

import (
	"context"

	"github.com/pkg/errors"
)

// record adds a point to the history: the training metrics since the last one and, if it is time
// for that or the run is over, an evaluation.
func (t *trainer) record(ctx context.Context) error {
	ended := t.batch == 0
	r := Record{Step: t.step, Epoch: t.epoch, Train: t.gathered.metrics()}
	if t.cfg.Valid != nil && (t.cfg.EvalEvery.due(t.step, t.epoch, ended) || t.over() != "") {
		if err := t.evaluate(ctx, &r); err != nil {
			return errors.WithMessagef(err, "train: after step %d", t.step)
		}
	}
	t.history.Records = append(t.history.Records, r)
	clear(t.gathered)
	t.pending, t.saved = false, -1
	t.progress.record(t, r)
	if !ended {
		return nil
	}
	return t.callHooks(func(h Hook) func(State) error { return h.OnEpoch })
}

// evaluate scores the held-out data, with the averages of the weights if there are any.
func (t *trainer) evaluate(ctx context.Context, r *Record) error {
	return t.opt.WithAverage(func() (err error) {
		r.Valid, err = Evaluate(ctx, t.obj.(Evaluator), t.cfg.Key.Fork("valid"), t.cfg.Valid, t.cfg.BatchSize)
		if err != nil {
			return err
		}
		return t.watch.see(t.step, r.Valid)
	})
}

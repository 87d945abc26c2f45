package train

import (
	"context"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
)

// A Reason says why a run ended.
type Reason string

// The reasons. A run that fails has the reason Failed and an error, one that is cancelled Cancelled
// and the error of its context.
const (
	Finished     Reason = "finished"      // all steps or epochs are done
	StoppedEarly Reason = "stopped early" // the held-out data no longer improved
	Cancelled    Reason = "cancelled"
	Failed       Reason = "failed"
)

// A Result is what a run has come to.
type Result struct {
	Reason   Reason
	Step     int // steps taken, also before a resume
	Epoch    int // complete epochs
	Examples int // examples seen, an example as often as it was
	Best     Best
	History  *History
	Resumed  string   // path of the checkpoint that the run went on from, if it did
	Warnings []string // what did not stop the run, as a damaged checkpoint that was passed over
}

// Run trains the parameters of obj on src as cfg says. It prepares the next batch while one is
// trained on.
//
// What is wrong with the settings is found before anything is touched: the Result is then nil.
// Otherwise there is a Result even with an error. When ctx is cancelled, Run finishes its step,
// writes a checkpoint if it has a folder, and returns the error of ctx. Any other error, a panic of
// obj, src or a hook among them, leaves the parameters and buffers as they were after the last
// whole step, and the checkpoints that exist; in particular a NaN or Inf, which is
// graph.ErrNotFinite and names the step, is never trained on.
func Run(ctx context.Context, obj Objective, src data.Source, cfg Config) (*Result, error) {
	t, err := newTrainer(obj, src, cfg)
	if err != nil {
		return nil, err
	}
	reason, err := t.loop(ctx)
	if reason == Failed && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		reason = Cancelled
	}
	if reason != Failed {
		if saveErr := t.end(reason); saveErr != nil {
			reason, err = Failed, saveErr
		}
	}
	t.progress.end(t, reason)
	return &Result{
		Reason: reason, Step: t.step, Epoch: t.epoch, Examples: t.examples,
		Best: t.watch.best, History: &t.history, Resumed: t.resumed, Warnings: t.warnings,
	}, err
}

// A trainer is the state of a run.
type trainer struct {
	cfg    Config
	obj    Objective
	params *graph.Params
	src    data.Source
	opt    *optim.Optimizer
	saver  *ckpt.Checkpointer // nil without a folder

	// What a checkpoint holds, besides the parameters and the optimiser's state.
	step, epoch int      // taken, completed
	batch       int      // batches used of the current epoch
	examples    int      // seen
	pending     bool     // a record is due before the next step
	gathered    averages // training metrics since the last record
	history     History
	watch       *watch

	saved    int       // step of the newest checkpoint, -1 if it is out of date or there is none
	buffers  *snapshot // as they were before the current step
	sum      sumOfGradients
	last     Metrics // of the last step
	info     optim.StepInfo
	progress *progress
	resumed  string
	warnings []string
}

func newTrainer(obj Objective, src data.Source, cfg Config) (t *trainer, err error) {
	defer recovered(&err, "objective or source")
	if obj == nil || src == nil {
		return nil, errors.Wrap(ErrConfig, "the objective or the source is nil")
	}
	if err := cfg.validate(obj, src); err != nil {
		return nil, err
	}
	p := obj.Params()
	if p == nil || p.Count() == 0 {
		return nil, errors.Wrapf(ErrObjective, "%T has no trainable parameters; they must exist before training", obj)
	}
	t = &trainer{
		cfg: cfg, obj: obj, params: p, src: src, saved: -1,
		gathered: averages{}, watch: newWatch(cfg.Stop, p), buffers: newSnapshot(p, isBuffer),
	}
	if t.opt, err = optim.New(cfg.Optim, p); err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	if cfg.Checkpoint.Dir != "" {
		if err := t.openCheckpoints(); err != nil {
			return nil, err
		}
	}
	t.progress = newProgress(t)
	return t, nil
}

// loop trains until there is a reason to end.
func (t *trainer) loop(ctx context.Context) (Reason, error) {
	for {
		if t.pending {
			if err := t.record(ctx); err != nil {
				return Failed, err
			}
		}
		if reason := t.over(); reason != "" {
			return reason, nil
		}
		if err := t.trainEpoch(ctx); err != nil {
			return Failed, err
		}
	}
}

// over returns the reason why the run is over, or "".
func (t *trainer) over() Reason {
	switch {
	case t.watch.out():
		return StoppedEarly
	case t.cfg.Steps > 0 && t.step >= t.cfg.Steps, t.cfg.Epochs > 0 && t.epoch >= t.cfg.Epochs:
		return Finished
	}
	return ""
}

// trainEpoch trains from the current place to the end of the epoch, or of the run.
func (t *trainer) trainEpoch(ctx context.Context) error {
	c := openEpoch(t.src, t.cfg.Key.Fork("order").At(uint64(t.epoch)), t.cfg.BatchSize, t.batch)
	defer c.close()
	for !c.done {
		if err := ctx.Err(); err != nil {
			return errors.Wrapf(err, "train: after step %d", t.step)
		}
		if err := t.takeStep(c); err != nil {
			return errors.WithMessagef(err, "train: step %d (epoch %d, batch %d)", t.step+1, t.epoch+1, c.index+1)
		}
		if err := t.afterStep(ctx, c.done); err != nil {
			return err
		}
		if t.over() != "" {
			return nil
		}
	}
	return nil
}

// afterStep does what is due after a step, which was the last of its epoch if ended is true.
func (t *trainer) afterStep(ctx context.Context, ended bool) error {
	t.saved = -1
	if ended {
		t.epoch, t.batch = t.epoch+1, 0
	}
	t.pending = ended || t.cfg.EvalEvery.due(t.step, t.epoch, ended) || t.over() != ""
	t.progress.step(t)
	if err := t.callHooks(func(h Hook) func(State) error { return h.OnStep }); err != nil {
		return err
	}
	if t.pending {
		if err := t.record(ctx); err != nil {
			return err
		}
	}
	if t.saver != nil && t.cfg.Checkpoint.Every.due(t.step, t.epoch, ended) {
		return t.save()
	}
	return nil
}

// end completes a run that has not failed.
func (t *trainer) end(reason Reason) error {
	if t.saver != nil && t.saved != t.step {
		if err := t.save(); err != nil {
			return err
		}
	}
	if reason != Cancelled {
		if err := t.leaveWeights(); err != nil {
			return err
		}
	}
	return t.callHooks(func(h Hook) func(State) error { return h.OnEnd })
}

// leaveWeights puts the weights that the run is for into the parameters: the best ones if they are
// to be restored, else the averages if there are any, else the last ones.
func (t *trainer) leaveWeights() error {
	if s := t.watch.taken; s != nil && s.taken {
		s.restore()
		return nil
	}
	if t.cfg.Optim.EMA == 0 {
		return nil
	}
	average := newSnapshot(t.params, isAny)
	if err := t.opt.WithAverage(func() error { average.take(); return nil }); err != nil {
		return errors.WithMessage(err, "train")
	}
	average.restore()
	return nil
}

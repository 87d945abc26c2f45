package train

import (
	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/optim"
)

// A Hook is called by Run, each of its functions that is not nil, on the goroutine of Run. An error
// from it ends the run. After a resume, the hooks see the steps since the checkpoint again.
type Hook struct {
	OnStep  func(State) error // after every step
	OnEpoch func(State) error // at the end of every epoch, after its evaluation
	OnEnd   func(State) error // when the run has ended without an error or by cancellation
}

// A State is what a hook sees of a run. It must not change what it refers to, nor keep it: the next
// step does.
type State struct {
	Step     int            // steps taken
	Epoch    int            // complete epochs
	Examples int            // examples seen, an example as often as it was
	Metrics  Metrics        // of the last step, averaged per example; nil before the first one
	Optim    optim.StepInfo // of the last step
	Params   *graph.Params
	History  *History
}

func (t *trainer) hookState() State {
	return State{
		Step: t.step, Epoch: t.epoch, Examples: t.examples,
		Metrics: t.last, Optim: t.info, Params: t.params, History: &t.history,
	}
}

// callHooks calls the function that pick chooses of every hook.
func (t *trainer) callHooks(pick func(Hook) func(State) error) error {
	for i, h := range t.cfg.Hooks {
		if f := pick(h); f != nil {
			if err := callHook(f, t.hookState()); err != nil {
				return errors.WithMessagef(err, "train: hook %d, after step %d", i, t.step)
			}
		}
	}
	return nil
}

func callHook(f func(State) error, s State) (err error) {
	defer recovered(&err, "hook")
	return f(s)
}

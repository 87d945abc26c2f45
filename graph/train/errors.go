package train

import "github.com/pkg/errors"

// Sentinels, to be found with errors.Is. NaN and Inf are graph.ErrNotFinite, an empty set is
// data.ErrEmpty, a batch larger than the set data.ErrBatch, a cancelled run context.Canceled or
// context.DeadlineExceeded.
var (
	ErrConfig    = errors.New("train: setting out of range")
	ErrObjective = errors.New("train: the objective breaks its contract")
	ErrResume    = errors.New("train: checkpoint of another run")
	ErrPanic     = errors.New("train: panic")
)

// recovered, deferred, turns a panic of what into an error. It keeps the stack, for %+v.
func recovered(err *error, what string) {
	if r := recover(); r != nil {
		*err = errors.Wrapf(ErrPanic, "%s: %v", what, r)
	}
}

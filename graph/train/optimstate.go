package train

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/optim"
)

const metaOptimSteps = "train.optim" // updates that the optimiser has made

// putOptim adds the state of the optimiser to a checkpoint.
func (t *trainer) putOptim(f *ckpt.File) error {
	s, err := t.opt.State()
	if err != nil {
		return err
	}
	f.Meta[metaOptimSteps] = strconv.Itoa(s.Steps)
	for name, a := range s.Tensors {
		f.Tensors[prefixOptim+name] = a
	}
	return nil
}

// getOptim sets the optimiser to the state in a checkpoint.
func (t *trainer) getOptim(f *ckpt.File) error {
	steps, err := strconv.Atoi(f.Meta[metaOptimSteps])
	if err != nil {
		return errors.Wrapf(ckpt.ErrFormat, "metadata %q is %q, expected a number of steps", metaOptimSteps, f.Meta[metaOptimSteps])
	}
	s := optim.State{Steps: steps, Tensors: map[string]graph.Array{}}
	for name, a := range f.Tensors {
		if own, ok := strings.CutPrefix(name, prefixOptim); ok {
			s.Tensors[own] = a
		}
	}
	return t.opt.SetState(s)
}

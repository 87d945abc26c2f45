package train

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/optim"
)

// Metadata keys and prefixes of tensor names of a checkpoint.
const (
	metaPlace    = "train.place"    // savedPlace in JSON
	metaSettings = "train.settings" // what decides the results, in JSON

	prefixParams  = "params/"
	prefixBest    = "best/"
	prefixOptim   = "optim/"
	prefixHistory = "history/"
	prefixAverage = "gathered/" // sum and weight of a training metric since the last record
)

// A savedPlace is where a run is.
type savedPlace struct {
	Step, Epoch, Batch, Examples int
	Pending                      bool
	Best                         Best
	Bad                          int // evaluations since the best one
}

// openCheckpoints prepares the folder, and goes on from its newest checkpoint if that is asked for.
func (t *trainer) openCheckpoints() error {
	c := t.cfg.Checkpoint
	for key := range c.Meta {
		if key == metaPlace || key == metaSettings {
			return errors.Wrapf(ErrConfig, "metadata key %q is the checkpoint's own", key)
		}
	}
	var err error
	if t.saver, err = ckpt.NewCheckpointer(c.Dir, c.Keep); err != nil {
		return errors.WithMessage(err, "train")
	}
	if err := tryFolder(c.Dir); err != nil {
		return errors.Wrap(err, "train: the checkpoint folder")
	}
	newest, err := t.saver.Latest()
	switch {
	case errors.Is(err, ckpt.ErrNoCheckpoint):
		return nil
	case err != nil:
		return errors.WithMessage(err, "train")
	case !c.Resume:
		return errors.Wrapf(ErrResume, "%q exists: set Resume to go on from it, or use another folder", newest.Path)
	}
	for _, s := range newest.Skipped {
		t.warnings = append(t.warnings, fmt.Sprintf("passed over a damaged checkpoint: %v", s))
	}
	t.resumed = newest.Path
	return errors.Wrapf(t.load(newest), "train: resume from %q", newest.Path)
}

// tryFolder finds out before the work, not after it, whether files can be made in dir. Left by a
// killed process, its file is among those that NewCheckpointer removes.
func tryFolder(dir string) error {
	f, err := os.CreateTemp(dir, ".ckpt-try.tmp-")
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Remove(f.Name())
}

// settings is all that decides the results of a run and must not change on a resume: how long it
// is, and what it reports, may.
func (t *trainer) settings() (string, error) {
	c := t.cfg
	s := map[string]any{
		"BatchSize": c.BatchSize, "Accumulate": c.Accumulate, "Optim": c.Optim, "Key": c.Key,
		"EvalEvery": c.EvalEvery, "Stop": c.Stop, "Meta": c.Checkpoint.Meta,
		"Source": fmt.Sprintf("%d examples of shape %v", t.src.Len(), t.src.Shape()), "Valid": "none",
	}
	if c.Valid != nil {
		s["Valid"] = fmt.Sprintf("%d examples of shape %v", c.Valid.Len(), c.Valid.Shape())
	}
	text, err := json.Marshal(s)
	return string(text), errors.Wrap(err, "settings")
}

// difference says in what two settings differ.
func difference(saved, own string) (string, error) {
	if !json.Valid([]byte(saved)) {
		return "", errors.Wrapf(ckpt.ErrFormat, "metadata %q is not JSON", metaSettings)
	}
	return strings.Join(differences("", json.RawMessage(saved), json.RawMessage(own)), "; "), nil
}

// differences lists the places below name at which two JSON values differ.
func differences(name string, saved, own json.RawMessage) []string {
	if string(saved) == string(own) {
		return nil
	}
	a, b := fields(saved), fields(own)
	if a == nil || b == nil {
		if saved == nil {
			saved = json.RawMessage("none")
		}
		if own == nil {
			own = json.RawMessage("none")
		}
		return []string{fmt.Sprintf("%s was %s and is %s", name, saved, own)}
	}
	all := maps.Clone(a)
	maps.Copy(all, b)
	var list []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		list = append(list, differences(strings.TrimPrefix(name+"."+key, "."), a[key], b[key])...)
	}
	return list
}

// fields are the members of a JSON object, also of one in a string, as a model's configuration is; nil for
// any other value.
func fields(text json.RawMessage) map[string]json.RawMessage {
	var inner string
	if json.Unmarshal(text, &inner) == nil {
		text = json.RawMessage(inner)
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return nil
	}
	return members
}

// save writes a checkpoint of the current state.
func (t *trainer) save() error {
	if t.saved == t.step {
		return nil
	}
	f := ckpt.NewFile()
	maps.Copy(f.Meta, t.cfg.Checkpoint.Meta)
	place, err := json.Marshal(savedPlace{
		Step: t.step, Epoch: t.epoch, Batch: t.batch, Examples: t.examples,
		Pending: t.pending, Best: t.watch.best, Bad: t.watch.bad,
	})
	if err != nil {
		return errors.Wrap(err, "train: checkpoint")
	}
	f.Meta[metaPlace] = string(place)
	if f.Meta[metaSettings], err = t.settings(); err != nil {
		return errors.WithMessage(err, "train: checkpoint")
	}
	f.Put(prefixParams, t.params)
	t.history.put(f.Tensors)
	for name, a := range t.gathered {
		f.Tensors[prefixAverage+name] = graph.Floats64([]float64{a.sum, a.weight}, 2)
	}
	if s := t.watch.taken; s != nil && s.taken {
		for i, q := range s.params {
			f.Tensors[prefixBest+q.Name] = s.copies[i]
		}
	}
	state, err := t.opt.State()
	if err != nil {
		return errors.WithMessage(err, "train: checkpoint")
	}
	for name, a := range state.Tensors {
		f.Tensors[prefixOptim+name] = a
	}
	if err := t.saver.Save(t.step, f); err != nil {
		return errors.WithMessagef(err, "train: checkpoint of step %d", t.step)
	}
	t.saved = t.step
	return nil
}

// load goes back to the state of a checkpoint. Nothing of the model is touched unless all of it can
// be used.
func (t *trainer) load(c *ckpt.Checkpoint) error {
	if _, ok := c.Meta[metaSettings]; !ok {
		return errors.Wrapf(ErrResume, "it is no checkpoint of a training run: its metadata have no %q", metaSettings)
	}
	own, err := t.settings()
	if err != nil {
		return err
	}
	if diff, err := difference(c.Meta[metaSettings], own); err != nil {
		return err
	} else if diff != "" {
		return errors.Wrap(ErrResume, diff)
	}
	var p savedPlace
	if err := json.Unmarshal([]byte(c.Meta[metaPlace]), &p); err != nil {
		return errors.Wrapf(ckpt.ErrFormat, "metadata %q: %v", metaPlace, err)
	}
	if p.Step != c.Step || min(p.Epoch, p.Batch, p.Examples, p.Bad) < 0 {
		return errors.Wrapf(ckpt.ErrFormat, "metadata %q is %+v in the checkpoint of step %d", metaPlace, p, c.Step)
	}
	if err := t.history.get(c.Tensors); err != nil {
		return err
	}
	if err := t.loadGathered(c.File); err != nil {
		return err
	}
	if err := t.loadWeights(c.File, p); err != nil {
		return err
	}
	t.step, t.epoch, t.batch, t.examples = p.Step, p.Epoch, p.Batch, p.Examples
	t.pending, t.saved = p.Pending, p.Step
	t.watch.best, t.watch.bad = p.Best, p.Bad
	return nil
}

func (t *trainer) loadGathered(f *ckpt.File) error {
	for name, a := range f.Tensors {
		metric, ok := strings.CutPrefix(name, prefixAverage)
		if !ok {
			continue
		}
		if len(a.F64) != 2 {
			return errors.Wrapf(ckpt.ErrFormat, "tensor %q has shape %v, want 2 numbers", name, a.Shape)
		}
		t.gathered[metric] = &average{a.F64[0], a.F64[1]}
	}
	return nil
}

// loadWeights sets the parameters, the best ones and the optimiser.
func (t *trainer) loadWeights(f *ckpt.File, p savedPlace) (err error) {
	before := newSnapshot(t.params, isAny)
	before.take()
	defer func() {
		if err != nil {
			before.restore()
		}
	}()
	if s := t.watch.taken; s != nil && p.Best.Step > 0 {
		if err := f.Restore(t.params, prefixBest); err != nil {
			return errors.WithMessage(err, "best weights")
		}
		s.take()
	}
	if err := f.Restore(t.params, prefixParams); err != nil {
		return err
	}
	state := optim.State{Steps: p.Step, Tensors: map[string]graph.Array{}}
	for name, a := range f.Tensors {
		if own, ok := strings.CutPrefix(name, prefixOptim); ok {
			state.Tensors[own] = a
		}
	}
	return t.opt.SetState(state)
}

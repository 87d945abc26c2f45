package ckpt

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph/internal/atomicfile"
)

// A Checkpointer keeps the last checkpoints of one training run in a folder of their own, as
// ckpt-00001234.safetensors for step 1234. One run at a time may use the folder.
type Checkpointer struct {
	dir     string
	keep    int
	damaged []int // steps that Latest found unreadable
}

// A Checkpoint is one file of the folder.
type Checkpoint struct {
	*File
	Step    int
	Path    string
	Skipped []error // why newer files could not be used, newest first
}

// NewCheckpointer makes the folder dir, if it is not there, and removes what a killed run left half
// written in it. The last keep checkpoints stay; 2 or more leave one to fall back on.
func NewCheckpointer(dir string, keep int) (*Checkpointer, error) {
	if keep < 1 {
		return nil, errors.Errorf("ckpt: keep is %d, want at least 1", keep)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, errors.Wrap(err, "checkpoint folder")
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.Wrap(err, "checkpoint folder")
	}
	for _, e := range list {
		if atomicfile.IsTemp(e.Name()) && strings.HasPrefix(e.Name(), "."+prefix) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return nil, errors.Wrap(err, "left-over of a checkpoint")
			}
		}
	}
	return &Checkpointer{dir: dir, keep: keep}, nil
}

// Save writes f as the checkpoint of a step, and then removes all but the last few. It returns
// ErrNewer, and writes nothing, if the folder holds a later step: that belongs to another
// run, and would be taken for the latest of this one. Later steps that Latest found damaged are
// removed.
func (c *Checkpointer) Save(step int, f *File) error {
	if step < 0 {
		return errors.Errorf("ckpt: step is %d, want at least 0", step)
	}
	steps, err := c.steps()
	if err != nil {
		return err
	}
	var good, old []int
	for _, s := range steps {
		switch {
		case s == step: // is written anew
		case slices.Contains(c.damaged, s):
			old = append(old, s)
		case s > step:
			return errors.Wrapf(ErrNewer, "save step %d: %q holds step %d already; resume from it or use another folder", step, c.dir, s)
		default:
			good = append(good, s)
		}
	}
	if err := Write(c.path(step), f); err != nil {
		return err
	}
	old = append(old, good[:max(0, len(good)-(c.keep-1))]...)
	for _, s := range old {
		if err := os.Remove(c.path(s)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Wrap(err, "old checkpoint")
		}
	}
	c.damaged = nil
	return nil
}

// Latest reads the newest checkpoint that is not damaged. Its Skipped tells of newer ones that
// are. Without any file the error is ErrNoCheckpoint; with none but damaged ones, the
// ErrFormat of the newest.
func (c *Checkpointer) Latest() (*Checkpoint, error) {
	steps, err := c.steps()
	if err != nil {
		return nil, err
	}
	c.damaged = nil
	var skipped []error
	for _, s := range slices.Backward(steps) {
		f, err := Read(c.path(s))
		if err == nil {
			return &Checkpoint{File: f, Step: s, Path: c.path(s), Skipped: skipped}, nil
		}
		if !errors.Is(err, ErrFormat) {
			return nil, err
		}
		c.damaged = append(c.damaged, s)
		skipped = append(skipped, err)
	}
	if len(skipped) > 0 {
		return nil, errors.Wrapf(skipped[0], "all %d checkpoints in %q are damaged; the newest", len(skipped), c.dir)
	}
	return nil, errors.Wrapf(ErrNoCheckpoint, "folder %q", c.dir)
}

const prefix, suffix = "ckpt-", ".safetensors"

func (c *Checkpointer) path(step int) string {
	return filepath.Join(c.dir, fmt.Sprintf("%s%08d%s", prefix, step, suffix))
}

// steps lists the checkpoints of the folder in ascending order.
func (c *Checkpointer) steps() ([]int, error) {
	list, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, errors.Wrap(err, "checkpoint folder")
	}
	var steps []int
	for _, e := range list {
		digits, ok := strings.CutPrefix(e.Name(), prefix)
		digits, ok2 := strings.CutSuffix(digits, suffix)
		step, err := strconv.Atoi(digits)
		if ok && ok2 && err == nil && c.path(step) == filepath.Join(c.dir, e.Name()) {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, nil
}

package pretrain

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// A Result tells how the layers were trained, from the bottom up: nil for a layer that an earlier run had
// finished.
type Result struct{ Layers []*train.Result }

// Train trains the layers of a stack one after the other, each by train.Run on the codes of the one below,
// which is frozen: its parameters keep their bits. With a Dir, an interrupted run that is resumed ends
// with the bits that it would have had without the interruption.
//
// The Result tells of the layers so far even with an error, among them that of a cancelled ctx; it is nil
// if a setting is wrong.
func Train(ctx context.Context, cfg Config, src data.Source) (*Stack, *Result, error) {
	if src == nil {
		return nil, nil, errors.Wrap(ErrConfig, "the source is nil")
	}
	cfg, err := cfg.complete(src.Shape())
	if err != nil {
		return nil, nil, err
	}
	if err := cfg.tryModels(); err != nil {
		return nil, nil, err
	}
	g := &greedy{cfg: cfg, stack: &Stack{}, train: src, valid: cfg.Valid}
	if cfg.Dir != "" {
		if err := g.openFolder(); err != nil {
			return nil, nil, err
		}
	}
	defer func() { closeSource(g.train); closeSource(g.valid) }()
	result := &Result{}
	for i := range cfg.Layers {
		r, err := g.layer(ctx, i)
		result.Layers = append(result.Layers, r)
		if err != nil {
			return nil, result, errors.WithMessagef(err, "layer %d", i)
		}
	}
	return g.stack, result, nil
}

// tryModels makes all models, so that whatever is wrong with one shows before the first is trained.
func (c Config) tryModels() error {
	for i, l := range c.Layers {
		if _, err := l.newModel(); err != nil {
			return errors.WithMessagef(err, "layer %d", i)
		}
	}
	return nil
}

// greedy is the state of a training of a stack.
type greedy struct {
	cfg          Config
	stack        *Stack
	train, valid data.Source // inputs of layer level; valid may be nil
	level        int
}

// layer trains layer i, or loads it, and puts it on the stack.
func (g *greedy) layer(ctx context.Context, i int) (*train.Result, error) {
	l := g.cfg.Layers[i]
	if g.finished(i) {
		m, err := l.loadModel(g.file(i))
		if err != nil {
			return nil, err
		}
		return nil, g.stack.add(m)
	}
	m, err := l.newModel()
	if err != nil {
		return nil, err
	}
	for g.level < i {
		if err := g.climb(ctx); err != nil {
			return nil, err
		}
	}
	src, cfg := g.train, l.Train
	cfg.Valid = g.valid
	if i > 0 && g.cfg.Layers[i-1].Draw {
		src = data.Map(src, data.Binarize)
	}
	if g.cfg.Dir != "" {
		cfg.Checkpoint.Dir, cfg.Checkpoint.Resume = filepath.Join(g.cfg.Dir, layerName(i)), true
	}
	r, err := train.Run(ctx, m, src, cfg)
	if err != nil {
		return r, err
	}
	if g.cfg.Dir != "" {
		if err := m.Save(g.file(i)); err != nil {
			return r, err
		}
	}
	return r, g.stack.add(m)
}

// climb replaces the inputs of layer level by its codes.
func (g *greedy) climb(ctx context.Context) (err error) {
	if g.train, err = g.codes(ctx, g.train, "training"); err != nil {
		return err
	}
	if g.valid != nil {
		if g.valid, err = g.codes(ctx, g.valid, "valid"); err != nil {
			return err
		}
	}
	g.level++
	return nil
}

// codes is the codes of layer level for src, which it closes unless it still serves.
func (g *greedy) codes(ctx context.Context, src data.Source, what string) (data.Source, error) {
	m, l := g.stack.models[g.level], g.cfg.Layers[g.level]
	if g.cfg.Stream {
		one, err := NewStack(m)
		if err != nil {
			return src, err
		}
		return one.Codes(src), nil
	}
	c := &cache{units: l.units(), limit: g.cfg.Memory, dir: g.cfg.Dir, name: what + "-" + strconv.Itoa(g.level) + ".codes"}
	codes, err := c.fill(ctx, src, m, l.Train.BatchSize)
	if err != nil {
		return src, err
	}
	closeSource(src)
	return codes, nil
}

// closeSource closes a file of codes, and leaves the user's sources alone.
func closeSource(src data.Source) {
	if s, ok := src.(*fileSet); ok {
		s.Close() // what cannot be removed now is overwritten by the next run
	}
}

func layerName(i int) string { return "layer-" + strconv.Itoa(i) }

// file is where layer i is saved once it is finished.
func (g *greedy) file(i int) string {
	return filepath.Join(g.cfg.Dir, layerName(i)+".safetensors")
}

// finished reports whether the layer is in the folder, which has been opened.
func (g *greedy) finished(i int) bool {
	if g.cfg.Dir == "" {
		return false
	}
	_, err := os.Stat(g.file(i))
	return err == nil
}

// The folder's list of layers: a file whose metadata hold the settings of layer i under layer-i.
const listFile = "stack.safetensors"

// openFolder makes the folder, and sees that what is in it belongs to this stack, whose settings it then
// holds. Layers may be added on top of a stack, or left out.
func (g *greedy) openFolder() error {
	if err := os.MkdirAll(g.cfg.Dir, 0o777); err != nil {
		return errors.Wrap(err, "pretrain: folder")
	}
	path := filepath.Join(g.cfg.Dir, listFile)
	list, err := ckpt.Read(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && g.finished(0):
		return errors.Wrapf(ErrResume, "%q holds %q but no %q, which tells what it is", g.cfg.Dir, g.file(0), listFile)
	case errors.Is(err, os.ErrNotExist):
		list = ckpt.NewFile()
	case err != nil:
		return errors.WithMessage(err, "pretrain")
	case !g.cfg.Resume:
		return errors.Wrapf(ErrResume, "%q holds a stack: set Resume to go on with it, or use another folder", g.cfg.Dir)
	}
	left, _ := filepath.Glob(filepath.Join(g.cfg.Dir, "*.codes"))
	for _, name := range left { // by a run that was killed
		os.Remove(name)
	}
	for i, l := range g.cfg.Layers {
		own, err := l.settings()
		if err != nil {
			return err
		}
		if saved, ok := list.Meta[layerName(i)]; ok && saved != own {
			return errors.Wrapf(ErrResume, "%q: layer %d was %s and is %s", g.cfg.Dir, i, saved, own)
		}
		list.Meta[layerName(i)] = own
	}
	list.Meta[ckpt.MetaKind] = "pretrain-folder"
	return errors.WithMessage(ckpt.Write(path, list), "pretrain")
}

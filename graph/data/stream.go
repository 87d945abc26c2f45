package data

import (
	"iter"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// An Example is one input and its target, without a batch axis. A class label is an Int of
// empty shape.
type Example struct{ X, Y graph.Array }

// A StreamConfig describes examples that are read anew every epoch.
type StreamConfig struct {
	// Open starts an epoch. It yields all examples, in the same order every time; an Example is
	// valid until the next one is asked for. It may be called from several goroutines at once.
	Open func() iter.Seq2[Example, error]
	// Shape is the shape of one input.
	Shape []int
	// Len is the number of examples in an epoch, or -1 if it is not known. An epoch of another
	// number is an ErrFormat.
	Len int
	// Shuffle is the number of examples among which the next one is drawn at random: as many are
	// held in memory. 0 keeps the order of Open; Len or more shuffles perfectly.
	Shuffle int
}

// A Stream is a Source that may be larger than memory. The order of an epoch is a function of
// the key and of StreamConfig.Shuffle.
type Stream struct{ cfg StreamConfig }

// NewStream checks cfg, and returns ErrConfig if it cannot be right.
func NewStream(cfg StreamConfig) (*Stream, error) {
	if cfg.Open == nil {
		return nil, errors.Wrap(ErrConfig, "stream: Open is nil")
	}
	if cfg.Shuffle < 0 {
		return nil, errors.Wrapf(ErrConfig, "stream: shuffle buffer of %d examples", cfg.Shuffle)
	}
	if cfg.Len < -1 {
		return nil, errors.Wrapf(ErrConfig, "stream: %d examples; -1 if not known", cfg.Len)
	}
	if cfg.Len == 0 {
		return nil, errors.Wrap(ErrEmpty, "stream")
	}
	for _, d := range cfg.Shape {
		if d < 1 {
			return nil, errors.Wrapf(ErrConfig, "stream: examples of shape %v", cfg.Shape)
		}
	}
	cfg.Shape = slices.Clone(cfg.Shape)
	return &Stream{cfg}, nil
}

// Len is the number of examples in an epoch, or -1.
func (s *Stream) Len() int { return s.cfg.Len }

// Shape is the shape of one example's input.
func (s *Stream) Shape() []int { return s.cfg.Shape }

// Batches reads the stream once. If Len is not known, a batch larger than the stream is found
// out, and reported, when its end is reached.
func (s *Stream) Batches(key graph.Key, size int) iter.Seq2[Batch, error] {
	n := s.cfg.Len
	if n < 0 {
		n = max(size, 1)
	}
	if err := checkBatch(size, n); err != nil {
		return fail(err)
	}
	return func(yield func(Batch, error) bool) {
		var b batcher
		total := 0
		for e, err := range shuffled(key, s.checked(), s.cfg.Shuffle) {
			if err != nil {
				yield(Batch{}, errors.Wrap(err, "data: stream"))
				return
			}
			b.add(e)
			total++
			if b.n == size && !yield(b.take(), nil) {
				return
			}
		}
		switch {
		case total < size:
			yield(Batch{}, checkBatch(size, total))
		case b.n > 0:
			yield(b.take(), nil)
		}
	}
}

// checked yields what Open yields, up to the first example that is not like the others.
func (s *Stream) checked() iter.Seq2[Example, error] {
	return func(yield func(Example, error) bool) {
		var first Example
		total := 0
		for e, err := range s.cfg.Open() {
			if err == nil {
				if total == 0 {
					first = Example{X: kindOf(e.X), Y: kindOf(e.Y)}
				}
				err = s.check(e, first, total)
			}
			if err != nil {
				yield(Example{}, errors.Wrapf(err, "example %d", total))
				return
			}
			total++
			if !yield(e, nil) {
				return
			}
		}
		if total < s.cfg.Len {
			yield(Example{}, errors.Wrapf(ErrFormat, "it ends after %d examples, expected %d", total, s.cfg.Len))
		}
	}
}

// check returns an error unless e, example i, is sound, of the right shape, and like the first.
func (s *Stream) check(e, first Example, i int) error {
	if s.cfg.Len >= 0 && i >= s.cfg.Len {
		return errors.Wrapf(ErrFormat, "only %d were expected", s.cfg.Len)
	}
	if err := e.X.Check(); err != nil {
		return errors.Wrap(err, "input")
	}
	if !slices.Equal(e.X.Shape, s.cfg.Shape) {
		return errors.Wrapf(graph.ErrShape, "input of shape %v, expected %v", e.X.Shape, s.cfg.Shape)
	}
	if !e.Y.IsZero() {
		if err := e.Y.Check(); err != nil {
			return errors.Wrap(err, "target")
		}
	}
	if !sameKind(e.X, first.X) || !sameKind(e.Y, first.Y) {
		return errors.Wrapf(graph.ErrShape, "input %v and target %v are not like those of the first example, %v and %v",
			e.X.Shape, e.Y.Shape, first.X.Shape, first.Y.Shape)
	}
	if err := e.X.CheckFinite(); err != nil {
		return errors.Wrap(err, "input")
	}
	return errors.Wrap(e.Y.CheckFinite(), "target")
}

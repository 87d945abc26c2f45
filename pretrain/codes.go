package pretrain

import (
	"context"
	"encoding/binary"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// chunk is how many examples are encoded at once.
const chunk = 256

// Codes is the Source of the batches of src with the inputs replaced by their codes, computed batch by
// batch. The targets stay.
func (s *Stack) Codes(src data.Source) data.Source { return streamed{src, s} }

type streamed struct {
	data.Source
	stack *Stack
}

func (c streamed) Shape() []int { return []int{c.stack.CodeSize()} }

func (c streamed) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range c.Source.Batches(key, size) {
			if err == nil {
				b.X, err = c.stack.Encode(b.X)
			}
			if err != nil {
				yield(data.Batch{}, err)
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// ordered is src in its own order, if it has one, else in the order of a fixed key.
func ordered(src data.Source) data.Source {
	switch s := src.(type) {
	case *data.Set:
		return s.Ordered()
	case *fileSet:
		return inOrder{s}
	}
	return src
}

// A cache gathers codes (n, h) with their targets: in memory up to a limit, then in a file.
type cache struct {
	units  int
	limit  int64  // bytes
	dir    string // of the file; "" is that of temporary files
	name   string // of the file in dir
	codes  []float32
	y      graph.Array
	n      int
	file   *os.File // nil as long as the codes are in memory
	buffer []byte
}

// fill computes the codes of all of src once, under model m; size is a batch size that src allows. Close
// the Source if it is an io.Closer.
func (c *cache) fill(ctx context.Context, src data.Source, m Model, size int) (data.Source, error) {
	in := ordered(src)
	if n := in.Len(); n > 0 {
		size = min(chunk, n)
		if 4*int64(n)*int64(c.units) <= c.limit {
			c.codes = make([]float32, 0, n*c.units)
		}
	}
	for b, err := range data.Prefetch(in).Batches(graph.Key{}.Fork("codes"), size) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.addBatch(m, b)
		}
		if err != nil {
			c.discard()
			return nil, errors.WithMessage(err, "codes")
		}
	}
	return c.source()
}

func (c *cache) addBatch(m Model, b data.Batch) error {
	x, err := encode(m, b.X)
	if err != nil {
		return err
	}
	if c.file == nil && 4*int64(len(c.codes)+len(x.F32)) > c.limit {
		if err := c.create(); err != nil {
			return err
		}
		if err := c.write(c.codes); err != nil {
			return err
		}
		c.codes = nil
	}
	if c.file == nil {
		c.codes = append(c.codes, x.F32...)
	} else if err := c.write(x.F32); err != nil {
		return err
	}
	c.n += b.N
	if !b.Y.IsZero() {
		c.y.Shape = append([]int{c.n}, b.Y.Shape[1:]...)
		c.y.F32, c.y.F64, c.y.Int = append(c.y.F32, b.Y.F32...), append(c.y.F64, b.Y.F64...), append(c.y.Int, b.Y.Int...)
	}
	return nil
}

// create makes the file. A killed run leaves one at most, which the next run overwrites.
func (c *cache) create() (err error) {
	if c.dir == "" {
		c.file, err = os.CreateTemp("", "latent-*."+c.name)
	} else {
		c.file, err = os.Create(filepath.Join(c.dir, c.name))
	}
	return errors.Wrap(err, "file of codes")
}

func (c *cache) write(codes []float32) error {
	c.buffer = c.buffer[:0]
	for _, v := range codes {
		c.buffer = binary.LittleEndian.AppendUint32(c.buffer, math.Float32bits(v))
	}
	_, err := c.file.Write(c.buffer)
	return errors.Wrap(err, "file of codes")
}

func (c *cache) discard() {
	if c.file != nil {
		c.file.Close()
		os.Remove(c.file.Name())
	}
}

func (c *cache) source() (data.Source, error) {
	if c.n == 0 {
		return nil, errors.Wrap(data.ErrEmpty, "codes of an empty source")
	}
	if c.file != nil {
		return &fileSet{file: c.file, units: c.units, n: c.n, y: c.y}, nil
	}
	return data.NewSet(graph.Floats32(c.codes, c.n, c.units), c.y)
}

// A fileSet is a Source of codes in a file, with the same batches as a data.Set of them.
type fileSet struct {
	file     *os.File
	units, n int
	y        graph.Array
}

func (s *fileSet) Len() int     { return s.n }
func (s *fileSet) Shape() []int { return []int{s.units} }

// Close removes the file.
func (s *fileSet) Close() error {
	err := s.file.Close()
	if e := os.Remove(s.file.Name()); err == nil {
		err = e
	}
	return errors.Wrap(err, "file of codes")
}

func (s *fileSet) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	return s.batches(key.Perm(s.n), size)
}

// batches yields the examples of the given numbers.
func (s *fileSet) batches(rows []int, size int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		if size < 1 || size > s.n {
			yield(data.Batch{}, errors.Wrapf(data.ErrBatch, "batch size %d of %d codes", size, s.n))
			return
		}
		for lo := 0; lo < len(rows); lo += size {
			b, err := s.read(rows[lo:min(lo+size, len(rows))])
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func (s *fileSet) read(rows []int) (data.Batch, error) {
	raw := make([]byte, 4*s.units)
	x := make([]float32, 0, len(rows)*s.units)
	var y graph.Array
	for _, r := range rows {
		if _, err := s.file.ReadAt(raw, int64(r)*int64(len(raw))); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return data.Batch{}, errors.Wrapf(err, "file of codes, example %d", r)
		}
		for i := 0; i < len(raw); i += 4 {
			x = append(x, math.Float32frombits(binary.LittleEndian.Uint32(raw[i:])))
		}
		if !s.y.IsZero() {
			one := s.y.Rows(r, r+1)
			y.F32, y.F64, y.Int = append(y.F32, one.F32...), append(y.F64, one.F64...), append(y.Int, one.Int...)
		}
	}
	if !s.y.IsZero() {
		y.Shape = append([]int{len(rows)}, s.y.Shape[1:]...)
	}
	return data.Batch{N: len(rows), X: graph.Floats32(x, len(rows), s.units), Y: y}, nil
}

// inOrder is a fileSet in its own order.
type inOrder struct{ *fileSet }

func (s inOrder) Batches(_ graph.Key, size int) iter.Seq2[data.Batch, error] {
	rows := make([]int, s.n)
	for i := range rows {
		rows[i] = i
	}
	return s.batches(rows, size)
}

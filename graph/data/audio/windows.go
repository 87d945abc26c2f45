package audio

import (
	"iter"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

const maxContext = 1000 // frames on each side

// Windows is a data.Source of the frames of several clips, each with those around it: an example is
// the 2k+1 frames from t-k to t+k, one after the other, ((2k+1) d). Beyond the ends of a clip its first
// and its last frame are repeated. Frames are kept once, not 2k+1 times.
type Windows struct {
	frames      graph.Array // (t, d) of all clips
	first, last []int       // frames of the clip that frame t is of
	k           int
	y           graph.Array
}

// NewWindows makes a source of the frames (t, d) of clips with k frames on each side. y, if it is not the
// zero Array, are the targets (t, ...) or labels (t) of all frames, in their order.
func NewWindows(clips []graph.Array, k int, y graph.Array) (*Windows, error) {
	if len(clips) == 0 {
		return nil, errors.Wrap(data.ErrEmpty, "audio: windows of no clips")
	}
	if k < 0 || k > maxContext {
		return nil, errors.Wrapf(data.ErrConfig, "audio: windows of %d frames on each side, expected 0 to %d", k, maxContext)
	}
	w := &Windows{k: k, y: y}
	var all []float32
	for i, c := range clips {
		if err := checkFeatures("features", c); err != nil {
			return nil, errors.WithMessagef(err, "clip %d", i)
		}
		if err := c.CheckFinite(); err != nil {
			return nil, errors.WithMessagef(err, "audio: clip %d", i)
		}
		if d := clips[0].Shape[1]; c.Shape[1] != d {
			return nil, errors.Wrapf(graph.ErrShape, "audio: clip %d has frames of %d numbers, the first clip of %d", i, c.Shape[1], d)
		}
		start := len(w.first)
		for range c.Shape[0] {
			w.first, w.last = append(w.first, start), append(w.last, start+c.Shape[0]-1)
		}
		all = append(all, c.F32...)
	}
	w.frames = graph.Floats32(all, len(w.first), clips[0].Shape[1])
	if !y.IsZero() {
		if err := y.Check(); err != nil {
			return nil, errors.WithMessage(err, "audio: targets")
		}
		if len(y.Shape) == 0 || y.Shape[0] != w.Len() || y.F64 != nil {
			return nil, errors.Wrapf(graph.ErrShape, "audio: targets of shape %v for %d frames, expected as many, float32 or labels", y.Shape, w.Len())
		}
	}
	return w, nil
}

// Context is the frames (t, d) of one clip with k frames on each side of each: (t, (2k+1) d).
func Context(a graph.Array, k int) (graph.Array, error) {
	w, err := NewWindows([]graph.Array{a}, k, graph.Array{})
	if err != nil {
		return graph.Array{}, err
	}
	x := graph.Floats32(make([]float32, w.Len()*w.Shape()[0]), w.Len(), w.Shape()[0])
	for t := range w.Len() {
		w.copyTo(x.Rows(t, t+1).F32, t)
	}
	return x, nil
}

// Len is the number of frames.
func (w *Windows) Len() int { return len(w.first) }

// Shape is that of a window: ((2k+1) d).
func (w *Windows) Shape() []int { return []int{(2*w.k + 1) * w.frames.Shape[1]} }

// copyTo copies the window around frame t.
func (w *Windows) copyTo(x []float32, t int) {
	d := w.frames.Shape[1]
	for i := -w.k; i <= w.k; i++ {
		from := min(max(t+i, w.first[t]), w.last[t])
		copy(x[(i+w.k)*d:(i+w.k+1)*d], w.frames.F32[from*d:(from+1)*d])
	}
}

// Batches yields every frame once, shuffled by key.
func (w *Windows) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	if size < 1 || size > w.Len() {
		return func(yield func(data.Batch, error) bool) {
			yield(data.Batch{}, errors.Wrapf(data.ErrBatch, "batch size %d, expected 1 to the %d frames", size, w.Len()))
		}
	}
	return func(yield func(data.Batch, error) bool) {
		order, row := key.Perm(w.Len()), w.Shape()[0]
		x, y := graph.Floats32(make([]float32, size*row), size, row), w.emptyTargets(size)
		for lo := 0; lo < len(order); lo += size {
			n := min(size, len(order)-lo)
			b := data.Batch{N: n, X: x.Rows(0, n)}
			for i, t := range order[lo : lo+n] {
				w.copyTo(x.F32[i*row:(i+1)*row], t)
				w.copyTarget(y, i, t)
			}
			if !y.IsZero() {
				b.Y = y.Rows(0, n)
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// emptyTargets are n targets like w's.
func (w *Windows) emptyTargets(n int) graph.Array {
	if w.y.IsZero() {
		return graph.Array{}
	}
	shape := append([]int{n}, w.y.Shape[1:]...)
	size := w.y.Len() / w.Len() * n
	if w.y.Int != nil {
		return graph.Ints(make([]int, size), shape...)
	}
	return graph.Floats32(make([]float32, size), shape...)
}

// copyTarget copies target t to place i of y.
func (w *Windows) copyTarget(y graph.Array, i, t int) {
	d := w.y.Len() / w.Len()
	if y.Int != nil {
		copy(y.Int[i*d:(i+1)*d], w.y.Int[t*d:])
	} else if y.F32 != nil {
		copy(y.F32[i*d:(i+1)*d], w.y.F32[t*d:])
	}
}

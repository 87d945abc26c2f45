package data

import (
	"fmt"
	"iter"
	"os"
	"slices"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

var errDisk = errors.New("disk on fire")

// streamOf is a Stream of the examples of numbered, of which change may alter some.
func streamOf(t testing.TB, n, length, shuffle int, change func(i int, e *Example) error) *Stream {
	t.Helper()
	s, err := NewStream(StreamConfig{Shape: []int{2}, Len: length, Shuffle: shuffle, Open: func() iter.Seq2[Example, error] {
		return func(yield func(Example, error) bool) {
			x, y := make([]float32, 2), make([]int, 1) // reused: an Example is valid until the next
			for i := range n {
				x[0], x[1], y[0] = float32(10*i), float32(10*i+1), i
				e := Example{X: graph.Floats32(x, 2), Y: graph.Ints(y)}
				var err error
				if change != nil {
					err = change(i, &e)
				}
				if !yield(e, err) {
					return
				}
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStream(t *testing.T) {
	for _, length := range []int{23, -1} {
		s := streamOf(t, 23, length, 0, nil)
		if got := drain(t, s, graph.NewKey(1), 5); !slices.Equal(got, count(23)) {
			t.Errorf("order %v", got)
		}
		if s.Len() != length || !slices.Equal(s.Shape(), []int{2}) {
			t.Errorf("Len %d, Shape %v", s.Len(), s.Shape())
		}
		wantError(t, "large batch", firstError(s, 24), ErrBatch, "24 is larger than the set of 23")
		wantError(t, "batch of 0", firstError(s, 0), ErrBatch, "at least 1")
		if got := drain(t, s, graph.NewKey(1), 23); len(got) != 23 {
			t.Errorf("one batch: %v", got)
		}
	}
}

func TestStreamShuffle(t *testing.T) {
	for _, places := range []int{2, 7, 23, 1000} {
		s := streamOf(t, 23, 23, places, nil)
		a := drain(t, s, graph.NewKey(1), 5)
		if slices.IsSorted(a) {
			t.Errorf("%d places: not shuffled", places)
		}
		if b := drain(t, s, graph.NewKey(1), 4); !slices.Equal(a, b) {
			t.Errorf("%d places: same key gives %v and %v", places, a, b)
		}
		if b := drain(t, s, graph.NewKey(2), 5); slices.Equal(a, b) {
			t.Errorf("%d places: different keys give %v", places, a)
		}
		for i, label := range a {
			if label > i+places {
				t.Errorf("%d places: example %d came at place %d", places, label, i)
			}
		}
		slices.Sort(a)
		if !slices.Equal(a, count(23)) {
			t.Errorf("%d places: an epoch has %v", places, a)
		}
	}
}

// With a buffer for all examples, each is as likely at every place.
func TestStreamShuffleUniform(t *testing.T) {
	const n, epochs = 8, 4000
	s := streamOf(t, n, n, n, nil)
	var cell [n][n]float64
	for e := range epochs {
		for place, label := range drain(t, s, graph.NewKey(7).At(uint64(e)), n) {
			cell[place][label]++
		}
	}
	chi2, want := 0.0, float64(epochs)/n
	for _, row := range cell {
		for _, c := range row {
			chi2 += (c - want) * (c - want) / want
		}
	}
	if chi2 > 100 { // 49 degrees of freedom: exceeded with probability 2e-5
		t.Errorf("chi-squared %v", chi2)
	}
}

func TestStreamErrors(t *testing.T) {
	zero := float32(0)
	for _, c := range []struct {
		name   string
		n      int
		change func(i int, e *Example) error
		want   error
		text   string
	}{
		{"own", 9, func(i int, e *Example) error { return errDisk }, errDisk, "example 4"},
		{"shape", 9, func(i int, e *Example) error { e.X = graph.Floats32([]float32{1, 2, 3}, 3); return nil }, graph.ErrShape, "shape [3], expected [2]"},
		{"array", 9, func(i int, e *Example) error { e.X.Shape = []int{5}; return nil }, graph.ErrShape, "needs 5 elements"},
		{"target", 9, func(i int, e *Example) error { e.Y = graph.Array{}; return nil }, graph.ErrShape, "not like those of the first"},
		{"type", 9, func(i int, e *Example) error { e.Y = graph.Floats32([]float32{1}); return nil }, graph.ErrShape, "not like those of the first"},
		{"bad target", 9, func(i int, e *Example) error { e.Y.Shape = []int{2}; return nil }, graph.ErrShape, "target"},
		{"NaN", 9, func(i int, e *Example) error { e.X.F32[1] = zero / zero; return nil }, graph.ErrNotFinite, "example 4"},
		{"long", 10, func(int, *Example) error { return nil }, ErrFormat, "only 9 were expected"},
		{"short", 8, func(int, *Example) error { return nil }, ErrFormat, "ends after 8 examples, expected 9"},
	} {
		for _, shuffle := range []int{0, 3} {
			s := streamOf(t, c.n, 9, shuffle, func(i int, e *Example) error {
				if i != 4 {
					return nil
				}
				return c.change(i, e)
			})
			var failure error
			for b, err := range s.Batches(graph.NewKey(1), 2) {
				if failure != nil {
					t.Fatalf("%s: a batch of %d follows the error", c.name, b.N)
				}
				failure = err
			}
			wantError(t, c.name, failure, c.want, c.text)
		}
	}
	wantError(t, "empty", firstError(streamOf(t, 0, -1, 0, nil), 1), ErrEmpty, "")
	for _, c := range []struct {
		cfg  StreamConfig
		want error
		text string
	}{
		{StreamConfig{}, ErrConfig, "Open is nil"},
		{StreamConfig{Open: emptyStream, Len: 0}, ErrEmpty, ""},
		{StreamConfig{Open: emptyStream, Len: -2}, ErrConfig, "-2 examples"},
		{StreamConfig{Open: emptyStream, Len: 1, Shuffle: -1}, ErrConfig, "-1 examples"},
		{StreamConfig{Open: emptyStream, Len: 1, Shape: []int{2, 0}}, ErrConfig, "[2 0]"},
	} {
		_, err := NewStream(c.cfg)
		wantError(t, "config", err, c.want, c.text)
	}
}

func emptyStream() iter.Seq2[Example, error] { return func(func(Example, error) bool) {} }

// Leaving an epoch early, and reading another, must work; a shuffled stream must not hold more
// examples than it was told to.
func TestStreamBreak(t *testing.T) {
	furthest := 0
	s := streamOf(t, 1000, 1000, 10, func(i int, _ *Example) error { furthest = max(furthest, i); return nil })
	for range s.Batches(graph.NewKey(1), 5) {
		break
	}
	if furthest > 15 {
		t.Errorf("read up to example %d for the first batch of 5 out of 10", furthest)
	}
	if got := drain(t, s, graph.NewKey(1), 5); len(got) != 1000 {
		t.Errorf("%d examples in the next epoch", len(got))
	}
}

func TestStreamIDX(t *testing.T) {
	// Three examples (1, 2) and their labels.
	images := "\x00\x00\x08\x03\x00\x00\x00\x03\x00\x00\x00\x01\x00\x00\x00\x02abcdef"
	labels := "\x00\x00\x08\x01\x00\x00\x00\x03\x00\x01\x02"
	x, y := writeFile(t, "images", pack(t, []byte(images))), writeFile(t, "labels", []byte(labels))
	s, err := StreamIDX(x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadIDX(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 3 || !slices.Equal(s.Shape(), []int{1, 2}) {
		t.Errorf("Len %d, Shape %v", s.Len(), s.Shape())
	}
	seen := 0
	for b, err := range s.Batches(graph.NewKey(1), 2) {
		if err != nil {
			t.Fatal(err)
		}
		for i, label := range b.Y.Int {
			if !slices.Equal(b.X.F32[2*i:2*i+2], loaded.X.F32[2*label:2*label+2]) {
				t.Errorf("label %d with %v", label, b.X.F32[2*i:2*i+2])
			}
			seen += 1 << label
		}
	}
	if seen != 7 {
		t.Errorf("labels seen: %b", seen)
	}
	if s, err = StreamIDX(x, "", 0); err != nil {
		t.Fatal(err)
	}
	for b, err := range s.Batches(graph.NewKey(1), 3) {
		if err != nil || !b.Y.IsZero() || !slices.Equal(b.X.F32, loaded.X.F32) {
			t.Errorf("without labels: %v, %v", b, err)
		}
	}
	_, err = StreamIDX(x, x, 0)
	wantError(t, "images as labels", err, ErrFormat, "one dimension of integers")
	_, err = StreamIDX(x, writeFile(t, "two", []byte("\x00\x00\x08\x01\x00\x00\x00\x02\x00\x01")), 0)
	wantError(t, "counts", err, graph.ErrShape, "3 examples")
	_, err = StreamIDX(x+"absent", "", 0)
	wantError(t, "absent", err, os.ErrNotExist, "absent")
}

func TestStreamIDXDamaged(t *testing.T) {
	images := []byte("\x00\x00\x08\x03\x00\x00\x00\x03\x00\x00\x00\x01\x00\x00\x00\x02abcdef")
	for _, c := range []struct {
		content []byte
		text    string
	}{
		{images[:len(images)-1], "example 2"},
		{images[:len(images)-5], "example 0"},
		{append(slices.Clone(images), 0), "more bytes follow"},
		{[]byte("\x00\x00\x0e\x02\x00\x00\x00\x03\x7f\xff\xff\xffabcdef"), "only 6 bytes follow"}, // claims 17 GB an example
	} {
		path := writeFile(t, "damaged", c.content)
		s, err := StreamIDX(path, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		used := allocated(func() {
			for _, failure := range s.Batches(graph.NewKey(1), 1) {
				err = failure
			}
		})
		wantError(t, "damaged", err, ErrFormat, c.text)
		wantError(t, "damaged", err, ErrFormat, path)
		if used > 1<<19 {
			t.Errorf("%d bytes allocated for a file of %d", used, len(c.content))
		}
	}
}

// Every place of the buffer must be drawn from: with 10 places an example waits longer than 290
// others with probability 0.9^290 = 5e-14.
func TestStreamShuffleLetsGo(t *testing.T) {
	order := drain(t, streamOf(t, 1000, 1000, 10, nil), graph.NewKey(3), 7)
	for place, label := range order {
		if place > label+300 {
			t.Errorf("example %d came at place %d", label, place)
		}
	}
}

func TestDice(t *testing.T) {
	d := dice{key: graph.NewKey(9)}
	rolls := make([]int, 6*1024) // several refills
	var seen [6]int
	for i := range rolls {
		rolls[i] = d.below(6)
		seen[rolls[i]]++
	}
	for face, k := range seen {
		checkCount(t, fmt.Sprintf("face %d", face), k, len(rolls), 1.0/6)
	}
	for period := 16; period <= len(rolls)/2; period *= 2 {
		if slices.Equal(rolls[:period], rolls[period:period*2]) {
			t.Errorf("rolls repeat after %d", period)
		}
	}
}

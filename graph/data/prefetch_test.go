package data

import (
	"iter"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/latent-go/latent/graph"
)

// sourceFunc is a Source made of a function.
type sourceFunc func(yield func(Batch, error) bool)

func (f sourceFunc) Batches(graph.Key, int) iter.Seq2[Batch, error] {
	return iter.Seq2[Batch, error](f)
}
func (f sourceFunc) Len() int     { return -1 }
func (f sourceFunc) Shape() []int { return nil }

func TestPrefetchSameBytes(t *testing.T) {
	for _, src := range []Source{numbered(t, 23), numbered(t, 23).Ordered(), streamOf(t, 23, -1, 5, nil)} {
		for _, size := range []int{1, 4, 23} {
			want := drain(t, src, graph.NewKey(3), size)
			if got := drain(t, Prefetch(src), graph.NewKey(3), size); !slices.Equal(got, want) {
				t.Errorf("size %d: %v, want %v", size, got, want)
			}
		}
	}
	noTargets := &Set{X: numbered(t, 5).X}
	for b, err := range Prefetch(noTargets).Batches(graph.NewKey(1), 2) {
		if err != nil || !b.Y.IsZero() || b.X.Check() != nil {
			t.Errorf("without targets: %v, %v", b, err)
		}
	}
	if p := Prefetch(noTargets); p.Len() != 5 || !slices.Equal(p.Shape(), []int{2}) {
		t.Errorf("Len %d, Shape %v", p.Len(), p.Shape())
	}
}

// While the consumer looks at a batch, its bytes must stay, though later batches are being made.
func TestPrefetchKeepsBatch(t *testing.T) {
	made := make(chan int, 100)
	src := sourceFunc(func(yield func(Batch, error) bool) {
		x := make([]float32, 4) // reused, as a Source may
		for i := range 50 {
			for j := range x {
				x[j] = float32(i)
			}
			made <- i
			if !yield(Batch{N: 4, X: graph.Floats32(x, 4, 1)}, nil) {
				return
			}
		}
	})
	i := 0
	for b, err := range Prefetch(src).Batches(graph.NewKey(1), 4) {
		if err != nil {
			t.Fatal(err)
		}
		if i+1 < 50 {
			for <-made < i+1 { // until the source has overwritten its own memory
			}
		}
		for _, v := range b.X.F32 {
			if v != float32(i) {
				t.Fatalf("batch %d became %v", i, b.X.F32)
			}
		}
		i++
	}
	if i != 50 {
		t.Errorf("%d batches", i)
	}
}

func TestPrefetchEndsWithConsumer(t *testing.T) {
	before := runtime.NumGoroutine()
	ended := 0
	for stopAt := range 6 {
		src := sourceFunc(func(yield func(Batch, error) bool) {
			defer func() { ended++ }() // no race: the loop below waits for the goroutine
			x := make([]float32, 1)
			for yield(Batch{N: 1, X: graph.Floats32(x, 1, 1)}, nil) {
			}
		})
		i := 0
		for range Prefetch(src).Batches(graph.NewKey(1), 1) {
			if i == stopAt {
				break
			}
			i++
		}
		if ended != stopAt+1 {
			t.Fatalf("the source had not ended when the loop had")
		}
	}
	func() { // a consumer that panics
		defer func() {
			if r := recover(); r != "mine" {
				t.Errorf("recovered %v", r)
			}
		}()
		for range Prefetch(numbered(t, 100)).Batches(graph.NewKey(1), 1) {
			panic("mine")
		}
	}()
	for range 10000 {
		if runtime.NumGoroutine() <= before { // it may need a moment after it has closed its channel
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestPrefetchErrors(t *testing.T) {
	one := Batch{N: 1, X: graph.Floats32([]float32{1}, 1, 1)}
	failing := sourceFunc(func(yield func(Batch, error) bool) {
		if yield(one, nil) {
			yield(Batch{}, errDisk)
		}
	})
	panicking := sourceFunc(func(yield func(Batch, error) bool) {
		if yield(one, nil) {
			panic("index out of range")
		}
	})
	for _, c := range []struct {
		src  Source
		text string
	}{{failing, "disk on fire"}, {panicking, "index out of range"}} {
		n := 0
		var last error
		for b, err := range Prefetch(c.src).Batches(graph.NewKey(1), 1) {
			n += b.N
			last = err
		}
		if n != 1 || last == nil {
			t.Fatalf("%d examples, then error %v", n, last)
		}
		wantError(t, "prefetch", last, last, c.text)
	}
	wantError(t, "batch", firstError(Prefetch(numbered(t, 3)), 4), ErrBatch, "4 is larger than the set of 3")
}

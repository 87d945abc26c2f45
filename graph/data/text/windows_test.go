package text

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

func count(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i
	}
	return ids
}

// drain returns the first tokens of all windows of an epoch of a text that counts, and fails unless the windows
// are whole and all batches but the last are full.
func drain(t testing.TB, src data.Source, key graph.Key, size int) []int {
	t.Helper()
	var firsts []int
	short := false
	for b, err := range src.Batches(key, size) {
		if err != nil {
			t.Fatal(err)
		}
		length := src.Shape()[0]
		if err := b.X.Check(); err != nil || short || b.N > size || !slices.Equal(b.X.Shape, []int{b.N, length}) {
			t.Fatalf("batch of %d, X %v (%v), asked for %d", b.N, b.X.Shape, err, size)
		}
		short = b.N < size
		for i, id := range b.X.Int {
			if id != b.X.Int[i/length*length]+i%length {
				t.Fatalf("window %v", b.X.Int[i/length*length:])
			}
			if i%length == 0 {
				firsts = append(firsts, id)
			}
		}
	}
	if len(firsts) != src.Len() {
		t.Fatalf("%d windows, Len is %d", len(firsts), src.Len())
	}
	return firsts
}

// TestWindows draws epochs of texts of all sizes: windows of one cut, without gap, in random order.
func TestWindows(t *testing.T) {
	for n := 5; n < 40; n++ {
		const length = 4
		src, err := Windows(count(n), length)
		if err != nil {
			t.Fatal(err)
		}
		starts := map[int]bool{}
		for epoch := range 40 {
			firsts := drain(t, src, graph.NewKey(1).At(uint64(epoch)), 1)
			slices.Sort(firsts)
			for i, at := range firsts {
				if at != firsts[0]+i*length {
					t.Fatalf("%d tokens: windows at %v", n, firsts)
				}
			}
			starts[firsts[0]] = true
			if missing := n - 1 - length*len(firsts); missing >= 2*length {
				t.Errorf("%d tokens: %d are no targets", n, missing)
			}
		}
		if want := min(length, n-length); len(starts) != want {
			t.Errorf("%d tokens: windows begin at %v, expected %d places", n, starts, want)
		}
	}
}

func TestWindowsOrder(t *testing.T) {
	src, err := Windows(count(500), 7)
	if err != nil {
		t.Fatal(err)
	}
	a := drain(t, src, graph.NewKey(1), 5)
	if b := drain(t, src, graph.NewKey(1), 12); !slices.Equal(a, b) {
		t.Errorf("the batch size changes the windows: %v and %v", a, b)
	}
	if b := drain(t, src, graph.NewKey(2), 5); slices.Equal(a, b) || slices.IsSorted(a) {
		t.Errorf("the windows are not shuffled by the key: %v", a)
	}
	targets := make([]float64, 500)
	const epochs = 700
	for epoch := range epochs {
		for _, at := range drain(t, src, graph.NewKey(3).At(uint64(epoch)), 1) {
			for j := at + 1; j <= at+7; j++ {
				targets[j]++
			}
		}
	}
	for i := 14; i < 486; i++ {
		if targets[i] != epochs {
			t.Errorf("token %d was %v times a target in %d epochs", i, targets[i], epochs)
		}
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if b := drain(t, src, graph.NewKey(1), 5); !slices.Equal(a, b) {
				t.Error("another order beside other goroutines")
			}
		})
	}
	wait.Wait()
}

func TestHeldOut(t *testing.T) {
	for n := 4; n < 30; n++ {
		const length = 3
		src, err := HeldOut(count(n), length)
		if err != nil {
			t.Fatal(err)
		}
		drain(t, src, graph.NewKey(1), 1)
		weights := make([]float64, n)
		for b, err := range src.Batches(graph.NewKey(1), 2*src.Len()/3+1) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Y.F32 {
				weights[b.X.Int[i/length*(length+1)+i%length+1]] += b.Y.At(i) / float64(src.Len())
			}
		}
		for token, w := range weights[1:] {
			if math.Abs(w-1/float64(n-1)) > 1e-7 {
				t.Errorf("%d tokens: token %d has weight %g in the mean of a window", n, token+1, w)
			}
		}
	}
}

func TestWindowsErrors(t *testing.T) {
	for _, make := range []func([]int, int) (data.Source, error){Windows, HeldOut} {
		_, err := make(count(4), 4)
		wantError(t, "short", err, data.ErrEmpty, "4 tokens")
		_, err = make(nil, 1)
		wantError(t, "nothing", err, data.ErrEmpty, "0 tokens")
		_, err = make(count(4), 0)
		wantError(t, "length", err, data.ErrConfig, "at least 1")
		_, err = make([]int{0, 1, -2, 3}, 2)
		wantError(t, "id", err, data.ErrLabel, "token 2 has id -2")
		src, err := make(count(9), 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, -1, src.Len() + 1} {
			for _, err := range src.Batches(graph.NewKey(1), size) {
				wantError(t, fmt.Sprint("batches of ", size), err, data.ErrBatch, "")
			}
		}
	}
}

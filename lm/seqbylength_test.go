package lm

import (
	"errors"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// TestSeqByLength: every example comes once, in an order that the key alone decides, and batches are of like lengths.
func TestSeqByLength(t *testing.T) {
	cfg := SeqConfig{Source: 1000, Target: 9, SourceLength: 20, TargetLength: 10}
	source, target := make([][]int, 905), make([][]int, 905)
	draw := seqDraws(1)
	for i := range source {
		length := 2 * (1 + draw.upTo(10))
		source[i] = append([]int{3 + i}, draw.tokens(length-1, 1000)...)
		target[i] = draw.tokens(length/2, 9)
	}
	set := must(SeqPairs(cfg, source, target))(t)
	src := SeqByLength(set)
	firsts := func(key uint64) (ids []int) {
		spread := 0
		for b, err := range src.Batches(graph.NewKey(key), 10) {
			if want := min(10, 905-len(ids)); err != nil || b.N != want {
				t.Fatalf("a batch of %d, expected %d: %v", b.N, want, err)
			}
			least, most := 20, 0
			for i := range b.N {
				row := b.X.Int[20*i : 20*(i+1)]
				ids = append(ids, row[seqLeading(row)])
				least, most = min(least, 20-seqLeading(row)), max(most, 20-seqLeading(row))
				if y := b.Y.Int[10*i : 10*(i+1)]; 2*seqTokensOf(y) != 20-seqLeading(row) {
					t.Fatal("a target has come to another source")
				}
			}
			spread += most - least
		}
		if spread > 91 { // without regard to length, some 16 in each
			t.Errorf("lengths differ by %d in 91 batches, added up", spread)
		}
		return ids
	}
	one, again, other := firsts(1), firsts(1), firsts(2)
	seen, different := map[int]bool{}, 0
	for i, id := range one {
		seen[id] = true
		if id != again[i] {
			t.Fatal("the same key gives another order")
		}
		if id != other[i] {
			different++
		}
	}
	if len(seen) != 905 || different < 800 {
		t.Errorf("%d of 905 examples, %d at other places under another key", len(seen), different)
	}
	for size, want := range map[int]error{0: data.ErrBatch, 906: data.ErrBatch} {
		for _, err := range src.Batches(graph.Key{}, size) {
			if !errors.Is(err, want) {
				t.Errorf("batches of %d: %v", size, err)
			}
		}
	}
	for set, want := range map[*data.Set]error{
		{}: data.ErrEmpty,
		{X: graph.Floats32([]float32{1}, 1, 1), Y: graph.Ints([]int{1}, 1, 1)}: graph.ErrShape,
		{X: graph.Ints([]int{1}, 1, 1)}:                                        graph.ErrShape,
	} {
		for _, err := range SeqByLength(set).Batches(graph.Key{}, 1) {
			if !errors.Is(err, want) {
				t.Errorf("%v: %v, expected %v", set, err, want)
			}
		}
	}
}

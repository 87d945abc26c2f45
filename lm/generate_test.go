package lm

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

// TestGenerationIsTheWhole compares the network that reads token by token, far beyond the context, with that of
// whole windows.
func TestGenerationIsTheWhole(t *testing.T) {
	for name, cfg := range kinds() {
		cfg.Context, cfg.Vocabulary = 5*cfg.Context/2, 7 // 10 and 2
		for dtype, tolerance := range map[graph.DType]float64{graph.Float32: 1e-5, graph.Float64: 1e-12} {
			m := model(t, cfg, dtype)
			f := logits(m)
			ids := tokens(8, 3*cfg.Context, 7)
			if cfg.Kind == Recurrent {
				ids = ids[:cfg.Context]
			}
			r := must(m.read(t.Context(), ids[:1]))(t)
			begin := 0
			for i := range ids {
				if i > 0 {
					if err := r.add(t.Context(), ids[i]); err != nil {
						t.Fatal(err)
					}
				}
				switch {
				case cfg.Kind == FeedForward:
					begin = max(0, i+1-cfg.Context)
				case i-begin == cfg.Context: // full, and on from the last half
					begin = i - cfg.Context/2
				}
				window := make([]int, cfg.Context)
				last := copy(window, ids[begin:i+1]) - 1
				want := f(t, window)
				for id := range 7 {
					near(t, name, r.logits.At(id), want.At(last*7+id), tolerance)
				}
			}
		}
	}
}

// TestGeneratedFrequencies counts what is generated beside p.
func TestGeneratedFrequencies(t *testing.T) {
	const n = 3000
	for k := FeedForward; k.valid(); k++ {
		m := model(t, kinds()[k.String()+", tied"], graph.Float32)
		sequences := all(1, 4, 3)
		for _, temperature := range []float64{1, 0.5} {
			counts := make([]float64, len(sequences))
			for i := range n {
				at := 0
				for _, id := range must(m.Generate(t.Context(), graph.NewKey(uint64(i)), []int{1}, 4, temperature))(t) {
					at = 3*at + id
				}
				counts[at]++
			}
			for i, s := range sequences {
				p := 1.0
				for j := 1; j < len(s); j++ {
					next, total := must(m.Next(t.Context(), s[:j]))(t), 0.0
					for _, v := range next {
						total += math.Pow(v, 1/temperature)
					}
					p *= math.Pow(next[s[j]], 1/temperature) / total
				}
				if want := n * p; math.Abs(counts[i]-want) > 5*math.Sqrt(want*(1-p))+0.01 {
					t.Errorf("%v, temperature %g: %v was drawn %v times, expected %.1f", k, temperature, s, counts[i], want)
				}
			}
		}
	}
}

func TestGenerate(t *testing.T) {
	for name, cfg := range kinds() {
		cfg.Vocabulary = 30
		m := model(t, cfg, graph.Float32)
		prompt := []int{4, 29, 0, 7, 7, 12}
		many := must(m.Generate(t.Context(), graph.NewKey(1), prompt, 40, 1))(t)
		few := must(m.Generate(t.Context(), graph.NewKey(1), prompt, 3, 1))(t)
		if !slices.Equal(many[:3], few) || len(many) != 40 {
			t.Errorf("%s: %v and %v", name, many, few)
		}
		if other := must(m.Generate(t.Context(), graph.NewKey(2), prompt, 40, 1))(t); slices.Equal(other, many) {
			t.Errorf("%s: two keys draw the same", name)
		}
		likely := must(m.Generate(t.Context(), graph.NewKey(3), prompt, 10, 0))(t)
		if cold := must(m.Generate(t.Context(), graph.NewKey(4), prompt, 10, 1e-300))(t); !slices.Equal(cold, likely) {
			t.Errorf("%s: without temperature %v, with hardly any %v", name, likely, cold)
		}
		next := must(m.Next(t.Context(), prompt))(t)
		if likely[0] != slices.Index(next, slices.Max(next)) {
			t.Errorf("%s: %d is the most likely of %v?", name, likely[0], next)
		}
	}
}

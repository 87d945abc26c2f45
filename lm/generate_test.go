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
			r := m.read(ids)
			r.texts[0].waiting = ids // all of it
			begin := 0
			for i := range ids {
				for left := len(r.texts[0].waiting); len(r.texts[0].waiting) >= left; { // more than one after a new start
					if err := r.step(t.Context()); err != nil {
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
				for _, id := range must(m.Generate(t.Context(), graph.NewKey(uint64(i)), [][]int{{1}}, 4, temperature))(t)[0] {
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
		many := must(m.Generate(t.Context(), graph.NewKey(1), [][]int{prompt}, 40, 1))(t)[0]
		few := must(m.Generate(t.Context(), graph.NewKey(1), [][]int{prompt}, 3, 1))(t)[0]
		if !slices.Equal(many[:3], few) || len(many) != 40 {
			t.Errorf("%s: %v and %v", name, many, few)
		}
		if other := must(m.Generate(t.Context(), graph.NewKey(2), [][]int{prompt}, 40, 1))(t)[0]; slices.Equal(other, many) {
			t.Errorf("%s: two keys draw the same", name)
		}
		likely := must(m.Generate(t.Context(), graph.NewKey(3), [][]int{prompt}, 10, 0))(t)[0]
		if cold := must(m.Generate(t.Context(), graph.NewKey(4), [][]int{prompt}, 10, 1e-300))(t)[0]; !slices.Equal(cold, likely) {
			t.Errorf("%s: without temperature %v, with hardly any %v", name, likely, cold)
		}
		next := must(m.Next(t.Context(), prompt))(t)
		if likely[0] != slices.Index(next, slices.Max(next)) {
			t.Errorf("%s: %d is the most likely of %v?", name, likely[0], next)
		}
	}
}

// TestPromptsTogether: what is drawn after a prompt is the same alone and among others, of other lengths, and so are the
// bits of the logits.
func TestPromptsTogether(t *testing.T) {
	for name, cfg := range kinds() {
		for _, size := range []int{cfg.Units, 32} {
			cfg.Vocabulary, cfg.Units = 40, size
			m := model(t, cfg, graph.Float32)
			var prompts [][]int
			for i := range together + 3 {
				prompts = append(prompts, tokens(uint64(i), 1+5*i%23, 40))
			}
			const n, temperature = 25, 1.2
			more := must(m.Generate(t.Context(), graph.NewKey(4), prompts, n, temperature))(t)
			for i, prompt := range prompts {
				alone := must(m.generate(t.Context(), graph.NewKey(4), i, [][]int{prompt}, n, temperature))(t)[0]
				if !slices.Equal(more[i], alone) || len(alone) != n {
					t.Errorf("%s, %d units: prompt %d went on as %v among others, alone as %v", name, size, i, more[i], alone)
				}
			}
			if slices.Equal(more[0], more[1]) {
				t.Errorf("%s: two prompts went on as %v", name, more[0])
			}
			// Bits of logits, of texts that are as long.
			texts := make([][]int, together)
			for i := range texts {
				texts[i] = tokens(uint64(100+i), 3*cfg.Context, 40)
			}
			read := func(texts ...[]int) *reader {
				r := m.read(texts...)
				for i := range texts {
					r.texts[i].waiting = texts[i]
				}
				for len(r.texts[0].waiting) > 0 {
					if err := r.step(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				return r
			}
			all := read(texts...)
			for i, text := range texts {
				if !sameBits(read(text).logits, all.logits.Rows(i, i+1)) {
					t.Errorf("%s, %d units: text %d has other logits among others", name, size, i)
				}
			}
		}
	}
}

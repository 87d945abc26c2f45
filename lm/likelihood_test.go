package lm

import (
	"context"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/pkg/errors"
)

// TestSumsToOne adds up p over all sequences there are, of every length.
func TestSumsToOne(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		for first := range 3 {
			for length := 1; length <= cfg.Context; length++ {
				total := 0.0
				for _, v := range must(m.LogLikelihood(all(first, length, 3)))(t) {
					total += math.Exp(v)
				}
				near(t, name, total, 1, 1e-12)
			}
		}
	}
}

// TestAutoregressive: no prediction sees its token or a later one, and it sees all earlier ones of the window.
func TestAutoregressive(t *testing.T) {
	const length = 9
	for _, cfg := range []Config{
		{Kind: FeedForward, Layers: 1}, {Kind: FeedForward, Layers: 3, Tied: true},
		{Kind: Recurrent, Layers: 1}, {Kind: Recurrent, Layers: 2, Tied: true},
		{Kind: Transformer, Layers: 1}, {Kind: Transformer, Layers: 3, Tied: true},
	} {
		cfg.Vocabulary, cfg.Context, cfg.Units, cfg.Heads = 5, length, 8, 2
		m := model(t, cfg, graph.Float64)
		f := logits(m)
		predict := func(x graph.Array) (graph.Array, error) { // a first token is given, and the last one not seen
			windows := make([]int, x.Len())
			for i := range windows {
				windows[i] = 1
				if i%length > 0 {
					windows[i] = int(math.Round(x.At(i-1) * 4))
				}
			}
			y := f(t, windows)
			return y.Reshape(x.Shape[0], length, 5), nil
		}
		if err := graphtest.Autoregressive(length, predict, func(i, j int) bool { return j < i }); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

// TestLikelihoodOfPredictions puts log p of a sequence together from the distributions of Next.
func TestLikelihoodOfPredictions(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		for _, s := range all(1, cfg.Context, 3)[:3] {
			want := 0.0
			for i := 1; i < len(s); i++ {
				want += math.Log(must(m.Next(t.Context(), s[:i]))(t)[s[i]])
			}
			near(t, name, must(m.LogLikelihood([][]int{s}))(t)[0], want, 1e-12)
		}
	}
}

// TestSurprisal compares it, and the perplexity, with predictions of one token at a time.
func TestSurprisal(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		for _, n := range []int{2, 3, 4, 5, 6, 7, 12, 13, 14, 40} {
			ids := tokens(uint64(n), n, 3)
			surprisal := must(m.Surprisal(t.Context(), ids))(t)
			if len(surprisal) != n-1 {
				t.Fatalf("%s: %d numbers of %d tokens", name, len(surprisal), n)
			}
			total, begin := 0.0, 0 // of the window of the prediction
			for i := 1; i < n; i++ {
				if cfg.Kind != Recurrent && i-begin > cfg.Context {
					begin += max(1, cfg.Context/2)
					if last := n - 1 - cfg.Context; begin > last { // the last window ends with the text
						begin = last
					}
				}
				want := -math.Log(must(m.Next(t.Context(), ids[begin:i]))(t)[ids[i]])
				near(t, name, surprisal[i-1], want, 1e-12)
				total += want
			}
			near(t, name, must(m.Perplexity(t.Context(), ids))(t), math.Exp(total/float64(n-1)), 1e-12)
		}
	}
}

func TestUseErrors(t *testing.T) {
	m, ctx, key := model(t, kinds()["transformer"], graph.Float32), t.Context(), graph.Key{}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	text := tokens(1, 30, 3)
	for name, c := range map[string]struct{ err, want error }{
		"short sequence": {second(m.LogLikelihood([][]int{{0, 1}, {1}})), graph.ErrShape},
		"long sequence":  {second(m.LogLikelihood([][]int{{0, 1, 2, 0, 1, 2}})), graph.ErrShape},
		"token":          {second(m.LogLikelihood([][]int{{0, 3}})), graph.ErrRange},
		"short text":     {second(m.Perplexity(ctx, []int{1})), graph.ErrShape},
		"text":           {second(m.Perplexity(ctx, []int{1, -1})), graph.ErrRange},
		"no text":        {second(m.Surprisal(ctx, nil)), graph.ErrShape},
		"cancelled":      {second(m.Perplexity(cancelled, text)), context.Canceled},
		"nothing given":  {second(m.Next(ctx, nil)), graph.ErrShape},
		"given":          {second(m.Next(ctx, []int{0, 1, 7})), graph.ErrRange},
		"no prompt":      {second(m.Generate(ctx, key, [][]int{{1}, nil}, 3, 1)), graph.ErrShape},
		"prompt":         {second(m.Generate(ctx, key, [][]int{{1}, {3}}, 3, 1)), graph.ErrRange},
		"no tokens":      {second(m.Generate(ctx, key, [][]int{{1}}, 0, 1)), ErrConfig},
		"cold":           {second(m.Generate(ctx, key, [][]int{{1}}, 3, -1)), ErrConfig},
		"hot":            {second(m.Generate(ctx, key, [][]int{{1}}, 3, math.Inf(1))), ErrConfig},
		"NaN":            {second(m.Generate(ctx, key, [][]int{{1}}, 3, math.NaN())), ErrConfig},
		"interrupted":    {second(m.Generate(cancelled, key, [][]int{{1}}, 1<<60, 1)), context.Canceled},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	recurrent := model(t, kinds()["recurrent"], graph.Float32)
	if _, err := recurrent.Perplexity(cancelled, text); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if more, err := m.Generate(ctx, key, nil, 3, 1); err != nil || len(more) != 0 {
		t.Errorf("no prompts: %v, %v", more, err)
	}
	if logp, err := m.LogLikelihood(nil); err != nil || len(logp) != 0 {
		t.Errorf("no sequences: %v, %v", logp, err)
	}
}

func second[T any](_ T, err error) error { return err }

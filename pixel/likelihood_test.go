package pixel

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
)

// TestSumsToOne adds up p(x) over all images there are.
func TestSumsToOne(t *testing.T) {
	for name, cfg := range kinds() {
		if cfg.Binarize {
			continue
		}
		m := model(t, cfg, graph.Float64)
		x := all(cfg)
		for label := range max(1, cfg.Classes) {
			given := labels(cfg, x.Shape[0])
			for i := range given {
				given[i] = label
			}
			logp := must(m.LogLikelihood(graph.Key{}, x, given...))(t)
			total := 0.0
			for _, v := range logp.F64 {
				total += math.Exp(v)
			}
			near(t, name, total, 1, 1e-12)
		}
	}
}

// TestAutoregressive: no pixel sees itself or a later one, and it sees all earlier ones, but for the Row LSTM,
// which sees what its layers reach.
func TestAutoregressive(t *testing.T) {
	const height, width = 6, 9
	earlier := func(i, j int) bool { return j < i }
	for name, c := range map[string]struct {
		cfg  Config
		sees func(i, j int) bool
	}{
		"convolutional":        {Config{Layers: 5}, earlier},
		"convolutional, few":   {Config{Layers: 1}, gatedField(height, width, 1)},
		"recurrent":            {Config{Kind: Recurrent, Layers: 1}, rowLSTMField(height, width, 1)},
		"recurrent, deep":      {Config{Kind: Recurrent, Layers: 2}, rowLSTMField(height, width, 2)},
		"self-attention":       {Config{Kind: SelfAttention, Layers: 1}, earlier},
		"levels":               {Config{Levels: 4, Layers: 5}, earlier},
		"self-attention, deep": {Config{Kind: SelfAttention, Layers: 3, Levels: 5}, earlier},
	} {
		c.cfg.Shape, c.cfg.Features, c.cfg.Heads = []int{height, width}, 8, 2
		m := model(t, c.cfg, graph.Float64)
		predict := func(x graph.Array) (graph.Array, error) { return m.Predict(x) }
		if err := graphtest.Autoregressive(height*width, predict, c.sees); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A field says for each pixel which others its features depend on.
type field []map[int]bool

// spread is the field of a convolution over features of field f, f nil for the image itself; at lists the
// places that it sees.
func (f field) spread(height, width int, at [][2]int) field {
	g := make(field, height*width)
	for i := range g {
		g[i] = map[int]bool{}
		for _, t := range at {
			y, x := i/width+t[0], i%width+t[1]
			if y < 0 || y >= height || x < 0 || x >= width {
				continue
			}
			if f == nil {
				g[i][y*width+x] = true
				continue
			}
			for j := range f[y*width+x] {
				g[i][j] = true
			}
		}
	}
	return g
}

func (f field) with(g field) field {
	for i := range f {
		for j := range g[i] {
			f[i][j] = true
		}
	}
	return f
}

func (f field) sees(i, j int) bool { return f[i][j] }

var (
	above7 = [][2]int{{-3, -3}, {-3, -2}, {-3, -1}, {-3, 0}, {-3, 1}, {-3, 2}, {-3, 3}, {-2, -3}, {-2, -2}, {-2, -1}, {-2, 0}, {-2, 1}, {-2, 2}, {-2, 3},
		{-1, -3}, {-1, -2}, {-1, -1}, {-1, 0}, {-1, 1}, {-1, 2}, {-1, 3}}
	left3 = [][2]int{{0, -3}, {0, -2}, {0, -1}}
)

func gatedField(height, width, layers int) func(i, j int) bool {
	vertical := field(nil).spread(height, width, above7)
	horizontal := field(nil).spread(height, width, left3).with(vertical)
	for range layers {
		vertical = vertical.spread(height, width, [][2]int{{-1, -1}, {-1, 0}, {-1, 1}, {0, -1}, {0, 0}, {0, 1}})
		horizontal = horizontal.spread(height, width, [][2]int{{0, -1}, {0, 0}}).with(vertical)
	}
	return horizontal.sees
}

func rowLSTMField(height, width, layers int) func(i, j int) bool {
	f := field(nil).spread(height, width, append(above7, left3...))
	for range layers {
		state := f.spread(height, width, [][2]int{{0, -1}, {0, 0}})
		for range height { // until nothing changes
			state.with(state.spread(height, width, [][2]int{{-1, -1}, {-1, 0}, {-1, 1}}))
		}
		f.with(state)
	}
	return f.sees
}

// TestLikelihoodOfPredictions puts log p(x) together from the pixels' distributions.
func TestLikelihoodOfPredictions(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		cfg = m.Config()
		x := all(cfg)
		if cfg.Binarize { // 0 and 1 are drawn as they are
			cfg.Binarize = false
		}
		given := labels(cfg, x.Shape[0])
		p := must(m.Predict(x, given...))(t)
		logp := must(m.LogLikelihood(graph.Key{}, x, given...))(t)
		for e := range x.Shape[0] {
			want := 0.0
			for i := e * cfg.pixels(); i < (e+1)*cfg.pixels(); i++ {
				level := int(math.Round(x.At(i) * float64(cfg.Levels-1)))
				want += math.Log(p.At(i*cfg.Levels + level))
			}
			near(t, name, logp.At(e), want, 1e-10)
		}
	}
}

// TestRounding: an element counts as the nearest level.
func TestRounding(t *testing.T) {
	cfg := kinds()["convolutional, levels"]
	m := model(t, cfg, graph.Float32)
	x := graph.Floats32([]float32{0.24, 0.26, 0.74, 0.76}, 1, 4)
	levels := graph.Floats32([]float32{0, 0.5, 0.5, 1}, 1, 4)
	if !sameBits(must(m.LogLikelihood(graph.Key{}, x))(t), must(m.LogLikelihood(graph.Key{}, levels))(t)) {
		t.Error("numbers between levels do not count as the nearest")
	}
}

// TestBinarize: grey pixels are drawn anew for every key, 0 and 1 stay.
func TestBinarize(t *testing.T) {
	m := model(t, kinds()["binarised"], graph.Float64)
	x := graph.Floats32(make([]float32, 6*4000), 4000, 6)
	for i := range x.F32 {
		x.F32[i] = 0.3
	}
	logp := must(m.LogLikelihood(graph.NewKey(1), x))(t)
	images := all(m.Config())
	each := must(m.LogLikelihood(graph.NewKey(1), images))(t)
	want := 0.0
	for e := range 64 {
		p := 1.0
		for i := range 6 {
			p *= 0.7 - 0.4*images.At(6*e+i)
		}
		want += p * each.At(e)
	}
	if mean, stderr := graphtest.Moments(logp.F64); math.Abs(mean-want) > 4*stderr || stderr == 0 {
		t.Errorf("mean log p of draws %g +- %g, want %g", mean, stderr, want)
	}
}

package lm

import (
	"fmt"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
)

// naive is a network in plain loops, for one window: no matrices, no graph.
type naive struct{ m *Model }

func (f naive) at(name string, i int) float64 { return f.m.params.Lookup(name).Value().At(i) }

// affine is x w + b.
func (f naive) affine(name string, x []float64, columns int) []float64 {
	y := make([]float64, columns)
	for j := range y {
		y[j] = f.at(name+"/b", j)
		for i, v := range x {
			y[j] += v * f.at(name+"/w", i*columns+j)
		}
	}
	return y
}

func (f naive) row(name string, i int) []float64 {
	x := make([]float64, f.m.cfg.Units)
	for j := range x {
		x[j] = f.at(name, i*len(x)+j)
	}
	return x
}

func (f naive) norm(name string, x []float64) []float64 {
	mean, variance := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v-mean)/math.Sqrt(variance+1e-5)*f.at(name+"/gain", i) + f.at(name+"/bias", i)
	}
	return y
}

func (f naive) out(x []float64) []float64 {
	if !f.m.cfg.Tied {
		return f.affine("out", x, f.m.cfg.Vocabulary)
	}
	y := make([]float64, f.m.cfg.Vocabulary)
	for id := range y {
		y[id] = f.at("out/b", id)
		for i, v := range f.row("embedding/w", id) {
			y[id] += x[i] * v
		}
	}
	return y
}

// feedForward is the logits after the last of the tokens.
func (f naive) feedForward(ids []int) []float64 {
	h, t := f.m.cfg.Units, f.m.cfg.Context
	side := make([]float64, 0, t*h)
	for i := len(ids) - t; i < len(ids); i++ {
		if i < 0 {
			side = append(side, make([]float64, h)...)
			continue
		}
		side = append(side, f.row("embedding/w", ids[i])...)
	}
	for layer := range f.m.cfg.Layers {
		side = f.affine(fmt.Sprint(layer), side, h)
		for i := range side {
			side[i] = math.Tanh(side[i])
		}
	}
	return f.out(side)
}

// transformer is the same of the other network.
func (f naive) transformer(ids []int) []float64 {
	h, heads := f.m.cfg.Units, f.m.cfg.Heads
	var x [][]float64
	for i, id := range ids {
		x = append(x, sum(f.row("embedding/w", id), f.row("position/w", i)))
	}
	for layer := range f.m.cfg.Layers {
		name := fmt.Sprint(layer) + "/"
		var q, k, v [][]float64
		for _, row := range x {
			row = f.norm(name+"norm0", row)
			q, k, v = append(q, f.affine(name+"query", row, h)), append(k, f.affine(name+"key", row, h)), append(v, f.affine(name+"value", row, h))
		}
		for i := range x {
			seen := make([]float64, h)
			for head := range heads {
				weights, total := make([]float64, i+1), 0.0
				for j := range weights {
					for c := head * h / heads; c < (head+1)*h/heads; c++ {
						weights[j] += q[i][c] * k[j][c] / math.Sqrt(float64(h/heads))
					}
					weights[j] = math.Exp(weights[j])
					total += weights[j]
				}
				for j, weight := range weights {
					for c := head * h / heads; c < (head+1)*h/heads; c++ {
						seen[c] += weight / total * v[j][c]
					}
				}
			}
			x[i] = sum(x[i], f.affine(name+"mix", seen, h))
		}
		for i := range x {
			wide := f.affine(name+"wide", f.norm(name+"norm1", x[i]), 4*h)
			for j, a := range wide {
				wide[j] = a * (1 + math.Erf(a/math.Sqrt2)) / 2
			}
			x[i] = sum(x[i], f.affine(name+"narrow", wide, h))
		}
	}
	return f.out(f.norm("norm", x[len(x)-1]))
}

func sum(a, b []float64) []float64 {
	c := make([]float64, len(a))
	for i := range c {
		c[i] = a[i] + b[i]
	}
	return c
}

func TestNaive(t *testing.T) {
	for name, cfg := range kinds() {
		if cfg.Kind == Recurrent {
			continue // its operation has such a test
		}
		cfg.Context, cfg.Vocabulary = cfg.Context+2, 7
		m := model(t, cfg, graph.Float64)
		windows := tokens(6, 3*cfg.Context, 7)
		got := logits(m)(t, windows)
		for i := range windows {
			begin := i / cfg.Context * cfg.Context
			want := naive{m}.transformer
			if cfg.Kind == FeedForward {
				want = naive{m}.feedForward
			}
			for id, z := range want(windows[begin : i+1]) {
				near(t, name, got.At(i*7+id), z, 1e-12)
			}
		}
	}
}

package lm

import (
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// A seqNetwork is drawn for n sources of s places. In comments t is places of a target and r rows of the decoder:
// n of t steps each, or, in a search, n w of one step, w hypotheses for each source.
type seqNetwork struct {
	cfg SeqConfig
	b   *graph.Builder
	n   int
}

// A seqMemory is what the decoder knows of the source.
type seqMemory struct {
	keys, values *graph.Node   // (n, s, h)
	padding      *graph.Node   // (n, s, 1), 1 at padding and else 0
	skip         *graph.Node   // integers (n), places of padding
	starts       []*graph.Node // for each layer the state (n, 2h) before the first step
}

// encode adds the encoder, with its inputs: source (n, s), ids; reversed (n, s), the same from the last token to the
// first; reverse (n, s), the place in (n s) from which each of reversed is; padding (Source, 1), 1 for SeqPad alone;
// skip (n).
//
// Both source and reversed have their padding on the left. There all gates are exactly 0, and so are cells and hidden
// units, so that an LSTM starts at the first token as it would without padding.
func (g *seqNetwork) encode() seqMemory {
	s, h := g.cfg.SourceLength, g.cfg.Units
	ids, reversed, reverse := g.b.IntInput("source", g.n, s), g.b.IntInput("reversed", g.n, s), g.b.IntInput("reverse", g.n, s)
	isPadding := g.b.Input("padding", g.cfg.Source, 1)
	m := seqMemory{padding: op.Embedding(ids, isPadding), skip: g.b.IntInput("skip", g.n)}
	tokens := g.table("source", g.cfg.Source)
	var x *graph.Node // features of a layer (n s, h)
	for i := range g.cfg.Layers {
		b := g.b.Scope(fmt.Sprintf("encoder/%d", i))
		ahead, back := b.Scope("forward"), b.Scope("backward")
		var gates, turned *graph.Node // (n, s, 4h/2), of reversed too
		if i == 0 {
			gates = seqTokenGates(ahead, ids, tokens, isPadding, h/2)
			turned = seqTokenGates(back, reversed, tokens, isPadding, h/2)
		} else {
			x = g.dropout(x)
			padding := op.Reshape(m.padding, g.n*s, 1)
			gates = op.Reshape(seqGates(ahead, x, padding, h/2), g.n, s, 2*h)
			turned = op.Embedding(reverse, seqGates(back, x, padding, h/2))
		}
		forward, last := seqLSTM(ahead, gates, nil)
		backward, first := seqLSTM(back, turned, nil)
		m.values = op.Concat(2, forward, op.Embedding(reverse, op.Reshape(backward, g.n*s, h/2)))
		m.starts = append(m.starts, seqJoinStates(last, first))
		x = op.Reshape(m.values, g.n*s, h)
	}
	m.keys = op.Reshape(op.Affine(x, g.b.Param("attention/w", graph.Glorot, h, h), nil, op.Identity), g.n, s, h)
	return m
}

// seqJoinStates is one state (n, 2h) of two (n, h): hidden units and cells of both.
func seqJoinStates(a, b *graph.Node) *graph.Node {
	h := a.Dim(1) / 2
	hidden := func(x *graph.Node) *graph.Node { return op.Slice(x, 1, 0, h) }
	cells := func(x *graph.Node) *graph.Node { return op.Slice(x, 1, h, 2*h) }
	return op.Concat(1, hidden(a), hidden(b), cells(a), cells(b))
}

// decode adds the LSTMs of the decoder from states starts on: previous integers (r, t), the token before each. It
// returns the hidden units of the last layer and all layers' last states.
func (g *seqNetwork) decode(previous *graph.Node, starts []*graph.Node) (hidden *graph.Node, lasts []*graph.Node) {
	h := g.cfg.Units
	lasts = make([]*graph.Node, g.cfg.Layers)
	for i := range lasts {
		b := g.b.Scope(fmt.Sprintf("decoder/%d", i))
		var z *graph.Node
		if i == 0 {
			z = seqTokenGates(b, previous, g.table("target", g.cfg.Target), nil, h)
		} else {
			rows, t := hidden.Dim(0), hidden.Dim(1)
			z = op.Reshape(seqGates(b, g.dropout(op.Reshape(hidden, rows*t, h)), nil, h), rows, t, 4*h)
		}
		hidden, lasts[i] = seqLSTM(b, z, starts[i])
	}
	return hidden, lasts
}

// logits adds attention and the output layer: hidden (r, t, h), result (r t, outputs).
func (g *seqNetwork) logits(hidden *graph.Node, m seqMemory) *graph.Node {
	h := g.cfg.Units
	query := op.Reshape(hidden, g.n, -1, h)
	context := op.Attention(query, m.keys, m.values, 1, false, m.skip)
	both := op.Reshape(op.Concat(2, context, query), -1, 2*h)
	x := op.Affine(both, g.b.Param("mix/w", graph.Glorot, 2*h, h), nil, op.TanhActivation)
	x = g.dropout(x)
	return op.Affine(x, g.b.Param("out/w", graph.Glorot, h, g.cfg.outputs()), g.b.Param("out/b", graph.Zeros, g.cfg.outputs()), op.Identity)
}

// attention is the weights (n, t, s) by which logits takes the mean of the values.
func (g *seqNetwork) attention(hidden *graph.Node, m seqMemory) *graph.Node {
	s := g.cfg.SourceLength
	scores := op.Scale(op.MatMul(op.Reshape(hidden, g.n, -1, g.cfg.Units), m.keys, false, true), 1/math.Sqrt(float64(g.cfg.Units)))
	return op.Softmax(op.Add(scores, op.Scale(op.Reshape(m.padding, g.n, 1, s), seqClosed)))
}

// nll adds -log p(target | source) (n), in nats, with the inputs of encode and previous (n, t); labels (n t), what
// comes after it among the outputs; mask (n, t), 1 where there is a choice and else 0.
func (g *seqNetwork) nll() *graph.Node {
	m, t := g.encode(), g.cfg.TargetLength
	hidden, _ := g.decode(g.b.IntInput("previous", g.n, t), m.starts)
	labels, mask := g.b.IntInput("labels", g.n*t), g.b.Input("mask", g.n, t)
	each := op.SoftmaxCrossEntropy(g.logits(hidden, m), labels)
	return op.Sum(op.Mul(op.Reshape(each, g.n, t), mask), 1)
}

// table is the vectors of the tokens of a vocabulary.
func (g *seqNetwork) table(name string, vocabulary int) *graph.Node {
	return g.b.Param(name+"/w", graph.NormalWith(seqEmbedding), vocabulary, g.cfg.Embedding)
}

func (g *seqNetwork) dropout(x *graph.Node) *graph.Node {
	if g.b.Training() {
		x = op.Dropout(x, g.cfg.Dropout)
	}
	return x
}

const (
	seqEmbedding = 0.1  // standard deviation of tokens' vectors at the start
	seqClosed    = -1e4 // added at padding: the logistic function is exactly 0 there, and the exponential too
	seqSmall     = 256  // tokens of a vocabulary whose gates are computed once for each, not at every place
)

// seqTokenGates is seqGates at each place of ids (n, t): tokens (v, d) and padding (v, 1) belong to the vocabulary.
func seqTokenGates(b *graph.Builder, ids, tokens, padding *graph.Node, units int) *graph.Node {
	if tokens.Dim(0) <= seqSmall && ids.Dim(1) > 1 {
		return op.Embedding(ids, seqGates(b, tokens, padding, units))
	}
	n, t := ids.Dim(0), ids.Dim(1)
	if padding != nil {
		padding = op.Reshape(op.Embedding(ids, padding), n*t, 1)
	}
	x := op.Reshape(op.Embedding(ids, tokens), n*t, tokens.Dim(1))
	return op.Reshape(seqGates(b, x, padding, units), n, t, 4*units)
}

// seqGates is the part of an LSTM's gates (r, 4h) that comes from its input x (r, d), as in nn.LSTM, but closed where
// padding (r, 1) is 1, if it is not nil.
func seqGates(b *graph.Builder, x, padding *graph.Node, units int) *graph.Node {
	d := x.Dim(1)
	w := b.Param("w", graph.UniformIn(math.Sqrt(6/float64(d+units))), d, 4*units)
	if padding != nil { // as one more input, whose weights are constant
		closed := op.AddScalar(op.Scale(op.Slice(padding, 0, 0, 1), 0), seqClosed)
		x, w = op.Concat(1, x, padding), op.Concat(0, w, op.Broadcast(closed, 1, 4*units))
	}
	return op.Affine(x, w, b.Param("b", seqForget, 4*units), op.Identity)
}

// seqLSTM goes over gates (n, t, 4h) as nn.LSTM does.
func seqLSTM(b *graph.Builder, z, start *graph.Node) (h, last *graph.Node) {
	units := z.Dim(2) / 4
	return op.LSTM(z, b.Param("u", graph.UniformIn(math.Sqrt(6/float64(2*units))), units, 4*units), start)
}

// seqForget is 1 for the forget gate, the second of four.
func seqForget(_ graph.Key, _ []int, w []float64) {
	h := len(w) / 4
	for i := range h {
		w[h+i] = 1
	}
}

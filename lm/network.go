package lm

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// A network is being drawn: of n sequences of t tokens each, from their beginning or after what has been kept of
// the tokens before them. Features are (n, t, h).
type network struct {
	cfg  Config
	b    *graph.Builder
	n, t int
	goOn bool // after earlier tokens

	at   *graph.Node   // integers (n, t), the place of each token in its sequence; Transformer alone
	skip *graph.Node   // integers (n), how many rows of the past are empty; Transformer alone, if it goes on
	past []*graph.Node // inputs: what has been kept of earlier tokens, 0 if there are none
	next []*graph.Node // what is to be kept of these ones
}

// newNetwork starts a network, with the input of its tokens, integers (n, t), and those that its kind needs. The
// inputs of the past come last.
func (c Config) newNetwork(b *graph.Builder, n, t int, goOn bool) (w *network, tokens *graph.Node) {
	w = &network{cfg: c, b: b, n: n, t: t, goOn: goOn}
	tokens = b.IntInput("tokens", n, t)
	if c.Kind == Transformer {
		w.at = b.IntInput("at", n, t)
		if goOn {
			w.skip = b.IntInput("skip", n)
		}
	}
	return w, tokens
}

// logits adds the network to a graph: tokens (n, t), result (n, t, v), of the token that follows each.
func (w *network) logits(tokens *graph.Node) *graph.Node {
	c := w.cfg
	table := w.b.Param("embedding/w", graph.NormalWith(c.deviation()), c.Vocabulary, c.Units)
	x := op.Embedding(tokens, table)
	switch c.Kind {
	case FeedForward:
		x = w.feedForward(w.dropout(x))
	case Recurrent:
		x = w.recurrent(w.dropout(x))
	case Transformer:
		x = w.transformer(x)
	}
	bias := w.b.Param("out/b", graph.Zeros, c.Vocabulary)
	if c.Tied {
		if !w.goOn || w.t > 1 || w.n == 1 {
			return op.AffineT(x, table, bias, op.Identity)
		}
		// Products by a transposed matrix round differently for one row and for several, so each text has its own:
		// what follows it does not depend on the others.
		rows := make([]*graph.Node, w.n)
		for i := range rows {
			rows[i] = op.AffineT(op.Slice(x, 0, i, i+1), table, bias, op.Identity)
		}
		return op.Concat(0, rows...)
	}
	return op.Affine(x, w.b.Param("out/w", graph.NormalWith(initialDeviation), c.Units, c.Vocabulary), bias, op.Identity)
}

// initialDeviation is that of the weights of a Transformer (Radford et al. 2018, section 4.1), and of all outputs,
// so that at first every token is about as likely.
const initialDeviation = 0.02

// deviation is that of the initial embeddings. Where no normalisation follows, small ones are slow to learn: an LSTM is
// where it is after 700 steps with 0.1 after 500 with 1, which is too much for weights of the output.
func (c Config) deviation() float64 {
	switch {
	case c.Kind == Transformer:
		return initialDeviation
	case c.Kind == Recurrent && !c.Tied:
		return 1
	}
	return 0.1
}

// dense is act(x w + b) with units columns.
func (w *network) dense(name string, x *graph.Node, units int, act op.Activation, init graph.Init) *graph.Node {
	b := w.b.Scope(name)
	return op.Affine(x, b.Param("w", init, max(1, x.Dim(-1)), units), b.Param("b", graph.Zeros, units), act)
}

func (w *network) dropout(x *graph.Node) *graph.Node {
	if !w.b.Training() {
		return x
	}
	return op.Dropout(x, w.cfg.Dropout)
}

// kept declares the input of something that is kept of earlier tokens.
func (w *network) kept(shape ...int) *graph.Node {
	x := w.b.Input(fmt.Sprintf("past%d", len(w.past)), shape...)
	w.past = append(w.past, x)
	return x
}

// after puts features x (n, t, h) behind those that are kept of earlier tokens, and keeps them as well. The result
// is (n, rows+t, h), or x from the beginning on.
func (w *network) after(rows int, x *graph.Node) *graph.Node {
	if !w.goOn || rows == 0 {
		return x
	}
	w.next = append(w.next, x)
	return op.Concat(1, w.kept(w.n, rows, w.cfg.Units), x)
}

package ae

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// An Encoder computes codes. It is what a sender holds. Safe for concurrent use.
type Encoder struct {
	cfg    Config
	params *graph.Params
	encode *graph.Function
}

// A Decoder computes reconstructions from codes. It is what a receiver holds. Safe for concurrent use.
type Decoder struct {
	cfg    Config
	params *graph.Params
	decode *graph.Function
}

func newEncoder(cfg Config, p *graph.Params) *Encoder {
	e := &Encoder{cfg: cfg, params: p}
	e.encode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{e.code(b, b.Input("x", n, cfg.Inputs()))}
	})
	return e
}

// layers adds the encoder to a graph: x (n, d), results the outputs of all dense layers, the code (n, l) last.
func (e *Encoder) layers(b *graph.Builder, x *graph.Node) []*graph.Node {
	x = e.cfg.convolve(b.Scope("enc/conv"), x)
	var outs []*graph.Node
	for i, l := range e.cfg.Encoder {
		x = l.Apply(b.Scope(fmt.Sprintf("enc/%d", i)), x)
		outs = append(outs, x)
	}
	return outs
}

// code is the last of layers.
func (e *Encoder) code(b *graph.Builder, x *graph.Node) *graph.Node {
	outs := e.layers(b, x)
	return outs[len(outs)-1]
}

// Config returns the configuration of the autoencoder.
func (e *Encoder) Config() Config { return e.cfg }

// Encode returns the codes (n, l) of examples (n, ...) of any number.
func (e *Encoder) Encode(x graph.Array) (graph.Array, error) {
	x, err := x.Examples(e.cfg.Shape...)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(e.encode.Map(graph.Key{}, e.cfg.chunk(), x))
}

func newDecoder(cfg Config, p *graph.Params) *Decoder {
	d := &Decoder{cfg: cfg, params: p}
	d.decode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{d.mean(d.output(b, b.Input("code", n, cfg.CodeSize())))}
	})
	return d
}

// output adds the decoder to a graph: code (n, l), result (n, d), logits under cross-entropy.
func (d *Decoder) output(b *graph.Builder, code *graph.Node) *graph.Node {
	layers := d.cfg.denseDecoder()
	if !d.cfg.Tied {
		return d.cfg.deconvolve(b.Scope("dec/conv"), nn.Stack(b.Scope("dec"), code, layers))
	}
	x := code
	for i, l := range layers {
		from := len(layers) - 1 - i // the encoder layer whose weights it shares, and which has made them
		w := b.Scope(fmt.Sprintf("enc/%d", from)).Param("w", graph.Zeros, l.Units, max(1, x.Dim(1)))
		x = op.AffineT(x, w, b.Scope(fmt.Sprintf("dec/%d", i)).Param("b", graph.Zeros, l.Units), l.Activation)
		if b.Training() {
			x = op.Dropout(x, l.Dropout)
		}
	}
	return x
}

// mean turns the decoder's output into the reconstruction.
func (d *Decoder) mean(y *graph.Node) *graph.Node {
	if d.cfg.Loss == CrossEntropy {
		return op.Sigmoid(y)
	}
	return y
}

// Config returns the configuration of the autoencoder.
func (d *Decoder) Config() Config { return d.cfg }

// Decode returns the reconstructions (n, d) of codes (n, l) of any number.
func (d *Decoder) Decode(code graph.Array) (graph.Array, error) {
	code, err := code.Examples(d.cfg.CodeSize())
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(d.decode.Map(graph.Key{}, d.cfg.chunk(), code))
}

package main

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// A model is what the server needs to know of a loaded model, whatever its kind.
type model struct {
	kind       string               // as in its file
	config     any                  // as in its file
	layers     []int                // units from the input to the output
	shape      []int                // of an example; nil if examples are texts
	vocabulary int                  // tokens that texts can have; 0 if examples are numbers
	example    string               // a text that the model can take
	code       int                  // numbers of a code; 0 if there are no codes
	classes    int                  // number of labels; 0 for a model without
	unit       bool                 // inputs are probabilities: only [0, 1] is possible
	unitCode   bool                 // so are codes
	normalizer *data.Normalizer     // between the units of the data and those of the model; nil for none
	ops        map[string]operation // what the kind offers, by name
}

// An operation is one use of a model. It is safe for concurrent use.
type operation struct {
	takes    string   // "examples" or "codes" (n, ...), or the name of a list of n texts; "" for an operation that draws
	gives    []string // names of the results, each with n as its first axis
	labelled bool     // apply needs labels, draw can be given them

	// apply maps rows (n, d) or (n, l). labels (n) are nil unless it is labelled.
	apply func(key graph.Key, x graph.Array, labels []int) ([]graph.Array, error)
	// random tells that apply or write depends on its key.
	random bool

	// write, in place of apply, maps texts to results of n elements each, in forms that encoding/json takes.
	write func(ctx context.Context, q query, texts []string) ([]any, error)
	asks  []string // parameters of the URL for it

	// draw makes n examples by steps of a Markov chain, which count only if steps is not 0. labels (n)
	// are nil where the request says nothing of them.
	draw  func(ctx context.Context, key graph.Key, n, steps int, labels []int) ([]graph.Array, error)
	steps int // default; 0 for what draws without a chain
}

// What a request can hold, and the names of the results of most operations.
const (
	examples   = "examples"
	codes      = "codes"
	labelsName = "labels"
)

// names are all operations, in the order in which they are listed.
var names = []string{"encode", "decode", "reconstruct", "sample", "score", "classify", "predict", "generate", "translate"}

// loaders read the files of each kind.
var loaders = map[string]func(path string) (*model, error){
	"ae":               loadAE,
	"ae-encoder":       loadEncoder,
	"ae-decoder":       loadDecoder,
	"rbm":              loadRBM,
	"vae":              loadVAE,
	"pixel":            loadPixel,
	"lm":               loadLM,
	"seq2seq":          loadSeq,
	"pretrain-stack":   loadStack,
	"pretrain-dbn":     loadDBN,
	"pretrain-network": loadNetwork,
}

// load reads a model file of any kind.
func load(path string) (*model, error) {
	kind, err := ckpt.Kind(path)
	if err != nil {
		return nil, err
	}
	loader, ok := loaders[kind]
	if !ok {
		kinds := make([]string, 0, len(loaders))
		for k := range loaders {
			kinds = append(kinds, k)
		}
		slices.Sort(kinds)
		return nil, errors.Wrapf(ckpt.ErrKind, "%s holds a model of kind %q, expected one of %s", path, kind, strings.Join(kinds, ", "))
	}
	return loader(path)
}

// size is the number of numbers of an example.
func (m *model) size() int { return product(m.shape) }

// offers lists the model's operations.
func (m *model) offers() []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := m.ops[name]; return !ok })
}

// row is the shape of one row of what an operation takes.
func (m *model) row(takes string) []int {
	if takes == codes {
		return []int{m.code}
	}
	return m.shape
}

// input brings examples (n, d) to the units of the model, and refuses what it cannot take.
func (m *model) input(x graph.Array) (graph.Array, error) {
	if m.normalizer != nil {
		scaled := graph.Floats32(make([]float32, x.Len()), x.Shape...)
		if err := m.normalizer.Apply(graph.Key{}, scaled, x); err != nil {
			return x, err
		}
		x = scaled
	}
	if !m.unit {
		return x, nil
	}
	err := x.CheckRange(0, 1)
	if m.normalizer != nil {
		err = errors.WithMessage(err, "after the model's normalisation")
	}
	return x, err
}

// output brings examples (n, d) of the model back to the units of the data.
func (m *model) output(x graph.Array) (graph.Array, error) {
	if m.normalizer == nil {
		return x, nil
	}
	raw := graph.Floats32(make([]float32, x.Len()), x.Shape...)
	return raw, m.normalizer.Invert(raw, x)
}

// reshape sets the shape of an example from a flag such as 28x28 or 3x32x32. Without one, d numbers in
// a row that could be a square image are taken for one.
func (m *model) reshape(flag string) error {
	if m.vocabulary > 0 {
		if flag != "" {
			return errors.Errorf("-shape %q, but this model's examples are texts", flag)
		}
		return nil
	}
	if flag == "" {
		if side := int(math.Sqrt(float64(m.size()))); len(m.shape) == 1 && side >= 4 && side*side == m.size() {
			m.shape = []int{1, side, side}
		}
		return nil
	}
	var shape []int
	for word := range strings.SplitSeq(flag, "x") {
		s, err := strconv.Atoi(word)
		if err != nil || s < 1 {
			return errors.Errorf("-shape %q, expected rows and columns such as 28x28, or channels, rows and columns such as 3x32x32", flag)
		}
		shape = append(shape, s)
	}
	if product(shape) != m.size() {
		return errors.Errorf("-shape %q is of %d numbers, the model's examples are of %d", flag, product(shape), m.size())
	}
	m.shape = shape
	return nil
}

package graph

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Mode says what a graph is for.
type Mode int

const (
	Eval  Mode = iota // use and scoring: dropout and the like do nothing
	Train             // training
)

// A Builder makes the nodes of one graph. Errors stick: the first one is kept, with the place in the
// caller's code, the scope, the operation and the shapes; later calls do nothing, and Compile
// returns it. So code that builds a model reads like the mathematics.
type Builder struct {
	*builder
	scope string
}

// builder is the state that all scopes of one graph share.
type builder struct {
	params  *Params
	mode    Mode
	g       *gorgonia.ExprGraph
	err     error
	inputs  []*Node
	names   map[string]bool // paths in use
	repeats map[string]int  // how often a path has been asked for again
	nodes   map[*gorgonia.Node]*Node
	hashes  map[uint32]*gorgonia.Node
	bound   map[*Param]*Node
	updates []update
	run     *runState
	salt    int // changes every hash, to get away from a collision
	frozen  bool
	// gradOf is the path of the node whose gradient is being built, while one is.
	gradOf string
}

// An update is a buffer and the node that becomes its value after each successful run.
type update struct {
	buffer *Param
	value  *Node
}

// buildMu serialises graph construction, which in Gorgonia is not safe for concurrent use even on
// separate graphs.
var buildMu sync.Mutex

// NewBuilder starts a graph over p.
func NewBuilder(p *Params, mode Mode) *Builder {
	return newBuilder(p, mode, 0)
}

func newBuilder(p *Params, mode Mode, salt int) *Builder {
	return &Builder{builder: &builder{
		params:  p,
		mode:    mode,
		g:       gorgonia.NewGraph(),
		names:   map[string]bool{},
		repeats: map[string]int{},
		nodes:   map[*gorgonia.Node]*Node{},
		hashes:  map[uint32]*gorgonia.Node{},
		bound:   map[*Param]*Node{},
		run:     &runState{},
		salt:    salt,
	}}
}

// Scope returns a Builder of the same graph whose names start with name and a slash.
func (b *Builder) Scope(name string) *Builder {
	if name != "" && !validName(name) {
		b.Fail(errors.Wrapf(ErrName, "%q is no name for a scope", name))
	}
	return &Builder{builder: b.builder, scope: path.Join(b.scope, name)}
}

// Training reports whether the graph is for training.
func (b *builder) Training() bool { return b.mode == Train }

// Params returns the parameters behind the graph.
func (b *builder) Params() *Params { return b.params }

// Err returns the first error so far.
func (b *builder) Err() error { return b.err }

// Fail records an error at the caller's place, unless there is one already.
func (b *Builder) Fail(err error) {
	b.fail(b.scope, err)
}

func (b *builder) fail(where string, err error) *Node {
	if b.err == nil {
		b.err = errors.WithMessagef(err, "%s: %s", callSite(), where)
	}
	return &Node{b: b, path: where}
}

// callSite is the file and line of the nearest caller outside the packages that build graphs.
func callSite() string {
	pc := make([]uintptr, 32)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for {
		f, more := frames.Next()
		inside := strings.HasPrefix(f.Function, modulePath+"/graph.") || strings.HasPrefix(f.Function, modulePath+"/graph/") ||
			strings.HasPrefix(f.Function, "gorgonia.org/")
		if !inside || strings.HasSuffix(f.File, "_test.go") || !more {
			return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
		}
	}
}

const modulePath = "github.com/latent-go/latent"

// Input declares an input of floats, fed to Program.Run in order of declaration.
func (b *Builder) Input(name string, shape ...int) *Node { return b.input(name, shape, false) }

// IntInput declares an input of integers.
func (b *Builder) IntInput(name string, shape ...int) *Node { return b.input(name, shape, true) }

func (b *Builder) input(name string, shape []int, isInt bool) *Node {
	where := path.Join(b.scope, name)
	n, ok := size(shape)
	switch {
	case b.err != nil:
		return &Node{b: b.builder, path: where}
	case b.frozen:
		return b.fail(where, errors.Wrap(ErrName, "the graph has been compiled"))
	case !validName(name):
		return b.fail(where, errors.Wrapf(ErrName, "%q is no name for an input", name))
	case b.names[where]:
		return b.fail(where, errors.Wrapf(ErrName, "%q is already in use", where))
	case !ok || len(shape) == 0:
		return b.fail(where, errors.Wrapf(ErrShape, "input %q: every dimension of %v must be positive, and there must be one", name, shape))
	}
	var backing any
	switch {
	case isInt:
		backing = make([]int, n)
	case b.params.dtype == Float64:
		backing = make([]float64, n)
	default:
		backing = make([]float32, n)
	}
	x := b.leaf(where, shape, isInt, backing)
	b.inputs = append(b.inputs, x)
	return x
}

// Param binds the trainable parameter of that name, creating it if this is its first graph.
func (b *Builder) Param(name string, init Init, shape ...int) *Node {
	return b.bindParam(name, true, init, shape)
}

// Buffer binds the buffer of that name, creating it if this is its first graph.
func (b *Builder) Buffer(name string, init Init, shape ...int) *Node {
	return b.bindParam(name, false, init, shape)
}

func (b *Builder) bindParam(name string, trainable bool, init Init, shape []int) *Node {
	where := path.Join(b.scope, name)
	switch {
	case b.err != nil:
		return &Node{b: b.builder, path: where}
	case b.frozen:
		return b.fail(where, errors.Wrap(ErrName, "the graph has been compiled"))
	case !validName(name):
		return b.fail(where, errors.Wrapf(ErrName, "%q is no name for a parameter", name))
	}
	q, err := b.params.Add(where, trainable, init, shape...)
	if err != nil {
		return b.fail(where, err)
	}
	if x := b.bound[q]; x != nil {
		return x // used twice: shared
	}
	if b.names[where] {
		return b.fail(where, errors.Wrapf(ErrName, "%q is already in use", where))
	}
	x := b.leaf(where, shape, false, nil) // its memory is bound by Compile, when the slab no longer moves
	x.param, x.needsGrad = q, trainable
	b.bound[q] = x
	return x
}

// leaf makes a node without an operation, over the memory of backing if that is given.
func (b *Builder) leaf(where string, shape []int, isInt bool, backing any) *Node {
	buildMu.Lock()
	defer buildMu.Unlock()
	b.names[where] = true
	// The salt comes first: two names whose hashes collide would do so under any common ending.
	opts := []gorgonia.NodeConsOpt{gorgonia.WithShape(shape...), gorgonia.WithName(fmt.Sprintf("%d#%s", b.salt, where))}
	if backing != nil {
		opts = append(opts, gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))))
	}
	dt := b.params.dtype.gorgonia()
	if isInt {
		dt = tensor.Int
	}
	g := gorgonia.NewTensor(b.g, dt, len(shape), opts...)
	x := &Node{b: b.builder, g: g, path: where, shape: slices.Clone(shape), isInt: isInt}
	if other := b.hashes[g.Hashcode()]; other != nil {
		return b.fail(where, errCollision)
	}
	b.hashes[g.Hashcode()] = g
	b.nodes[g] = x
	return x
}

func (d DType) gorgonia() tensor.Dtype {
	if d == Float64 {
		return tensor.Float64
	}
	return tensor.Float32
}

// Update makes value the new value of buffer after every successful run of a Program that
// CompileGradient makes. The run itself sees the old value.
func (b *Builder) Update(buffer, value *Node) {
	if b.err != nil {
		return
	}
	switch {
	case b.frozen:
		b.Fail(errors.Wrap(ErrName, "update: the graph has been compiled"))
	case buffer.dead() || value.dead() || buffer.b != b.builder || value.b != b.builder:
		b.Fail(errors.Wrapf(ErrName, "update of %v by %v, which are not both nodes of this graph", buffer, value))
	case value.isInt:
		b.Fail(errors.Wrapf(ErrType, "update of %v by integers", buffer))
	case slices.ContainsFunc(b.updates, func(u update) bool { return u.buffer == buffer.param }):
		b.Fail(errors.Wrapf(ErrName, "%v is updated twice", buffer))
	case buffer.param == nil || buffer.param.Trainable:
		b.Fail(errors.Wrapf(ErrName, "update of %v, which is not a buffer", buffer))
	case !SameShape(buffer, value):
		b.Fail(errors.Wrapf(ErrShape, "update of %v by %v", buffer, value))
	default:
		b.updates = append(b.updates, update{buffer.param, value})
	}
}

// uniquePath returns base, or base with the first number that makes it a new path.
func (b *builder) uniquePath(base string) string {
	where := base
	for b.names[where] {
		b.repeats[base]++
		where = fmt.Sprintf("%s.%d", base, b.repeats[base])
	}
	b.names[where] = true
	return where
}

// validName refuses names that are not the end of the path they are part of.
func validName(name string) bool {
	return name != "" && name != "." && path.Clean("/"+name) == "/"+name
}

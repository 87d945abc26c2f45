package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"path"
	"slices"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// An Op is a differentiable operation on inputs of known shapes. Package op holds the library's.
type Op struct {
	// Shape of the result; empty for a scalar.
	Shape []int

	// Forward computes a.Out from a.In. It must write every element of Out, whatever Out held
	// before, leave In alone, and keep neither: as soon as nothing needs a result, its memory holds
	// another. A panic is turned into an error.
	Forward func(a *Args) error

	// Backward builds the gradient of the loss with respect to each input from the inputs, the
	// result y and dy, the gradient with respect to y. It may return nil for an input that does
	// not need one (see Node.NeedsGrad). A nil Backward says that the operation is not
	// differentiable: no gradient passes.
	Backward func(in []*Node, y, dy *Node) []*Node

	// Constant lists inputs through which no gradient passes; integers never need listing.
	Constant []int
}

// Args is what Op.Forward works on.
type Args struct {
	In  []Array
	Out Array
	// Key is the run's key forked by the node's path: the source of a sampling operation's numbers.
	Key Key
}

// Apply adds an operation to the graph of its inputs. define is called to check the inputs' shapes and
// make the Op, unless the graph already has an error; an error it returns is kept with its place.
func Apply(name string, in []*Node, define func() (Op, error)) *Node {
	b, where, err := common(name, in)
	if b == nil {
		return &Node{path: name}
	}
	if err != nil {
		return b.fail(where, err)
	}
	if b.err != nil {
		return &Node{b: b, path: where}
	}
	op, err := define()
	if err != nil {
		return b.fail(where, errors.WithMessage(err, describe(in)))
	}
	if b.gradOf == "" { // while a gradient is built, Compile holds the lock
		buildMu.Lock()
		defer buildMu.Unlock()
	}
	x, err := b.apply(where, op, in)
	if err != nil {
		return b.fail(where, err)
	}
	return x
}

// common finds the graph of the inputs and the path of an operation on them.
func common(name string, in []*Node) (b *builder, where string, err error) {
	for i, x := range in {
		switch {
		case x == nil || x.b == nil:
			err = errors.Wrapf(ErrName, "%s: input %d is nil", name, i)
		case b == nil:
			b = x.b
		case b != x.b:
			err = errors.Wrapf(ErrName, "%s: %v and %v belong to different graphs", name, in[0], x)
		}
	}
	if b == nil {
		return nil, name, err
	}
	if b.gradOf != "" {
		return b, path.Join(b.gradOf, "grad", name), err
	}
	if b.frozen && err == nil {
		err = errors.Wrapf(ErrName, "%s: the graph has been compiled", name)
	}
	return b, path.Join(scopeOf(in), name), err
}

// scopeOf is the scope an operation belongs to: that of its last parameter, else of its first input.
func scopeOf(in []*Node) string {
	for _, x := range slices.Backward(in) {
		if x != nil && x.param != nil {
			return path.Dir(x.path)
		}
	}
	for _, x := range in {
		if x != nil && x.b != nil {
			return path.Dir(x.path)
		}
	}
	return ""
}

func describe(in []*Node) string {
	s := ""
	for i, x := range in {
		if i > 0 {
			s += ", "
		}
		s += x.String()
	}
	return s
}

// opNode is the adapter: it makes an Op a Gorgonia SDOp, which the expression graph, the symbolic
// differentiation and the tape machine understand. There is one for every node.
type opNode struct {
	Op
	b    *builder
	path string
	// id is different for every node of a graph, so that Gorgonia, which takes two nodes of equal
	// hash and children for one, never merges any.
	id   int
	in   []*Node
	diff []bool // inputs through which a gradient passes
	args Args
	out  gorgonia.Value // over the memory of args.Out
	life life
}

// nodeID is the identity of a node, given the number of nodes before it and of attempts so far.
// Tests weaken it.
var nodeID = func(nodes, try int) int { return nodes + try<<24 }

// errCollision is returned, rarely, when two nodes have the same 32-bit hash. Another salt helps.
var errCollision = errors.New("two nodes have the same hash")

// apply makes the node. A hash collision is met by another id: Gorgonia would take the two nodes
// for one.
func (b *builder) apply(where string, op Op, in []*Node) (*Node, error) {
	if _, ok := size(op.Shape); !ok {
		return nil, errors.Wrapf(ErrShape, "the result would be %s", shapeString(op.Shape))
	}
	where = b.uniquePath(where)
	o := &opNode{Op: op, b: b, path: where, in: in, diff: make([]bool, len(in))}
	needsGrad := false
	for i, x := range in {
		o.diff[i] = op.Backward != nil && x.needsGrad && !slices.Contains(op.Constant, i)
		needsGrad = needsGrad || o.diff[i]
	}
	children := make([]*gorgonia.Node, len(in))
	for i, x := range in {
		children[i] = x.g
	}
	for try := range 8 {
		o.id = nodeID(len(b.nodes), try)
		g, err := gorgonia.ApplyOp(o, children...)
		if err != nil {
			return nil, errors.Wrap(err, "gorgonia")
		}
		if g.Op() != gorgonia.Op(o) || b.hashes[g.Hashcode()] != nil {
			continue
		}
		if err := sameChildren(g, children); err != nil {
			return nil, err
		}
		b.hashes[g.Hashcode()] = g
		x := &Node{b: b, g: g, path: where, shape: slices.Clone(op.Shape), in: in, op: o, needsGrad: needsGrad}
		b.nodes[g] = x
		return x, nil
	}
	return nil, errCollision
}

// sameChildren checks that the graph has recorded exactly these children, in order.
func sameChildren(g *gorgonia.Node, children []*gorgonia.Node) error {
	it := g.Graph().From(g.ID())
	i := 0
	for ; it.Next(); i++ {
		if i >= len(children) || it.Node().ID() != children[i].ID() {
			return errors.Errorf("gorgonia recorded other inputs than those given, from input %d on", i)
		}
	}
	if i != len(children) {
		return errors.Errorf("gorgonia recorded %d inputs instead of %d", i, len(children))
	}
	return nil
}

// wrap returns the Node of a Gorgonia node; Grad makes some of its own, to add gradients.
func (b *builder) wrap(g *gorgonia.Node) *Node {
	if x := b.nodes[g]; x != nil {
		return x
	}
	x := &Node{b: b, g: g, path: b.uniquePath("gorgonia/" + g.Name()), shape: slices.Clone([]int(g.Shape()))}
	b.nodes[g] = x
	return x
}

func (o *opNode) Arity() int            { return len(o.in) }
func (o *opNode) ReturnsPtr() bool      { return true }
func (o *opNode) CallsExtern() bool     { return false }
func (o *opNode) OverwritesInput() int  { return -1 }
func (o *opNode) String() string        { return o.path }
func (o *opNode) WriteHash(h hash.Hash) { fmt.Fprintf(h, "latent %d %d", o.b.salt, o.id) }

func (o *opNode) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *opNode) Type() hm.Type {
	ts := make([]hm.Type, 0, len(o.in)+1)
	for _, x := range o.in {
		ts = append(ts, x.g.Type())
	}
	dt := o.b.params.dtype.gorgonia()
	if len(o.Shape) == 0 {
		return hm.NewFnType(append(ts, dt)...)
	}
	return hm.NewFnType(append(ts, gorgonia.TensorType{Dims: len(o.Shape), Of: dt})...)
}

func (o *opNode) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return tensor.Shape(o.Shape).Clone(), nil
}

func (o *opNode) DiffWRT(int) []bool { return o.diff }

// bind makes out the memory of the result.
func (o *opNode) bind(out Array) {
	o.args.Out = out
	f64 := o.b.params.dtype == Float64
	var backing any = o.args.Out.F32
	if f64 {
		backing = o.args.Out.F64
	}
	switch {
	case len(o.Shape) > 0:
		o.out = tensor.New(tensor.WithShape(o.Shape...), tensor.WithBacking(backing))
	case f64:
		o.out = gorgonia.NewF64(0)
	default:
		o.out = gorgonia.NewF32(0)
	}
	o.args.In = make([]Array, len(o.in))
	for i, x := range o.in {
		o.args.In[i].Shape = x.shape
		if len(x.shape) == 0 && f64 {
			o.args.In[i].F64 = make([]float64, 1)
		} else if len(x.shape) == 0 {
			o.args.In[i].F32 = make([]float32, 1)
		}
	}
}

// Do runs the operation. The tape machine's RunAll calls it on a goroutine of its own, where a panic
// would end the process.
func (o *opNode) Do(values ...gorgonia.Value) (result gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = o.b.run.failed(errors.Wrapf(ErrRun, "%s: panic: %v", o.path, r))
		}
	}()
	if err := o.b.run.start(o); err != nil {
		return nil, err
	}
	for i, v := range values {
		switch v := v.(type) {
		case *gorgonia.F32:
			o.args.In[i].F32[0] = float32(*v)
		case *gorgonia.F64:
			o.args.In[i].F64[0] = float64(*v)
		case *tensor.Dense:
			switch {
			case o.in[i].isInt:
				o.args.In[i].Int = v.Ints()
			case o.b.params.dtype == Float64:
				o.args.In[i].F64 = v.Float64s()
			default:
				o.args.In[i].F32 = v.Float32s()
			}
		default:
			return nil, o.b.run.failed(errors.Wrapf(ErrRun, "%s: input %d is a %T", o.path, i, v))
		}
	}
	o.args.Key = o.b.run.key.Fork(o.path)
	if err := o.Forward(&o.args); err != nil {
		return nil, o.b.run.failed(errors.WithMessage(err, o.path))
	}
	switch v := o.out.(type) {
	case *gorgonia.F32:
		*v = gorgonia.F32(o.args.Out.F32[0])
	case *gorgonia.F64:
		*v = gorgonia.F64(o.args.Out.F64[0])
	}
	o.b.run.done(o)
	return o.out, nil
}

var _ gorgonia.SDOp = (*opNode)(nil)

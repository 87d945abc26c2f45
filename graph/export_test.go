package graph

// Ops is the number of operations that a run of p carries out.
func (p *Program) Ops() int { return p.ops }

// Order lists the paths of the operations in the order of the first run.
func (p *Program) Order() []string {
	var paths []string
	for _, o := range p.b.run.order {
		paths = append(paths, o.path)
	}
	return paths
}

// Writes reports whether an operation of p writes straight to q's gradient.
func (p *Program) Writes(q *Param) bool {
	g := q.Grad()
	for _, o := range p.b.run.order {
		if (g.F64 != nil && o.args.Out.F64 != nil && &g.F64[0] == &o.args.Out.F64[0]) ||
			(g.F32 != nil && o.args.Out.F32 != nil && &g.F32[0] == &o.args.Out.F32[0]) {
			return true
		}
	}
	return false
}

// SetNodeID replaces the identities of nodes, which keep their hashes apart.
func SetNodeID(f func(nodes, try int) int) (restore func()) {
	old := nodeID
	nodeID = f
	return func() { nodeID = old }
}

// NewSalted is NewBuilder with a salt, as a Function uses it after a collision.
func NewSalted(p *Params, mode Mode, salt int) *Builder { return newBuilder(p, mode, salt) }

// Idle is the number of compiled programs that f holds.
func (f *Function) Idle() int { return len(f.idle) }

// ErrCollision is the error of two nodes that Gorgonia cannot tell apart.
var ErrCollision = errCollision

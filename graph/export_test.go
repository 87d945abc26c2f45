package graph

// Order lists the paths of the operations in the order of a run.
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

// A Life is when a result is needed and where it lies; Place finds the places.
type Life struct{ First, Last, At, Len int }

func Place(lives []Life) (total int) {
	ptrs := make([]*life, len(lives))
	for i, l := range lives {
		ptrs[i] = &life{first: l.First, last: l.Last, len: l.Len}
	}
	total = place(ptrs)
	for i, l := range ptrs {
		lives[i].At = l.at
	}
	return total
}

// Lives lists those of the results of p that share memory.
func (p *Program) Lives() []Life {
	var lives []Life
	for _, o := range p.b.run.order {
		if l := o.life; l.len > 0 {
			lives = append(lives, Life{l.first, l.last, l.at, l.len})
		}
	}
	return lives
}

// Unshare gives every result memory of its own.
func (p *Program) Unshare() {
	for _, o := range p.b.run.order {
		if o.life.len > 0 {
			o.bind(p.b.array(o.life.len).Reshape(o.Shape...))
		}
	}
}

// EndEarly makes the life of result i too short by its last reader while it calls run, unless nothing could
// show it: a scalar is handed on as a copy.
func (p *Program) EndEarly(i int, run func()) {
	order := p.b.run.order
	last := &order[i].life.last
	if len(order[i].Shape) == 0 && *last < len(order) {
		return
	}
	defer func(old int) { *last = old }(*last)
	*last = max(*last-1, i)
	run()
}

// Swap exchanges two operations in the plan of p.
func (p *Program) Swap(i, j int) {
	order := p.b.run.order
	order[i], order[j] = order[j], order[i]
}

package graph

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// A Node is a value in an expression graph: an input, a parameter, or the result of an operation.
// After an error its graph is dead, its Shape empty and its Len 0; operations on it do nothing. A nil
// Node behaves as a dead one.
type Node struct {
	b     *builder
	g     *gorgonia.Node // nil after an error
	path  string         // unique in the graph
	shape []int          // empty for a scalar
	isInt bool
	in    []*Node
	op    *opNode // nil for inputs and parameters
	param *Param  // set for parameters and buffers
	grads []*Node // while a gradient is built: what each reader of the node contributes to it
	// needsGrad says that a trainable parameter can be reached through differentiable inputs.
	needsGrad bool
}

// Shape returns the dimensions; empty for a scalar. Do not change it.
func (x *Node) Shape() []int {
	if x == nil {
		return nil
	}
	return x.shape
}

// Dim returns dimension i, counted from the end if negative, or 0 if there is none.
func (x *Node) Dim(i int) int {
	shape := x.Shape()
	if i < 0 {
		i += len(shape)
	}
	if i < 0 || i >= len(shape) {
		return 0
	}
	return shape[i]
}

// Len is the number of elements.
func (x *Node) Len() int {
	if x.dead() {
		return 0
	}
	n, _ := size(x.shape)
	return n
}

func (x *Node) dead() bool { return x == nil || x.g == nil }

// Path names the node: its scopes, then what it is.
func (x *Node) Path() string {
	if x == nil {
		return "nil"
	}
	return x.path
}

// IsInt reports whether the node holds integers: labels, token ids.
func (x *Node) IsInt() bool { return x != nil && x.isInt }

// DType is the element type of the node's graph.
func (x *Node) DType() DType {
	if x == nil || x.b == nil {
		return Float32
	}
	return x.b.params.dtype
}

// NeedsGrad reports whether a loss could be differentiated through the node with respect to some
// trainable parameter. An operation may use it to leave out work that only a gradient needs.
func (x *Node) NeedsGrad() bool { return x != nil && x.needsGrad }

func (x *Node) String() string { return x.Path() + shapeString(x.Shape()) }

// shapeString prints a shape as (100, 784).
func shapeString(shape []int) string {
	return "(" + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(shape)), ", "), "[]") + ")"
}

// SameShape reports whether two nodes agree in shape.
func SameShape(a, b *Node) bool { return slices.Equal(a.Shape(), b.Shape()) }

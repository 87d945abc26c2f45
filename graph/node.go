package graph

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// A Node is a value in an expression graph: an input, a parameter, or the result of an operation.
// After an error its graph is dead and its Shape empty; operations on it do nothing.
type Node struct {
	b     *builder
	g     *gorgonia.Node // nil after an error
	path  string         // unique in the graph
	shape []int          // empty for a scalar
	isInt bool
	in    []*Node
	op    *opNode // nil for inputs and parameters
	param *Param  // set for parameters and buffers
	// needsGrad says that a trainable parameter can be reached through differentiable inputs.
	needsGrad bool
}

// Shape returns the dimensions; empty for a scalar. Do not change it.
func (x *Node) Shape() []int { return x.shape }

// Dim returns dimension i, counted from the end if negative, or 0 if there is none.
func (x *Node) Dim(i int) int {
	if i < 0 {
		i += len(x.shape)
	}
	if i < 0 || i >= len(x.shape) {
		return 0
	}
	return x.shape[i]
}

// Len is the number of elements.
func (x *Node) Len() int {
	n, _ := size(x.shape)
	return n
}

// Path names the node: its scopes, then what it is.
func (x *Node) Path() string { return x.path }

// IsInt reports whether the node holds integers: labels, token ids.
func (x *Node) IsInt() bool { return x.isInt }

// DType is the element type of the node's graph.
func (x *Node) DType() DType { return x.b.params.dtype }

// NeedsGrad reports whether a loss could be differentiated through the node with respect to some
// trainable parameter. An operation may use it to leave out work that only a gradient needs.
func (x *Node) NeedsGrad() bool { return x.needsGrad }

func (x *Node) String() string { return x.path + shapeString(x.shape) }

// shapeString prints a shape as (100, 784).
func shapeString(shape []int) string {
	return "(" + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(shape)), ", "), "[]") + ")"
}

// SameShape reports whether two nodes agree in shape.
func SameShape(a, b *Node) bool { return slices.Equal(a.shape, b.shape) }

package prob

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// LogMeanExp is the logarithm of the mean of e^x over the last axis, which vanishes from the shape;
// safe for any finite x.
func LogMeanExp(x *graph.Node) *graph.Node {
	return op.AddScalar(op.LogSumExp(x), -math.Log(float64(max(1, x.Dim(-1)))))
}

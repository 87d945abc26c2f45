// Package graph builds, compiles and runs the expression graphs of which every model of
// this library is made.
//
// A Builder makes nodes: inputs, parameters and, through package op, operations on them.
// Compile turns a graph into a Program that Gorgonia's tape machine runs; CompileGradient
// first differentiates a loss symbolically and leaves each parameter's gradient in Params.
// Shapes are static in Gorgonia, so a Function keeps a few Programs, one or more for every
// batch size it has met, over the same parameters: models and their users see any batch size,
// and any number of goroutines.
//
// All randomness comes from a Key. Equal values, key and inputs give equal bits, for any
// GOMAXPROCS.
//
// Dimension letters, here and in all packages: n batch, d input, h hidden, l latent, t time,
// v vocabulary, c channel, y row, x column, k Gibbs steps. Arrays are dense and row-major;
// images are (n, c, y, x), features of convolutions have their channels last, (n, y, x, h).
package graph

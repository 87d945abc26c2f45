package op_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// TestErrors hands every operation what it must refuse. The message names the inputs with their shapes, and
// this file.
func TestErrors(t *testing.T) {
	shape, kind, value := graph.ErrShape, graph.ErrType, graph.ErrRange
	for name, c := range map[string]struct {
		f     func(b *graph.Builder, x, y, i *node) *node // x (3, 5), y (2, 4), i integers (3)
		err   error
		parts string
	}{
		"add":               {func(b *graph.Builder, x, y, i *node) *node { return op.Add(x, y) }, shape, "x(3, 5), y(2, 4)"},
		"sub":               {func(b *graph.Builder, x, y, i *node) *node { return op.Sub(x, y) }, shape, "x(3, 5), y(2, 4)"},
		"mul":               {func(b *graph.Builder, x, y, i *node) *node { return op.Mul(y, x) }, shape, "y(2, 4), x(3, 5)"},
		"div":               {func(b *graph.Builder, x, y, i *node) *node { return op.Div(x, y) }, shape, "x(3, 5), y(2, 4)"},
		"add integers":      {func(b *graph.Builder, x, y, i *node) *node { return op.Add(i, i) }, kind, "i(3)"},
		"exp integers":      {func(b *graph.Builder, x, y, i *node) *node { return op.Exp(i) }, kind, "i(3)"},
		"matmul":            {func(b *graph.Builder, x, y, i *node) *node { return op.MatMul(x, y, false, false) }, shape, "x(3, 5), y(2, 4)"},
		"matmul transposed": {func(b *graph.Builder, x, y, i *node) *node { return op.MatMul(x, y, true, true) }, shape, "3 and 4"},
		"matmul rank":       {func(b *graph.Builder, x, y, i *node) *node { return op.MatMul(x, b.Input("z", 5), false, false) }, shape, "z(5)"},
		"matmul batches": {func(b *graph.Builder, x, y, i *node) *node {
			return op.MatMul(b.Input("p", 2, 3, 4), b.Input("q", 3, 4, 5), false, false)
		}, shape, "p(2, 3, 4), q(3, 4, 5)"},
		"matmul integers": {func(b *graph.Builder, x, y, i *node) *node { return op.MatMul(b.IntInput("j", 5, 2), x, true, false) }, kind, "j(5, 2)"},
		"affine":          {func(b *graph.Builder, x, y, i *node) *node { return op.Affine(x, y, nil, op.Identity) }, shape, "x(3, 5), y(2, 4)"},
		"gibbs":           {func(b *graph.Builder, x, y, i *node) *node { return op.AffineBernoulli(x, y, y) }, shape, "x(3, 5), y(2, 4)"},
		"free energy": {func(b *graph.Builder, x, y, i *node) *node {
			return op.FreeEnergy(x, b.Input("w", 5, 2), b.Input("b", 4), b.Input("c", 2), nil)
		}, shape, "(5)"},
		"free energy logits": {func(b *graph.Builder, x, y, i *node) *node {
			return op.FreeEnergy(x, b.Input("w", 5, 2), b.Input("b", 5), b.Input("c", 2), y)
		}, shape, "(3, 2)"},
		"categorical": {func(b *graph.Builder, x, y, i *node) *node { return op.Categorical(i) }, shape, "i(3)"},
		"affine bias": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Affine(x, b.Input("w", 5, 2), b.Input("c", 3), op.Identity)
		}, shape, "(2)"},
		"affine transposed": {func(b *graph.Builder, x, y, i *node) *node { return op.AffineT(x, y, nil, op.GELUActivation) }, shape, "x(3, 5), y(2, 4)"},
		"affine rank": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Affine(b.Input("z", 5), b.Input("w", 5, 2), nil, op.Identity)
		}, shape, "z(5)"},
		"free energy rank": {func(b *graph.Builder, x, y, i *node) *node {
			return op.FreeEnergy(b.Input("z", 2, 3, 5), b.Input("w", 5, 2), b.Input("b", 5), b.Input("c", 2), nil)
		}, shape, "matrix (n, d)"},
		"squared error":        {func(b *graph.Builder, x, y, i *node) *node { return op.SquaredError(x, y) }, shape, "x(3, 5), y(2, 4)"},
		"bernoulli nll":        {func(b *graph.Builder, x, y, i *node) *node { return op.BernoulliNLL(x, y) }, shape, "x(3, 5), y(2, 4)"},
		"gaussian nll":         {func(b *graph.Builder, x, y, i *node) *node { return op.GaussianNLL(x, x, y) }, shape, "y(2, 4)"},
		"cross-entropy":        {func(b *graph.Builder, x, y, i *node) *node { return op.SoftmaxCrossEntropy(y, i) }, shape, "y(2, 4), i(3)"},
		"cross-entropy kinds":  {func(b *graph.Builder, x, y, i *node) *node { return op.SoftmaxCrossEntropy(x, b.Input("z", 3)) }, kind, "z(3)"},
		"sum axis":             {func(b *graph.Builder, x, y, i *node) *node { return op.Sum(x, 2) }, shape, "x(3, 5)"},
		"sum axis below":       {func(b *graph.Builder, x, y, i *node) *node { return op.Mean(x, -3) }, shape, "x(3, 5)"},
		"sum axis twice":       {func(b *graph.Builder, x, y, i *node) *node { return op.Sum(x, 1, -1) }, shape, "twice"},
		"sum integers":         {func(b *graph.Builder, x, y, i *node) *node { return op.Sum(i) }, kind, "i(3)"},
		"softmax":              {func(b *graph.Builder, x, y, i *node) *node { return op.Softmax(op.Sum(x)) }, shape, "softmax"},
		"log-sum-exp":          {func(b *graph.Builder, x, y, i *node) *node { return op.LogSumExp(op.Sum(x)) }, shape, "log-sum-exp"},
		"reshape":              {func(b *graph.Builder, x, y, i *node) *node { return op.Reshape(x, 4, 4) }, shape, "15 elements"},
		"reshape rest":         {func(b *graph.Builder, x, y, i *node) *node { return op.Reshape(x, 4, -1) }, shape, "15 elements"},
		"reshape two rests":    {func(b *graph.Builder, x, y, i *node) *node { return op.Reshape(x, -1, -1) }, shape, "reshaped"},
		"reshape overflow":     {func(b *graph.Builder, x, y, i *node) *node { return op.Reshape(x, 1<<32, 1<<32, -1) }, shape, "15 elements"},
		"reshape integers":     {func(b *graph.Builder, x, y, i *node) *node { return op.Reshape(i, 3, 1) }, kind, "i(3)"},
		"transpose":            {func(b *graph.Builder, x, y, i *node) *node { return op.Transpose(x, 0, 0) }, shape, "permutation"},
		"transpose rank":       {func(b *graph.Builder, x, y, i *node) *node { return op.Transpose(x, 0, 1, 2) }, shape, "permutation"},
		"slice":                {func(b *graph.Builder, x, y, i *node) *node { return op.Slice(x, 1, 3, 6) }, shape, "x(3, 5)"},
		"slice nothing":        {func(b *graph.Builder, x, y, i *node) *node { return op.Slice(x, 1, 3, 3) }, shape, "x(3, 5)"},
		"slice axis":           {func(b *graph.Builder, x, y, i *node) *node { return op.Slice(x, 2, 0, 1) }, shape, "no axis 2"},
		"concat":               {func(b *graph.Builder, x, y, i *node) *node { return op.Concat(0, x, y) }, shape, "x(3, 5), y(2, 4)"},
		"concat ranks":         {func(b *graph.Builder, x, y, i *node) *node { return op.Concat(0, x, op.Sum(y)) }, shape, "differs"},
		"broadcast":            {func(b *graph.Builder, x, y, i *node) *node { return op.Broadcast(x, 3, 4) }, shape, "x(3, 5)"},
		"broadcast smaller":    {func(b *graph.Builder, x, y, i *node) *node { return op.Broadcast(x, 5) }, shape, "x(3, 5)"},
		"broadcast to nothing": {func(b *graph.Builder, x, y, i *node) *node { return op.Broadcast(b.Input("z", 1), 0) }, shape, "(0)"},
		"dropout 1":            {func(b *graph.Builder, x, y, i *node) *node { return op.Dropout(x, 1) }, value, "rate 1"},
		"dropout below":        {func(b *graph.Builder, x, y, i *node) *node { return op.Dropout(x, -0.1) }, value, "rate -0.1"},
		"dropout NaN":          {func(b *graph.Builder, x, y, i *node) *node { return op.Dropout(x, math.NaN()) }, value, "NaN"},
		"leaky slope":          {func(b *graph.Builder, x, y, i *node) *node { return op.LeakyReLU(x, -0.2) }, value, "slope -0.2"},
		"elu alpha":            {func(b *graph.Builder, x, y, i *node) *node { return op.ELU(x, -1) }, value, "alpha -1"},
		"activation":           {func(b *graph.Builder, x, y, i *node) *node { return op.Activate(x, op.Activation(99)) }, value, "Activation(99)"},
		"repeat":               {func(b *graph.Builder, x, y, i *node) *node { return op.Repeat(x, 0) }, shape, "x(3, 5)"},
		"repeat a scalar":      {func(b *graph.Builder, x, y, i *node) *node { return op.Repeat(op.Sum(x), 2) }, shape, "2 times"},
		"no draws":             {func(b *graph.Builder, x, y, i *node) *node { return op.NormalRows(x, -1) }, shape, "x(3, 5)"},
		"reparameterize":       {func(b *graph.Builder, x, y, i *node) *node { return op.Reparameterize(x, y, x) }, shape, "y(2, 4)"},
		"reparameterize noise": {func(b *graph.Builder, x, y, i *node) *node { return op.Reparameterize(x, x, b.Input("e", 4, 5)) }, shape, "e(4, 5)"},
		"reparameterize rank":  {func(b *graph.Builder, x, y, i *node) *node { return op.Reparameterize(i, i, i) }, shape, "i(3)"},
		"prior ratio":          {func(b *graph.Builder, x, y, i *node) *node { return op.LogPriorRatio(x, x, b.Input("z", 6, 5)) }, shape, "z(6, 5)"},
		"kl":                   {func(b *graph.Builder, x, y, i *node) *node { return op.StandardNormalKL(x, y) }, shape, "y(2, 4)"},
		"shared rows": {func(b *graph.Builder, x, y, i *node) *node {
			return op.SquaredError(b.Input("p", 4, 4), b.Param("q", graph.Zeros, 2, 4))
		}, shape, "p(4, 4), q(2, 4)"},
		"rows that do not fit": {func(b *graph.Builder, x, y, i *node) *node { return op.BernoulliNLL(b.Input("p", 3, 4), y) }, shape, "p(3, 4), y(2, 4)"},
		"attention rank":       {func(b *graph.Builder, x, y, i *node) *node { return op.Attention(x, x, x, 1, false, nil) }, shape, "x(3, 5)"},
		"attention keys": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Attention(b.Input("q", 2, 3, 4), b.Input("k", 2, 5, 6), b.Input("v", 2, 5, 4), 2, false, nil)
		}, shape, "q(2, 3, 4), k(2, 5, 6)"},
		"attention values": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Attention(b.Input("q", 2, 3, 4), b.Input("k", 2, 5, 4), b.Input("v", 2, 3, 4), 2, false, nil)
		}, shape, "v(2, 3, 4)"},
		"attention examples": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Attention(b.Input("q", 2, 3, 4), b.Input("k", 1, 3, 4), b.Input("v", 1, 3, 4), 2, false, nil)
		}, shape, "k(1, 3, 4)"},
		"attention heads": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Attention(b.Input("q", 2, 3, 4), b.Input("k", 2, 3, 4), b.Input("v", 2, 3, 6), 4, false, nil)
		}, shape, "4 heads"},
		"attention no heads": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Attention(b.Input("q", 2, 3, 4), b.Input("k", 2, 3, 4), b.Input("v", 2, 3, 6), 0, false, nil)
		}, shape, "0 heads"},
		"attention causal": {func(b *graph.Builder, x, y, i *node) *node {
			return op.Attention(b.Input("q", 2, 3, 4), b.Input("k", 2, 2, 4), b.Input("v", 2, 2, 4), 2, true, nil)
		}, shape, "3 queries"},
		"attention skip": {func(b *graph.Builder, x, y, i *node) *node {
			q := b.Input("q", 2, 3, 4)
			return op.Attention(q, q, q, 2, true, i)
		}, shape, "i(3)"},
		"attention skip kind": {func(b *graph.Builder, x, y, i *node) *node {
			q := b.Input("q", 2, 3, 4)
			return op.Attention(q, q, q, 2, true, b.Input("f", 2))
		}, kind, "f(2)"},
		"attention integers": {func(b *graph.Builder, x, y, i *node) *node {
			j := b.IntInput("j", 2, 3, 4)
			return op.Attention(j, j, j, 2, true, nil)
		}, kind, "j(2, 3, 4)"},
		"gate odd":      {func(b *graph.Builder, x, y, i *node) *node { return op.Gate(x) }, shape, "x(3, 5)"},
		"gate a scalar": {func(b *graph.Builder, x, y, i *node) *node { return op.Gate(op.Sum(x)) }, shape, "even"},
		"gate integers": {func(b *graph.Builder, x, y, i *node) *node { return op.Gate(i) }, kind, "i(3)"},
		"layernorm": {func(b *graph.Builder, x, y, i *node) *node {
			return op.LayerNorm(x, b.Input("g", 3), b.Input("c", 3), 1e-5)
		}, shape, "g(3)"},
		"layernorm bias": {func(b *graph.Builder, x, y, i *node) *node {
			return op.LayerNorm(x, b.Input("g", 5), b.Input("c", 3), 1e-5)
		}, shape, "c(3)"},
		"layernorm a scalar": {func(b *graph.Builder, x, y, i *node) *node {
			g := b.Input("g", 1)
			return op.LayerNorm(op.Sum(x), g, g, 1e-5)
		}, shape, "g(1)"},
		"layernorm eps":      {func(b *graph.Builder, x, y, i *node) *node { g := b.Input("g", 5); return op.LayerNorm(x, g, g, 0) }, value, "eps 0"},
		"layernorm integers": {func(b *graph.Builder, x, y, i *node) *node { g := b.Input("g", 3); return op.LayerNorm(i, g, g, 1e-5) }, kind, "i(3)"},
		"embedding":          {func(b *graph.Builder, x, y, i *node) *node { return op.Embedding(i, b.Input("w", 5)) }, shape, "w(5)"},
		"embedding kinds":    {func(b *graph.Builder, x, y, i *node) *node { return op.Embedding(x, y) }, kind, "x(3, 5)"},
		"sampling integers":  {func(b *graph.Builder, x, y, i *node) *node { return op.Bernoulli(i) }, kind, "i(3)"},
		"stop integers":      {func(b *graph.Builder, x, y, i *node) *node { return op.StopGradient(i) }, kind, "i(3)"},
		"lstm":               {func(b *graph.Builder, x, y, i *node) *node { return first(op.LSTM(x, y, nil)) }, shape, "must have 3 axes"},
		"lstm gates": {func(b *graph.Builder, x, y, i *node) *node {
			return first(op.LSTM(b.Input("z", 2, 3, 6), y, nil))
		}, shape, "four equal parts"},
		"lstm weights": {func(b *graph.Builder, x, y, i *node) *node {
			return first(op.LSTM(b.Input("z", 2, 3, 8), y, nil))
		}, shape, "must be (2, 8)"},
		"lstm start": {func(b *graph.Builder, x, y, i *node) *node {
			return first(op.LSTM(b.Input("z", 3, 2, 4), b.Input("u", 1, 4), x))
		}, shape, "shape [3 2]"},
		"lstm integers": {func(b *graph.Builder, x, y, i *node) *node {
			return first(op.LSTM(b.IntInput("z", 3, 2, 4), y, nil))
		}, kind, "z(3, 2, 4)"},
		"row lstm": {func(b *graph.Builder, x, y, i *node) *node { return first(op.RowLSTM(x, y, nil, 1)) }, shape, "must have 4 axes"},
		"row lstm weights": {func(b *graph.Builder, x, y, i *node) *node {
			return first(op.RowLSTM(b.Input("z", 1, 2, 3, 4), y, nil, 1))
		}, shape, "must be (3, 4)"},
		"row lstm start": {func(b *graph.Builder, x, y, i *node) *node {
			return first(op.RowLSTM(b.Input("z", 1, 2, 3, 4), b.Input("u", 3, 4), y, 1))
		}, shape, "shape [1 3 2]"},
		"row lstm reach": {func(b *graph.Builder, x, y, i *node) *node { return first(op.RowLSTM(x, y, nil, -1)) }, value, "reach -1"},
		"row lstm far reach": {func(b *graph.Builder, x, y, i *node) *node {
			return first(op.RowLSTM(b.Input("z", 1, 2, 3, 4), y, nil, math.MaxInt))
		}, shape, "y(2, 4)"},
	} {
		b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
		c.f(b, b.Input("x", 3, 5), b.Input("y", 2, 4), b.IntInput("i", 3))
		err := b.Err()
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.parts) || !strings.Contains(err.Error(), "errors_test.go:") {
			t.Errorf("%s: %q should be %q and say %q and the place", name, err, c.err, c.parts)
		}
	}
}

func first(x, _ *node) *node { return x }

func TestActivationText(t *testing.T) {
	for a := op.Identity; a.Valid(); a++ {
		text, err := a.MarshalText()
		var back op.Activation
		if err != nil || back.UnmarshalText(text) != nil || back != a {
			t.Errorf("%v became %q, then %v", a, text, back)
		}
	}
	if _, err := op.Activation(-1).MarshalText(); err == nil {
		t.Error("an unknown activation has a name")
	}
	var a op.Activation
	if err := a.UnmarshalText([]byte("swoosh")); err == nil || !strings.Contains(err.Error(), "swoosh") {
		t.Errorf("unknown name: %v", err)
	}
}

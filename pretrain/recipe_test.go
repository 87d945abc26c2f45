package pretrain

import (
	"context"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
)

// digits are some embedded digits.
func digits(t *testing.T, n int) *data.Set {
	t.Helper()
	all, _, err := mnist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	set, err := all.Slice(0, n)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// short makes a training of a few steps.
func short(c train.Config) train.Config { c.Steps = 2; return c }

func shortStack(c Config) Config {
	for i := range c.Layers {
		c.Layers[i].Train = short(c.Layers[i].Train)
	}
	return c
}

func TestRecipes(t *testing.T) {
	src, ctx := digits(t, 200), context.Background()
	r := StackedDenoising(3, 20, 10, "0.25")
	tuning := short(r.Finetune)
	tuning.Valid = src
	if _, _, err := Finetune(ctx, mustTrain(t, shortStack(r.Stack), src), r.Head, src, tuning); err != nil {
		t.Error(err)
	}
	r = DeepAutoencoder(src.Len(), 10)
	deep, err := mustTrain(t, shortStack(r.Stack), src).Unroll(UnrollConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if c := deep.Config(); c.CodeSize() != 30 || c.Encoder[3].Activation != op.Identity || c.Loss != ae.CrossEntropy || len(c.Decoder) != 3 {
		t.Errorf("the deep autoencoder is %+v", c)
	}
	if _, err := train.Run(ctx, deep, src, short(r.Finetune)); err != nil {
		t.Error(err)
	}
	stack, head, top, upDown := DigitsDBN(src.Len(), 10)
	net, err := mustTrain(t, shortStack(stack), src).DBN(head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := net.TrainTop(ctx, src, short(top)); err != nil {
		t.Error(err)
	}
	if _, err := train.Run(ctx, net, src, short(upDown)); err != nil {
		t.Error(err)
	}
	if e := top.Optim.EarlySteps; e != 10 {
		t.Errorf("momentum 0.5 for %d steps of 2 an epoch", e)
	}
}

// TestUnrolledLearns pretrains and fine-tunes a deep autoencoder of five layers with logistic units and plain
// gradient descent, and compares it with the same from random weights.
func TestUnrolledLearns(t *testing.T) {
	src, ctx := digits(t, 1000), context.Background()
	s := mustTrain(t, Machines(src.Len(), 6, 100, 50, 20), src)
	deep, err := s.Unroll(UnrollConfig{})
	if err != nil {
		t.Fatal(err)
	}
	random, err := ae.New(deep.Config())
	if err != nil {
		t.Fatal(err)
	}
	score := func(m *ae.Model) float64 {
		e, err := train.Evaluate(ctx, m, graph.Key{}, src, 250)
		if err != nil {
			t.Fatal(err)
		}
		return e["error"]
	}
	start := score(deep)
	for _, m := range []*ae.Model{deep, random} {
		if _, err := train.Run(ctx, m, src, plainSGD(4)); err != nil {
			t.Fatal(err)
		}
	}
	tuned, other := score(deep), score(random)
	t.Logf("squared error %.2f unrolled, %.2f fine-tuned, %.2f from random weights", start, tuned, other)
	if !(tuned < 0.9*start && tuned < 0.8*other) {
		t.Errorf("squared error %g unrolled, %g fine-tuned, %g from random weights", start, tuned, other)
	}
}

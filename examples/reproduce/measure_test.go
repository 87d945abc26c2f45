package main

import (
	"math"
	"strings"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/lm"
	"github.com/latent-go/latent/pixel"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
)

// The tests of this file run every experiment's measuring function on a tiny setting, so that it can't rot.

func tinySetting(t *testing.T) setting {
	t.Helper()
	folder, err := show.NewFolder(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return setting{folder: folder, seed: 1, passes: 2}
}

// patches are n examples (d) of zeros and ones, times scale, of two classes: ones are in the first or the
// second half.
func patches(t *testing.T, n, d int, scale float32) *data.Set {
	t.Helper()
	u := make([]float32, n*d)
	graph.Uniform(graph.NewKey(5), u)
	labels := make([]int, n)
	for i := range u {
		labels[i/d] = i / d % 2
		rate := float32(0.1)
		if i%d*2/d == i/d%2 {
			rate = 0.8
		}
		if u[i] < rate {
			u[i] = scale
		} else {
			u[i] = 0
		}
	}
	set, err := data.NewSet(graph.Floats32(u, n, d), graph.Ints(labels, n))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func tinySplit(t *testing.T, d int) split {
	t.Helper()
	s, err := cut(patches(t, 300, d, 1), 200, 50)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// finite fails unless there are n figures, all finite.
func finite(t *testing.T, n int, figures []figure, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != n {
		t.Errorf("%d figures, expected %d", len(figures), n)
	}
	for _, f := range figures {
		if math.IsNaN(f.Ours) || math.IsInf(f.Ours, 0) || f.Name == "" || !(f.Low < f.High) {
			t.Errorf("figure %+v", f)
		}
	}
}

func TestMeasureRBM16(t *testing.T) {
	sets := tinySplit(t, 36)
	figures, err := measureRBM16(t.Context(), tinySetting(t), 2, sets.train, sets.test)
	finite(t, 5, figures, err)
}

// TestStartExact compares the free energy at the start, with and without centring: the centred machine's is
// that of v - mu in place of v, of hidden biases of 0, and of h - lambda, lambda 0.5.
func TestStartExact(t *testing.T) {
	sets := tinySplit(t, 12)
	mean := columnMeans(sets.train.X)
	m, err := rbm.New(rbm.Melchior(12, true).Model)
	if err != nil {
		t.Fatal(err)
	}
	if err := startExact(m, mean); err != nil {
		t.Fatal(err)
	}
	w := m.Params().Lookup("w").Value()
	energy := func(row int) float64 { // sum over h of exp(-E), E = -(v-mu) b - (v-mu) w (h-lambda), up to a constant
		f := 0.0
		for j := range 16 {
			a := 0.0
			for i := range 12 {
				a += (sets.test.X.At(row*12+i) - mean[i]) * w.At(i*16+j)
			}
			f -= math.Log(math.Exp(a/2) + math.Exp(-a/2))
		}
		for i, p := range mean {
			f -= (sets.test.X.At(row*12+i) - p) * math.Log(p/(1-p))
		}
		return f
	}
	f, err := m.FreeEnergy(sets.test.X)
	if err != nil {
		t.Fatal(err)
	}
	for row := 1; row < 10; row++ {
		if got, want := f.At(row)-f.At(0), energy(row)-energy(0); math.Abs(got-want) > 1e-4 {
			t.Errorf("free energy of example %d is %g above the first one's, expected %g", row, got, want)
		}
	}
}

func TestMeasureRBM500(t *testing.T) {
	sets := tinySplit(t, 36)
	stages := raisedSteps(3)
	for i := range stages {
		stages[i].Model.Visible, stages[i].Model.Hidden = 36, 20
	}
	e, err := measureRBM500(t.Context(), tinySetting(t), "tiny", stages, true, rbm.AISConfig{Chains: 10, Temperatures: 50}, sets.train, sets.test)
	finite(t, 3, append(e.checks(), near("log-probability", -20, e.logp, 5)), err)
	if e.logp > 0 {
		t.Errorf("log-probability %g", e.logp)
	}
	for _, f := range e.checks() {
		if !f.holds() {
			t.Errorf("%s: %g of a machine of 20 units", f.Name, f.Ours)
		}
	}
	e.above += 5 // too few temperatures
	if e.checks()[1].holds() {
		t.Error("an estimate that reverse AIS puts 5 nats lower is accepted")
	}
}

func TestRaisedSteps(t *testing.T) {
	for _, epochs := range []int{1, 30, 250} {
		total, last := 0, 0
		for _, r := range raisedSteps(epochs) {
			if r.Model.Steps <= last {
				t.Errorf("%d steps after %d", r.Model.Steps, last)
			}
			last = r.Model.Steps
			total += r.Train.Epochs
		}
		if total != epochs || last != maxGibbs {
			t.Errorf("%d epochs up to %d steps, expected %d and %d", total, last, epochs, maxGibbs)
		}
	}
}

func TestMeasureBars(t *testing.T) {
	figures, err := measureBars(t.Context(), tinySetting(t), 2, rbm.FischerIgel(20))
	finite(t, 3, figures, err)
	if !figures[0].holds() {
		t.Errorf("the bound is %g, expected %g", figures[0].Ours, figures[0].Paper)
	}
}

func TestMeasureDNA(t *testing.T) {
	recipe := rbm.LarochelleMurray(12, 4)
	recipe.Train.Epochs = 30
	figures, err := measureDNA(t.Context(), tinySetting(t), recipe, tinySplit(t, 12))
	finite(t, 1, figures, err)
	if nll := figures[0].Ours; nll < 3 || nll > 12*math.Ln2 {
		t.Errorf("NLL %g of 12 binary units", nll)
	}
}

func TestMeasureDigits(t *testing.T) {
	figures, err := measureDigits(t.Context(), tinySetting(t), rbm.ScikitLearn(2), 5, patches(t, 100, 64, 16))
	finite(t, 4, figures, err)
	if accuracy := figures[2].Ours; accuracy < 0.9 {
		t.Errorf("accuracy %g on two classes far apart", accuracy)
	}
}

func TestMeasureBurda(t *testing.T) {
	sets := tinySplit(t, 784)
	for _, k := range []int{1, 5} {
		nll, _, err := measureBurda(t.Context(), tinySetting(t), k, 3, sets.train, sets.test)
		if err != nil {
			t.Fatal(err)
		}
		if nll < 100 || nll > 784*math.Ln2*1.2 {
			t.Errorf("k=%d: NLL %g of 784 binary pixels", k, nll)
		}
	}
}

func TestBurdaEpochs(t *testing.T) {
	for _, epochs := range []int{1, 2, 100} {
		total := 0
		for _, n := range burdaEpochsByStage(epochs) {
			total += n
		}
		if total != epochs {
			t.Errorf("%d epochs in stages, expected %d", total, epochs)
		}
	}
}

func tinyRecipe(r pretrain.Recipe) pretrain.Recipe {
	for _, l := range r.Stack.Layers {
		if l.AE != nil {
			l.AE.Encoder = []nn.Dense{{Units: 8, Activation: l.AE.Encoder[0].Activation, Init: l.AE.Encoder[0].Init}}
		} else {
			l.RBM.Hidden = 8
		}
	}
	return r
}

func TestMeasureSDA(t *testing.T) {
	recipe := tinyRecipe(stackedDenoising(2, 1, 10, "0.1", 2, 5))
	plain := plainNetworks(recipe.Finetune, []int{1, 8}, []float64{1e-6, 0.1}) // the one that learns is to be chosen
	figures, err := measureSDA(t.Context(), tinySetting(t), "tiny", recipe, plain, [2]float64{4.69, 2.84}, tinySplit(t, 36))
	finite(t, 3, figures, err)
	if figures[0].Ours > 20 {
		t.Errorf("the plain network has %g %% wrong of two classes far apart", figures[0].Ours)
	}
}

func TestMeasureErhan(t *testing.T) {
	figures, err := measureErhan(t.Context(), tinySetting(t), tinyRecipe(stackedDenoising(2, 1, 10, "0.25", 2, 3)), 2, tinySplit(t, 36))
	if err != nil || len(figures) != 4 {
		t.Fatalf("%d figures, error %v", len(figures), err)
	}
	if figures[1].holds() && figures[1].Ours > figures[0].Ours {
		t.Error("pretraining that is worse than none is accepted")
	}
}

func TestMeasureLabels(t *testing.T) {
	s, sets := tinySetting(t), tinySplit(t, 36)
	stack, err := s.stack(t.Context(), "stack", labelStack(sets.train.Len(), 8, 2), sets.train)
	if err != nil {
		t.Fatal(err)
	}
	for name, pretrained := range map[string]bool{"pretrained": true, "random": false} {
		accuracy, err := measureLabels(t.Context(), s, name, stack, pretrained, labelTraining(20, 20, 1), sets)
		if err != nil {
			t.Fatal(err)
		}
		if accuracy < 80 || accuracy > 100 {
			t.Errorf("%s: accuracy %g %% on two classes far apart", name, accuracy)
		}
	}
}

func TestMeasureNets(t *testing.T) {
	s, sets := tinySetting(t), tinySplit(t, 36)
	tiny := tinyRecipe(pretrain.Recipe{Stack: dbnStack(sets.train.Len(), 2)}).Stack
	settings := []dbnSetting{{nil, 1e-9}, {nil, 0.05}, {nil, 1e-9}} // the one that learns is to be chosen
	wrong, err := measureDBN(t.Context(), s, tiny, settings, 20, 40, sets.train, sets.test)
	if err != nil || !(wrong >= 0 && wrong <= 20) {
		t.Errorf("%g %% wrong, error %v", wrong, err)
	}
	recipe := tinyRecipe(pretrain.DeepAutoencoder(sets.train.Len(), 2))
	recipe.Finetune.Epochs = 40
	squared, err := measureDeepAE(t.Context(), s, recipe, sets.train, sets.test)
	if err != nil {
		t.Fatal(err)
	}
	mean, err := ae.FitPCA(sets.train.X, 1)
	if err != nil {
		t.Fatal(err)
	}
	// The error of one principal component, which here tells the classes apart.
	if best, err := mean.Error(sets.test.X); err != nil || squared > 2*best {
		t.Errorf("squared error %g, that of one principal component is %g (%v)", squared, best, err)
	}
}

func TestMeasurePixel(t *testing.T) {
	set := patches(t, 20, 784, 1)
	digits, err := set.Reshape(28, 28)
	if err != nil {
		t.Fatal(err)
	}
	for name, recipe := range map[string]func(examples, epochs int) pixel.Recipe{"gated": pixel.GatedPixelCNN, "row": pixel.RowLSTM} {
		r := recipe(20, 1)
		r.Model.Layers, r.Model.Features = 1, 4
		if nll, err := pixelNLL(t.Context(), tinySetting(t), name, r, digits, digits); err != nil || !(nll > 0 && nll < 1000) {
			t.Errorf("%s: %g nats, %v", name, nll, err)
		}
	}
}

func TestMeasureText(t *testing.T) {
	recipe := lm.NanoGPT()
	recipe.Model.Layers, recipe.Model.Units, recipe.Model.Context = 1, 8, 10
	figures, err := measureText(t.Context(), tinySetting(t), recipe, strings.Repeat("to be or not to be, that is the question. ", 50))
	finite(t, 1, figures, err)
	if loss := figures[0].Ours; loss > 3 { // log 16 is 2.8
		t.Errorf("loss %g", loss)
	}
}

package optim

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// golden is what testdata/export.py writes.
type golden struct {
	Start []float64
	Torch string
	Paths map[string][][]float64
}

// goldenConfigs are the settings of the runs in export.py.
var goldenConfigs = map[string]Config{
	"sgd":      {Method: SGD, Rate: 0.05},
	"sgd l2":   {Method: SGD, Rate: 0.05, L2: 0.1},
	"sgd clip": {Method: SGD, Rate: 0.05, ClipNorm: 1.5},
	"momentum": {Method: Momentum, Rate: 0.02, Momentum: 0.8, L2: 0.1},
	"nesterov": {Method: Nesterov, Rate: 0.02, Momentum: 0.8, L2: 0.1},
	"adam":     {Method: Adam, Rate: 0.1, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-6},
	"adam l2":  {Method: Adam, Rate: 0.1, L2: 0.1},
	"adamw":    {Method: AdamW, Rate: 0.1, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-6, Decay: 0.2},
	"rmsprop":  {Method: RMSProp, Rate: 0.02, Beta2: 0.9, Epsilon: 1e-6, L2: 0.1},
	"adagrad":  {Method: AdaGrad, Rate: 0.3, Epsilon: 1e-6, L2: 0.1},
}

func readGolden(t *testing.T) (g golden) {
	data, err := os.ReadFile("testdata/trajectories.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// checkPath takes the steps of a run in export.py and compares.
func checkPath(t *testing.T, d graph.DType, cfg Config, start []float64, path [][]float64, tolerance float64) error {
	p := newParams(t, d, func(i int) float64 { return start[i] }, paramSpec{"w", []int{2, 3}})
	o := mustNew(t, cfg, p)
	for step, want := range path {
		w := values(p, "w")
		setGrad(p, "w", func(i int) float64 { return (1+float64(i)/2)*w[i] + math.Sin(float64(3*step+i)) })
		mustStep(t, o)
		for i, x := range values(p, "w") {
			if !near(x, want[i], tolerance) {
				return errors.Errorf("step %d: weight %d is %v, want %v", step, i, x, want[i])
			}
		}
	}
	return nil
}

func TestStepsArePyTorchs(t *testing.T) {
	g := readGolden(t)
	if len(g.Paths) != len(goldenConfigs) {
		t.Fatalf("%d paths for %d configurations", len(g.Paths), len(goldenConfigs))
	}
	for name, cfg := range goldenConfigs {
		path := g.Paths[name]
		if len(path) != 10 {
			t.Fatalf("%s: %d steps", name, len(path))
		}
		if err := checkPath(t, graph.Float64, cfg, g.Start, path, 1e-12); err != nil {
			t.Errorf("%s: float64: %v", name, err)
		}
		if err := checkPath(t, graph.Float32, cfg, g.Start, path, 1e-5); err != nil {
			t.Errorf("%s: float32: %v", name, err)
		}
		// No other method or setting may pass for this one.
		for other, cfg := range goldenConfigs {
			if other != name && checkPath(t, graph.Float32, cfg, g.Start, path, 1e-5) == nil {
				t.Errorf("%s passes for %s", other, name)
			}
		}
	}
}

// descent is a function to be minimised from a start.
type descent struct {
	name  string
	start []float64
	grad  func(x, g []float64)
	value func(x []float64) float64
}

var descents = []descent{
	{
		"parabola", []float64{3, -2},
		func(x, g []float64) { g[0], g[1] = x[0]-1, 10*(x[1]+0.5) },
		func(x []float64) float64 { return ((x[0]-1)*(x[0]-1) + 10*(x[1]+0.5)*(x[1]+0.5)) / 2 },
	},
	{
		"Rosenbrock", []float64{-1.2, 1},
		func(x, g []float64) {
			d := x[1] - x[0]*x[0]
			g[0], g[1] = -2*(1-x[0])-400*x[0]*d, 200*d
		},
		func(x []float64) float64 { return (1-x[0])*(1-x[0]) + 100*math.Pow(x[1]-x[0]*x[0], 2) },
	},
}

// Every method comes close to the minimum, which is 0, of both functions, in both types.
func TestMethodsDescend(t *testing.T) {
	const limit = 1e-4
	settings := map[Method][2]struct { // parabola, Rosenbrock
		rate  float64
		steps int
	}{
		Adam:     {{0.05, 2000}, {0.02, 20000}},
		AdamW:    {{0.05, 2000}, {0.02, 20000}},
		SGD:      {{0.05, 2000}, {0.001, 20000}},
		Momentum: {{0.01, 2000}, {0.0005, 20000}},
		Nesterov: {{0.01, 2000}, {0.0005, 20000}},
		RMSProp:  {{0.005, 2000}, {0.0005, 20000}},
		AdaGrad:  {{0.5, 2000}, {0.5, 20000}},
	}
	for k, f := range descents {
		for _, m := range allMethods {
			for _, d := range []graph.DType{graph.Float32, graph.Float64} {
				c := settings[m][k]
				p := newParams(t, d, func(i int) float64 { return f.start[i] }, paramSpec{"x", []int{2}})
				o := mustNew(t, Config{Method: m, Rate: c.rate}, p)
				g := make([]float64, 2)
				for range c.steps {
					f.grad(values(p, "x"), g)
					setGrad(p, "x", func(i int) float64 { return g[i] })
					mustStep(t, o)
				}
				if v := f.value(values(p, "x")); !(v < limit) {
					t.Errorf("%v, %v, %s: %g left at %v", m, d, f.name, v, values(p, "x"))
				}
			}
		}
	}
}

func TestEarlyMomentum(t *testing.T) {
	p := newParams(t, graph.Float64, func(int) float64 { return 0 }, paramSpec{"w", []int{1}})
	o := mustNew(t, Config{Method: Momentum, Rate: 1, Momentum: 0.9, EarlyMomentum: 0.5, EarlySteps: 2}, p)
	w, v := 0.0, 0.0
	for step := range 5 {
		mu := 0.9
		if step < 2 {
			mu = 0.5
		}
		v = mu*v + 1
		w -= v
		setGrad(p, "w", func(int) float64 { return 1 })
		mustStep(t, o)
		if got := values(p, "w")[0]; !near(got, w, 1e-14) {
			t.Fatalf("step %d: weight is %v, want %v", step, got, w)
		}
	}
}

package kernel

import "testing"

// TestVectorPanics asserts that slices that do not fit panic with a constant string.
func TestVectorPanics(t *testing.T) {
	a, b := make([]float32, 4), make([]float32, 5)
	for name, f := range map[string]func(){
		"Exp":           func() { Exp(a, b) },
		"Add":           func() { Add(a, a, b) },
		"Dot":           func() { Dot(a, b) },
		"BiasActivate":  func() { BiasActivate(a, b, ActReLU, 0) },
		"no activation": func() { BiasActivate(a, nil, Activation(99), 0) },
		"no gradient":   func() { ActivationGrad(a, a, a, Activation(99), 0) },
		"Softmax":       func() { Softmax(a, a, 1, 3) },
		"ColumnSums":    func() { ColumnSums(b, a, 2, 2) },
		"Transpose":     func() { Transpose(a, b, 2, 2) },
		"negative rows": func() { RowSums(a, a, -2, -2) },
	} {
		message := func() (r any) {
			defer func() { r = recover() }()
			f()
			return nil
		}()
		if _, ok := message.(string); !ok {
			t.Errorf("%s: panic value %v", name, message)
		}
	}
}

// TestVectorAllocations asserts that choosing the implementation costs no allocation.
func TestVectorAllocations(t *testing.T) {
	x, y := sequence[float32](64, 1), sequence[float32](64, 2)
	w := sequence[float64](64, 3)
	for _, l := range Levels() {
		at(l, func() {
			n := testing.AllocsPerRun(10, func() {
				Exp(y, x)
				Add(y, x, y)
				Scale(w, 2, w)
				BiasActivate(y, x, ActSigmoid, 0)
				Softmax(y, x, 8, 8)
				ColumnSums(y[:8], x, 8, 8)
				BernoulliSumGrad(y, x, y, 1)
				AllFinite(w)
				Transpose(y, x, 8, 8)
			})
			if n != 0 {
				t.Errorf("%v allocations at %v", n, l)
			}
		})
	}
}

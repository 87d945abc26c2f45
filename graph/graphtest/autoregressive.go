package graphtest

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Autoregressive checks what each prediction of an autoregressive model depends on. predict maps examples
// (n, d) of numbers in [0, 1] to predictions (n, d, ...): those of variable i, given earlier ones. Prediction
// i must depend on variable j if sees says so and must keep its bits when j changes if not; it must never
// depend on itself or on a later one, whatever sees says. The order of the variables is 0 to d-1.
func Autoregressive(d int, predict func(x graph.Array) (graph.Array, error), sees func(i, j int) bool) error {
	depends := make([]bool, d*d) // of i on j at some point
	for point := range 5 {
		// Example 0 is the point itself, example j+1 differs from it in variable j.
		x := graph.Floats32(make([]float32, (d+1)*d), d+1, d)
		base := Uniform(uint64(point), 1, d).F32
		for e := range d + 1 {
			copy(x.F32[e*d:], base)
		}
		for j := range d {
			at := &x.F32[(j+1)*d+j]
			*at = float32(1 - math.Round(float64(*at)))
		}
		y, err := predict(x)
		if err != nil {
			return err
		}
		if y.Len() == 0 || y.Len()%((d+1)*d) != 0 {
			return errors.Errorf("predictions of shape %v for examples (%d, %d)", y.Shape, d+1, d)
		}
		v := y.Len() / ((d + 1) * d)
		for i := range d {
			for j := range d {
				for k := i * v; k < (i+1)*v; k++ {
					if math.Float64bits(y.At((j+1)*d*v+k)) != math.Float64bits(y.At(k)) {
						depends[i*d+j] = true
					}
				}
			}
		}
	}
	for i := range d {
		for j := range d {
			switch got := depends[i*d+j]; {
			case got && j >= i:
				return errors.Errorf("the prediction of variable %d depends on variable %d, which is not before it", i, j)
			case got && !sees(i, j):
				return errors.Errorf("the prediction of variable %d depends on variable %d, which it should not see", i, j)
			case !got && j < i && sees(i, j):
				return errors.Errorf("the prediction of variable %d does not depend on variable %d", i, j)
			}
		}
	}
	return nil
}

package stock

import (
	"testing"

	"gorgonia.org/gorgonia"
)

// TestMachineLearns checks that the peer does the work that it is timed for: its visible biases follow
// which units are on.
func TestMachineLearns(t *testing.T) {
	const n, d = 4, 3
	s := &step{g: gorgonia.NewGraph(), n: n}
	x := []float32{1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0}
	run, b, err := machineOf([]int{d, 2}, n, 2, s.input(n, d, x), s)
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if err := run(); err != nil {
			t.Fatal(err)
		}
	}
	bias := b.Value().Data().([]float32)
	if !(bias[0] > 1 && bias[1] < -1 && bias[2] > -1 && bias[2] < 1) {
		t.Errorf("biases %v of units that are always on, always off and on half the time", bias)
	}
}

package graphtest_test

import (
	"errors"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
)

// A recorder is a test that notes its failures.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.failed = true }

func TestValuesReject(t *testing.T) {
	near := func(got, want float64) bool {
		r := &recorder{TB: t}
		graphtest.Near(r, "number", got, want, 1e-3)
		return !r.failed
	}
	if !near(1000, 1000.9) || near(1000, 1001.1) || near(math.NaN(), 1) || near(1, math.NaN()) || !near(0, 1e-3) || near(0, 1.1e-3) {
		t.Error("Near is wrong")
	}
	r := &recorder{TB: t}
	if graphtest.Must(3, nil)(r) != 3 || r.failed {
		t.Error("Must fails without an error")
	}
	if graphtest.Must(3, errors.New("bad"))(r); !r.failed {
		t.Error("Must takes an error")
	}
	a := graph.Floats32([]float32{0, 1}, 2)
	for name, b := range map[string]graph.Array{
		"shape": graph.Floats32([]float32{0, 1}, 1, 2), "type": graph.Floats64([]float64{0, 1}, 2),
		"value": graph.Floats32([]float32{0, 1.5}, 2), "sign": graph.Floats32([]float32{float32(math.Copysign(0, -1)), 1}, 2),
		"length": graph.Floats32([]float32{0}, 2),
	} {
		if graphtest.SameBits(a, b) {
			t.Errorf("SameBits does not see another %s", name)
		}
	}
	if !graphtest.SameBits(a, graph.Floats32([]float32{0, 1}, 2)) {
		t.Error("SameBits sees a difference between equals")
	}
	if mean, stderr := graphtest.Moments([]float64{1, 3}); mean != 2 || math.Abs(stderr-math.Sqrt(0.5)) > 1e-15 {
		t.Errorf("moments %g, %g", mean, stderr)
	}
}

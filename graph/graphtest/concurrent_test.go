package graphtest_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latent-go/latent/graph/graphtest"
	"github.com/pkg/errors"
)

func TestCheckConcurrent(t *testing.T) {
	var calls atomic.Int32
	double := func(x int) ([]int, error) { return []int{2 * x}, nil }
	for says, use := range map[string]func(x int) ([]int, error){
		"":                          double,
		"fails: wrong":              func(int) ([]int, error) { return nil, errors.New("fails: wrong") },
		"another result than alone": func(x int) ([]int, error) { return []int{x * int(calls.Add(1))}, nil },
		"fails later": func(x int) ([]int, error) {
			if calls.Add(1) > 100 {
				return nil, errors.New("fails later")
			}
			return []int{x}, nil
		},
	} {
		calls.Store(98)
		err := graphtest.CheckConcurrent(map[string]func(x int) ([]int, error){"double": double, "use": use}, 3, 5)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), "use of input") || !strings.Contains(err.Error(), says)) {
			t.Errorf("error %v, want %q", err, says)
		}
	}
}

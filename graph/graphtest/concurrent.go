package graphtest

import (
	"cmp"
	"reflect"
	"sync"

	"github.com/pkg/errors"
)

// CheckConcurrent checks that a model may be used from many goroutines. It asks for each use of each input
// alone, and then for all at once, three times, which must give the same results. It tells most under the
// race detector.
func CheckConcurrent[X, Y any](uses map[string]func(x X) (Y, error), inputs ...X) error {
	var calls []func() error
	for name, use := range uses {
		for i, x := range inputs {
			want, err := use(x)
			if err != nil {
				return errors.WithMessagef(err, "%s of input %d", name, i)
			}
			calls = append(calls, func() error {
				got, err := use(x)
				if err == nil && !reflect.DeepEqual(got, want) {
					err = errors.New("another result than alone")
				}
				return errors.WithMessagef(err, "%s of input %d among others", name, i)
			})
		}
	}
	faults := make([]error, len(calls))
	var wait sync.WaitGroup
	for i, call := range calls {
		wait.Go(func() { faults[i] = cmp.Or(call(), call(), call()) })
	}
	wait.Wait()
	return cmp.Or(faults...)
}

package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel calls f(i) once for every i in [0, n), on up to GOMAXPROCS goroutines, and
// returns when all calls have returned. Which goroutine runs which i is not determined, so
// f must write only what belongs to i; then the result does not depend on the number of
// threads. Safe for concurrent use.
func Parallel(n int, f func(i int)) {
	threads := min(runtime.GOMAXPROCS(0), n)
	if threads <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			f(i)
		}
	}
	var wg sync.WaitGroup
	wg.Add(threads - 1)
	for range threads - 1 {
		go func() {
			defer wg.Done()
			work()
		}()
	}
	work()
	wg.Wait()
}

// chunk is the number of elements of one piece of an element-wise loop or reduction: fixed,
// so that partial sums do not depend on the number of threads, and about an L1 cache.
const chunk = 8192

// For calls f(lo, hi) over consecutive pieces of [0, n), each of the same fixed length but
// the last, in parallel where that pays.
func For(n int, f func(lo, hi int)) {
	pieces := (n + chunk - 1) / chunk
	if pieces <= 1 {
		if n > 0 {
			f(0, n)
		}
		return
	}
	Parallel(pieces, func(i int) { f(i*chunk, min((i+1)*chunk, n)) })
}

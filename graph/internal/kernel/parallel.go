package kernel

import (
	"runtime"
	"sync/atomic"
)

// Parallel calls f(i) once for every i in [0, n), on up to GOMAXPROCS goroutines, and
// returns when all calls have returned; on fewer if other calls are under way. Which goroutine runs which i is not determined, so
// f must write only what belongs to i; then the result does not depend on the number of
// threads. Safe for concurrent use. A panic of f is raised again here.
func Parallel(n int, f func(i int)) {
	if n <= 1 || runtime.GOMAXPROCS(0) == 1 {
		for i := range n {
			f(i)
		}
		return
	}
	defer callers.Add(-1)
	threads := min(runtime.GOMAXPROCS(0)-int(callers.Add(1)-1), n)
	if threads <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	t := &task{f: f, n: int64(n), done: make(chan struct{})}
	t.hire(threads - 1)
	t.work()
	t.dismiss()
	t.wait()
	if p := t.panicked.Load(); p != nil {
		panic(*p)
	}
}

// callers counts the calls of Parallel that are under way, those inside others too. Each keeps a processor
// busy, which a later call does not count on: many goroutines that compute at once do so each on its own.
var callers atomic.Int64

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

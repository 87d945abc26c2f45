package kernel

import (
	"runtime"
	"sync"
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
	helpers := hire(threads-1, t)
	t.work()
	if helpers > 0 {
		t.wait()
	}
	if p := t.panicked.Load(); p != nil {
		panic(*p)
	}
}

// callers counts the calls of Parallel that are under way, those inside others too. Each keeps a processor
// busy, which a later call does not count on: many goroutines that compute at once do so each on its own.
var callers atomic.Int64

// A task is one call of Parallel.
type task struct {
	f        func(i int)
	n        int64
	next     atomic.Int64 // the first i that nobody has taken
	busy     atomic.Int64 // helpers that have not finished
	done     chan struct{}
	panicked atomic.Pointer[any]
}

// work runs what is left of the task.
func (t *task) work() {
	defer func() {
		if r := recover(); r != nil {
			t.panicked.CompareAndSwap(nil, &r)
			t.next.Store(t.n) // nobody starts another i
		}
	}()
	for {
		i := t.next.Add(1) - 1
		if i >= t.n {
			return
		}
		t.f(int(i))
	}
}

// wait returns when all helpers have finished: soon as a rule, so it looks a while before it sleeps.
func (t *task) wait() {
	for range spins {
		if t.busy.Load() == 0 {
			return
		}
	}
	<-t.done
}

// A worker is a goroutine that helps with tasks. After one it looks for the next for some tens of
// microseconds, the time between two kernels of a training step, since to be woken up takes as long;
// then it sleeps.
type worker struct {
	task   atomic.Pointer[task]
	asleep atomic.Bool
	wake   chan struct{}
}

const spins = 20000 // looks, of about a nanosecond each

// idle holds the workers without a task, the one that has become idle last at the end.
var idle struct {
	sync.Mutex
	workers []*worker
}

// hire gives t to up to n idle workers, starting some if there are fewer, and returns how many.
func hire(n int, t *task) int {
	t.busy.Store(int64(n))
	idle.Lock()
	have := min(n, len(idle.workers))
	hired := idle.workers[len(idle.workers)-have:]
	for _, w := range hired {
		w.task.Store(t)
		if w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	idle.workers = idle.workers[:len(idle.workers)-have]
	idle.Unlock()
	for range n - have {
		w := &worker{wake: make(chan struct{}, 1)}
		w.task.Store(t)
		go w.run()
	}
	return n
}

func (w *worker) run() {
	for {
		t := w.next()
		t.work()
		w.task.Store(nil)
		idle.Lock()
		if len(idle.workers) >= runtime.GOMAXPROCS(0) { // as many callers at once are over
			idle.Unlock()
			t.finish()
			return
		}
		idle.workers = append(idle.workers, w)
		idle.Unlock()
		t.finish()
	}
}

// finish says that one helper is done.
func (t *task) finish() {
	if t.busy.Add(-1) == 0 {
		close(t.done)
	}
}

// next waits for a task.
func (w *worker) next() *task {
	for i := range spins {
		if t := w.task.Load(); t != nil {
			return t
		}
		if i%256 == 255 {
			runtime.Gosched() // others may need the thread more
		}
	}
	w.asleep.Store(true)
	if t := w.task.Load(); t != nil && w.asleep.CompareAndSwap(true, false) {
		return t
	}
	<-w.wake
	return w.task.Load()
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

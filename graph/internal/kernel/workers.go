package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A task is one call of Parallel.
type task struct {
	f        func(i int)
	n        int64
	next     atomic.Int64 // the first i that nobody has taken
	hired    []*worker
	room     [3]*worker   // for hired, on small machines
	busy     atomic.Int64 // of the hired, those that have neither finished nor been dismissed
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

// A worker is a goroutine that helps with tasks. After one it looks for the next during the time that may
// pass between two kernels of a training step, since to be woken up takes as long as a kernel; then it sleeps.
type worker struct {
	task   atomic.Pointer[task] // that it is to help with, until it takes it
	asleep atomic.Bool
	wake   chan struct{}
}

const (
	spins    = 10000 // looks, some tens of nanoseconds each, before a worker sleeps: more than between two kernels of a step
	politely = 256   // looks before the thread is offered to other goroutines
)

// idle holds the workers without a task, the one that has become idle last at the end.
var idle struct {
	sync.Mutex
	workers []*worker
}

// hire gives t to n workers, starting some if fewer are idle.
func (t *task) hire(n int) {
	t.busy.Store(int64(n))
	t.hired = t.room[:0]
	idle.Lock()
	have := min(n, len(idle.workers))
	t.hired = append(t.hired, idle.workers[len(idle.workers)-have:]...)
	idle.workers = idle.workers[:len(idle.workers)-have]
	idle.Unlock()
	for _, w := range t.hired {
		w.task.Store(t)
		if w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	for range n - have {
		w := &worker{wake: make(chan struct{}, 1)}
		w.task.Store(t)
		t.hired = append(t.hired, w)
		go w.run()
	}
}

// dismiss does without the workers that have not begun yet, since nothing is left to do: one that has to be
// woken up, or whose thread others use, would keep the caller waiting.
func (t *task) dismiss() {
	for _, w := range t.hired {
		if w.task.CompareAndSwap(t, nil) {
			t.busy.Add(-1)
			idle.Lock()
			idle.workers = append(idle.workers, w)
			idle.Unlock()
		}
	}
}

// wait returns when all helpers have finished: soon as a rule, so it looks a while before it sleeps.
func (t *task) wait() {
	for range spins {
		if t.busy.Load() == 0 {
			return
		}
		pause()
	}
	<-t.done
}

// finish says that one helper is done.
func (t *task) finish() {
	if t.busy.Add(-1) == 0 {
		close(t.done)
	}
}

func (w *worker) run() {
	for {
		t := w.next()
		t.work()
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

// next waits for a task and takes it.
func (w *worker) next() *task {
	for {
		for i := range spins {
			if t := w.take(); t != nil {
				return t
			}
			pause()
			if i%politely == politely-1 {
				runtime.Gosched()
			}
		}
		w.asleep.Store(true)
		if w.task.Load() == nil || !w.asleep.CompareAndSwap(true, false) {
			<-w.wake
		}
	}
}

// take takes the task that the worker has been given, if it has not been dismissed.
func (w *worker) take() *task {
	if t := w.task.Load(); t != nil && w.task.CompareAndSwap(t, nil) {
		return t
	}
	return nil
}

package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func withProcs(t *testing.T, n int) {
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

func TestParallelRunsEachOnce(t *testing.T) {
	for _, procs := range []int{1, 2, 4} {
		withProcs(t, procs)
		for round := range 300 {
			n := round % 37
			counts := make([]atomic.Int32, n)
			Parallel(n, func(i int) { counts[i].Add(1) })
			for i := range counts {
				if c := counts[i].Load(); c != 1 {
					t.Fatalf("%d threads, n %d: %d was run %d times", procs, n, i, c)
				}
			}
		}
	}
}

// Callers at once, and calls from inside a piece, do not wait for one another.
func TestParallelConcurrentAndNested(t *testing.T) {
	withProcs(t, 4)
	var total atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 50 {
				Parallel(7, func(int) { Parallel(5, func(int) { total.Add(1) }) })
			}
		})
	}
	wg.Wait()
	if got := total.Load(); got != 16*50*7*5 {
		t.Errorf("%d pieces were run, want %d", got, 16*50*7*5)
	}
}

// While as many callers are at work as there are processors, another has no helper; afterwards it has again.
func TestParallelLeavesProcessorsToOthers(t *testing.T) {
	withProcs(t, 3)
	alone := func() bool {
		var running, most atomic.Int32
		Parallel(64, func(int) {
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			for range 50 {
				runtime.Gosched()
			}
			running.Add(-1)
		})
		return most.Load() == 1
	}
	var others sync.WaitGroup
	var started sync.WaitGroup
	release := make(chan struct{})
	for range 3 {
		started.Add(1)
		others.Go(func() {
			var once sync.Once
			Parallel(2, func(int) { once.Do(started.Done); <-release })
		})
	}
	started.Wait()
	if !alone() {
		t.Error("a caller had helpers while three others were at work on three processors")
	}
	close(release)
	others.Wait()
	if alone() {
		t.Error("a caller had no helper on three processors")
	}
	func() {
		defer func() { recover() }()
		Parallel(8, func(int) { panic("counts are kept") })
	}()
	if n := callers.Load(); n != 0 {
		t.Errorf("%d callers are left", n)
	}
}

func TestParallelAfterSleep(t *testing.T) {
	withProcs(t, 2)
	var total atomic.Int64
	for range 20 {
		Parallel(2, func(int) { total.Add(1) })
		for !allAsleep() {
			runtime.Gosched()
		}
		runtime.GC()
	}
	if total.Load() != 40 {
		t.Errorf("%d pieces were run, want 40", total.Load())
	}
}

func allAsleep() bool {
	idle.Lock()
	defer idle.Unlock()
	for _, w := range idle.workers {
		if !w.asleep.Load() {
			return false
		}
	}
	return true
}

func TestParallelPanics(t *testing.T) {
	withProcs(t, 4)
	for range 50 {
		func() {
			defer func() {
				if r := recover(); r != "piece 3" {
					t.Errorf("recovered %v", r)
				}
			}()
			Parallel(8, func(i int) {
				if i == 3 {
					panic("piece 3")
				}
			})
		}()
	}
	var n atomic.Int32
	Parallel(8, func(int) { n.Add(1) }) // still works
	if n.Load() != 8 {
		t.Errorf("after a panic %d of 8 pieces were run", n.Load())
	}
}

// A caller does not wait for a helper that has not begun when nothing is left to do.
func TestParallelDismissesLateHelpers(t *testing.T) {
	withProcs(t, 2)
	w := &worker{wake: make(chan struct{}, 1)} // nobody runs it
	idle.Lock()
	others := idle.workers
	idle.workers = []*worker{w}
	idle.Unlock()
	sum := 0
	Parallel(5, func(i int) { sum += i }) // would never return if it waited
	idle.Lock()
	defer idle.Unlock()
	if sum != 10 {
		t.Errorf("the sum is %d, want 10", sum)
	}
	if len(idle.workers) != 1 || idle.workers[0] != w || w.task.Load() != nil {
		t.Errorf("%d workers are idle, with task %v; want the one that was dismissed, without", len(idle.workers), w.task.Load())
	}
	idle.workers = others
}

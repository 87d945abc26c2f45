// Compare times whole training steps of this library, of stock Gorgonia and, where a Python with
// torch is to be found, of PyTorch, at 1 and 2 threads, in turn on one machine, and prints medians and
// the ratio of each peer's best to the library's best.
//
//	go run ./bench/compare -rounds 9
//
// With -openblas it compares matrix products of small batches with those of OpenBLAS instead, which needs
// a C compiler.
//
//	go run ./bench/compare -openblas libopenblas.so.0
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/latent-go/latent/bench"
)

func main() {
	rounds := flag.Int("rounds", 7, "how often each measurement is repeated; the median counts")
	budget := flag.Duration("time", 400*time.Millisecond, "how long one measurement runs, about; one of a product a 200th of it")
	only := flag.String("workloads", "", "comma-separated workloads; all if empty")
	peers := flag.String("impl", "latent,gorgonia,pytorch", "comma-separated implementations")
	python := flag.String("python", "python3", "Python that has torch")
	openblas := flag.String("openblas", "", "compare small matrix products with OpenBLAS, of this shared library (say libopenblas.so.0), instead of steps")
	worker := flag.String("worker", "", "used by the program itself: be the worker of this implementation")
	flag.Parse()
	if *worker != "" {
		work(*worker, os.Stdin, os.Stdout)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *rounds < 1 || *budget <= 0:
		err = fmt.Errorf("-rounds %d and -time %v must be positive", *rounds, *budget)
	case *openblas != "":
		err = products(ctx, *rounds, *budget/200, *openblas)
	default:
		err = run(ctx, *rounds, *budget, chosen(*only), strings.Split(*peers, ","), *python)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// chosen lists the workloads to measure.
func chosen(only string) []string {
	if only != "" {
		return strings.Split(only, ",")
	}
	var names []string
	for _, w := range bench.Workloads {
		names = append(names, w.Name)
	}
	return names
}

// threads are the numbers of threads that are tried; a peer counts with its best.
var threads = []int{1, 2}

func run(ctx context.Context, rounds int, budget time.Duration, workloads, impls []string, python string) error {
	for _, name := range workloads {
		if _, ok := bench.Find(name); !ok {
			return fmt.Errorf("no workload %q, expected some of %v", name, chosen(""))
		}
	}
	var ps []*process
	defer func() {
		for _, p := range ps {
			p.stop()
		}
	}()
	for _, impl := range impls {
		for _, t := range threads {
			p, err := start(ctx, impl, t, python)
			if err != nil {
				fmt.Printf("%s is left out: %v\n", impl, err)
				break
			}
			ps = append(ps, p)
		}
	}
	for _, name := range workloads {
		if err := compare(ctx, name, ps, rounds, budget); err != nil {
			return err
		}
	}
	for _, p := range ps {
		fmt.Printf("peak memory of %s, %d thread(s): %s\n", p.title, p.threads, p.peakMemory())
	}
	return nil
}

// compare measures one workload on all workers in turn, round after round.
func compare(ctx context.Context, name string, ps []*process, rounds int, budget time.Duration) error {
	times := map[*process][]float64{} // milliseconds a step
	steps := map[*process]int{}
	for round := range rounds + 1 {
		for _, p := range ps {
			n := max(1, steps[p])
			took, err := p.measure(name, n)
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if round == 0 {
					fmt.Printf("%s: %s: %v\n", name, p.title, err)
				}
				continue
			}
			if round == 0 { // only to find how many steps fill the time
				steps[p] = int(budget/max(took, 1)) + 1
				continue
			}
			times[p] = append(times[p], float64(took.Nanoseconds())/1e6/float64(n))
		}
	}
	report(name, ps, times)
	return nil
}

// report prints the table of one workload.
func report(name string, ps []*process, times map[*process][]float64) {
	w, _ := bench.Find(name)
	best := map[string]float64{}
	fmt.Printf("\n%s (batch %d, %.0f MFLOP of dense products a step)\n", name, w.Batch, w.Flops/1e6)
	fmt.Printf("  %-22s %8s %10s %10s %10s\n", "", "threads", "ms median", "ms min", "GFLOP/s")
	for _, p := range ps {
		ts := times[p]
		if len(ts) == 0 {
			continue
		}
		slices.Sort(ts)
		median := ts[len(ts)/2]
		if b, ok := best[p.impl]; !ok || median < b {
			best[p.impl] = median
		}
		fmt.Printf("  %-22s %8d %10.3f %10.3f %10.1f\n", p.title, p.threads, median, ts[0], w.Flops/median/1e6)
	}
	own, ok := best["latent"]
	for _, impl := range []string{"gorgonia", "pytorch"} {
		if peer, has := best[impl]; ok && has {
			fmt.Printf("  latent is %.2f times as fast as %s, best thread count of each\n", peer/own, impl)
		}
	}
}

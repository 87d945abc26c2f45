package main

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
)

//go:embed openblas/openblas.c
var openblasProgram []byte

// layers are inputs and outputs of layers whose products are compared: of autoencoders and
// classifiers on digits, square ones, those that clash in the cache, and gates of a recurrent network.
var layers = [][2]int{{784, 500}, {500, 784}, {784, 1000}, {1000, 1000}, {512, 512}, {1024, 1024}, {128, 512}, {256, 1024}, {30, 250}, {500, 10}}

// smallBatches are the numbers of examples.
var smallBatches = []int{1, 2, 3, 4, 6, 8, 12, 16}

// A productForm is one of the products of a layer with weights W (in, out) and a batch of some examples.
type productForm struct {
	name           string
	transA, transB bool
	size           func(batch, in, out int) (m, n, k int)
}

var productForms = []productForm{
	{"x W, forward", false, false, func(batch, in, out int) (m, n, k int) { return batch, out, in }},
	{"d Wᵀ, backward or tied", false, true, func(batch, in, out int) (m, n, k int) { return batch, in, out }},
	{"xᵀ d, gradient of W", true, false, func(batch, in, out int) (m, n, k int) { return in, out, batch }},
}

// products compares small products, one thread each, with those of the OpenBLAS in a shared library.
func products(ctx context.Context, rounds int, budget time.Duration, library string) error {
	peer, err := startOpenBLAS(ctx, library)
	if err != nil {
		return err
	}
	defer peer.stop()
	runtime.GOMAXPROCS(1)
	fmt.Printf("time of %s / time of latent, quickest of %d rounds, one thread each\n", peer.title, rounds)
	for _, form := range productForms {
		if err := compareProducts[float32](ctx, peer, form, rounds, budget); err != nil {
			return err
		}
		if err := compareProducts[float64](ctx, peer, form, rounds, budget); err != nil {
			return err
		}
	}
	return nil
}

// startOpenBLAS builds the program that calls OpenBLAS, and starts it.
func startOpenBLAS(ctx context.Context, library string) (*process, error) {
	dir, err := os.MkdirTemp("", "openblas")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source, program := filepath.Join(dir, "openblas.c"), filepath.Join(dir, "openblas")
	if err := os.WriteFile(source, openblasProgram, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "cc", "-O2", "-o", program, source, "-ldl").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("a C compiler is needed to call OpenBLAS: %w %s", err, out)
	}
	return startProcess(exec.CommandContext(ctx, program, library), "openblas", 1)
}

// compareProducts prints a row for each layer and a column for each batch, and what is lowest, in the
// middle and highest in each.
func compareProducts[T graph.Float](ctx context.Context, peer *process, form productForm, rounds int, budget time.Duration) error {
	var zero T
	fmt.Printf("\n%s, %T\n%11s", form.name, zero, "batch")
	for _, batch := range smallBatches {
		fmt.Printf("%7d", batch)
	}
	ratios := make([][]float64, len(smallBatches))
	for _, layer := range layers {
		fmt.Printf("\n%5d x %-4d", layer[0], layer[1])
		for i, batch := range smallBatches {
			m, n, k := form.size(batch, layer[0], layer[1])
			ratio, err := compareProduct[T](ctx, peer, m, n, k, form.transA, form.transB, rounds, budget)
			if err != nil {
				return err
			}
			fmt.Printf("%7.2f", ratio)
			ratios[i] = append(ratios[i], ratio)
		}
	}
	for _, r := range ratios {
		slices.Sort(r)
	}
	for i, name := range []string{"lowest", "median", "highest"} {
		fmt.Printf("\n%-12s", name)
		for _, r := range ratios {
			fmt.Printf("%7.2f", r[i*(len(r)-1)/2])
		}
	}
	fmt.Println()
	return nil
}

// compareProduct returns OpenBLAS's time, that of the faster of its routines, divided by ours, each of
// the quickest of the rounds: these products are so short that what else runs on the machine changes
// medians by more than they differ.
func compareProduct[T graph.Float](ctx context.Context, peer *process, m, n, k int, transA, transB bool, rounds int, budget time.Duration) (float64, error) {
	c := graphtest.MatMulCase[T](m, n, k, transA, transB)
	repeats := 1 + int(budget.Seconds()*10e9/c.Flops)
	routines := []string{"gemm"}
	if m == 1 {
		routines = append(routines, "gemv")
	}
	var zero T
	letter := map[string]string{"float32": "s", "float64": "d"}[fmt.Sprintf("%T", zero)]
	bit := map[bool]int{true: 1}
	own, other := math.Inf(1), math.Inf(1) // nanoseconds of the quickest round
	for range rounds {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		for range 2 {
			c.Run()
		}
		start := time.Now()
		for range repeats {
			c.Run()
		}
		own = min(own, float64(time.Since(start).Nanoseconds())/float64(repeats))
		for _, routine := range routines {
			line, err := peer.ask(fmt.Sprint(letter, " ", routine, " ", m, " ", n, " ", k, " ", bit[transA], " ", bit[transB], " ", repeats))
			if err != nil {
				return 0, err
			}
			took, err := strconv.ParseFloat(line, 64)
			if err != nil {
				return 0, fmt.Errorf("OpenBLAS: %s", line)
			}
			other = min(other, took)
		}
	}
	return other / own, nil
}

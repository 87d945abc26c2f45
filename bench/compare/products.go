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
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
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

// A productTable is the products of a form and element type, and the least nanoseconds that each took.
type productTable struct {
	form    productForm
	element string
	compare func(ctx context.Context, peer *process, c *productTimes, form productForm, rounds int, budget time.Duration) error
	times   [][]productTimes // of a layer and a batch
}

// productTimes are the size of a product and the nanoseconds of the quickest round, ours and OpenBLAS's.
type productTimes struct {
	m, n, k    int
	own, other float64
}

// passRounds is how many rounds of a product follow each other. The others wait for another pass over all
// products: so what disturbs the machine for a while spoils few rounds of many products, not all of a few.
const passRounds = 8

// products compares small products, one thread each, with those of the OpenBLAS in a shared library.
func products(ctx context.Context, rounds int, budget time.Duration, library string) error {
	peer, err := startOpenBLAS(ctx, library)
	if err != nil {
		return err
	}
	defer peer.stop()
	runtime.GOMAXPROCS(1)
	var tables []*productTable
	for _, form := range productForms {
		tables = append(tables, newTable[float32](form), newTable[float64](form))
	}
	passes := (rounds + passRounds - 1) / passRounds
	terminal := term.IsTerminal(int(os.Stderr.Fd()))
	bar := progressbar.NewOptions(passes*len(tables)*len(layers), progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetVisibility(terminal), progressbar.OptionSetDescription("comparing"), progressbar.OptionClearOnFinish())
	for pass := range passes {
		if !terminal {
			fmt.Fprintf(os.Stderr, "pass %d of %d\n", pass+1, passes)
		}
		from, to := pass*rounds/passes, (pass+1)*rounds/passes
		for _, t := range tables {
			for layer := range t.times {
				for batch := range t.times[layer] {
					if err := t.compare(ctx, peer, &t.times[layer][batch], t.form, to-from, budget); err != nil {
						return err
					}
				}
				bar.Add(1)
			}
		}
	}
	bar.Finish()
	fmt.Printf("time of %s / time of latent, quickest of %d rounds, one thread each\n", peer.title, rounds)
	for _, t := range tables {
		t.print()
	}
	for _, t := range together(tables) {
		t.print()
	}
	return nil
}

// together sums the times of the products of a layer, for each element type.
func together(tables []*productTable) []*productTable {
	var sums []*productTable
	for _, t := range tables {
		i := slices.IndexFunc(sums, func(s *productTable) bool { return s.element == t.element })
		if i < 0 {
			i = len(sums)
			sums = append(sums, &productTable{form: productForm{name: "the three together, as in training"}, element: t.element, times: make([][]productTimes, len(t.times))})
			for layer := range t.times {
				sums[i].times[layer] = make([]productTimes, len(t.times[layer]))
			}
		}
		for layer, row := range t.times {
			for batch, c := range row {
				sums[i].times[layer][batch].own += c.own
				sums[i].times[layer][batch].other += c.other
			}
		}
	}
	return sums
}

func newTable[T graph.Float](form productForm) *productTable {
	var zero T
	t := &productTable{form: form, element: fmt.Sprintf("%T", zero), compare: compareProduct[T]}
	for _, layer := range layers {
		row := make([]productTimes, len(smallBatches))
		for i, batch := range smallBatches {
			m, n, k := form.size(batch, layer[0], layer[1])
			row[i] = productTimes{m, n, k, math.Inf(1), math.Inf(1)}
		}
		t.times = append(t.times, row)
	}
	return t
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

// print prints a row for each layer and a column for each batch, and what is lowest, in the middle and
// highest in each.
func (t *productTable) print() {
	fmt.Printf("\n%s, %s\n%11s", t.form.name, t.element, "batch")
	for _, batch := range smallBatches {
		fmt.Printf("%7d", batch)
	}
	ratios := make([][]float64, len(smallBatches))
	for i, layer := range layers {
		fmt.Printf("\n%5d x %-4d", layer[0], layer[1])
		for batch, c := range t.times[i] {
			fmt.Printf("%7.2f", c.other/c.own)
			ratios[batch] = append(ratios[batch], c.other/c.own)
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
}

// compareProduct times a product in turn with OpenBLAS's, of which the faster routine counts. The
// quickest round does: these products are so short that what else runs on the machine changes medians by
// more than they differ.
func compareProduct[T graph.Float](ctx context.Context, peer *process, t *productTimes, form productForm, rounds int, budget time.Duration) error {
	repeats := 1 + int(budget.Seconds()*5e9/(float64(t.m)*float64(t.n)*float64(t.k)))
	routines := []string{"gemm"}
	if t.m == 1 {
		routines = append(routines, "gemv")
	}
	var zero T
	letter := map[string]string{"float32": "s", "float64": "d"}[fmt.Sprintf("%T", zero)]
	bit := map[bool]int{true: 1}
	for range rounds {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// New arrays each round, as OpenBLAS gets: where they lie in the caches counts.
		c := graphtest.MatMulCase[T](t.m, t.n, t.k, form.transA, form.transB)
		for range 2 {
			c.Run()
		}
		start := time.Now()
		for range repeats {
			c.Run()
		}
		t.own = min(t.own, float64(time.Since(start).Nanoseconds())/float64(repeats))
		for _, routine := range routines {
			line, err := peer.ask(fmt.Sprint(letter, " ", routine, " ", t.m, " ", t.n, " ", t.k, " ", bit[form.transA], " ", bit[form.transB], " ", repeats))
			if err != nil {
				return err
			}
			took, err := strconv.ParseFloat(line, 64)
			if err != nil {
				return fmt.Errorf("OpenBLAS: %s", line)
			}
			t.other = min(t.other, took)
		}
	}
	return nil
}

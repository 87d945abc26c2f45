package graph_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/latent-go/latent/"

// A rule says which of the library's packages one of them may import; a trailing "/..." means all below.
// The first rule whose package matches counts.
type rule struct {
	pkg     string
	imports []string
}

// lattice is the direction of dependencies. Models never import one another; only pretraining builds on
// two of them.
var lattice = []rule{
	{"internal/...", nil},
	{"graph/internal/kernel/...", nil},
	{"graph/internal/...", nil},
	{"graph", []string{"graph/internal/kernel"}},
	{"graph/op", []string{"graph", "graph/internal/kernel", "internal/named"}},
	{"graph/nn", []string{"graph", "graph/op", "graph/internal/kernel", "internal/named"}},
	{"graph/prob", []string{"graph", "graph/op", "graph/internal/kernel"}},
	{"graph/optim", []string{"graph", "graph/internal/...", "internal/named"}},
	{"graph/data/...", []string{"graph", "graph/data/...", "graph/internal/..."}},
	{"graph/ckpt", []string{"graph", "graph/optim", "graph/internal/..."}},
	{"graph/view/...", []string{"graph", "graph/data", "graph/internal/..."}},
	{"graph/train/...", []string{"graph", "graph/data/...", "graph/optim", "graph/ckpt", "graph/view", "graph/internal/..."}},
	{"graph/graphtest", []string{"graph", "graph/op", "graph/data", "graph/train", "graph/internal/kernel"}},
	{"ae/...", []string{"ae/...", "graph/...", "internal/named"}},
	{"rbm/...", []string{"rbm/...", "graph/...", "internal/named"}},
	{"vae/...", []string{"vae/...", "graph/...", "internal/named"}},
	{"pixel/...", []string{"pixel/...", "graph/...", "internal/named"}},
	{"lm/...", []string{"lm/...", "graph/...", "internal/named"}},
	{"pretrain/...", []string{"pretrain/...", "ae", "rbm", "graph/...", "internal/named"}},
	{"bench/...", []string{"..."}},
	{"examples/...", []string{"..."}},
}

func matches(pattern, pkg string) bool {
	if base, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(pkg+"/", base)
	}
	return pattern == pkg
}

// forbidden says why a file of package pkg may not import what it does, or "". Tests may import any of
// the library's packages but other models.
func forbidden(pkg, imported string, isTest bool) string {
	switch {
	case imported == "C":
		return "cgo is not used"
	case imported == "math/rand" || imported == "math/rand/v2":
		return "randomness comes from graph.Key"
	case imported == "gorgonia.org/gorgonia" || strings.HasPrefix(imported, "gorgonia.org/gorgonia/"):
		if pkg != "graph" && !matches("bench/...", pkg) {
			return "only graph knows Gorgonia"
		}
	}
	ours, ok := strings.CutPrefix(imported, module)
	if !ok || ours == pkg {
		return ""
	}
	i := slices.IndexFunc(lattice, func(r rule) bool { return matches(r.pkg, pkg) })
	if i < 0 {
		return "the package has no place in the lattice"
	}
	allowed := lattice[i].imports
	if isTest && strings.HasPrefix(pkg+"/", "graph/") {
		allowed = []string{"graph/..."}
	}
	if !slices.ContainsFunc(allowed, func(p string) bool { return matches(p, ours) }) {
		return fmt.Sprintf("it may import %v", allowed)
	}
	return ""
}

// clockAllowed are the packages that may ask for the time.
func clockAllowed(pkg string) bool {
	return matches("graph/train/...", pkg) || matches("bench/...", pkg) || matches("examples/...", pkg)
}

// checkSource returns what is wrong with the imports of one file, and with its use of the clock.
func checkSource(pkg, name string, source []byte) []string {
	f, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	for _, spec := range f.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		if why := forbidden(pkg, imported, strings.HasSuffix(name, "_test.go")); why != "" {
			faults = append(faults, fmt.Sprintf("%s imports %s: %s", name, imported, why))
		}
	}
	if !clockAllowed(pkg) && !strings.HasSuffix(name, "_bench_test.go") && strings.Contains(string(source), "time."+"Now(") {
		faults = append(faults, name+" asks for the time")
	}
	return faults
}

func TestDependencies(t *testing.T) {
	files := 0
	root := ".."
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, other := os.Stat(filepath.Join(name, "go.mod"))
			if name != root && (other == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return filepath.SkipDir // a module of its own, or no package
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		pkg, err := filepath.Rel(root, filepath.Dir(name))
		files++
		for _, fault := range checkSource(filepath.ToSlash(pkg), name, source) {
			t.Error(fault)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were found", files)
	}
}

// TestDependenciesChecker feeds the checker imports that it must reject, and some that it must not.
func TestDependenciesChecker(t *testing.T) {
	for _, c := range []struct {
		pkg, name, imported string
		ok                  bool
	}{
		{"graph/internal/kernel", "a.go", module + "graph", false},
		{"internal/named", "a.go", module + "graph", false},
		{"graph", "a.go", module + "graph/op", false},
		{"graph", "a_test.go", module + "graph/op", true},
		{"graph", "a_test.go", module + "ae", false},
		{"graph", "a.go", module + "graph/internal/kernel", true},
		{"graph/op", "a.go", module + "graph/nn", false},
		{"graph/data/mnist", "a.go", module + "graph/data", true},
		{"graph/optim", "a.go", module + "graph/train", false},
		{"vae", "a.go", module + "ae", false},
		{"vae", "a_test.go", module + "ae", false},
		{"rbm", "a.go", module + "pretrain", false},
		{"pretrain", "a.go", module + "rbm", true},
		{"pretrain", "a.go", module + "vae", false},
		{"ae", "a.go", "gorgonia.org/gorgonia", false},
		{"graph/op", "a.go", "gorgonia.org/gorgonia", false},
		{"graph", "a.go", "gorgonia.org/gorgonia", true},
		{"graph", "a.go", "math/rand", false},
		{"graph", "a_test.go", "math/rand/v2", false},
		{"graph/internal/kernel", "a.go", "C", false},
		{"somewhere", "a.go", module + "graph", false},
		{"aexyz", "a.go", module + "graph", false},
	} {
		source := "package x\n\nimport _ " + strconv.Quote(c.imported) + "\n"
		if faults := checkSource(c.pkg, c.name, []byte(source)); (len(faults) == 0) != c.ok {
			t.Errorf("%s in %s importing %s: %v", c.name, c.pkg, c.imported, faults)
		}
	}
	clock := []byte("package x\n\nimport \"time\"\n\nvar t = time." + "Now()\n")
	if len(checkSource("graph/data", "a.go", clock)) != 1 || len(checkSource("graph/train", "a.go", clock)) != 0 {
		t.Error("the clock is not watched")
	}
}

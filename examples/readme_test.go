package examples

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmePrograms compiles the programs of the README as they are printed there, but for the checks of
// err, which it adds. With LATENT_LONG=1 it runs them too, for some minutes.
func TestReadmePrograms(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)\n```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 9 {
		t.Fatalf("the README has %d programs in Go, expected 9: what they need must be in this test's frame", len(blocks))
	}
	var all strings.Builder
	for i, b := range blocks {
		checked, err := withChecks(b[1])
		if err != nil {
			t.Fatalf("program %d of the README: %v", i, err)
		}
		fmt.Fprintf(&all, "\t{\n//line README.md-program-%d:1\n%s\n\t}\n", i+1, checked)
	}
	binary, output, err := build(t, strings.Replace(frame, "PROGRAMS", all.String(), 1))
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if os.Getenv("LATENT_LONG") == "" {
		t.Skip("compiled; LATENT_LONG is not set, so they are not run")
	}
	run := exec.Command(binary)
	run.Dir = t.TempDir()
	if output, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
}

// TestReadmeProgramsAreChecked sees that what is wrong with a program shows.
func TestReadmeProgramsAreChecked(t *testing.T) {
	checked, err := withChecks("model, err := ae.New(ae.Config{Units: 3})\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, output, err := build(t, strings.Replace(frame, "PROGRAMS", "\t{\n"+checked+"\n\t}\n", 1)); err == nil || !strings.Contains(output, "unknown field Units") {
		t.Errorf("a field that does not exist is compiled: %v, %s", err, output)
	}
}

// withChecks adds a check behind every statement that sets err, and a use of every name that it defines.
func withChecks(body string) (string, error) {
	const head = "package p\nfunc f() {\n"
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", head+body+"}\n", 0)
	if err != nil {
		return "", err
	}
	lines := strings.Split(body, "\n")
	var used []string
	for _, s := range file.Decls[0].(*ast.FuncDecl).Body.List {
		a, ok := s.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for _, left := range a.Lhs {
			name, ok := left.(*ast.Ident)
			if !ok {
				continue
			}
			if name.Name == "err" {
				last := files.Position(a.End()).Line - 1 - strings.Count(head, "\n")
				code, comment, found := strings.Cut(lines[last], "//")
				if lines[last] = code + "; check(err)"; found {
					lines[last] += " //" + comment
				}
			}
			if name.Name != "_" && a.Tok == token.DEFINE && !slices.Contains(used, name.Name) {
				used = append(used, name.Name)
			}
		}
	}
	for _, name := range used {
		lines = append(lines, "_ = "+name)
	}
	return strings.Join(lines, "\n"), nil
}

// build makes a program of a source that is not on the disk of the module.
func build(t *testing.T, source string) (binary, output string, err error) {
	t.Helper()
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	places, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(here, "readme", "main.go"): file}})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{file: []byte(source), overlay: places} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary = filepath.Join(dir, "readme.exe")
	out, err := exec.Command("go", "build", "-overlay", overlay, "-o", binary, "./readme").CombinedOutput()
	return binary, string(out), err
}

// frame has what the programs take for granted.
const frame = `package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	loop "github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/latent-go/latent/pixel"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
	"github.com/latent-go/latent/vae"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func novel() []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for range 500 {
		fmt.Fprintln(w, "It was the best of times, it was the worst of times.")
	}
	check(w.Close())
	return b.Bytes()
}

var (
	_ = os.Stderr
	_ = []any{lm.New, pixel.New, text.Read, optim.SGD, rbm.New, vae.New, loop.Run, op.Mean, nn.Stack, ae.New}
)

func main() {
	ctx, key := context.Background(), graph.NewKey(1)
	train, test, err := mnist.Embedded()
	check(err)
	model, err := ae.New(ae.Config{Shape: []int{1, 28, 28}, Encoder: []nn.Dense{{Units: 30}}})
	check(err)
	images := test.X
	stackOfMachines, _, err := pretrain.Train(ctx, pretrain.Config{Layers: []pretrain.Layer{
		{RBM: &rbm.Config{Hidden: 50, Steps: 1}, Train: loop.Config{Epochs: 1, BatchSize: 100}},
		{RBM: &rbm.Config{Hidden: 20, Steps: 1}, Train: loop.Config{Epochs: 1, BatchSize: 100}},
	}}, train)
	check(err)
	params := graph.NewParams(graph.Float32, key)
	check(os.WriteFile("novel.txt.gz", novel(), 0o600))
	var sources, targets [][]int
	for i := range 200 {
		sources, targets = append(sources, []int{3 + i%7, 3 + i%5, 3 + i%3}), append(targets, []int{3 + i%3, 3 + i%5})
	}
	_ = []any{train, model, images, stackOfMachines, params, sources, targets}
PROGRAMS}
`

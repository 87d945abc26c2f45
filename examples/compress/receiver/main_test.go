package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/compress/codefile"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	conv := []nn.Conv{{Units: 3, Size: 5, Stride: 4}}
	model, err := ae.New(ae.Config{Shape: []int{1, 28, 28}, Conv: conv, Encoder: []nn.Dense{{Units: 2}}, Normalizer: data.DivideBy(0.5)})
	if err != nil {
		t.Fatal(err)
	}
	o := options{decoder: filepath.Join(dir, "d"), codes: filepath.Join(dir, "c"), original: "digits", out: filepath.Join(dir, "out")}
	if err := model.Decoder.Save(o.decoder); err != nil {
		t.Fatal(err)
	}
	_, test, err := mnist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	codes := graph.Floats32(make([]float32, 2*test.Len()), test.Len(), 2)
	for i := range codes.F32 {
		codes.F32[i] = float32(i%7) - 3
	}
	write(t, o.codes, codes)
	var printed bytes.Buffer
	if err := run(t.Context(), &printed, o); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(printed.String(), "squared error per image:") {
		t.Errorf("no squared error:\n%s", printed.String())
	}
	got, err := data.ReadIDX(filepath.Join(o.out, "reconstructions.idx"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := model.Decode(codes)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Shape) != 3 || got.Len() != want.Len() {
		t.Fatalf("reconstructions of shape %v, expected %d images of 28 rows of 28", got.Shape, test.Len())
	}
	for i := range got.Len() {
		expected := 255 * min(1, max(0, want.At(i)*0.5))
		if diff := math.Abs(got.At(i) - expected); diff > 0.6+255*0.003 {
			t.Fatalf("pixel %d is %g, expected %g", i, got.At(i), expected)
		}
	}
	for _, name := range []string{"reconstructions.png", "report.html"} {
		if _, err := os.Stat(filepath.Join(o.out, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestRunRejects(t *testing.T) {
	dir := t.TempDir()
	model, err := ae.New(ae.Config{Shape: []int{784}, Encoder: []nn.Dense{{Units: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	decoder, codes, wide, damaged := filepath.Join(dir, "d"), filepath.Join(dir, "c"), filepath.Join(dir, "w"), filepath.Join(dir, "x")
	if err := model.Decoder.Save(decoder); err != nil {
		t.Fatal(err)
	}
	write(t, codes, graph.Floats32(make([]float32, 6), 3, 2))
	write(t, wide, graph.Floats32(make([]float32, 6), 2, 3))
	if err := os.WriteFile(damaged, []byte("LATC is how a file begins, this is not the rest"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    options
		says string
	}{
		{options{decoder: "nowhere", codes: codes}, "nowhere"},
		{options{decoder: codes, codes: codes}, codes},
		{options{decoder: decoder, codes: "nowhere"}, "nowhere"},
		{options{decoder: decoder, codes: damaged}, "version"},
		{options{decoder: decoder, codes: wide}, "codes of 3 numbers"},
		{options{decoder: decoder, codes: codes, original: "digits"}, "2000 originals"},
	} {
		c.o.out = filepath.Join(dir, "out")
		if err := run(t.Context(), &bytes.Buffer{}, c.o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v gave the error %v, expected one with %q", c.o, err, c.says)
		}
	}
}

func write(t *testing.T, path string, codes graph.Array) {
	t.Helper()
	var file bytes.Buffer
	if err := codefile.Encode(&file, codes, 12); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

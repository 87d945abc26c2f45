package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/compress/codefile"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	conv := []nn.Conv{{Units: 3, Size: 5, Stride: 4}}
	model, err := ae.New(ae.Config{Shape: []int{28, 28}, Conv: conv, Encoder: []nn.Dense{{Units: 4}}, Normalizer: data.DivideBy(2)})
	if err != nil {
		t.Fatal(err)
	}
	o := options{encoder: filepath.Join(dir, "e"), images: "digits", codes: filepath.Join(dir, "c"), bits: 12}
	if err := model.Encoder.Save(o.encoder); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	if err := run(t.Context(), &printed, o); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(o.codes)
	if err != nil {
		t.Fatal(err)
	}
	got, err := codefile.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	_, test, err := mnist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := model.Encode(test.X)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw.Len() { // the model is linear and has no biases yet: half the input, half the code
		if diff := got.At(i) - raw.At(i)/2; diff > 1e-3 || diff < -1e-3 {
			t.Fatalf("number %d is %g, expected the code %g of the normalised image", i, got.At(i), raw.At(i)/2)
		}
	}
	if !strings.Contains(printed.String(), "gzip") {
		t.Errorf("no comparison with gzip:\n%s", printed.String())
	}

	before := len(file)
	for _, bad := range []options{
		{encoder: "nowhere", images: "digits", codes: o.codes, bits: 8},
		{encoder: o.codes, images: "digits", codes: o.codes, bits: 8},
		{encoder: o.encoder, images: "nowhere", codes: o.codes, bits: 8},
		{encoder: o.encoder, images: "digits", codes: o.codes, bits: 17},
		{encoder: o.encoder, images: "digits", codes: filepath.Join(dir, "no", "folder"), bits: 8},
	} {
		if err := run(t.Context(), &printed, bad); err == nil {
			t.Errorf("%+v gave no error", bad)
		}
	}
	if info, err := os.Stat(o.codes); err != nil || int(info.Size()) != before {
		t.Errorf("a failed run changed the file of codes")
	}
}

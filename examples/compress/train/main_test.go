package main

import (
	"path/filepath"
	"testing"

	"github.com/latent-go/latent/ae"
)

func TestRun(t *testing.T) {
	out := t.TempDir()
	if err := run(t.Context(), options{data: "digits", code: 3, epochs: 1, seed: 1, out: out}); err != nil {
		t.Fatal(err)
	}
	encoder, err := ae.LoadEncoder(filepath.Join(out, "encoder.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := ae.LoadDecoder(filepath.Join(out, "decoder.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if e, d := encoder.Config().CodeSize(), decoder.Config().CodeSize(); e != 3 || d != 3 {
		t.Errorf("code sizes %d and %d, expected 3", e, d)
	}
}

func TestRunRejects(t *testing.T) {
	for _, o := range []options{
		{data: "nowhere.idx", code: 3, epochs: 1},
		{data: "digits", code: 0, epochs: 1},
		{data: "digits", code: 3, epochs: -1},
	} {
		o.out = t.TempDir()
		if err := run(t.Context(), o); err == nil {
			t.Errorf("%+v gave no error", o)
		}
	}
}

package main

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/pretrain"
	"github.com/pkg/errors"
)

// small are options for 60 images of 4 by 4 pixels in a CSV file, with two labels.
func small(t *testing.T) options {
	t.Helper()
	u := make([]float64, 60*16)
	graph.Uniform(graph.NewKey(1), u)
	var b strings.Builder
	for r := range 60 {
		for i := range 16 {
			v := "0"
			if u[16*r+i] < 0.2+0.6*float64(r%2*(i/8)+(1-r%2)*(1-i/8)) {
				v = "1"
			}
			b.WriteString(v + ",")
		}
		b.WriteString(string(rune('a'+r%2)) + "\n")
	}
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return options{
		input: show.Input{Path: path, Label: "-1", HeldOut: 0.2}, hidden: "8,6", top: 5, epochs: 2, upDown: 2, fineTune: 2, batch: 10, rate: 0.1,
		gibbs: 3, chains: 4, temps: 20, seed: 1, out: filepath.Join(t.TempDir(), "out"),
	}
}

func exist(t *testing.T, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTable(t *testing.T) {
	o := small(t)
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	exist(t, o.out, "report.html", "updown.png", "updown.csv", "stack.safetensors", "dbn.safetensors", "dbn-labels.safetensors", "network-pretrained.safetensors")
	d, err := pretrain.LoadDBN(filepath.Join(o.out, "dbn-labels.safetensors"))
	if err != nil || d.Config().Labels != 2 {
		t.Error(d, err)
	}
}

// TestImages runs on an IDX file without labels, interrupted and resumed.
func TestImages(t *testing.T) {
	head := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 3}, 40)
	head = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(head, 4), 4)
	u := make([]float64, 40*16)
	graph.Uniform(graph.NewKey(2), u)
	for _, v := range u {
		head = append(head, byte(255*v))
	}
	o := small(t)
	o.input.Path = filepath.Join(t.TempDir(), "images.idx")
	if err := os.WriteFile(o.input.Path, head, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	o.resume = true
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	exist(t, o.out, "report.html", "filters-1.png", "filters-3.png", "fantasies.png", "dbn.safetensors")
}

func TestBadFlags(t *testing.T) {
	for want, change := range map[string]func(*options){
		"-hidden":       func(o *options) { o.hidden = "8,none" },
		"-batch 1000":   func(o *options) { o.batch = 1000 },
		"-batch 0":      func(o *options) { o.batch = 0 },
		"-updown":       func(o *options) { o.upDown = 0 },
		"-finetune":     func(o *options) { o.fineTune = -1 },
		"-chains":       func(o *options) { o.chains = 1 },
		"-normalize":    func(o *options) { o.normalize = "much" },
		"data":          func(o *options) { o.input.Path = "no such file" },
		"-epochs":       func(o *options) { o.epochs = 0 },
		"-temperatures": func(o *options) { o.temps = 0 },
		"-gibbs":        func(o *options) { o.gibbs = 0 },
		"Rate":          func(o *options) { o.rate = -1 },
	} {
		o := small(t)
		change(&o)
		if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

package main

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/rbm"
	"github.com/latent-go/latent/vae"
)

// TestEveryKind asks every kind for all that it offers, and compares with what the model itself says.
func TestEveryKind(t *testing.T) {
	offered := map[string][]string{
		"ae":               {"encode", "decode", "reconstruct", "score"},
		"ae-encoder":       {"encode"},
		"ae-decoder":       {"decode"},
		"conv":             {"encode", "decode", "reconstruct", "score"},
		"conv-encoder":     {"encode"},
		"conv-decoder":     {"decode"},
		"rbm":              {"encode", "decode", "reconstruct", "sample", "score"},
		"vae":              {"encode", "decode", "reconstruct", "sample", "score"},
		"conditional":      {"encode", "decode", "reconstruct", "sample", "score"},
		"pixel":            {"sample", "score"},
		"pixel, labels":    {"sample", "score"},
		"pretrain-dbn":     {"encode", "decode", "reconstruct", "sample", "classify"},
		"pretrain-stack":   {"encode", "decode", "reconstruct"},
		"pretrain-network": {"classify"},
		"regressor":        {"predict"},
	}
	for kind, m := range everyKind(t) {
		if got := m.offers(); !slices.Equal(got, offered[kind]) {
			t.Errorf("%s offers %v, expected %v", kind, got, offered[kind])
		}
		url, _, _ := start(t, m, quick())
		for _, name := range names {
			op, ok := m.ops[name]
			switch {
			case !ok:
				if r := send(t, "POST", url+"/"+name, jsonType, nil); r.status != http.StatusNotFound || !strings.Contains(string(r.body), m.offers()[0]) {
					t.Errorf("%s: /%s is not offered: %d %s", kind, name, r.status, r.body)
				}
			case op.takes == "":
				got := fields(t, send(t, "GET", url+"/"+name+"?n=70&seed=5", "", nil))
				want, err := op.draw(t.Context(), graph.NewKey(5), 70, op.steps, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i, field := range op.gives {
					near(t, kind+" "+name+" "+field, got[field], want[i])
				}
			default:
				x := unit(70, product(m.row(op.takes)))
				path, labels := "/"+name, []int(nil)
				if op.labelled {
					path, labels = path+"?label=1", slices.Repeat([]int{1}, 64)
				}
				got := fields(t, post(t, url+path, op.takes, x))
				if m.normalizer != nil {
					x = graph.Floats32(slices.Clone(x.F32), x.Shape...)
					for i := range x.F32 {
						x.F32[i] /= 2
					}
				}
				want := must[[]graph.Array](t)(op.apply(graph.NewKey(1).ForkN(0), x.Rows(0, 64), labels))
				for i, field := range op.gives {
					if n := len(got[field]); n != 70 {
						t.Fatalf("%s %s: %d rows of %s, expected 70", kind, name, n, field)
					}
					near(t, kind+" "+name+" "+field, got[field][:64], want[i])
				}
			}
		}
	}
}

// TestLayers sees the filters of convolutions among the units.
func TestLayers(t *testing.T) {
	kinds := everyKind(t)
	for name, want := range map[string]string{"ae": "24-7-2-7-24", "conv": "24-3-5-7-2-7-5-3-24", "conv-encoder": "24-3-5-7-2", "conv-decoder": "2-7-5-3-24"} {
		if got := layersText(kinds[name].layers); got != want {
			t.Errorf("%s has layers %s, expected %s", name, got, want)
		}
	}
}

// TestPipeline decodes codes, and encodes and scores samples, as they come.
func TestPipeline(t *testing.T) {
	url, _, _ := start(t, everyKind(t)["rbm"], quick())
	sample := send(t, "GET", url+"/sample?seed=1&n=3&steps=7", "", nil)
	encoded := send(t, "POST", url+"/encode", jsonType, sample.body)
	decoded := send(t, "POST", url+"/decode", jsonType, encoded.body)
	reconstructed := send(t, "POST", url+"/reconstruct", jsonType, sample.body)
	if a, b := fields(t, decoded), fields(t, reconstructed); len(a[examples]) != 3 || !slices.Equal(a[examples][2], b[examples][2]) {
		t.Errorf("decode of encode is %v, reconstruct %v", a, b)
	}
}

// TestSeeds checks that equal seeds give equal bytes, others do not, and that the seed is told.
func TestSeeds(t *testing.T) {
	url, _, _ := start(t, loaded(t, newVAE(t)), quick())
	for _, format := range []string{"json", "png"} {
		get := func(query string) reply { return send(t, "GET", url+"/sample?format="+format+query, "", nil) }
		one, again, other, free, next := get("&seed=7"), get("&seed=7"), get("&seed=8"), get(""), get("")
		if !bytes.Equal(one.body, again.body) || one.header.Get(seedHeader) != "7" {
			t.Errorf("%s: the same seed gave other samples, or seed %q is told", format, one.header.Get(seedHeader))
		}
		if bytes.Equal(one.body, other.body) || bytes.Equal(free.body, next.body) {
			t.Errorf("%s: other seeds gave the same samples", format)
		}
		if told := get("&seed=" + next.header.Get(seedHeader)); !bytes.Equal(told.body, next.body) {
			t.Errorf("%s: the seed that was told gives other samples", format)
		}
	}
	x := unit(2, 24)
	a, b := post(t, url+"/score", examples, x), post(t, url+"/score?seed=9", examples, x)
	if again := post(t, url+"/score", examples, x); !bytes.Equal(a.body, again.body) || bytes.Equal(a.body, b.body) || a.header.Get(seedHeader) != "1" {
		t.Errorf("scores are %s with the seed 1 or %s, %s with the seed 9", a.body, again.body, b.body)
	}
}

// TestNested sends examples in the form of images.
func TestNested(t *testing.T) {
	url, _, _ := start(t, loaded(t, newVAE(t)), quick())
	x := unit(2, 24)
	want := post(t, url+"/encode", examples, x)
	for _, shape := range [][]int{{2, 1, 4, 6}, {2, 4, 6}, {2, 4, 6, 1}} {
		if got := post(t, url+"/encode", examples, x.Reshape(shape...)); !bytes.Equal(got.body, want.body) {
			t.Errorf("shape %v: %s, expected %s", shape, got.body, want.body)
		}
	}
}

// TestNormalised sends data in its own units to a model that has seen it normalised.
func TestNormalised(t *testing.T) {
	plain, scaled := newAE(t, ae.Config{}), newAE(t, ae.Config{Normalizer: data.DivideBy(0.5)})
	url, _, _ := start(t, loaded(t, scaled), quick())
	x := unit(3, 24)
	double := graph.Floats32(slices.Clone(x.F32), x.Shape...)
	for i := range double.F32 {
		double.F32[i] *= 2
	}
	near(t, "codes", fields(t, post(t, url+"/encode", examples, x))[codes], must[graph.Array](t)(plain.Encode(double)))
	near(t, "scores", fields(t, post(t, url+"/score", examples, x))["scores"], must[graph.Array](t)(plain.Score(double)))
	want := must[graph.Array](t)(plain.Reconstruct(double))
	for i := range want.F32 {
		want.F32[i] /= 2
	}
	near(t, "reconstructions", fields(t, post(t, url+"/reconstruct", examples, x))[examples], want)

	v := must[*vae.Model](t)(vae.New(vae.Config{Shape: []int{24}, Latent: 2, Likelihood: vae.Gaussian, Normalizer: data.DivideBy(0.5)}))
	url, _, _ = start(t, loaded(t, v), quick())
	want = must[graph.Array](t)(v.Sample(graph.NewKey(5), 3))
	for i := range want.F32 {
		want.F32[i] /= 2
	}
	near(t, "samples", fields(t, send(t, "GET", url+"/sample?n=3&seed=5", "", nil))[examples], want)
	mean, _, err := v.Encode(double)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "means", fields(t, post(t, url+"/encode", examples, x))[codes], mean)

	r := must[*rbm.Model](t)(rbm.New(rbm.Config{Visible: 24, Hidden: 2, Steps: 1, VisibleUnits: rbm.Gaussian, Normalizer: data.DivideBy(0.5)}))
	url, _, _ = start(t, loaded(t, r), quick())
	near(t, "features", fields(t, post(t, url+"/encode", examples, x))[codes], must[graph.Array](t)(r.Transform(double)))
}

// TestLabels samples and decodes by labels.
func TestLabels(t *testing.T) {
	kinds := everyKind(t)
	url, _, _ := start(t, kinds["conditional"], quick())
	column := func(r reply) (labels []float64) {
		for _, row := range fields(t, r)[labelsName] {
			labels = append(labels, row...)
		}
		return labels
	}
	turn, two := send(t, "GET", url+"/sample?n=5&seed=1", "", nil), send(t, "GET", url+"/sample?n=2&seed=1&label=2", "", nil)
	if a, b := column(turn), column(two); !slices.Equal(a, []float64{0, 1, 2, 0, 1}) || !slices.Equal(b, []float64{2, 2}) {
		t.Errorf("labels of samples are %v and %v", a, b)
	}
	// A sample with its labels can be sent as it is; each row has its own.
	all := fields(t, send(t, "POST", url+"/encode", jsonType, turn.body))[codes]
	if len(all) != 5 {
		t.Fatalf("%d codes of 5 samples", len(all))
	}
	url, _, _ = start(t, kinds["pretrain-dbn"], quick())
	if r := column(send(t, "GET", url+"/sample?n=3&seed=1&label=1&steps=2", "", nil)); !slices.Equal(r, []float64{1, 1, 1}) {
		t.Errorf("samples of the label 1 have %v", r)
	}
	if r := send(t, "GET", url+"/sample?label=7", "", nil); r.status != http.StatusUnprocessableEntity {
		t.Errorf("label 7 of 3: %d %s", r.status, r.body)
	}
}

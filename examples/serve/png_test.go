package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
)

// grey is a PNG of grey levels.
func grey(t testing.TB, y, x int, levels ...uint8) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, &image.Gray{Pix: levels, Stride: x, Rect: image.Rect(0, 0, x, y)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheet reads a picture that the server has made.
func sheet(t testing.TB, r reply) image.Image {
	t.Helper()
	if r.status != http.StatusOK || r.header.Get("Content-Type") != pngType {
		t.Fatalf("status %d, %s: %.300s", r.status, r.header.Get("Content-Type"), r.body)
	}
	return must[image.Image](t)(png.Decode(bytes.NewReader(r.body)))
}

func TestPNGIn(t *testing.T) {
	levels := make([]uint8, 24)
	x := graph.Floats32(make([]float32, 24), 1, 24)
	for i := range levels {
		levels[i] = uint8(10 * i)
		x.F32[i] = float32(10*i) / 255
	}
	body := grey(t, 4, 6, levels...)
	url, _, _ := start(t, loaded(t, newVAE(t)), quick())
	m := loaded(t, newVAE(t))
	for _, name := range []string{"encode", "reconstruct", "score"} {
		got, want := fields(t, send(t, "POST", url+"/"+name, pngType, body)), must[[]graph.Array](t)(m.ops[name].apply(graph.NewKey(1).ForkN(0), x, nil))
		for i, field := range m.ops[name].gives {
			near(t, name, got[field], want[i])
		}
	}
	// A picture of another size, all of one level, keeps it.
	flat := bytes.Repeat([]uint8{51}, 35)
	got := send(t, "POST", url+"/encode?resize=true", pngType, grey(t, 5, 7, flat...))
	for i := range x.F32 {
		x.F32[i] = 0.2
	}
	near(t, "resized", fields(t, got)[codes], must[[]graph.Array](t)(m.ops["encode"].apply(graph.Key{}, x, nil))[0])
}

func TestPNGOut(t *testing.T) {
	m := loaded(t, newAE(t, ae.Config{}))
	m.ops["reconstruct"] = mapping(examples, examples, func(x graph.Array) (graph.Array, error) {
		y := graph.Floats32(make([]float32, x.Len()), x.Shape...)
		for i := range y.F32 {
			y.F32[i] = 1 - x.F32[i]
		}
		return y, nil
	})
	url, _, _ := start(t, m, quick())
	x := graph.Floats32(make([]float32, 3*24), 3, 24) // the first black, the others white
	for i := 24; i < 72; i++ {
		x.F32[i] = 1
	}
	img := sheet(t, post(t, url+"/reconstruct?format=png", examples, x))
	black, white := 0, 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			switch color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y {
			case 0:
				black++
			case 255:
				white++
			}
		}
	}
	// Three of the six images are black, in columns as wide as each other.
	if one := black / 3; one < 24 || one%24 != 0 || black%3 != 0 || white < black {
		t.Errorf("%d black and %d white pixels, expected three black images of 4 x 6", black, white)
	}
	if img := sheet(t, post(t, url+"/decode?format=png", codes, unit(5, 2))); img.Bounds().Empty() {
		t.Error("the picture of decoded codes is empty")
	}
}

func TestWhite(t *testing.T) {
	s := &server{model: loaded(t, newVAE(t)), white: 255}
	x := must[graph.Array](t)(s.decodePNG(grey(t, 4, 6, bytes.Repeat([]uint8{51}, 24)...), false))
	if v := x.At(3); v < 50.99 || v > 51.01 {
		t.Errorf("a level of 51 is read as %g", v)
	}
	if v := s.pixels(x).At(3); v < 0.1999 || v > 0.2001 {
		t.Errorf("it is drawn as %g, expected 0.2", v)
	}
}

func TestReshape(t *testing.T) {
	for flag, want := range map[string]int{"": 3, "2x8": 2, "1x4x4": 3} {
		m := &model{shape: []int{16}}
		if err := m.reshape(flag); err != nil || len(m.shape) != want || m.size() != 16 {
			t.Errorf("-shape %q: %v (%v)", flag, m.shape, err)
		}
	}
	for _, flag := range []string{"3x5", "4", "x", "-4x-4", "4x4x0", "ab"} {
		m := &model{shape: []int{16}}
		if err := m.reshape(flag); err == nil && len(m.shape) != 1 {
			t.Errorf("-shape %q made %v", flag, m.shape)
		}
	}
	table := &model{shape: []int{9}}
	if err := table.reshape(""); err != nil || len(table.shape) != 1 {
		t.Errorf("nine numbers became %v (%v)", table.shape, err)
	}
}

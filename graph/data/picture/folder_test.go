package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// put writes files, by path below a new folder, which it returns.
func put(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for path, content := range files {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// encode is an image as a PNG file.
func encode(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// grey is a PNG of two rows and three columns.
func grey(t *testing.T, values ...uint8) []byte {
	t.Helper()
	return encode(t, &image.Gray{Pix: values, Stride: 3, Rect: image.Rect(0, 0, 3, 2)})
}

func TestLoadLabels(t *testing.T) {
	dir := put(t, map[string][]byte{
		"b/2.png":       grey(t, 51, 51, 51, 51, 51, 51),
		"b/1.PNG":       grey(t, 0, 51, 102, 153, 204, 255),
		"a/c/x.png":     grey(t, 255, 255, 255, 255, 255, 255),
		"a/notes.txt":   []byte("no image"),
		".git/3.png":    []byte("hidden"),
		"b/.hidden.png": []byte("hidden"),
	})
	s, err := Load(dir, Config{Gray: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.X.Shape, []int{3, 1, 2, 3}) || !slices.Equal(s.Classes, []string{"a/c", "b"}) || !slices.Equal(s.Y.Int, []int{0, 1, 1}) {
		t.Errorf("shape %v, classes %q, labels %v", s.X.Shape, s.Classes, s.Y.Int)
	}
	want := []float32{1, 1, 1, 1, 1, 1, 0, 0.2, 0.4, 0.6, 0.8, 1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2}
	for i, v := range s.X.F32 {
		if math.Abs(float64(v-want[i])) > 1e-6 {
			t.Fatalf("pixels %v, want %v", s.X.F32, want)
		}
	}
}

func TestLoadColour(t *testing.T) {
	m := image.NewNRGBA(image.Rect(5, 5, 7, 6)) // does not start at 0
	m.SetNRGBA(5, 5, color.NRGBA{255, 102, 0, 255})
	m.SetNRGBA(6, 5, color.NRGBA{255, 255, 255, 51}) // a fifth of white over black
	dir := put(t, map[string][]byte{"x.png": encode(t, m)})
	s, err := Load(dir, Config{})
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, 0.2, 0.4, 0.2, 0, 0.2}
	for i, v := range s.X.F32 {
		if math.Abs(float64(v-want[i])) > 1e-4 {
			t.Fatalf("pixels %v, want %v", s.X.F32, want)
		}
	}
	if !slices.Equal(s.X.Shape, []int{1, 3, 1, 2}) || !s.Y.IsZero() || s.Classes != nil {
		t.Errorf("shape %v, labels %v, classes %v", s.X.Shape, s.Y, s.Classes)
	}
	if s, err = Load(dir, Config{Gray: true}); err != nil || math.Abs(float64(s.X.F32[0])-(0.299+0.4*0.587)) > 1e-4 {
		t.Errorf("luminance %v, %v", s, err)
	}
}

func TestLoadFormats(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 16, 8), color.Palette{color.Gray{102}, color.Gray{204}})
	var g, j bytes.Buffer
	if err := gif.Encode(&g, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, m, nil); err != nil {
		t.Fatal(err)
	}
	s, err := Load(put(t, map[string][]byte{"1.gif": g.Bytes(), "2.jpg": j.Bytes(), "3.jpeg": j.Bytes(), "4.png": encode(t, m)}), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.X.Shape, []int{4, 3, 8, 16}) {
		t.Errorf("shape %v", s.X.Shape)
	}
	for i, v := range s.X.F32 {
		if math.Abs(float64(v)-0.4) > 0.01 {
			t.Fatalf("element %d is %v, want 0.4", i, v)
		}
	}
}

func TestLoadResizes(t *testing.T) {
	// Fine stripes of 0 and 1 must become their mean, not one of them; a flat image stays flat.
	stripes := image.NewGray(image.Rect(0, 0, 64, 64))
	flat := image.NewGray(image.Rect(0, 0, 5, 3))
	for i := range stripes.Pix {
		stripes.Pix[i] = uint8(255 * (i % 2))
	}
	for i := range flat.Pix {
		flat.Pix[i] = 51
	}
	s, err := Load(put(t, map[string][]byte{"1.png": encode(t, stripes), "2.png": encode(t, flat)}), Config{Gray: true, Height: 4, Width: 8})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.X.Shape, []int{2, 1, 4, 8}) {
		t.Errorf("shape %v", s.X.Shape)
	}
	for i, v := range s.X.F32 {
		if want := []float64{0.5, 0.2}[i/32]; math.Abs(float64(v)-want) > 0.04 {
			t.Errorf("element %d is %v, want %v", i, v, want)
		}
	}
}

// hugePNG claims 2^32 pixels.
func hugePNG() []byte {
	head := []byte("IHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x00\x00\x00\x00")
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head))
}

func TestDecode(t *testing.T) {
	png := grey(t, 0, 51, 102, 153, 204, 255)
	for _, c := range []struct {
		cfg   Config
		shape []int
		first []float32
	}{
		{Config{Gray: true}, []int{1, 1, 2, 3}, []float32{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{Config{}, []int{1, 3, 2, 3}, []float32{0, 0.2, 0.4, 0.6, 0.8, 1, 0, 0.2}},
		{Config{Height: 1, Width: 1, Gray: true}, []int{1, 1, 1, 1}, []float32{0.5}},
	} {
		x, err := Decode(bytes.NewReader(png), c.cfg)
		if err != nil || !slices.Equal(x.Shape, c.shape) {
			t.Fatalf("%+v: shape %v (%v), want %v", c.cfg, x.Shape, err, c.shape)
		}
		for i, want := range c.first {
			if math.Abs(float64(x.F32[i]-want)) > 1e-5 {
				t.Errorf("%+v: value %d is %g, want %g", c.cfg, i, x.F32[i], want)
			}
		}
	}
	for name, c := range map[string]struct {
		file []byte
		cfg  Config
		want error
	}{
		"no image":  {[]byte("hello"), Config{}, data.ErrFormat},
		"cut":       {png[:len(png)-20], Config{}, data.ErrFormat},
		"too large": {png, Config{MaxPixels: 5}, data.ErrFormat},
		"size":      {png, Config{Height: 3}, data.ErrConfig},
	} {
		if _, err := Decode(bytes.NewReader(c.file), c.cfg); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	good := grey(t, 1, 2, 3, 4, 5, 6)
	big := encode(t, image.NewGray(image.Rect(0, 0, 10, 11)))
	for _, c := range []struct {
		name  string
		files map[string][]byte
		cfg   Config
		want  error
		say   string
	}{
		{"no image", map[string][]byte{"1.png": good, "2.png": []byte("text")}, Config{}, data.ErrFormat, "2.png"},
		{"cut", map[string][]byte{"a/1.png": good, "a/2.png": good[:len(good)-20]}, Config{}, data.ErrFormat, "2.png"},
		{"empty file", map[string][]byte{"1.jpg": nil}, Config{}, data.ErrFormat, "1.jpg"},
		{"huge", map[string][]byte{"1.png": hugePNG()}, Config{}, data.ErrFormat, "65536 x 65536 pixels"},
		{"too many pixels", map[string][]byte{"1.png": big}, Config{MaxPixels: 109}, data.ErrFormat, "11 x 10 pixels, expected 1 to 109"},
		{"sizes", map[string][]byte{"1.png": good, "2.png": big}, Config{}, graph.ErrShape, "11 x 10 pixels, the first image 2 x 3"},
		{"no images", map[string][]byte{"1.txt": nil}, Config{}, data.ErrEmpty, "no .png"},
		{"some in folders", map[string][]byte{"a/1.png": good, "2.png": good}, Config{}, data.ErrLabel, "2.png"},
		{"one side", map[string][]byte{"1.png": good}, Config{Height: 3}, data.ErrConfig, "3 x 0"},
		{"negative", map[string][]byte{"1.png": good}, Config{Height: -3, Width: 3}, data.ErrConfig, "-3 x 3"},
		{"pixels", map[string][]byte{"1.png": good}, Config{MaxPixels: -1}, data.ErrConfig, "-1 pixels"},
	} {
		if _, err := Load(put(t, c.files), c.cfg); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: error %v, want %v that says %q", c.name, err, c.want, c.say)
		}
	}
	if _, err := Load(put(t, map[string][]byte{"1.png": big}), Config{MaxPixels: 110}); err != nil {
		t.Errorf("as many pixels as allowed: %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "absent"), Config{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent folder: %v", err)
	}
}

package audio

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Parts of WAV files, written out by hand from the format's description.
const (
	linear     = "fmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00" // one channel, 8000 a second
	stereo     = "fmt \x10\x00\x00\x00\x01\x00\x02\x00\x44\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00" // two, 44100
	extensible = "fmt \x28\x00\x00\x00\xfe\xff\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00\x16\x00\x10\x00\x04\x00\x00\x00" +
		"\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	list    = "LIST\x03\x00\x00\x00abc\x00" // of odd length, with its padding
	samples = "data\x06\x00\x00\x00\x00\x00\x00\x40\x00\x80"
)

func file(chunks ...string) []byte {
	return []byte("RIFF\x00\x00\x00\x00WAVE" + strings.Join(chunks, ""))
}

func TestDecodeWAV(t *testing.T) {
	for name, c := range map[string]struct {
		content []byte
		rate    int
		want    []float32
	}{
		"plain":       {file(linear, samples), 8000, []float32{0, 0.5, -1}},
		"other parts": {file(list, linear, list, samples, list), 8000, []float32{0, 0.5, -1}},
		"extensible":  {file(extensible, samples), 8000, []float32{0, 0.5, -1}},
		"two become their mean": {file(stereo, "data\x08\x00\x00\x00\x00\x40\x00\x00\x00\x80\x00\x80"), 44100,
			[]float32{0.25, -1}},
	} {
		w, err := DecodeWAV(bytes.NewReader(c.content))
		if err != nil || w.Rate != c.rate || !slices.Equal(w.Samples, c.want) {
			t.Errorf("%s: %v, %v", name, w, err)
		}
	}
	if w, err := DecodeWAV(bytes.NewReader(file(linear, samples))); err != nil || w.Seconds() != 3.0/8000 {
		t.Error(w.Seconds(), err)
	}
}

func TestDecodeWAVErrors(t *testing.T) {
	change := func(at int, with string) []byte { // of the format
		b := file(linear, samples)
		copy(b[20+at:], with)
		return b
	}
	for name, c := range map[string]struct {
		content []byte
		want    error
		say     string
	}{
		"empty":         {nil, data.ErrFormat, "ends before"},
		"no RIFF":       {append([]byte("RIFX"), file(linear, samples)[4:]...), data.ErrFormat, "RIFX"},
		"no WAVE":       {[]byte("RIFF\x00\x00\x00\x00AVI abcd"), data.ErrFormat, "AVI"},
		"no samples":    {file(linear), data.ErrFormat, "ends before"},
		"no format":     {file(samples), data.ErrFormat, "out of place"},
		"two formats":   {file(linear, linear, samples), data.ErrFormat, "out of place"},
		"cut chunk":     {file("LIST\xff\xff\xff\xffabc"), data.ErrFormat, "within a chunk"},
		"short format":  {file("fmt \x0e\x00\x00\x00abcdefghijklmn"), data.ErrFormat, "14 bytes"},
		"cut format":    {file(linear[:20]), data.ErrFormat, "ends before"},
		"long format":   {file("fmt \xff\xff\xff\xff" + linear[8:]), data.ErrFormat, "ends before"},
		"compressed":    {change(0, "\x07"), data.ErrFormat, "format 7"},
		"8 bits":        {change(14, "\x08"), data.ErrFormat, "8 bits"},
		"no channel":    {change(2, "\x00"), data.ErrFormat, "of 0 channels"},
		"rate 0":        {change(4, "\x00\x00"), data.ErrFormat, "0 samples a second"},
		"rate":          {change(4, "\xff\xff\xff\xff"), data.ErrFormat, "samples a second"},
		"blocks":        {change(12, "\x00"), data.ErrFormat, "blocks of 0 bytes"},
		"no data":       {file(linear, "data\x00\x00\x00\x00"), data.ErrEmpty, "no samples"},
		"half a sample": {file(linear, "data\x03\x00\x00\x00abc"), data.ErrFormat, "3 bytes"},
		"cut":           {file(linear, "data\x08\x00\x00\x00abcdef"), data.ErrFormat, "says 8 bytes of samples but only 6"},
	} {
		_, err := DecodeWAV(bytes.NewReader(c.content))
		wantError(t, name, err, c.want, c.say)
	}
}

// A header that claims gigabytes must not cost memory.
func TestDecodeWAVHuge(t *testing.T) {
	for name, content := range map[string][]byte{
		"samples": file(linear, "data\xfe\xff\xff\xffabcd"),
		"format":  file("fmt \xfe\xff\xff\xff" + linear[8:] + samples),
		"chunk":   file("LIST\xfe\xff\xff\xff"),
	} {
		var err error
		used := allocated(func() { _, err = DecodeWAV(bytes.NewReader(content)) })
		wantError(t, name, err, data.ErrFormat, "")
		if used > 1<<17 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(content))
		}
	}
}

func FuzzDecodeWAV(f *testing.F) {
	for _, seed := range [][]byte{file(linear, samples), file(list, stereo, samples), file(extensible, list, samples), file(linear, "data\xfe\xff\xff\xffabcd")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var w Wave
		var err error
		used := allocated(func() { w, err = DecodeWAV(bytes.NewReader(content)) })
		if used > 1<<19+16*uint64(len(content)) {
			t.Errorf("%d bytes allocated for a file of %d", used, len(content))
		}
		if err != nil {
			return
		}
		if len(w.Samples) == 0 || w.Rate < 1 {
			t.Errorf("accepted %d samples at a rate of %d", len(w.Samples), w.Rate)
		}
		for _, v := range w.Samples {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("accepted a sample of %v", v)
			}
		}
	})
}

// TestRoundTrip writes every 16-bit sample and reads it back.
func TestRoundTrip(t *testing.T) {
	w := Wave{Rate: 16000, Samples: make([]float32, 1<<16)}
	for i := range w.Samples {
		w.Samples[i] = float32(i-1<<15) / (1 << 15)
	}
	path := filepath.Join(t.TempDir(), "a.wav")
	if err := WriteWAV(path, w); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 44+2<<16 {
		t.Error(info, err)
	}
	got, err := ReadWAV(path)
	if err != nil || got.Rate != w.Rate || !slices.Equal(got.Samples, w.Samples) {
		t.Errorf("%d samples at a rate of %d came back, %v", len(got.Samples), got.Rate, err)
	}
	head, err := os.ReadFile(path)
	if err != nil || string(head[12:36]) != strings.Replace(linear, "\x40\x1f\x00\x00\x80\x3e\x00\x00", "\x80\x3e\x00\x00\x00\x7d\x00\x00", 1) {
		t.Errorf("format %q, %v", head[12:36], err)
	}
}

func TestEncodeWAV(t *testing.T) {
	var b bytes.Buffer
	if err := EncodeWAV(&b, Wave{8000, []float32{2, -2, 1, -1, 0.25 / (1 << 15)}}); err != nil {
		t.Fatal(err)
	}
	w, err := DecodeWAV(&b)
	top := float32(math.MaxInt16) / (1 << 15)
	if err != nil || !slices.Equal(w.Samples, []float32{top, -1, top, -1, 0}) {
		t.Errorf("clipped to %v, %v", w.Samples, err)
	}
	wantError(t, "rate", EncodeWAV(&b, Wave{0, []float32{1}}), data.ErrConfig, "rate of 0")
	nan := float32(math.NaN())
	wantError(t, "NaN", EncodeWAV(&b, Wave{8000, []float32{nan}}), graph.ErrNotFinite, "")
	path := filepath.Join(t.TempDir(), "a.wav")
	wantError(t, "NaN", WriteWAV(path, Wave{8000, []float32{nan}}), graph.ErrNotFinite, path)
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a file was left behind: %v", err)
	}
	_, err = ReadWAV(path)
	wantError(t, "absent", err, os.ErrNotExist, path)
}

package show_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
)

func TestLines(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("ä\n\nb c"))
	z.Close()
	path := filepath.Join(t.TempDir(), "text")
	read := func(text string) ([]string, error) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return show.Lines(path)
	}
	for text, want := range map[string][]string{
		"":              nil,
		"a\r\n\r\nb\n":  {"a", "b"},
		" \tx":          {" \tx"},
		packed.String(): {"ä", "b c"},
	} {
		if got, err := read(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"a\n\xff":                             "line 2",
		packed.String()[:packed.Len()-9]:      "EOF",
		"\x1f\x8bx":                           "gzip",
		"a\n" + strings.Repeat("b", 1<<20+10): "after 1 lines",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.10q: %v, expected an error about %q", text, err, want)
		}
	}
	if _, err := show.Lines(path + "absent"); !os.IsNotExist(err) && err == nil {
		t.Error("an absent file is read")
	}
}

package text

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph/data"
)

func TestRead(t *testing.T) {
	const text = "Häuser\nund Bäume\n"
	packed := pack(t, text)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, content := range map[string]string{"plain.txt": text, "packed.txt.gz": packed, "named otherwise": packed} {
		if got, err := Read(write(name, content)); err != nil || got != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := Decompress(packed); err != nil || got != text {
		t.Errorf("%q, %v", got, err)
	}
	_, err := Read(filepath.Join(dir, "absent"))
	wantError(t, "absent", err, os.ErrNotExist, "absent")
	_, err = Read(write("empty", ""))
	wantError(t, "empty", err, data.ErrEmpty, "empty")
	_, err = Read(write("nothing.gz", pack(t, "")))
	wantError(t, "nothing compressed", err, data.ErrEmpty, "no text")
	_, err = Read(write("latin1", "Haus\nB\xe4ume"))
	wantError(t, "Latin-1", err, data.ErrFormat, "line 2: byte 6, 0xe4")
	_, err = Read(dir)
	if err == nil {
		t.Error("a folder is read")
	}
	for cut := 2; cut < len(packed); cut++ {
		_, err := Read(write("short.gz", packed[:cut]))
		wantError(t, "cut", err, data.ErrFormat, "compressed")
	}
	damaged := []byte(packed)
	damaged[len(damaged)-6] ^= 1 // of the checksum
	_, err = Read(write("damaged.gz", string(damaged)))
	wantError(t, "damaged", err, data.ErrFormat, "checksum")
}

func TestReadLimit(t *testing.T) {
	for _, content := range []string{strings.Repeat("a", 100), pack(t, strings.Repeat("a", 100))} {
		if text, err := read(strings.NewReader(content), 100); err != nil || len(text) != 100 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		_, err := read(strings.NewReader(content), 99)
		wantError(t, "long", err, data.ErrFormat, "more than 99 bytes")
	}
}

func pack(t *testing.T, text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

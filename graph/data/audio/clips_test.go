package audio

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/latent-go/latent/graph/data"
)

// entry is a file of an archive.
type entry struct {
	name    string
	content []byte
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.content)), Mode: 0o600, Typeflag: tar.TypeReg}
		if e.content == nil {
			h.Typeflag, h.Linkname = tar.TypeSymlink, "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pack(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLoad(t *testing.T) {
	good, other := file(linear, samples), file(linear, "data\x02\x00\x00\x00\x00\x20")
	archived := archive(t, entry{"b/2.wav", other}, entry{"a/1.WAV", good}, entry{"a/notes.txt", []byte("no sound")},
		entry{"a/._1.wav", []byte("hidden")}, entry{"link.wav", nil})
	folder := put(t, map[string][]byte{
		"b/2.wav": other, "a/1.WAV": good, "a/notes.txt": nil, ".git/x.wav": nil, "a/.hidden.wav": nil,
	})
	files := put(t, map[string][]byte{"x.tar": archived, "x.tar.gz": pack(t, archived), "one.wav": good})
	for _, path := range []string{folder, filepath.Join(files, "x.tar"), filepath.Join(files, "x.tar.gz")} {
		clips, err := Load(path)
		if err != nil || len(clips) != 2 || clips[0].Name != "a/1.WAV" || clips[1].Name != "b/2.wav" ||
			len(clips[0].Samples) != 3 || clips[1].Samples[0] != 0.25 || clips[1].Rate != 8000 {
			t.Errorf("%s: %v, %v", path, clips, err)
		}
	}
	if clips, err := Load(filepath.Join(files, "one.wav")); err != nil || len(clips) != 1 || clips[0].Name != "one.wav" {
		t.Error(clips, err)
	}
}

func TestLoadErrors(t *testing.T) {
	good := file(linear, samples)
	archived := archive(t, entry{"a.wav", good})
	packed := pack(t, archived)
	broken := bytes.Clone(packed)
	broken[len(broken)-6] ^= 1 // in the checksum
	dir := put(t, map[string][]byte{
		"none/x.txt": nil, "bad/x.wav": good[:30], "rates/1.wav": good, "rates/2.wav": file(stereo, "data\x04\x00\x00\x00abcd"),
		"twice.tar": archive(t, entry{"a.wav", good}, entry{"./a.wav", good}), "cut.tar": archived[:540], "cut.tgz": packed[:len(packed)-12],
		"broken.tgz": broken, "text": []byte("hello, this is no archive"), "head.tgz": packed[:5], "empty": nil,
		"inside.tar": archive(t, entry{"a.wav", good}, entry{"b.wav", good[:40]}),
	})
	for name, c := range map[string]struct {
		want error
		say  string
	}{
		"none":       {data.ErrEmpty, "no .wav"},
		"empty":      {data.ErrEmpty, "no .wav"},
		"bad":        {data.ErrFormat, `"x.wav"`},
		"rates":      {data.ErrFormat, `"1.wav" has 8000 samples a second, "2.wav" 44100`},
		"twice.tar":  {data.ErrFormat, "two clips"},
		"inside.tar": {data.ErrFormat, `"b.wav"`},
		"cut.tar":    {data.ErrFormat, "ends before its samples"},
		"cut.tgz":    {data.ErrFormat, "damaged archive"},
		"head.tgz":   {data.ErrFormat, "damaged archive"},
		"broken.tgz": {data.ErrFormat, "damaged archive"},
		"text":       {data.ErrFormat, "damaged archive"},
		"absent":     {os.ErrNotExist, "absent"},
	} {
		_, err := Load(filepath.Join(dir, name))
		wantError(t, name, err, c.want, c.say)
		wantError(t, name, err, c.want, name)
	}
}

// TestLoadLimit bounds what is read: of folders, of archives, of what compresses well, and of sparse files,
// whose zeros are not even in the archive.
func TestLoadLimit(t *testing.T) {
	long := file(linear, "data\x00\x00\x10\x00"+string(make([]byte, 1<<20)))
	sparse := sparseArchive(t, long[:44], 44+1<<20)
	dir := put(t, map[string][]byte{
		"folder/1.wav": long, "folder/2.wav": long, "two.tgz": pack(t, archive(t, entry{"1.wav", long}, entry{"2.wav", long})),
		"other.tgz":   pack(t, archive(t, entry{"1.txt", long}, entry{"2.txt", long})),
		"sparse.tar":  sparse,
		"one/one.wav": long,
	})
	for _, name := range []string{"folder", "two.tgz", "other.tgz"} {
		_, err := load(filepath.Join(dir, name), 1<<21)
		wantError(t, name, err, data.ErrFormat, "too large")
	}
	if clips, err := load(filepath.Join(dir, "sparse.tar"), 1<<21); err != nil || len(clips) != 1 || len(clips[0].Samples) != 1<<19 {
		t.Errorf("a sparse file: %v", err)
	}
	_, err := load(filepath.Join(dir, "sparse.tar"), 1<<19)
	wantError(t, "sparse", err, data.ErrFormat, "too large")
	if _, err := load(filepath.Join(dir, "one"), 1<<21); err != nil {
		t.Errorf("within the limit: %v", err)
	}
}

// sparseArchive holds "s.wav" of a size, of which only the head is stored (GNU format 1.0).
func sparseArchive(t *testing.T, head []byte, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	// The map of what is stored comes first, in blocks of 512: one piece, from 0 on.
	content := make([]byte, 1024)
	copy(content, "1\n0\n44\n")
	copy(content[512:], head)
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: "GNUSparseFile.0/s.wav", Size: 512 + 44, Mode: 0o600, Typeflag: tar.TypeReg, Format: tar.FormatPAX,
		PAXRecords: map[string]string{"LATENT.sparse.major": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content[:512+44]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// archive/tar does not write such headers: take the place of the record by those of the format.
	return replaceRecords(t, b.Bytes(), paxRecords("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.name", "s.wav", "GNU.sparse.realsize", itoa(size)))
}

func FuzzLoad(f *testing.F) {
	good := file(linear, samples)
	archived := archive(f, entry{"a.wav", good}, entry{"b.wav", file(stereo, "data\x04\x00\x00\x00abcd")})
	for _, seed := range [][]byte{archived, archived[:700], pack(f, archived), good} {
		f.Add(seed)
	}
	path := filepath.Join(f.TempDir(), "x.tar.gz")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		clips, err := load(path, 1<<16)
		if err == nil && len(clips) == 0 {
			t.Error("accepted nothing")
		}
	})
}

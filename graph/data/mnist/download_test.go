package mnist

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/errors"
)

// small makes four files of a few digits, the table that Load would have of them, and their
// content by name with .gz.
func small(t *testing.T) ([]file, map[string][]byte) {
	t.Helper()
	content := map[string][]byte{}
	var files []file
	for _, name := range []string{trainImages, trainLabels, testImages, testLabels} {
		n := 3
		if strings.HasPrefix(name, "t10k") {
			n = 2
		}
		raw := []byte{0, 0, 8, 1}
		dims, row := []int{n}, 1
		if strings.Contains(name, "images") {
			raw[3], dims, row = 3, []int{n, Side, Side}, Side*Side
		}
		for _, d := range dims {
			raw = binary.BigEndian.AppendUint32(raw, uint32(d))
		}
		noise := uint32(1)
		for range n * row {
			noise = noise*1664525 + 1013904223
			raw = append(raw, byte(noise>>24%10))
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(raw)
		w.Close()
		content[name+".gz"] = b.Bytes()
		sum := sha256.Sum256(b.Bytes())
		files = append(files, file{name, int64(b.Len()), hex.EncodeToString(sum[:])})
	}
	return files, content
}

// A server gives files, counts requests, and misbehaves as asked.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	content  map[string][]byte
	requests []string                                         // "name range"
	answer   func(http.ResponseWriter, *http.Request, string) // instead of the file, unless nil
}

func serve(t *testing.T, content map[string][]byte) *server {
	t.Helper()
	s := &server{content: content}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := filepath.Base(r.URL.Path)
		s.mu.Lock()
		s.requests = append(s.requests, strings.TrimSpace(name+" "+r.Header.Get("Range")))
		s.mu.Unlock()
		if s.answer != nil {
			s.answer(w, r, name)
			return
		}
		s.give(w, r, name)
	}))
	t.Cleanup(s.Close)
	return s
}

// give answers with a file or the range of it that is asked for.
func (s *server) give(w http.ResponseWriter, r *http.Request, name string) {
	body, ok := s.content[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	from := 0
	if asked := r.Header.Get("Range"); asked != "" {
		fmt.Sscanf(asked, "bytes=%d-", &from)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
		w.WriteHeader(http.StatusPartialContent)
	}
	w.Write(body[from:])
}

// cut answers with the first half of the content, and then ends the connection.
func (s *server) cut(w http.ResponseWriter, _ *http.Request, name string) {
	w.Header().Set("Content-Length", fmt.Sprint(len(s.content[name])))
	w.Write(s.content[name][:len(s.content[name])/2])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestDownload(t *testing.T) {
	files, content := small(t)
	s := serve(t, content)
	cache := filepath.Join(t.TempDir(), "new", "cache")
	last := map[string]int64{}
	opt := Options{Cache: cache, Mirrors: []string{s.URL + "/mnist/"}, Progress: func(name string, done, total int64) {
		if done <= last[name] || done > total || total != int64(len(content[name])) {
			t.Errorf("progress of %s: %d after %d, of %d", name, done, last[name], total)
		}
		last[name] = done
	}}
	if err := try(t, files, opt); err != nil {
		t.Fatal(err)
	}
	for name, body := range content {
		if got, err := os.ReadFile(filepath.Join(cache, name)); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%s in the cache: %v", name, err)
		}
		if last[name] != int64(len(body)) {
			t.Errorf("progress of %s ends at %d of %d", name, last[name], len(body))
		}
	}
	if strings.Contains(names(t, cache), "part") {
		t.Errorf("cache has %s", names(t, cache))
	}
	s.Close()
	if err := try(t, files, opt); err != nil {
		t.Errorf("from the cache: %v", err)
	}
}

func TestDownloadDamagedCache(t *testing.T) {
	files, content := small(t)
	s := serve(t, content)
	opt := Options{Cache: t.TempDir(), Mirrors: []string{s.URL}}
	if err := try(t, files, opt); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(opt.Cache, trainLabels+".gz")
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := try(t, files, opt); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, content[trainLabels+".gz"]) || len(s.requests) != 5 {
		t.Errorf("damaged file: %d bytes after requests %q", len(got), s.requests)
	}
}

func TestDownloadResumes(t *testing.T) {
	for _, ranges := range []bool{true, false} {
		files, content := small(t)
		s := serve(t, content)
		opt := Options{Cache: t.TempDir(), Mirrors: []string{s.URL}}
		s.answer = s.cut
		err := try(t, files, opt)
		if !errors.Is(err, ErrDownload) || !strings.Contains(err.Error(), "LATENT_DATA") {
			t.Errorf("interrupted: error %v", err)
		}
		part, err := os.ReadFile(filepath.Join(opt.Cache, trainImages+".gz.part"))
		if err != nil || len(part) == 0 || !bytes.HasPrefix(content[trainImages+".gz"], part) {
			t.Fatalf("after an interruption: %d bytes, %v", len(part), err)
		}
		s.answer = nil
		if !ranges { // a server that always gives the whole
			s.answer = func(w http.ResponseWriter, _ *http.Request, name string) { w.Write(s.content[name]) }
		}
		if err := try(t, files, opt); err != nil {
			t.Errorf("ranges %v: resumed: %v", ranges, err)
		}
		if want := fmt.Sprintf("%s.gz bytes=%d-", trainImages, len(part)); s.requests[1] != want {
			t.Errorf("resumed with the request %q, want %q", s.requests[1], want)
		}
	}
}

// An earlier part that is damaged must not make the download fail.
func TestDownloadDamagedPart(t *testing.T) {
	files, content := small(t)
	for _, part := range [][]byte{
		[]byte("damaged"),             // shorter: resumed, found wrong, begun anew
		make([]byte, files[0].size),   // as long as the file
		make([]byte, files[0].size+1), // longer
		content[files[0].name+".gz"],  // complete
		make([]byte, len(content[files[0].name+".gz"])-1),
	} {
		s := serve(t, content)
		opt := Options{Cache: t.TempDir(), Mirrors: []string{s.URL}}
		if err := os.WriteFile(filepath.Join(opt.Cache, files[0].name+".gz.part"), part, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := try(t, files, opt); err != nil {
			t.Errorf("part of %d bytes: %v", len(part), err)
		}
	}
}

func TestDownloadRangeRefused(t *testing.T) {
	files, content := small(t)
	s := serve(t, content)
	opt := Options{Cache: t.TempDir(), Mirrors: []string{s.URL}}
	if err := os.WriteFile(filepath.Join(opt.Cache, files[0].name+".gz.part"), []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.answer = func(w http.ResponseWriter, r *http.Request, name string) {
		if r.Header.Get("Range") != "" {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		s.give(w, r, name)
	}
	if err := try(t, files, opt); err != nil {
		t.Error(err)
	}
}

func TestDownloadWrongContent(t *testing.T) {
	files, content := small(t)
	for _, wrong := range [][]byte{
		make([]byte, files[0].size),
		append(bytes.Clone(content[files[0].name+".gz"]), 0), // right, and one byte more
	} {
		s := serve(t, map[string][]byte{files[0].name + ".gz": wrong})
		opt := Options{Cache: t.TempDir(), Mirrors: []string{s.URL}}
		err := try(t, files, opt)
		if !errors.Is(err, ErrDownload) || !strings.Contains(err.Error(), files[0].sha256) {
			t.Errorf("error %v", err)
		}
		if left := names(t, opt.Cache); left != "" {
			t.Errorf("a wrong file was kept: %s", left)
		}
	}
}

func TestDownloadMirrors(t *testing.T) {
	files, content := small(t)
	none, wrong, good := serve(t, nil), serve(t, nil), serve(t, content)
	wrong.answer = func(w http.ResponseWriter, _ *http.Request, _ string) { w.Write([]byte("<html>not here</html>")) }
	opt := Options{Cache: t.TempDir(), Mirrors: []string{none.URL, wrong.URL}}
	err := try(t, files, opt)
	if !errors.Is(err, ErrDownload) || !strings.Contains(err.Error(), "404 Not Found") || !strings.Contains(err.Error(), none.URL) ||
		!strings.Contains(err.Error(), "ended after 21 of") {
		t.Errorf("error %v", err)
	}
	opt.Mirrors = append(opt.Mirrors, good.URL)
	if err := try(t, files, opt); err != nil {
		t.Error(err)
	}
}

func TestDownloadCancelled(t *testing.T) {
	files, content := small(t)
	s := serve(t, content)
	ctx, cancel := context.WithCancel(t.Context())
	s.answer = func(w http.ResponseWriter, r *http.Request, name string) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content[name])))
		w.Write(content[name][:10])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done() // the rest never comes
	}
	t.Setenv("LATENT_DATA", "")
	opt := Options{Cache: t.TempDir(), Mirrors: []string{s.URL, s.URL}}
	_, _, err := load(ctx, opt, files)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(s.requests) != 1 {
		t.Errorf("requests after the cancellation: %q", s.requests)
	}
	if _, err := os.Stat(filepath.Join(opt.Cache, trainImages+".gz")); err == nil {
		t.Error("an incomplete file got its final name")
	}
}

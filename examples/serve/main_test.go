package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/latent-go/latent/graph/ckpt"
)

// A printout is what the program prints, while it runs.
type printout struct {
	mu      sync.Mutex
	text    strings.Builder
	written chan struct{}
}

func (p *printout) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Write(b)
	if strings.Contains(string(b), "Ctrl-C") {
		close(p.written)
	}
	return len(b), nil
}

// TestCommands runs the program with every kind of model, and the commands that it prints.
func TestCommands(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not there")
	}
	kinds := everyKind(t)
	maps.Copy(kinds, textKinds(t))
	for kind, m := range kinds {
		s := newServer(m, 1, quick(), nil)
		url, _, _ := start(t, m, quick())
		lines := s.curl(url)
		if len(lines) < 2 || len(lines) > 3 {
			t.Errorf("%s: %d commands: %q", kind, len(lines), lines)
		}
		for _, line := range lines {
			tryCommand(t, line)
		}
	}
}

// tryCommand runs a command, which must print JSON or write a picture.
func tryCommand(t *testing.T, line string) {
	t.Helper()
	c := exec.Command("sh", "-c", line)
	c.Dir = t.TempDir()
	out, err := c.Output()
	if err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	pictures, _ := filepath.Glob(filepath.Join(c.Dir, "*.png"))
	if len(pictures) == 0 {
		var v map[string]any
		if err := json.Unmarshal(out, &v); err != nil || v["error"] != nil || len(v) == 0 {
			t.Errorf("%s\nprints %.300s", line, out)
		}
		return
	}
	body, err := os.ReadFile(pictures[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(body)); err != nil {
		t.Errorf("%s\nwrites no picture: %.300s", line, body)
	}
}

// TestRun runs the program without a model, and stops it.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	printed := &printout{written: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, printed, options{addr: "127.0.0.1:0", epochs: 1, white: 1, limits: quick()})
	}()
	select {
	case <-printed.written:
	case err := <-ended:
		t.Fatalf("run returned %v", err)
	}
	printed.mu.Lock()
	text := printed.text.String()
	printed.mu.Unlock()
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(text)
	if strings.Count(text, "  curl ") != 3 || url == "" {
		t.Fatalf("printed\n%s", text)
	}
	sheet(t, send(t, "GET", url+"/sample?format=png&n=4", "", nil))
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run returned %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	other, damaged, good := filepath.Join(dir, "other"), filepath.Join(dir, "damaged"), filepath.Join(dir, "good")
	f := ckpt.NewFile()
	f.Meta[ckpt.MetaKind] = "flow"
	if err := ckpt.Write(other, f); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, []byte("no model at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newVAE(t).Save(good); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(o *options){
		"nowhere":               func(o *options) { o.model = "nowhere" },
		`kind "flow", expected`: func(o *options) { o.model = other },
		"not a safetensors":     func(o *options) { o.model = damaged },
		"-shape":                func(o *options) { o.shape = "5x5" },
		"-white":                func(o *options) { o.white = 0 },
		"-addr":                 func(o *options) { o.addr = "127.0.0.1:99999" },
		"-running":              func(o *options) { o.limits.running = 0 },
	} {
		o := options{model: good, addr: "127.0.0.1:0", white: 1, limits: quick()}
		change(&o)
		if err := run(t.Context(), &bytes.Buffer{}, o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want an error about %s, got %v", says, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, &bytes.Buffer{}, options{addr: "127.0.0.1:0", epochs: 1, white: 1, limits: quick()}); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("an interrupted training gives %v", err)
	}
}

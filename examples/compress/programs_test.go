// Package compress holds nothing: its programs are train, sender and receiver.
package compress

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestPrograms builds the three programs and runs them as three people would: the sender has the encoder
// and no more, the receiver the decoder and the file of codes.
func TestPrograms(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not there")
	}
	bin := t.TempDir()
	run := func(dir, program string, args ...string) string {
		t.Helper()
		c := exec.Command(program, args...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run(".", "go", "build", "-o", bin+string(filepath.Separator), "./train", "./sender", "./receiver")
	carry := func(from, to, name string) {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	trainer, sender, receiver := t.TempDir(), t.TempDir(), t.TempDir()
	run(trainer, filepath.Join(bin, "train"), "-code", "4", "-epochs", "1", "-out", ".")
	carry(trainer, sender, "encoder.safetensors")
	sent := run(sender, filepath.Join(bin, "sender"), "-encoder", "encoder.safetensors", "-codes", "codes", "-bits", "8")
	carry(trainer, receiver, "decoder.safetensors")
	carry(sender, receiver, "codes")
	received := run(receiver, filepath.Join(bin, "receiver"), "-decoder", "decoder.safetensors", "-codes", "codes", "-original", "digits", "-out", ".")

	if size := number(t, sent, `file of codes +(\d+)`); size < 100 || size > 2000*4+200 {
		t.Errorf("2000 codes of 4 bytes before packing take %g bytes:\n%s", size, sent)
	}
	// The variance of the digits, 52.7, is the error of who always answers with the mean image.
	if e := number(t, received, `squared error per image: ([0-9.]+)`); !(e > 5 && e < 50) {
		t.Errorf("the squared error is %g, expected one that tells of the codes:\n%s", e, received)
	}
	for _, name := range []string{"reconstructions.idx", "reconstructions.png", "report.html"} {
		if info, err := os.Stat(filepath.Join(receiver, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func number(t *testing.T, text, pattern string) float64 {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in\n%s", pattern, text)
	}
	v, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

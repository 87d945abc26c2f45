package train

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/latent-go/latent/graph"
)

// killDir names the folder of the run that this binary carries out instead of the tests.
const killDir = "LATENT_TRAIN_KILL_DIR"

// killSteps is the length of that run.
const killSteps = 400

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		os.Exit(killedRun(dir))
	}
	os.Exit(m.Run())
}

func killConfig(dir string) Config {
	cfg := fullConfig(dir)
	cfg.Epochs, cfg.Steps = 0, killSteps
	cfg.EvalEvery = Interval{Steps: 5}
	return cfg
}

// killedRun trains and writes a byte to standard output after every step, which tells the parent
// where it is.
func killedRun(dir string) int {
	obj := newChain(nil)
	cfg := killConfig(dir)
	cfg.Hooks = []Hook{{OnStep: func(State) error {
		_, err := os.Stdout.Write([]byte{'.'})
		return err
	}}}
	if _, err := Run(context.Background(), obj, examples(15, 3), cfg); err != nil {
		os.Stderr.WriteString(err.Error())
		return 1
	}
	return 0
}

// TestKill kills a process without notice, again and again, at moments that fall into steps,
// evaluations and the writing of checkpoints, which is most of what it does.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, newChain(t), examples(15, 3), killConfig(dir))
	want := newest(t, dir)

	dir, kills := t.TempDir(), 5
	if os.Getenv("LATENT_LONG") != "" {
		kills = 20
	}
	draw := make([]float32, 2*kills)
	graph.Uniform(graph.NewKey(4), draw)
	killed := 0
	for i := range kills {
		steps := 1 + int(draw[2*i]*float32(killSteps)/float32(kills))
		spin := int(draw[2*i+1] * 2e6)
		if killAfter(t, dir, steps, spin) {
			killed++
		}
	}
	if killed < kills/2 {
		t.Errorf("only %d of %d processes were killed before their end", killed, kills)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killDir+"="+dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if newest(t, dir) != want {
		t.Errorf("after %d kills the run ends elsewhere", killed)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 2 {
		t.Errorf("the folder holds %v, want 2 checkpoints (%v)", list, err)
	}
}

// killAfter starts the run and kills it some time after that many steps. It reports whether the
// run had not ended by then.
func killAfter(t *testing.T, dir string, steps, spin int) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadFull(out, make([]byte, steps))
	x := uint32(1)
	for range spin { // a fraction of a step, which no clock decides
		x = x*1664525 + 1013904223
	}
	spun = x
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	return cmd.Wait() != nil
}

var spun uint32 // keeps the loop from being left out

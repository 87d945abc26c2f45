package train

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// TestTotalExamples counts them by running.
func TestTotalExamples(t *testing.T) {
	for _, n := range []int{5, 10, 11, 14} {
		for _, cfg := range []Config{
			{Epochs: 3}, {Steps: 7}, {Steps: 1}, {Epochs: 2, Steps: 100}, {Epochs: 100, Steps: 5}, {Steps: 7, Accumulate: 2}, {Steps: 6, Accumulate: 2},
		} {
			cfg.BatchSize = 5
			q := newQuadratic(t, graph.Float32)
			r := mustRun(t, q, examples(n, 3), cfg)
			tr, err := newTrainer(q, examples(n, 3), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := tr.totalExamples(); got != r.Examples {
				t.Errorf("%d examples, %d epochs, %d steps, %d batches a step: %d expected, %d seen",
					n, cfg.Epochs, cfg.Steps, cfg.Accumulate, got, r.Examples)
			}
		}
	}
}

func TestPlainProgress(t *testing.T) {
	var b bytes.Buffer
	cfg := Config{Epochs: 500, BatchSize: 5, Progress: &b}
	mustRun(t, newQuadratic(t, graph.Float32), examples(10, 3), cfg)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) > 100 {
		t.Errorf("%d lines for 500 epochs of a moment", len(lines))
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "finished after step 1000 in ") {
		t.Errorf("the last line is %q", last)
	}
	if before := lines[len(lines)-2]; !strings.Contains(before, "epoch 500, step 1000, train loss ") || !strings.Contains(before, "examples/s") {
		t.Errorf("the line before is %q", before)
	}
}

// late is a trainer in the middle of a run whose last output was long ago.
func late(t *testing.T, b *bytes.Buffer) *trainer {
	t.Helper()
	tr, err := newTrainer(newQuadratic(t, graph.Float32), examples(10, 3), Config{Epochs: 4, BatchSize: 5, Progress: b})
	if err != nil {
		t.Fatal(err)
	}
	tr.step, tr.epoch, tr.examples, tr.last = 3, 1, 15, Metrics{Loss: 0.5}
	tr.progress.began = time.Now().Add(-3 * time.Second)
	tr.progress.shown = tr.progress.began
	return tr
}

func TestProgressLine(t *testing.T) {
	var b bytes.Buffer
	tr := late(t, &b)
	if got, want := tr.progress.speed(tr, tr.progress.began.Add(3*time.Second)), "5 examples/s, 5s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	tr.progress.step(tr)
	if want := "epoch 2/4, step 3, loss 0.5, "; !strings.HasPrefix(b.String(), want) || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("got %q, want %q and the speed", b.String(), want)
	}
}

func TestProgressBar(t *testing.T) {
	var b bytes.Buffer
	tr := late(t, &b)
	tr.progress.bar = newBar(&b, 40)
	tr.progress.step(tr)
	for _, want := range []string{"epoch 2/4, step 3, loss 0.5", "37%", "examples/s"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the bar %q does not show %q", b.String(), want)
		}
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

// TestProgressFull goes on if nothing can be shown.
func TestProgressFull(t *testing.T) {
	mustRun(t, newQuadratic(t, graph.Float32), examples(10, 3), Config{Epochs: 2, BatchSize: 5, Progress: full{}})
}

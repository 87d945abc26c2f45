package train

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// How often a terminal and a plain output are written to.
const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 2 * time.Second
)

// A progress shows how far a run is. nil shows nothing.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // on a terminal
	total int                      // examples that the run will have seen at its end, -1 if not known
	first int                      // examples seen before this process
	began time.Time
	shown time.Time // the last output
}

func newProgress(t *trainer) *progress {
	w := t.cfg.Progress
	if w == nil {
		return nil
	}
	now := time.Now()
	p := &progress{out: w, total: t.totalExamples(), first: t.examples, began: now, shown: now}
	for _, warning := range t.warnings {
		fmt.Fprintln(w, warning)
	}
	if t.resumed != "" {
		fmt.Fprintf(w, "going on from %s, step %d\n", t.resumed, t.step)
	}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = newBar(w, p.total-p.first)
	}
	return p
}

func newBar(w io.Writer, examples int) *progressbar.ProgressBar {
	if examples <= 0 {
		examples = -1
	}
	return progressbar.NewOptions(examples,
		progressbar.OptionSetWriter(w),
		progressbar.OptionFullWidth(),
		progressbar.OptionSetPredictTime(false), // the description tells speed and time left
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetSpinnerChangeInterval(0), // it would need a goroutine
		progressbar.OptionSetTheme(progressbar.ThemeASCII),
	)
}

// totalExamples is how many examples the run sees if it does not stop early, -1 if the source does
// not know its length and no number of steps bounds it.
func (t *trainer) totalExamples() int {
	n, perStep := t.src.Len(), t.cfg.BatchSize*t.cfg.Accumulate
	if n < 0 {
		if t.cfg.Steps > 0 && t.cfg.Epochs == 0 {
			return t.cfg.Steps * perStep
		}
		return -1
	}
	total := math.MaxInt
	if t.cfg.Epochs > 0 {
		total = t.cfg.Epochs * n
	}
	if t.cfg.Steps > 0 {
		batches := (n + t.cfg.BatchSize - 1) / t.cfg.BatchSize
		steps := (batches + t.cfg.Accumulate - 1) / t.cfg.Accumulate // in an epoch
		total = min(total, t.cfg.Steps/steps*n+t.cfg.Steps%steps*perStep)
	}
	return total
}

// step shows that a step has been taken, if it is time for that.
func (p *progress) step(t *trainer) {
	if p == nil {
		return
	}
	now := time.Now()
	every := lineEvery
	if p.bar != nil {
		every = barEvery
	}
	if now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	line := p.label(t) + ", " + p.speed(t, now)
	if p.bar != nil {
		_ = p.bar.Set(t.examples - p.first) // a terminal that is gone must not stop the training
		p.bar.Describe(line)
		return
	}
	fmt.Fprintln(p.out, line)
}

// label is the place of the run and its loss.
func (p *progress) label(t *trainer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "epoch %d", t.epoch+1)
	if t.cfg.Epochs > 0 {
		fmt.Fprintf(&b, "/%d", t.cfg.Epochs)
	}
	fmt.Fprintf(&b, ", step %d", t.step)
	if t.cfg.Steps > 0 {
		fmt.Fprintf(&b, "/%d", t.cfg.Steps)
	}
	fmt.Fprintf(&b, ", loss %.6g", t.last[Loss])
	return b.String()
}

// speed is the examples per second of this process and, if that can be known, the time left.
func (p *progress) speed(t *trainer, now time.Time) string {
	seconds := now.Sub(p.began).Seconds()
	rate := float64(t.examples-p.first) / seconds
	s := fmt.Sprintf("%.0f examples/s", rate)
	if left := p.total - t.examples; left > 0 && rate > 0 {
		s += fmt.Sprintf(", %v left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	return s
}

// record shows a point of the history.
func (p *progress) record(t *trainer, r Record) {
	if p == nil {
		return
	}
	now := time.Now()
	if p.bar != nil {
		_ = p.bar.Clear()
	} else if r.Valid == nil && now.Sub(p.shown) < lineEvery && t.over() == "" {
		return // epochs of a moment
	}
	p.shown = now
	line := fmt.Sprintf("epoch %d, step %d, train %s", r.Epoch, r.Step, r.Train)
	if r.Valid != nil {
		line += ", valid " + r.Valid.String()
	}
	fmt.Fprintf(p.out, "%s, %s\n", line, p.speed(t, now))
}

// end completes the output.
func (p *progress) end(t *trainer, reason Reason) {
	if p == nil {
		return
	}
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.out, "%s after step %d in %v\n", reason, t.step, time.Since(p.began).Round(100*time.Millisecond))
}

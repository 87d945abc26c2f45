package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// experiments is the table of all experiments; each family has a file of its own.
var experiments = []experiment{
	pca30, linearAE,
	rbm16, barsStripes, dna23, sklearnDigits, rbm500CD1, rbm500CD25,
	vaeBurda, iwaeBurda,
	gatedPixelCNN, rowLSTM,
	sdaBasic, sdaRect, erhanDepth, labelCount, dbnMNIST, deepAE,
	shakespeare,
	g2p,
}

// An experiment measures what a paper reports.
type experiment struct {
	name  string
	about string
	paper string
	run   func(ctx context.Context, s setting) ([]figure, error)
}

// A setting is what the command line decides.
type setting struct {
	folder *show.Folder
	seed   uint64
	resume bool
	passes int // over the training set, 0 for the experiment's own number
}

// epochs is the number of passes over the training set: the experiment's own, or the one asked for.
func (s setting) epochs(own int) int {
	if s.passes > 0 {
		return s.passes
	}
	return own
}

// train runs one training of an experiment, with a folder for checkpoints and a place in the randomness of
// its own. config describes the model: a run does not go on from the checkpoint of another one.
func (s setting) train(ctx context.Context, name string, obj train.Objective, config any, src data.Source, cfg train.Config) error {
	cfg.Key = graph.NewKey(s.seed).Fork(name)
	cfg.Progress = os.Stderr
	var err error
	if cfg.Checkpoint, err = s.folder.Checkpoints(name, s.resume, config); err != nil {
		return err
	}
	_, err = train.Run(ctx, obj, src, cfg)
	return errors.WithMessage(err, name)
}

// A figure is one number of a paper beside ours, which is to lie between Low and High.
type figure struct {
	Name  string  `json:"name"` // with unit
	Paper float64 `json:"paper"`
	Ours  float64 `json:"ours"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func (f figure) holds() bool { return f.Ours >= f.Low && f.Ours <= f.High }

// near expects ours within a number of units of the paper's number.
func near(name string, paper, ours, within float64) figure {
	return figure{Name: name, Paper: paper, Ours: ours, Low: paper - within, High: paper + within}
}

// around expects ours within a part, such as 0.001, of the paper's number.
func around(name string, paper, ours, part float64) figure {
	return figure{Name: name, Paper: paper, Ours: ours, Low: paper * (1 - part), High: paper * (1 + part)}
}

// A result is a line of the results file.
type result struct {
	Experiment string    `json:"experiment"`
	Paper      string    `json:"paper"`
	Seed       uint64    `json:"seed"`
	Epochs     int       `json:"epochs,omitempty"` // 0 for the experiment's own number
	Started    time.Time `json:"started"`
	Seconds    float64   `json:"seconds"`
	Figures    []figure  `json:"figures"`
	Holds      bool      `json:"holds"` // all figures are as expected
}

func (e experiment) measure(ctx context.Context, s setting) (result, error) {
	began := time.Now()
	figures, err := e.run(ctx, s)
	if err != nil {
		return result{}, err
	}
	r := result{Experiment: e.name, Paper: e.paper, Seed: s.seed, Epochs: s.passes, Started: began.UTC().Round(time.Second),
		Seconds: time.Since(began).Seconds(), Figures: figures, Holds: true}
	for _, f := range figures {
		r.Holds = r.Holds && f.holds()
	}
	return r, nil
}

func (r result) print(w io.Writer, e experiment) {
	fmt.Fprintf(w, "%s: %s\n%s\n", e.name, e.about, e.paper)
	fmt.Fprintf(w, "  %-48s %10s %10s   %-22s\n", "", "expected", "ours", "accepted")
	for _, f := range r.Figures {
		fmt.Fprintf(w, "  %-48s %10.4f %10.4f   %-22s %s\n", f.Name, f.Paper, f.Ours, fmt.Sprintf("%.4f to %.4f", f.Low, f.High), verdict(f.holds()))
	}
	fmt.Fprintf(w, "  seed %d, %.1f s: %s\n\n", r.Seed, r.Seconds, verdict(r.Holds))
}

func verdict(holds bool) string {
	if holds {
		return "holds"
	}
	return "DOES NOT HOLD"
}

// appendTo adds the result to a file of one JSON object a line.
func (r result) appendTo(path string) error {
	line, err := json.Marshal(r)
	if err != nil {
		return errors.Wrap(err, "result")
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return errors.Wrap(err, "results file")
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		f.Close()
		return errors.Wrap(err, "results file")
	}
	return errors.Wrap(f.Close(), "results file")
}

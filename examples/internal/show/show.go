// Package show is what the example programs share: a folder of pictures with a report, Ctrl-C, and
// errors.
package show

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/pkg/errors"
)

// Parse reads the flags, and ends the process if anything else follows them.
func Parse() {
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "unexpected argument %q: everything is a flag, see -h\n", flag.Arg(0))
		os.Exit(2)
	}
}

// Main runs a program until it ends or Ctrl-C is pressed, and ends the process: with status 1 and the
// error on the standard error stream if there is one, 130 if it was interrupted.
func Main(name string, run func(ctx context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	switch {
	case err == nil:
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		hint := ""
		if flag.Lookup("resume") != nil {
			hint = "; the training's checkpoint is kept, -resume goes on from it"
		}
		fmt.Fprintf(os.Stderr, "\n%s: interrupted%s\n", name, hint)
		os.Exit(130)
	default:
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// A Folder receives what a program makes.
type Folder struct {
	Path   string
	Report *view.Report
}

// NewFolder makes the folder, and a report that will be its report.html.
func NewFolder(path, title string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, errors.Wrapf(err, "output folder %q", path)
	}
	return &Folder{path, view.NewReport(title)}, nil
}

// File is the path of a file in the folder.
func (f *Folder) File(name string) string { return filepath.Join(f.Path, name) }

// Picture saves a picture under name.png and adds it to the report. It takes the results of a
// function of package view.
func (f *Folder) Picture(name, caption string, img image.Image, err error) error {
	if err != nil {
		return errors.WithMessage(err, name)
	}
	f.Report.Picture(caption, img)
	return view.SavePNG(f.File(name+".png"), img)
}

// Close writes the report and tells where things are.
func (f *Folder) Close() error {
	if err := f.Report.Write(f.File("report.html")); err != nil {
		return err
	}
	fmt.Printf("\nEverything is in %s; open %s\n", f.Path, f.File("report.html"))
	return nil
}

// Checkpoints prepares the checkpoint folder of a training: kept if it is to be resumed, emptied if not.
// The model's configuration goes into every checkpoint, and a run does not go on from that of another.
func (f *Folder) Checkpoints(name string, resume bool, config any) (train.Checkpoint, error) {
	text, err := json.Marshal(config)
	if err != nil {
		return train.Checkpoint{}, err
	}
	dir := f.File(filepath.Join("checkpoints", name))
	if !resume {
		if err := os.RemoveAll(dir); err != nil {
			return train.Checkpoint{}, err
		}
	}
	return train.Checkpoint{Dir: dir, Resume: resume, Meta: map[string]string{ckpt.MetaConfig: string(text)}}, nil
}

// Curves draws a metric of a training's history, of training and held-out data.
func Curves(h *train.History, metric string, a view.Axes) (image.Image, error) {
	var series []view.Series
	for set, name := range map[train.Set]string{train.Train: "training", train.Valid: "held out"} {
		steps, values := h.Curve(set, metric)
		if len(steps) == 0 {
			continue
		}
		s := view.Series{Name: name, Y: values}
		for _, step := range steps {
			s.X = append(s.X, float64(step))
		}
		if set == train.Train {
			series = append([]view.Series{s}, series...)
		} else {
			series = append(series, s)
		}
	}
	return view.Curves(series, a)
}

// Reproduce runs published experiments and prints the paper's number beside ours.
//
//	go run ./examples/reproduce -list
//	go run ./examples/reproduce pca30 linear-ae
//	go run ./examples/reproduce -table reproduce-out/reproduce.jsonl
//
// The data is looked for in the folder that the environment variable LATENT_DATA names, and else
// downloaded. Every experiment adds a line to the results file, in JSON.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/pkg/errors"
)

func main() {
	var o options
	table := flag.String("table", "", "print the results of this file as a table in Markdown and end")
	list := flag.Bool("list", false, "list the experiments and end")
	flag.StringVar(&o.out, "out", "reproduce-out", "folder for the results file and for checkpoints")
	flag.StringVar(&o.results, "results", "", "file to which results are added (default reproduce.jsonl in the folder of -out)")
	flag.Uint64Var(&o.seed, "seed", 1, "decides initial weights and order of the data")
	flag.IntVar(&o.passes, "epochs", 0, "passes over the training set (default the experiment's own number); what is expected is for that one")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: reproduce [flags] EXPERIMENT... [flags]\n\nThe experiments are:\n")
		printList(flag.CommandLine.Output(), experiments)
		fmt.Fprintf(flag.CommandLine.Output(), "\nThe flags are:\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	var names []string // between which flags may stand
	for flag.NArg() > 0 {
		names = append(names, flag.Arg(0))
		flag.CommandLine.Parse(flag.Args()[1:]) // ends the program on an error
	}
	if *list {
		printList(os.Stdout, experiments)
		return
	}
	if *table != "" {
		show.Main("reproduce", func(context.Context) error { return printTable(os.Stdout, *table) })
		return
	}
	show.Main("reproduce", func(ctx context.Context) error {
		return run(ctx, os.Stdout, o, experiments, names)
	})
}

type options struct {
	out, results string
	seed         uint64
	resume       bool
	passes       int // see setting
}

// run runs the named experiments of a table one after the other. That one misses the paper's number
// is an error, at the end.
func run(ctx context.Context, w io.Writer, o options, table []experiment, names []string) error {
	chosen, err := choose(table, names)
	if err != nil {
		return err
	}
	if o.passes < 0 {
		return errors.Errorf("-epochs %d, expected at least 1, or 0 for the experiment's own number", o.passes)
	}
	folder, err := show.NewFolder(o.out, "Reproductions")
	if err != nil {
		return err
	}
	if o.results == "" {
		o.results = filepath.Join(o.out, "reproduce.jsonl")
	}
	var missed []string
	for _, e := range chosen {
		r, err := e.measure(ctx, setting{folder: folder, seed: o.seed, resume: o.resume, passes: o.passes})
		if err != nil {
			return errors.WithMessage(err, e.name)
		}
		r.print(w, e)
		if err := r.appendTo(o.results); err != nil {
			return err
		}
		if !r.Holds {
			missed = append(missed, e.name)
		}
	}
	if len(missed) > 0 {
		return errors.Errorf("outside the expectation: %s", strings.Join(missed, ", "))
	}
	return nil
}

// choose finds experiments by name.
func choose(table []experiment, names []string) ([]experiment, error) {
	if len(names) == 0 {
		return nil, errors.New("no experiment named; -list lists them")
	}
	var chosen []experiment
next:
	for _, name := range names {
		for _, e := range table {
			if e.name == name {
				chosen = append(chosen, e)
				continue next
			}
		}
		return nil, errors.Errorf("no experiment %q; -list lists them", name)
	}
	return chosen, nil
}

func printList(w io.Writer, table []experiment) {
	for _, e := range table {
		fmt.Fprintf(w, "  %-14s %s\n%17s%s\n", e.name, e.about, "", e.paper)
	}
}

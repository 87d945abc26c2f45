package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// printTable prints a results file as a table in Markdown: of every experiment the latest line of each
// seed, experiments in the order of their first lines.
func printTable(w io.Writer, path string) error {
	results, err := readResults(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "| experiment | figure | published | ours | accepted | |\n|---|---|---|---|---|---|\n")
	for _, r := range results {
		for i, f := range r.Figures {
			name := ""
			if i == 0 {
				name = r.title()
			}
			published := "" // a figure that no paper has is 0
			if f.Paper != 0 {
				published = short(f.Paper)
			}
			verdict := "holds"
			if !f.holds() {
				verdict = "**missed**"
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s to %s | %s |\n", name, f.Name, published, short(f.Ours), short(f.Low), short(f.High), verdict)
		}
	}
	return nil
}

// title names the run, with the command line that differs from the plain one.
func (r result) title() string {
	title := "`" + r.Experiment
	if r.Epochs > 0 {
		title += fmt.Sprintf(" -epochs %d", r.Epochs)
	}
	if r.Seed != 1 {
		title += fmt.Sprintf(" -seed %d", r.Seed)
	}
	return fmt.Sprintf("%s`, %s", title, duration(r.Seconds))
}

func duration(seconds float64) string {
	if seconds < 100 {
		return fmt.Sprintf("%.0f s", seconds)
	}
	return fmt.Sprintf("%.0f min", seconds/60)
}

// short is a number with as many decimals as tell it from its neighbours in a paper's table.
func short(v float64) string {
	switch {
	case math.Abs(v) < 2 && v != math.Trunc(v):
		return fmt.Sprintf("%.3f", v)
	case v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// readResults reads the lines that count.
func readResults(path string) ([]result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "results file")
	}
	defer f.Close()
	var results []result
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, errors.Wrapf(err, "%s: line %d is no result", path, n)
		}
		same := func(o result) bool { return o.Experiment == r.Experiment && o.Seed == r.Seed && o.Epochs == r.Epochs }
		if i := slices.IndexFunc(results, same); i >= 0 {
			results[i] = r
		} else {
			results = append(results, r)
		}
	}
	return results, errors.Wrap(lines.Err(), path)
}

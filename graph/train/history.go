package train

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/latent-go/latent/graph/internal/atomicfile"
)

// A Record is one point of the learning curves: the end of an epoch, an evaluation, or the end of
// the run.
type Record struct {
	Step  int     // steps taken
	Epoch int     // complete epochs
	Train Metrics // averages over the examples trained on since the record before
	Valid Metrics // of the held-out data; nil if it was not scored
}

// A History is how a run went.
type History struct{ Records []Record }

// A Set names one of the two sets of examples that a history tells of.
type Set string

// The sets of a history.
const (
	Train Set = "train"
	Valid Set = "valid"
)

func (r Record) of(set Set) Metrics {
	if set == Train {
		return r.Train
	}
	return r.Valid
}

// Curve returns one metric of one set: its values and the steps at which they were taken.
func (h *History) Curve(set Set, metric string) (steps []int, values []float64) {
	for _, r := range h.Records {
		if v, ok := r.of(set)[metric]; ok {
			steps, values = append(steps, r.Step), append(values, v)
		}
	}
	return steps, values
}

// names lists the metrics of a set in order.
func (h *History) names(set Set) []string {
	seen := map[string]bool{}
	for _, r := range h.Records {
		for name := range r.of(set) {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// WriteCSV writes a line for each record, below a line of names: step, epoch, then the metrics as
// train.loss and valid.loss, empty where there is none. Numbers are exact.
func (h *History) WriteCSV(w io.Writer) error {
	head := []string{"step", "epoch"}
	for _, set := range []Set{Train, Valid} {
		for _, name := range h.names(set) {
			head = append(head, string(set)+"."+name)
		}
	}
	out := csv.NewWriter(w)
	if err := out.Write(head); err != nil {
		return err
	}
	for _, r := range h.Records {
		line := []string{strconv.Itoa(r.Step), strconv.Itoa(r.Epoch)}
		for _, set := range []Set{Train, Valid} {
			for _, name := range h.names(set) {
				cell := ""
				if v, ok := r.of(set)[name]; ok {
					cell = strconv.FormatFloat(v, 'g', -1, 64)
				}
				line = append(line, cell)
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// SaveCSV writes the file that WriteCSV describes, whole or not at all.
func (h *History) SaveCSV(path string) error { return atomicfile.Write(path, h.WriteCSV) }

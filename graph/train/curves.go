package train

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
)

// A history is stored by column: the steps and the epochs of all records, and for each metric of a
// set the values and the numbers of the records that have them.

const (
	stepsName  = prefixHistory + "step"
	epochsName = prefixHistory + "epoch"
	rowsName   = prefixHistory + "rows/"   // then the set, a slash, the metric
	valuesName = prefixHistory + "values/" // likewise
)

// put adds the history to the tensors of a file.
func (h *History) put(tensors map[string]graph.Array) {
	n := len(h.Records)
	if n == 0 {
		return
	}
	steps, epochs := make([]int, n), make([]int, n)
	for i, r := range h.Records {
		steps[i], epochs[i] = r.Step, r.Epoch
	}
	tensors[stepsName], tensors[epochsName] = graph.Ints(steps, n), graph.Ints(epochs, n)
	for _, set := range []Set{Train, Valid} {
		for _, metric := range h.names(set) {
			var rows []int
			var values []float64
			for i, r := range h.Records {
				if v, ok := r.of(set)[metric]; ok {
					rows, values = append(rows, i), append(values, v)
				}
			}
			column := string(set) + "/" + metric
			tensors[rowsName+column] = graph.Ints(rows, len(rows))
			tensors[valuesName+column] = graph.Floats64(values, len(values))
		}
	}
}

// get reads what put has added.
func (h *History) get(tensors map[string]graph.Array) error {
	steps, epochs := tensors[stepsName].Int, tensors[epochsName].Int
	if len(steps) != len(epochs) {
		return errors.Wrapf(ckpt.ErrFormat, "a history of %d steps and %d epochs", len(steps), len(epochs))
	}
	h.Records = make([]Record, len(steps))
	for i := range steps {
		h.Records[i] = Record{Step: steps[i], Epoch: epochs[i]}
	}
	for name, rows := range tensors {
		column, ok := strings.CutPrefix(name, rowsName)
		if !ok {
			continue
		}
		values := tensors[valuesName+column].F64
		set, metric, ok := strings.Cut(column, "/")
		if !ok || set != string(Train) && set != string(Valid) || len(rows.Int) != len(values) {
			return errors.Wrapf(ckpt.ErrFormat, "history of %q: %d rows, %d values", column, len(rows.Int), len(values))
		}
		for i, row := range rows.Int {
			if row < 0 || row >= len(h.Records) {
				return errors.Wrapf(ckpt.ErrFormat, "history of %q: row %d of %d", column, row, len(h.Records))
			}
			h.Records[row].set(Set(set), metric, values[i])
		}
	}
	return nil
}

func (r *Record) set(set Set, metric string, v float64) {
	m := &r.Valid
	if set == Train {
		m = &r.Train
	}
	if *m == nil {
		*m = Metrics{}
	}
	(*m)[metric] = v
}

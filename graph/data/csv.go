package data

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// CSVConfig says how to read a table. The zero value reads comma-separated numbers without labels.
type CSVConfig struct {
	// Comma separates the fields. Default ','.
	Comma rune
	// Label is the column of class labels: its number, counted from 0, or from the end if negative
	// ("-1" is the last), or else its name in the header. Default: no labels.
	Label string
}

// LoadCSV reads a Set from a CSV file (RFC 4180), plain or gzip, one example a line: X is float32
// (n, d), d the number of columns without the label's.
//
// The first line is a header if it has the label column's name, or if none of its fields but the
// label's is a number. Labels that are all
// whole numbers from 0 are taken as they are; others are names, numbered in sorted order
// (Set.Classes). A malformed line is an ErrFormat that names line and column.
func LoadCSV(path string, cfg CSVConfig) (s *Set, err error) {
	err = readFile(path, func(r io.Reader) error { s, err = DecodeCSV(r, cfg); return err })
	if err != nil {
		return nil, err
	}
	return s, nil
}

// DecodeCSV is LoadCSV from r, which must not be compressed.
func DecodeCSV(r io.Reader, cfg CSVConfig) (*Set, error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	rows.TrimLeadingSpace = true
	if cfg.Comma != 0 {
		rows.Comma = cfg.Comma
	}
	if strings.ContainsRune("\"\r\n\ufffd", rows.Comma) || !utf8.ValidRune(rows.Comma) {
		return nil, errors.Wrapf(ErrConfig, "CSV: %q cannot separate fields", rows.Comma)
	}
	t := table{rows: rows, label: -1}
	first, err := t.next()
	if err == io.EOF {
		return nil, errors.Wrap(ErrEmpty, "CSV without lines")
	}
	if err != nil {
		return nil, err
	}
	if err := t.findLabel(first, cfg.Label); err != nil {
		return nil, err
	}
	if t.header || t.isHeader(first) {
		first, err = t.next()
	}
	for record := first; err != io.EOF; record, err = t.next() {
		if err == nil {
			err = t.add(record)
		}
		if err != nil {
			return nil, err
		}
	}
	return t.set()
}

// A table is a CSV file as far as it has been read.
type table struct {
	rows   *csv.Reader
	label  int  // column of the labels, or -1
	header bool // the first line is known to be one
	x      []float32
	labels []string
	n, d   int // examples, and columns but the label's
}

// next reads one line.
func (t *table) next() ([]string, error) {
	record, err := t.rows.Read()
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		return nil, errors.Wrapf(ErrFormat, "CSV line %d, byte %d: %v", parse.Line, parse.Column, parse.Err)
	}
	return record, err
}

// findLabel finds the column of the labels, given as a name or a number.
func (t *table) findLabel(first []string, label string) error {
	t.d = len(first)
	if label == "" {
		return nil
	}
	if i, err := strconv.Atoi(label); err == nil {
		if i < -len(first) || i >= len(first) {
			return errors.Wrapf(ErrLabel, "CSV has no column %d: it has %d", i, len(first))
		}
		t.label = (i + len(first)) % len(first)
	} else if t.label = slices.Index(first, label); t.label < 0 {
		return errors.Wrapf(ErrLabel, "CSV has no column %q; its first line is %.200q", label, first)
	} else {
		t.header = true
	}
	if t.d--; t.d == 0 {
		return errors.Wrap(ErrFormat, "CSV has no column but the labels")
	}
	return nil
}

// isHeader reports whether no field but the label's is a number.
func (t *table) isHeader(first []string) bool {
	for i, field := range first {
		if i == t.label {
			continue
		}
		if _, err := strconv.ParseFloat(strings.TrimSpace(field), 32); err == nil || errors.Is(err, strconv.ErrRange) {
			return false
		}
	}
	return true
}

// add appends an example.
func (t *table) add(record []string) error {
	for i, field := range record {
		field = strings.TrimSpace(field)
		if i == t.label {
			t.labels = append(t.labels, strings.Clone(field))
			continue
		}
		v, err := strconv.ParseFloat(field, 32)
		if err != nil || v-v != 0 {
			line, _ := t.rows.FieldPos(i)
			return errors.Wrapf(ErrFormat, "CSV line %d, column %d: %.50q is not a finite number", line, i+1, field)
		}
		t.x = append(t.x, float32(v))
	}
	t.n++
	return nil
}

// set makes the Set of all examples.
func (t *table) set() (*Set, error) {
	if t.n == 0 {
		return nil, errors.Wrap(ErrEmpty, "CSV with nothing but a header")
	}
	if t.label < 0 {
		return NewSet(graph.Floats32(t.x, t.n, t.d), graph.Array{})
	}
	y, classes := numberLabels(t.labels)
	s, err := NewSet(graph.Floats32(t.x, t.n, t.d), graph.Ints(y, t.n))
	if err == nil {
		s.Classes = classes
	}
	return s, err
}

// numberLabels returns the labels as numbers, and their names if they are not whole numbers from 0.
func numberLabels(labels []string) (y []int, classes []string) {
	y = make([]int, len(labels))
	for i, label := range labels {
		v, err := strconv.Atoi(label)
		if err != nil || v < 0 {
			classes = slices.Compact(slices.Sorted(slices.Values(labels)))
			break
		}
		y[i] = v
	}
	if classes != nil {
		for i, label := range labels {
			y[i], _ = slices.BinarySearch(classes, label)
		}
	}
	return y, classes
}

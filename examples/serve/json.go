package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

const jsonType = "application/json"

// A form says what the JSON body of a request looks like.
type form struct {
	name    string // of the field with the rows or texts: {"examples": [...]}
	row     []int  // shape of one of them, which may be nested so or be flat
	most    int    // rows or texts
	classes int    // there may be {"labels": [...]} too, one integer below classes for each row; 0 for none
}

func (f form) String() string {
	if f.classes > 0 {
		return fmt.Sprintf("{%q: [...], %q: [...]}", f.name, labelsName)
	}
	return fmt.Sprintf("{%q: [...]}", f.name)
}

// fields reads an object of no other fields than those that the form has.
func (f form) fields(body []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	var fields map[string]json.RawMessage
	if err := dec.Decode(&fields); err != nil {
		return nil, refuse(http.StatusBadRequest, "the body is not the JSON object %v: %s", f, reason(err, body))
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, refuse(http.StatusBadRequest, "something follows the JSON object, expected %v alone", f)
	}
	for name := range fields {
		if name != f.name && (name != labelsName || f.classes == 0) {
			return nil, refuse(http.StatusUnprocessableEntity, "unknown field %.60q, expected %v", name, f)
		}
	}
	return fields, nil
}

// decodeJSON reads rows (n, d), and labels (n) if there are any.
func decodeJSON(body []byte, f form) (x graph.Array, labels []int, err error) {
	fields, err := f.fields(body)
	if err != nil {
		return x, nil, err
	}
	if x, err = f.array(fields, f.name, f.row, f.most); err != nil {
		return x, nil, err
	}
	if _, ok := fields[labelsName]; ok {
		labels, err = f.labels(fields, x.Shape[0])
	}
	return x, labels, err
}

// array reads a field as an array (n, d), or (n) if row is empty.
func (f form) array(fields map[string]json.RawMessage, name string, row []int, most int) (graph.Array, error) {
	text, ok := fields[name]
	if !ok {
		return graph.Array{}, refuse(http.StatusUnprocessableEntity, "the field %q is missing, expected %v", name, f)
	}
	d := product(row)
	p := &arrayParser{text: text, name: name, row: d, most: most}
	if err := p.value(0); err != nil {
		return graph.Array{}, refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	shape := p.sizes[:p.rank]
	if len(row) == 0 && len(shape) == 1 {
		return graph.Floats32(p.values, shape[0]), nil
	}
	if len(shape) < 2 || !fits(shape[1:], row) {
		return graph.Array{}, refuse(http.StatusUnprocessableEntity, "%s of shape %s, expected %s", name, shapeText(shape), expected(row))
	}
	return graph.Floats32(p.values, shape[0], d), nil
}

// labels reads the labels of n rows.
func (f form) labels(fields map[string]json.RawMessage, n int) ([]int, error) {
	list, err := f.array(fields, labelsName, nil, n)
	if err != nil {
		return nil, err
	}
	if len(list.Shape) != 1 || list.Len() != n {
		return nil, refuse(http.StatusUnprocessableEntity, "%s of shape %s, expected (%d), as many as there are %s", labelsName, shapeText(list.Shape), n, f.name)
	}
	labels := make([]int, n)
	for i := range labels {
		labels[i] = int(list.At(i))
		if v := list.At(i); v != float64(labels[i]) || v < 0 || v >= float64(f.classes) {
			return nil, refuse(http.StatusUnprocessableEntity, "%s[%d] is %g, expected a whole number from 0 to %d", labelsName, i, v, f.classes-1)
		}
	}
	return labels, nil
}

// reason says what is wrong with a text that is no JSON object.
func reason(err error, body []byte) string {
	var syntax *json.SyntaxError
	var other *json.UnmarshalTypeError
	switch {
	case err == io.EOF:
		return "it is empty"
	case err == io.ErrUnexpectedEOF:
		return "it ends too early"
	case errors.As(err, &other):
		return "it is of type " + other.Value
	case !errors.As(err, &syntax):
		return err.Error()
	}
	at := min(len(body), max(0, int(syntax.Offset)-1))
	for _, word := range []string{"NaN", "Infinity", "Inf", "nan", "inf"} {
		if bytes.HasPrefix(bytes.TrimPrefix(body[at:], []byte("-")), []byte(word)) {
			return fmt.Sprintf("%s at byte %d: numbers must be finite", word, at)
		}
	}
	return fmt.Sprintf("%v at byte %d", err, at)
}

// fits reports whether a row has the shape that is expected, flat, or but for axes of length 1.
func fits(got, row []int) bool {
	long := func(shape []int) []int {
		return slices.DeleteFunc(slices.Clone(shape), func(s int) bool { return s == 1 })
	}
	return slices.Equal(long(got), long(row)) || slices.Equal(got, []int{product(row)})
}

// expected describes the shapes that fits accepts.
func expected(row []int) string {
	flat := fmt.Sprintf("(n, %d)", product(row))
	if len(row) < 2 {
		return flat
	}
	return flat + " or (n, " + strings.TrimPrefix(shapeText(row), "(")
}

func shapeText(shape []int) string {
	words := make([]string, len(shape))
	for i, s := range shape {
		words[i] = strconv.Itoa(s)
	}
	return "(" + strings.Join(words, ", ") + ")"
}

func product(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

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

// decodeJSON reads a body {"examples": [...]} or {"codes": [...]}, whichever is wanted, as an array (n, d).
// row is the shape of one example or code, which may be nested so or be flat; most is how many there
// may be.
func decodeJSON(body []byte, wanted string, row []int, most int) (graph.Array, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	var fields map[string]json.RawMessage
	if err := dec.Decode(&fields); err != nil {
		return graph.Array{}, refuse(http.StatusBadRequest, "the body is not the JSON object {%q: [...]}: %s", wanted, reason(err, body))
	}
	if _, err := dec.Token(); err != io.EOF {
		return graph.Array{}, refuse(http.StatusBadRequest, "something follows the JSON object, expected {%q: [...]} alone", wanted)
	}
	for name := range fields {
		if name != wanted {
			return graph.Array{}, refuse(http.StatusUnprocessableEntity, "unknown field %q, expected {%q: [...]} alone", name, wanted)
		}
	}
	text, ok := fields[wanted]
	if !ok {
		return graph.Array{}, refuse(http.StatusUnprocessableEntity, "the field %q is missing, expected {%q: [...]}", wanted, wanted)
	}
	d := product(row)
	p := &arrayParser{text: text, name: wanted, row: d, most: most}
	if err := p.value(0); err != nil {
		return graph.Array{}, refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	shape := p.sizes[:p.rank]
	if len(shape) < 2 || !fits(shape[1:], row) {
		return graph.Array{}, refuse(http.StatusUnprocessableEntity, "%s of shape %s, expected %s", wanted, shapeText(shape), expected(row))
	}
	return graph.Floats32(p.values, shape[0], d), nil
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

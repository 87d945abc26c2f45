package main

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph"
)

// A query is what the URL of a request says.
type query struct {
	png    bool   // the answer is a picture
	seed   uint64 // decides all randomness
	n      int    // examples to draw
	steps  int    // of a Markov chain
	resize bool   // a picture of another size is welcome
	label  int    // of all examples; -1 if none is given

	length      int     // tokens of a continuation
	temperature float64 // that divides the logits
	beam        int     // hypotheses of a search
}

func (q query) key() graph.Key { return graph.NewKey(q.seed) }

// labels are those of n examples; nil if none is given.
func (q query) labels(n int) []int {
	if q.label < 0 {
		return nil
	}
	list := make([]int, n)
	for i := range list {
		list[i] = q.label
	}
	return list
}

// Bounds of parameters.
const (
	defaultDraws = 16
	maxSteps     = 100_000

	defaultLength, maxLength = 200, 10_000
	defaultTemperature       = 0.8
	defaultBeam, maxBeam     = 3, 32
)

// parameters lists what an operation's URL can say.
func (s *server) parameters(op operation) []string {
	_, drawable := s.model.image()
	var list []string
	for _, p := range []struct {
		name string
		ok   bool
	}{
		{"format", true},
		{"seed", op.drawn()},
		{"n", op.draw != nil},
		{"steps", op.steps > 0},
		{"label", op.labelled},
		{"resize", op.takes == examples && drawable},
	} {
		if p.ok {
			list = append(list, p.name)
		}
	}
	return append(list, op.asks...)
}

// drawn reports whether a seed decides something.
func (op operation) drawn() bool { return op.random || op.draw != nil }

// told is the seed, as an answer tells it.
func (q query) told(op operation) string {
	if !op.drawn() {
		return ""
	}
	return strconv.FormatUint(q.seed, 10)
}

// query reads the parameters of a request.
func (s *server) query(name string, op operation, r *http.Request) (query, error) {
	q := query{seed: 1, label: -1, n: min(defaultDraws, s.limits.examples), steps: op.steps, length: defaultLength, temperature: defaultTemperature, beam: defaultBeam}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, refuse(http.StatusBadRequest, "the part of the URL after the question mark: %v", err)
	}
	known := s.parameters(op)
	for key, list := range values {
		switch {
		case !slices.Contains(known, key):
			return q, refuse(http.StatusBadRequest, "unknown parameter %.60q, /%s takes %s", key, name, strings.Join(known, ", "))
		case len(list) > 1:
			return q, refuse(http.StatusBadRequest, "the parameter %q is given %d times", key, len(list))
		}
		if err := q.set(key, list[0], s.limits, s.model.classes); err != nil {
			return q, err
		}
	}
	if (op.draw != nil || op.write != nil && op.random) && !values.Has("seed") {
		q.seed = s.draws.Add(1)
	}
	if _, ok := s.model.image(); q.png && (!ok || !slices.Contains(op.gives, examples)) {
		return q, refuse(http.StatusUnprocessableEntity, "/%s of this model gives no pictures, expected format=json", name)
	}
	return q, nil
}

// set reads one parameter.
func (q *query) set(key, value string, l limits, classes int) error {
	bad := func(expected string, args ...any) error {
		return refuse(http.StatusUnprocessableEntity, "%s=%.60s, expected "+expected, append([]any{key, value}, args...)...)
	}
	var err error
	switch key {
	case "format":
		q.png = value == "png"
		if !q.png && value != "json" {
			return bad("json or png")
		}
	case "seed":
		if q.seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return bad("a whole number from 0 to 2^64-1")
		}
	case "n":
		if q.n, err = strconv.Atoi(value); err != nil || q.n < 1 || q.n > l.examples {
			return bad("a whole number from 1 to %d", l.examples)
		}
	case "steps":
		if q.steps, err = strconv.Atoi(value); err != nil || q.steps < 1 || q.steps > maxSteps {
			return bad("a whole number from 1 to %d", maxSteps)
		}
	case "label":
		if q.label, err = strconv.Atoi(value); err != nil || q.label < 0 || q.label >= classes {
			return bad("a whole number from 0 to %d", classes-1)
		}
	case "length":
		if q.length, err = strconv.Atoi(value); err != nil || q.length < 1 || q.length > maxLength {
			return bad("a whole number from 1 to %d", maxLength)
		}
	case "temperature":
		if q.temperature, err = strconv.ParseFloat(value, 64); err != nil || !(q.temperature >= 0 && q.temperature <= math.MaxFloat64) {
			return bad("a number of 0 or more")
		}
	case "beam":
		if q.beam, err = strconv.Atoi(value); err != nil || q.beam < 1 || q.beam > maxBeam {
			return bad("a whole number from 1 to %d", maxBeam)
		}
	case "resize":
		if q.resize, err = strconv.ParseBool(value); err != nil {
			return bad("true or false")
		}
	}
	return nil
}

package main

import (
	"context"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// chunk is how many examples are computed between two looks at the clock.
const chunk = 64

// posting answers requests that post what an operation takes: work gets the body and its media type.
func (s *server) posting(name string, op operation, work func(ctx context.Context, q query, body []byte, kind string) (answer, error)) func(r *http.Request) (answer, error) {
	return func(r *http.Request) (answer, error) {
		q, err := s.query(name, op, r)
		if err != nil {
			return answer{}, err
		}
		body, kind, err := s.body(op, r)
		if err != nil {
			return answer{}, err
		}
		ctx, stop, err := s.start(r)
		if err != nil {
			return answer{}, err
		}
		defer stop()
		return work(ctx, q, body, kind)
	}
}

// applying answers requests for an operation on examples or codes.
func (s *server) applying(name string, op operation) func(r *http.Request) (answer, error) {
	return s.posting(name, op, func(ctx context.Context, q query, body []byte, kind string) (answer, error) {
		x, labels, err := s.decode(body, kind, op, q)
		if err != nil {
			return answer{}, err
		}
		outs, err := s.apply(ctx, op, q.key(), x, labels)
		if err != nil {
			return answer{}, err
		}
		if op.takes != examples {
			x = graph.Array{}
		}
		return s.answer(op, q, x, outs)
	})
}

// drawing answers requests for samples.
func (s *server) drawing(name string, op operation) func(r *http.Request) (answer, error) {
	return func(r *http.Request) (answer, error) {
		q, err := s.query(name, op, r)
		if err != nil {
			return answer{}, err
		}
		ctx, stop, err := s.start(r)
		if err != nil {
			return answer{}, err
		}
		defer stop()
		outs, err := op.draw(ctx, q.key(), q.n, q.steps, q.labels(q.n))
		if err != nil {
			return answer{}, err
		}
		if err := s.finish(op, outs); err != nil {
			return answer{}, err
		}
		return s.answer(op, q, graph.Array{}, outs)
	}
}

// start waits until a request that has arrived may compute. The context ends when its time is over, or
// the client has left; stop must follow.
func (s *server) start(r *http.Request) (ctx context.Context, stop func(), err error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.handle)
	done, err := s.gate.start(ctx)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, func() { done(); cancel() }, nil
}

// types are the content types of what an operation takes.
func (s *server) types(op operation) []string {
	if _, ok := s.model.image(); ok && op.takes == examples {
		return []string{jsonType, pngType}
	}
	return []string{jsonType}
}

// body reads the body of a request, and tells its content type.
func (s *server) body(op operation, r *http.Request) (body []byte, kind string, err error) {
	types := s.types(op)
	kind, _, err = mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(types, kind) {
		return nil, "", refuse(http.StatusUnsupportedMediaType, "Content-Type %.60q, expected %s", r.Header.Get("Content-Type"), strings.Join(types, " or "))
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, "", refuse(http.StatusUnsupportedMediaType, "Content-Encoding %.60q, expected none", e)
	}
	body, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, s.limits.body))
	return body, kind, err
}

// decode reads what an operation takes, as (n, d), from JSON, or one image from PNG, and the labels if it is
// labelled.
func (s *server) decode(body []byte, kind string, op operation, q query) (x graph.Array, labels []int, err error) {
	if kind == pngType {
		x, err = s.decodePNG(body, q.resize)
	} else {
		f := form{name: op.takes, row: s.model.row(op.takes), most: s.limits.examples}
		if op.labelled {
			f.classes = s.model.classes
		}
		x, labels, err = decodeJSON(body, f)
	}
	switch {
	case err != nil || !op.labelled:
		return x, nil, err
	case labels == nil && q.label < 0:
		return x, nil, refuse(http.StatusUnprocessableEntity, "this model is conditional on labels from 0 to %d: expected label=... in the URL or {%q: [...]} in a JSON body", s.model.classes-1, labelsName)
	case labels != nil && q.label >= 0:
		return x, nil, refuse(http.StatusUnprocessableEntity, "there are labels in the URL and in the body, expected one of the two")
	case labels == nil:
		labels = q.labels(x.Shape[0])
	}
	return x, labels, nil
}

// apply maps rows (n, ...) in the units of the data, some at a time.
func (s *server) apply(ctx context.Context, op operation, key graph.Key, x graph.Array, labels []int) ([]graph.Array, error) {
	if op.takes == examples {
		var err error
		if x, err = s.model.input(x); err != nil {
			return nil, err
		}
	}
	n := x.Shape[0]
	var joined []graph.Array
	for lo := 0; lo < n; lo += chunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+chunk, n)
		piece := labels
		if labels != nil {
			piece = labels[lo:hi]
		}
		outs, err := op.apply(key.ForkN(lo/chunk), x.Rows(lo, hi), piece)
		if err != nil {
			return nil, errors.WithMessagef(err, "%s from number %d on", op.takes, lo)
		}
		joined = appendRows(joined, outs)
	}
	return joined, s.finish(op, joined)
}

// finish brings results to the units of the data, and refuses what JSON has no form for.
func (s *server) finish(op operation, outs []graph.Array) (err error) {
	for i, name := range op.gives {
		if name == examples {
			if outs[i], err = s.model.output(outs[i]); err != nil {
				return err
			}
		}
		if err := outs[i].CheckFinite(); err != nil {
			return refuse(http.StatusUnprocessableEntity, "%s: %v: the numbers given are too large for this model", name, err)
		}
	}
	return nil
}

// appendRows appends each of outs to its like.
func appendRows(joined, outs []graph.Array) []graph.Array {
	if joined == nil {
		return outs
	}
	for i, o := range outs {
		j := &joined[i]
		j.Shape = append([]int{j.Shape[0] + o.Shape[0]}, o.Shape[1:]...)
		j.F32, j.F64, j.Int = append(j.F32, o.F32...), append(j.F64, o.F64...), append(j.Int, o.Int...)
	}
	return joined
}

// answer writes the results: as JSON, by the names of what the operation gives, or as a picture of
// examples, with their originals if there are any.
func (s *server) answer(op operation, q query, originals graph.Array, outs []graph.Array) (answer, error) {
	a := answer{kind: jsonType, seed: q.told(op)}
	if q.png {
		body, err := s.drawPNG(outs[slices.Index(op.gives, examples)], originals)
		a.kind, a.body = pngType, body
		return a, err
	}
	b := []byte{'{'}
	for i, name := range op.gives {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, name), ':')
		b = appendJSON(b, outs[i])
	}
	a.body = append(b, "}\n"...)
	return a, nil
}

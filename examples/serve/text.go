package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// maxTokens is how many tokens a request may ask a model of text to read and write together.
const maxTokens = 100_000

// writing answers requests for an operation on texts.
func (s *server) writing(name string, op operation) func(r *http.Request) (answer, error) {
	return s.posting(name, op, func(ctx context.Context, q query, body []byte, _ string) (answer, error) {
		list, err := decodeTexts(body, form{name: op.takes, most: s.limits.examples})
		if err != nil {
			return answer{}, err
		}
		outs, err := op.write(ctx, q, list)
		if err != nil {
			return answer{}, err
		}
		return q.answerTexts(op, outs)
	})
}

// decodeTexts reads a list of texts.
func decodeTexts(body []byte, f form) ([]string, error) {
	if !utf8.Valid(body) {
		return nil, refuse(http.StatusBadRequest, "the body is not UTF-8")
	}
	fields, err := f.fields(body)
	if err != nil {
		return nil, err
	}
	raw, ok := fields[f.name]
	if !ok {
		return nil, refuse(http.StatusUnprocessableEntity, "the field %q is missing, expected %v", f.name, f)
	}
	dec := json.NewDecoder(bytes.NewReader(raw)) // which is known to be JSON
	if first, _ := dec.Token(); first != json.Delim('[') {
		return nil, refuse(http.StatusUnprocessableEntity, "%s is %.40s, expected a list of texts", f.name, raw)
	}
	var list []string
	for dec.More() {
		if len(list) == f.most {
			return nil, refuse(http.StatusUnprocessableEntity, "more than %d %s, send fewer at a time", f.most, f.name)
		}
		token, _ := dec.Token()
		text, ok := token.(string)
		if !ok {
			return nil, refuse(http.StatusUnprocessableEntity, "%s[%d] is no text: expected one in quotation marks", f.name, len(list))
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return nil, refuse(http.StatusUnprocessableEntity, "%s is empty, expected a list of texts", f.name)
	}
	return list, nil
}

// answerTexts writes results by the names of what the operation gives.
func (q query) answerTexts(op operation, outs []any) (answer, error) {
	a := answer{kind: jsonType, seed: q.told(op)}
	fields := make([]string, len(outs))
	for i, name := range op.gives {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(outs[i]); err != nil {
			return a, err
		}
		fields[i] = fmt.Sprintf("%q:%s", name, strings.TrimSuffix(b.String(), "\n"))
	}
	a.body = []byte("{" + strings.Join(fields, ",") + "}\n")
	return a, nil
}

// encodeTexts is the tokens of texts, all of which encode knows; maxTokens at most.
func encodeTexts(takes string, texts []string, encode func(text string) ([]int, error)) ([][]int, error) {
	all := make([][]int, len(texts))
	total := 0
	for i, text := range texts {
		ids, err := encode(text)
		if err != nil {
			return nil, errors.WithMessagef(err, "%s[%d]", takes, i)
		}
		all[i] = ids
		if total += len(ids); total > maxTokens {
			return nil, refuse(http.StatusUnprocessableEntity, "%s have more than %d tokens, send fewer at a time", takes, maxTokens)
		}
	}
	return all, nil
}

// idsFrom are the ids of a vocabulary from the first of a token on, or as many as an error shows.
func idsFrom(first, size int) []int {
	var ids []int
	for id := first; id < min(size, first+200); id++ {
		ids = append(ids, id)
	}
	return ids
}

// unknown is the error about a token that a vocabulary lacks, some of whose tokens are known.
func unknown(place int, token, known string) error {
	return errors.Wrapf(graph.ErrRange, "token %d, %.20q, is not in the model's vocabulary, which begins with %.200q", place, token, known)
}

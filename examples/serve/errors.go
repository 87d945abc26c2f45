package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// A fault is an error that the client is told: a status, and what was expected.
type fault struct {
	status int
	text   string
	allow  string // for 405, the methods
}

func (f *fault) Error() string { return f.text }

func refuse(status int, format string, args ...any) error {
	return &fault{status: status, text: fmt.Sprintf(format, args...)}
}

// asFault makes of any error what the client is told. What is not the client's doing is a 500 without
// details.
func asFault(err error) *fault {
	var f *fault
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &large):
		return &fault{status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the body is larger than %d bytes, send less at a time", large.Limit)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &fault{status: http.StatusRequestTimeout, text: "the body did not arrive in time"}
	case errors.Is(err, graph.ErrShape), errors.Is(err, graph.ErrRange), errors.Is(err, graph.ErrNotFinite), errors.Is(err, data.ErrFormat):
		return &fault{status: http.StatusUnprocessableEntity, text: err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &fault{status: http.StatusServiceUnavailable, text: "the work was not done in time: ask for fewer examples, or later"}
	case errors.Is(err, context.Canceled):
		return &fault{status: http.StatusServiceUnavailable, text: "the request was cancelled"}
	}
	return &fault{status: http.StatusInternalServerError, text: "internal error"}
}

// answer is the fault as JSON; h receives what goes with its status.
func (f *fault) answer(h http.Header) answer {
	if f.allow != "" {
		h.Set("Allow", f.allow)
	}
	if f.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1") // second
	}
	body, _ := json.Marshal(map[string]string{"error": f.text}) // strings always can
	return answer{status: f.status, kind: jsonType, body: append(body, '\n')}
}

package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"
)

// A server answers requests for one model.
type server struct {
	model    *model
	white    float64 // the value, in units of the data, that is drawn as white
	limits   limits
	gate     gate
	log      *log.Logger
	draws    atomic.Uint64 // seeds that the server has chosen
	stopping atomic.Bool
}

func newServer(m *model, white float64, l limits, logger *log.Logger) *server {
	return &server{model: m, white: white, limits: l, gate: newGate(l), log: logger}
}

// An answer is a response that is ready to be sent.
type answer struct {
	status int // 0 for 200
	kind   string
	body   []byte
	seed   string // what decided the randomness; "" without
}

// send writes an answer, for as long as a client may take.
func (s *server) send(w http.ResponseWriter, a answer) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.write)) // an error leaves the WriteTimeout
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	if a.seed != "" {
		h.Set(seedHeader, a.seed)
	}
	w.WriteHeader(max(a.status, http.StatusOK))
	w.Write(a.body) // an error means that the client has left
}

// policy keeps browsers from loading anything that does not come from here.
const policy = "default-src 'none'; connect-src 'self'; img-src blob: data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"

// seedHeader tells the seed of an answer that is random.
const seedHeader = "Latent-Seed"

// handler is the whole of the server's paths.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/{$}", s.endpoint(http.MethodGet, s.index))
	mux.Handle("/health", s.endpoint(http.MethodGet, s.health))
	mux.Handle("/model", s.endpoint(http.MethodGet, s.info))
	for _, name := range names {
		op, ok := s.model.ops[name]
		switch {
		case !ok:
			mux.Handle("/"+name, s.endpoint("", s.notOffered(name)))
		case op.write != nil:
			mux.Handle("/"+name, s.admit(s.endpoint(http.MethodPost, s.writing(name, op))))
		case op.takes == "":
			mux.Handle("/"+name, s.admit(s.endpoint(http.MethodGet, s.drawing(name, op))))
		default:
			mux.Handle("/"+name, s.admit(s.endpoint(http.MethodPost, s.applying(name, op))))
		}
	}
	mux.Handle("/", s.endpoint("", func(r *http.Request) (answer, error) {
		return answer{}, refuse(http.StatusNotFound, "there is no %q; there are /, /health, /model, /%s", r.URL.Path, strings.Join(s.model.offers(), ", /"))
	}))
	return mux
}

// endpoint makes a handler of a function: answers, errors and even panics reach the client as they
// should. method is the one possible, "" for any.
func (s *server) endpoint(method string, f func(r *http.Request) (answer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				s.log.Printf("%s %s: panic: %v", r.Method, r.URL.Path, v)
				s.send(w, asFault(errors.New("panic")).answer(w.Header()))
			}
		}()
		a, err := answer{}, error(nil)
		if !allows(method, r.Method) {
			err = notAllowed(method, r)
		} else {
			a, err = f(r)
		}
		if err == nil {
			s.send(w, a)
			return
		}
		fault := asFault(err)
		if fault.status == http.StatusInternalServerError {
			s.log.Printf("%s %s: %+v", r.Method, r.URL.Path, err)
		}
		s.send(w, fault.answer(w.Header()))
	})
}

func allows(method, got string) bool {
	return method == "" || got == method || method == http.MethodGet && got == http.MethodHead
}

func notAllowed(method string, r *http.Request) error {
	allow := method
	if method == http.MethodGet {
		allow = "GET, HEAD"
	}
	f := refuse(http.StatusMethodNotAllowed, "%s takes %s, not %.20s", r.URL.Path, method, r.Method).(*fault)
	f.allow = allow
	return f
}

// admit bounds the number of requests, from the first byte of the body to the last of the answer.
func (s *server) admit(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave, err := s.gate.enter()
		if err != nil {
			s.send(w, asFault(err).answer(w.Header()))
			return
		}
		defer leave()
		h.ServeHTTP(w, r)
	})
}

// notOffered answers requests for what other kinds of models do.
func (s *server) notOffered(name string) func(r *http.Request) (answer, error) {
	return func(*http.Request) (answer, error) {
		return answer{}, refuse(http.StatusNotFound, "a model of kind %s does not offer %s; it offers %s", s.model.kind, name, strings.Join(s.model.offers(), ", "))
	}
}

// serve answers what arrives at l until ctx is cancelled, and then finishes what is in flight.
func (s *server) serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: s.limits.header,
		ReadTimeout:       s.limits.read,
		WriteTimeout:      s.limits.read + s.limits.handle + s.limits.write, // from the header on; send is stricter
		IdleTimeout:       s.limits.idle,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          s.log,
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		return errors.Wrap(err, "serve")
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.log.Printf("stopping; requests in flight have %v to finish", s.limits.grace)
	grace, cancel := context.WithTimeout(context.Background(), s.limits.grace)
	defer cancel()
	if err := h.Shutdown(grace); err != nil {
		h.Close()
		return errors.Errorf("requests in flight did not finish within %v and were cut off", s.limits.grace)
	}
	return nil
}

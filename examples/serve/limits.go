package main

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/pkg/errors"
)

// limits bound what requests can cost.
type limits struct {
	body     int64 // bytes of a request
	examples int   // in one request or answer
	running  int   // requests that compute at once
	waiting  int   // requests that wait for those; more are refused

	header time.Duration // for a request's header to arrive
	read   time.Duration // for the whole request to arrive
	handle time.Duration // for waiting and computing
	write  time.Duration // for the answer to be taken
	idle   time.Duration // between two requests of a connection
	grace  time.Duration // for requests in flight when the server is stopped
}

// defaultLimits are those without flags.
func defaultLimits() limits {
	return limits{
		body: 8 << 20, examples: 1024, running: runtime.GOMAXPROCS(0), waiting: 64,
		header: 5 * time.Second, read: 20 * time.Second, handle: 30 * time.Second, write: 20 * time.Second,
		idle: time.Minute, grace: 10 * time.Second,
	}
}

func (l limits) validate() error {
	switch {
	case l.body < 1 || l.examples < 1 || l.running < 1 || l.waiting < 0:
		return errors.Errorf("-max-body %d, -max-examples %d and -running %d must be at least 1, -waiting %d at least 0", l.body, l.examples, l.running, l.waiting)
	case min(l.header, l.read, l.handle, l.write, l.idle, l.grace) <= 0:
		return errors.Errorf("time-outs must be positive: -header-timeout %v, -read-timeout %v, -timeout %v, -write-timeout %v, -idle-timeout %v, -grace %v",
			l.header, l.read, l.handle, l.write, l.idle, l.grace)
	}
	return nil
}

// A gate admits requests. Those that it admits hold memory; of them, only some compute at a time.
type gate struct{ admitted, running chan struct{} }

func newGate(l limits) gate {
	return gate{make(chan struct{}, l.running+l.waiting), make(chan struct{}, l.running)}
}

// enter admits a request, or refuses it at once if too many are there. leave must follow.
func (g gate) enter() (leave func(), err error) {
	select {
	case g.admitted <- struct{}{}:
		return func() { <-g.admitted }, nil
	default:
		return nil, refuse(http.StatusServiceUnavailable, "the server is busy: %d requests are being answered, try again", cap(g.admitted))
	}
}

// start waits until the request may compute. stop must follow.
func (g gate) start(ctx context.Context) (stop func(), err error) {
	select {
	case g.running <- struct{}{}:
		return func() { <-g.running }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

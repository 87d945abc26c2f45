// Serve offers a trained model over HTTP: its codes, reconstructions, samples and scores as JSON and as
// PNG, texts that it writes or translates, and a page to try it. Without a model it first trains a small one on the embedded digits.
//
//	go run ./examples/serve
//	go run ./examples/serve -model quickstart-out/model.safetensors
//	go run ./examples/serve -model lm-out/model.safetensors
//
// What a kind of model offers of this is at /model; the rest is an error with status 404:
//
//	POST /encode       {"examples": [[...], ...]} or a PNG image   codes
//	POST /decode       {"codes": [[...], ...]}                     examples
//	POST /reconstruct  {"examples": ...} or a PNG image            examples
//	POST /score        {"examples": ...} or a PNG image            scores: what is unusual scores high
//	POST /classify     {"examples": ...} or a PNG image            labels and probabilities
//	POST /predict      {"examples": ...} or a PNG image            predictions, of a regression
//	GET  /sample       n, seed, steps (of a Markov chain)          examples
//	POST /score        {"texts": ["...", ...]}                     log_probabilities, perplexities, tokens, surprisals
//	POST /generate     {"prompts": ["...", ...]}                   continuations, by a language model
//	POST /translate    {"sources": ["...", ...]}                   targets, by sequence to sequence; log_probabilities
//	GET  /model, /health, /
//
// Bodies and answers are JSON with one row for each example, flat or in the shape of an image. In the URL,
// format=png asks for a picture of the resulting examples, resize=true makes an image of another size fit,
// seed decides all that is random (the answer tells it in the header Latent-Seed: the server counts where
// none is given), label is that of a model which is conditional on labels. Of a continuation, length is its
// tokens, and temperature divides the logits; beam is how many targets a search keeps. The surprisal of a token
// is its -log p in nats; the first token of a text is given, and has none. Errors are JSON,
// {"error": "what was expected"}; a server that is busy answers 503 with Retry-After.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/pkg/errors"
)

func main() {
	o := options{epochs: 10, limits: defaultLimits()}
	l := &o.limits
	flag.StringVar(&o.model, "model", "", "model `file` of any kind; without one, a small variational autoencoder is trained on the embedded digits")
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen at; port 0 takes any that is free")
	flag.StringVar(&o.shape, "shape", "", "rows and columns of images, such as `28x28`, for a model that only knows how many numbers an example has; default a square")
	flag.Float64Var(&o.white, "white", 1, "`value` of a white pixel, in units of the model's data")
	flag.Int64Var(&l.body, "max-body", l.body, "most `bytes` of a request")
	flag.IntVar(&l.examples, "max-examples", l.examples, "most examples of a request or an answer")
	flag.IntVar(&l.running, "running", l.running, "requests that compute at once")
	flag.IntVar(&l.waiting, "waiting", l.waiting, "requests that wait for those; more are refused with status 503")
	flag.DurationVar(&l.header, "header-timeout", l.header, "time for the header of a request to arrive")
	flag.DurationVar(&l.read, "read-timeout", l.read, "time for a whole request to arrive")
	flag.DurationVar(&l.handle, "timeout", l.handle, "time for waiting and computing")
	flag.DurationVar(&l.write, "write-timeout", l.write, "time for the answer to be taken")
	flag.DurationVar(&l.idle, "idle-timeout", l.idle, "time that a connection may be kept without a request")
	flag.DurationVar(&l.grace, "grace", l.grace, "time for requests in flight to finish after Ctrl-C or SIGTERM")
	show.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintf(os.Stderr, "serve: %v\n", err)
		os.Exit(1)
	}
}

type options struct {
	model, addr, shape string
	epochs             int // of the demonstration
	white              float64
	limits             limits
}

// run serves until ctx is cancelled.
func run(ctx context.Context, w io.Writer, o options) error {
	if err := o.limits.validate(); err != nil {
		return err
	}
	if !(o.white > 0 && o.white <= math.MaxFloat32) {
		return errors.Errorf("-white %g, expected a positive number", o.white)
	}
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		return errors.WithMessage(err, "-addr")
	}
	defer l.Close()
	m, err := o.open(ctx, w)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted before the model was ready")
		}
		return err
	}
	s := newServer(m, o.white, o.limits, log.New(os.Stderr, "serve: ", 0))
	s.welcome(w, "http://"+l.Addr().String())
	return s.serve(ctx, l)
}

// open loads the model, or trains one.
func (o options) open(ctx context.Context, w io.Writer) (*model, error) {
	var m *model
	var err error
	if o.model == "" {
		fmt.Fprintln(w, "No -model is given: training a small variational autoencoder on the embedded digits.")
		m, err = demo(ctx, o.epochs)
	} else {
		m, err = load(o.model)
	}
	if err != nil {
		return nil, err
	}
	return m, m.reshape(o.shape)
}

// welcome tells what is served, and how to ask for it.
func (s *server) welcome(w io.Writer, url string) {
	what := "examples of shape " + shapeText(s.model.shape)
	if s.model.vocabulary > 0 {
		what = "texts"
	}
	fmt.Fprintf(w, "\nA model of kind %s, layers of %s units, %s. It offers %s.\n",
		s.model.kind, layersText(s.model.layers), what, strings.Join(s.model.offers(), ", "))
	fmt.Fprintf(w, "\nOpen %s in a browser, or try\n\n", url)
	for _, line := range s.curl(url) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "\nCtrl-C stops the server.\n")
}

func layersText(layers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(layers), " ", "-"), "[]")
}

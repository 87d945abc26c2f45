package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latent-go/latent/graph"
)

// blocking is a model whose "encode" says when it has begun, and then waits.
func blocking(t testing.TB) (m *model, begun chan struct{}, goOn chan struct{}) {
	m = loaded(t, newVAE(t))
	begun, goOn = make(chan struct{}, 100), make(chan struct{})
	m.ops["encode"] = mapping(examples, codes, func(x graph.Array) (graph.Array, error) {
		begun <- struct{}{}
		<-goOn
		return unit(x.Shape[0], 3), nil
	})
	return m, begun, goOn
}

// background makes a request whose answer is received from the channel.
func background(t testing.TB, url string) chan reply {
	answers := make(chan reply, 1)
	go func() { answers <- post(t, url+"/encode", examples, unit(1, 24)) }()
	return answers
}

// TestOverload fills the places for computing and for waiting: what comes then is refused, what has
// waited is answered.
func TestOverload(t *testing.T) {
	m, begun, goOn := blocking(t)
	l := quick()
	l.running, l.waiting = 2, 1
	url, _, _ := start(t, m, l)
	var answers []chan reply
	for range 2 {
		answers = append(answers, background(t, url))
		<-begun
	}
	answers = append(answers, background(t, url))
	probe := background(t, url)
	var refused reply
	select { // whichever of the two comes first waits
	case refused = <-probe:
	case refused = <-answers[2]:
		answers[2] = probe
	}
	if refused.status != http.StatusServiceUnavailable || refused.header.Get("Retry-After") == "" || !strings.Contains(string(refused.body), "busy") {
		t.Errorf("an overload is told as %d, Retry-After %q: %s", refused.status, refused.header.Get("Retry-After"), refused.body)
	}
	if r := send(t, "GET", url+"/health", "", nil); r.status != http.StatusOK {
		t.Errorf("a busy server's health is %d", r.status)
	}
	close(goOn)
	for i, c := range answers {
		if r := <-c; r.status != http.StatusOK {
			t.Errorf("request %d, in time, was answered with %d %s", i, r.status, r.body)
		}
	}
	if r := post(t, url+"/encode", examples, unit(1, 24)); r.status != http.StatusOK {
		t.Errorf("after the overload: %d %s", r.status, r.body)
	}
}

// TestTimeout lets requests wait, and compute, too long.
func TestTimeout(t *testing.T) {
	t.Parallel()
	m, begun, goOn := blocking(t)
	m.ops["sample"] = operation{gives: []string{examples}, draw: func(ctx context.Context, _ graph.Key, _, _ int, _ []int) ([]graph.Array, error) {
		<-ctx.Done() // as a long chain
		return nil, ctx.Err()
	}}
	l := quick()
	l.running, l.handle = 1, 500*time.Millisecond
	url, _, _ := start(t, m, l)
	if r := send(t, "GET", url+"/sample", "", nil); r.status != http.StatusServiceUnavailable || !strings.Contains(string(r.body), "in time") {
		t.Errorf("a long computation: %d %s", r.status, r.body)
	}
	first := background(t, url)
	<-begun
	if r := <-background(t, url); r.status != http.StatusServiceUnavailable || !strings.Contains(string(r.body), "in time") {
		t.Errorf("a long wait: %d %s", r.status, r.body)
	}
	close(goOn)
	if r := <-first; r.status != http.StatusOK {
		t.Errorf("the first: %d %s", r.status, r.body)
	}
}

// TestPanic lets an operation panic and fail.
func TestPanic(t *testing.T) {
	m := loaded(t, newVAE(t))
	m.ops["encode"] = mapping(examples, codes, func(graph.Array) (graph.Array, error) { panic("a bug") })
	m.ops["score"] = mapping(examples, "scores", func(graph.Array) (graph.Array, error) { return graph.Array{}, io.ErrClosedPipe })
	l := quick()
	l.running, l.waiting = 1, 0 // a place that is not given back would be missed
	url, _, _ := start(t, m, l)
	for range 3 {
		for _, name := range []string{"encode", "score"} {
			r := post(t, url+"/"+name, examples, unit(1, 24))
			if r.status != http.StatusInternalServerError || string(r.body) != "{\"error\":\"internal error\"}\n" {
				t.Errorf("/%s: %d %s", name, r.status, r.body)
			}
		}
	}
	if r := post(t, url+"/reconstruct", examples, unit(1, 24)); r.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}

// TestSlowClients sends headers and bodies that never end: the server cuts them off, and serves others
// meanwhile.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	l := quick()
	l.header, l.read, l.idle = time.Second, 1500*time.Millisecond, time.Second
	l.running, l.waiting = 1, 1
	url, _, _ := start(t, loaded(t, newVAE(t)), l)
	const head = "POST /encode HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
	var open []net.Conn
	for _, text := range []string{"", "POST /enc", head, head + "Content-Length: 1000\r\n\r\n{\"examples\":"} {
		c := must[net.Conn](t)(net.Dial("tcp", strings.TrimPrefix(url, "http://")))
		defer c.Close()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if r := send(t, "GET", url+"/health", "", nil); r.status != http.StatusOK {
		t.Errorf("beside slow clients, health is %d", r.status)
	}
	for i, c := range open {
		said, err := io.ReadAll(c) // ends when the server hangs up
		if err != nil {
			t.Errorf("client %d: %v", i, err)
		}
		if i == 3 && !strings.Contains(string(said), "408") {
			t.Errorf("a body that does not arrive is answered with %q", said)
		}
	}
	for range 3 { // the places are free again
		if r := post(t, url+"/reconstruct", examples, unit(1, 24)); r.status != http.StatusOK {
			t.Errorf("afterwards: %d %s", r.status, r.body)
		}
	}
}

// TestSlowReader takes no answer, until the server gives up and others get its place.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	m := loaded(t, newVAE(t))
	m.ops["sample"] = operation{gives: []string{examples}, draw: func(context.Context, graph.Key, int, int, []int) ([]graph.Array, error) {
		return []graph.Array{graph.Floats32(make([]float32, 10_000*1000), 10_000, 1000)}, nil // more than lies on the way
	}}
	l := quick()
	l.running, l.waiting = 1, 0
	l.write = time.Second
	url, _, _ := start(t, m, l)
	c := must[net.Conn](t)(net.Dial("tcp", strings.TrimPrefix(url, "http://")))
	defer c.Close()
	if _, err := io.WriteString(c, "GET /sample HTTP/1.1\r\nHost: here\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 100)); err != nil { // the answer has begun
		t.Fatal(err)
	}
	busy := 0
	for post(t, url+"/encode", examples, unit(1, 24)).status == http.StatusServiceUnavailable {
		busy++
		time.Sleep(10 * time.Millisecond)
	}
	if busy == 0 {
		t.Error("the place of an answer that is not taken was free at once")
	}
}

// TestShutdown stops the server while a request is in flight, which is finished, and new ones are refused.
func TestShutdown(t *testing.T) {
	m, begun, goOn := blocking(t)
	l := quick()
	l.grace = time.Minute
	url, stop, done := start(t, m, l)
	inFlight := background(t, url)
	<-begun
	stop()
	for {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			break // the listener is closed
		}
		c.Close()
	}
	select {
	case err := <-done:
		t.Fatalf("serve returned %v with a request in flight", err)
	case r := <-inFlight:
		t.Fatalf("the request in flight was answered with %d %s before it was done", r.status, r.body)
	default:
	}
	close(goOn)
	if r := <-inFlight; r.status != http.StatusOK {
		t.Errorf("the request in flight was answered with %d %s", r.status, r.body)
	}
	if err := <-done; err != nil {
		t.Errorf("serve returned %v", err)
	}
}

// TestShutdownDoesNotWaitForever stops the server while a request hangs.
func TestShutdownDoesNotWaitForever(t *testing.T) {
	m, begun, goOn := blocking(t)
	defer close(goOn)
	l := quick()
	l.grace = 10 * time.Millisecond
	url, stop, done := start(t, m, l)
	go func() {
		response, err := http.Post(url+"/encode", jsonType, strings.NewReader(string(rows(examples, unit(1, 24)))))
		if err == nil {
			response.Body.Close()
		}
	}()
	<-begun
	stop()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("serve returned %v", err)
	}
}

func TestLimitsAreChecked(t *testing.T) {
	for name, change := range map[string]func(l *limits){
		"-max-body": func(l *limits) { l.body = 0 }, "-max-examples": func(l *limits) { l.examples = -1 }, "-running": func(l *limits) { l.running = 0 },
		"-waiting": func(l *limits) { l.waiting = -1 }, "-timeout": func(l *limits) { l.handle = 0 }, "-grace": func(l *limits) { l.grace = -time.Second },
	} {
		l := defaultLimits()
		change(&l)
		if err := l.validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := defaultLimits().validate(); err != nil {
		t.Error(err)
	}
}

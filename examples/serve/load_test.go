package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/rbm"
	"github.com/latent-go/latent/vae"
)

// A query of the load test, and its answer.
type exchange struct {
	method, url, kind string
	body, want        []byte
}

// exchanges are requests of all operations of models of digits' size, of several sizes and forms, with
// what the server answers when it is alone.
func exchanges(t *testing.T) []exchange {
	v := must[*vae.Model](t)(vae.New(vae.Config{Shape: []int{1, 28, 28}, Encoder: []nn.Dense{{Units: 64, Activation: op.ReLUActivation}}, Latent: 8, Seed: 1}))
	r := must[*rbm.Model](t)(rbm.New(rbm.Config{Visible: 784, Hidden: 40, Steps: 1, Seed: 1}))
	image := grey(t, 28, 28, bytes.Repeat([]uint8{7, 200}, 392)...)
	var list []exchange
	for _, m := range []*model{loaded(t, v), loaded(t, r)} {
		if err := m.reshape(""); err != nil {
			t.Fatal(err)
		}
		if sample := m.ops["sample"]; sample.steps > 0 {
			sample.steps = 10
			m.ops["sample"] = sample
		}
		l := defaultLimits()
		l.read, l.handle, l.write = time.Hour, time.Hour, time.Hour // a busy machine is no error
		url, _, _ := start(t, m, l)
		add := func(method, path, kind string, body []byte) {
			answer := send(t, method, url+path, kind, body)
			if answer.status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, answer.status, answer.body)
			}
			list = append(list, exchange{method, url + path, kind, body, answer.body})
		}
		for i, n := range []int{1, 4, 20} {
			for _, name := range []string{"encode", "reconstruct", "score"} {
				add("POST", "/"+name, jsonType, rows(examples, unit(n, 784)))
				add("POST", "/"+name, pngType, image)
			}
			add("POST", "/reconstruct?format=png", jsonType, rows(examples, unit(n, 784)))
			add("POST", "/decode?format=png", jsonType, rows(codes, unit(n, m.code)))
			add("GET", fmt.Sprintf("/sample?n=%d&seed=%d", n, i), "", nil)
			add("GET", fmt.Sprintf("/sample?format=png&n=%d&seed=%d", n, i), "", nil)
		}
		add("GET", "/model", "", nil)
	}
	for kind, m := range textKinds(t) {
		l := defaultLimits()
		l.read, l.handle, l.write = time.Hour, time.Hour, time.Hour
		url, _, _ := start(t, m, l)
		for _, name := range m.offers() {
			for _, query := range textQueries[name] {
				e := exchange{"POST", url + "/" + name + query, jsonType, textBody(m.ops[name].takes, textsOf[kind]...), nil}
				answer := send(t, e.method, e.url, e.kind, e.body)
				if e.want = answer.body; answer.status != http.StatusOK {
					t.Fatalf("%s: %d %s", e.url, answer.status, answer.body)
				}
				list = append(list, e)
			}
		}
	}
	return list
}

// memory is what the process holds when all that can be freed is.
func memory() (bytes uint64) {
	runtime.GC()
	runtime.GC() // what finalisers and pools have let go
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// TestLoad has 32 clients ask at once, some hundred times in all, and for a minute with LATENT_LONG=1:
//
//	LATENT_LONG=1 go test -race -run Load -v ./examples/serve
//
// Every answer must be that which the server gave when it was alone, to the byte; and neither memory nor
// goroutines may grow.
func TestLoad(t *testing.T) {
	list := exchanges(t)
	const clients = 32
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	client := http.Client{Transport: transport}
	load := func(more func(done int) bool) (requests int64) {
		var count atomic.Int64
		var wg sync.WaitGroup
		for c := range clients {
			wg.Go(func() {
				for i := 0; more(i) && !t.Failed(); i++ {
					if err := list[(c*7+i*5)%len(list)].repeat(&client); err != nil {
						t.Error(err)
					}
					count.Add(1)
				}
			})
		}
		wg.Wait()
		transport.CloseIdleConnections()
		return count.Load()
	}
	load(func(done int) bool { return done < 4 }) // pools are filled
	before, goroutines := memory(), runtime.NumGoroutine()
	began := time.Now()
	more := func(done int) bool { return done < 12 }
	if os.Getenv("LATENT_LONG") == "1" {
		more = func(int) bool { return time.Since(began) < time.Minute }
	}
	requests := load(more)
	after := memory()
	const growth = 32 << 20 // programs of further batch sizes, of which each operation keeps 16
	if after > before+growth {
		t.Errorf("%d requests made the memory grow from %d to %d KB", requests, before>>10, after>>10)
	}
	if now := runtime.NumGoroutine(); now > goroutines+clients {
		t.Errorf("%d requests made %d goroutines of %d", requests, now, goroutines)
	}
	t.Logf("%d requests of %d clients in %v; heap %d KB before, %d KB after; %d goroutines before, %d after",
		requests, clients, time.Since(began).Round(time.Millisecond), before>>10, after>>10, goroutines, runtime.NumGoroutine())
}

// repeat makes the request again, and compares the answer.
func (e exchange) repeat(client *http.Client) error {
	request, err := http.NewRequest(e.method, e.url, bytes.NewReader(e.body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", e.kind)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || !bytes.Equal(got, e.want) {
		return fmt.Errorf("%s %s gave %s and %d bytes, not the %d bytes as when alone: %.200s", e.method, e.url, response.Status, len(got), len(e.want), got)
	}
	return nil
}

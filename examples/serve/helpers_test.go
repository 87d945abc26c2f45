package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/pixel"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
	"github.com/latent-go/latent/vae"
)

func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Models of examples with 4 x 6 numbers, with their initial weights.
func newVAE(t testing.TB) *vae.Model {
	return must[*vae.Model](t)(vae.New(vae.Config{Shape: []int{1, 4, 6}, Encoder: []nn.Dense{{Units: 9, Activation: op.TanhActivation}}, Latent: 3, Seed: 1}))
}

func newAE(t testing.TB, c ae.Config) *ae.Model {
	c.Shape, c.Encoder = []int{4, 6}, []nn.Dense{{Units: 7, Activation: op.ReLUActivation}, {Units: 2}}
	return must[*ae.Model](t)(ae.New(c))
}

func newRBM(t testing.TB) *rbm.Model {
	return must[*rbm.Model](t)(rbm.New(rbm.Config{Visible: 24, Hidden: 5, Steps: 1, InitStd: 0.5}))
}

// saver is what all models have.
type saver interface{ Save(path string) error }

// loaded is a model as the server gets it: from its file.
func loaded(t testing.TB, m saver) *model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return must[*model](t)(load(path))
}

// everyKind is a model of each kind.
func everyKind(t testing.TB) map[string]*model {
	a, r := newAE(t, ae.Config{Loss: ae.CrossEntropy}), newRBM(t)
	features := must[*ae.Model](t)(ae.New(ae.Config{Shape: []int{5}, Loss: ae.CrossEntropy, Encoder: []nn.Dense{{Units: 2, Activation: op.SigmoidActivation}}}))
	conv := must[*ae.Model](t)(ae.New(ae.Config{Shape: []int{1, 4, 6}, Conv: []nn.Conv{{Units: 3, Size: 3, Stride: 2}, {Units: 5, Size: 3}}, Encoder: []nn.Dense{{Units: 7}, {Units: 2}}}))
	network := pretrain.NetworkConfig{Shape: []int{1, 4, 6}, Hidden: []nn.Dense{{Units: 5}}, Outputs: 3, Normalizer: data.DivideBy(2)}
	regressor := network
	regressor.Task = pretrain.Regress
	kinds := map[string]saver{
		"conditional":  must[*vae.Model](t)(vae.New(vae.Config{Shape: []int{24}, Latent: 2, Classes: 3})),
		"pretrain-dbn": must[*pretrain.DBN](t)(pretrain.NewDBN(pretrain.DBNConfig{Visible: 24, Hidden: []int{6, 4}, Labels: 3, Steps: 1})),
		"ae":           a, "ae-encoder": a.Encoder, "ae-decoder": a.Decoder, "rbm": r, "vae": newVAE(t),
		"pixel":         must[*pixel.Model](t)(pixel.New(pixel.Config{Shape: []int{1, 4, 6}, Layers: 1, Features: 4})),
		"pixel, labels": must[*pixel.Model](t)(pixel.New(pixel.Config{Shape: []int{4, 6}, Layers: 1, Features: 4, Classes: 3, Levels: 4})),
		"conv":          conv, "conv-encoder": conv.Encoder, "conv-decoder": conv.Decoder,
		"pretrain-stack":   must[*pretrain.Stack](t)(pretrain.NewStack(r, features)),
		"pretrain-network": must[*pretrain.Network](t)(pretrain.NewNetwork(network)),
		"regressor":        must[*pretrain.Network](t)(pretrain.NewNetwork(regressor)),
	}
	models := map[string]*model{}
	for name, m := range kinds {
		models[name] = loaded(t, m)
		if len(models[name].shape) == 1 {
			if err := models[name].reshape("4x6"); err != nil {
				t.Fatal(err)
			}
		}
	}
	return models
}

// quick are limits for tests.
func quick() limits {
	l := defaultLimits()
	l.examples = 100
	return l
}

// start serves m until the test ends, or until stop; done receives what serve returns.
func start(t testing.TB, m *model, l limits) (url string, stop func(), done chan error) {
	t.Helper()
	listener := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	s := newServer(m, 1, l, log.New(io.Discard, "", 0))
	ctx, cancel := context.WithCancel(context.Background())
	done = make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		done <- s.serve(ctx, listener)
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return "http://" + listener.Addr().String(), cancel, done
}

// A reply is what a server has said.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send makes a request.
func send(t testing.TB, method, url, kind string, body []byte) reply {
	t.Helper()
	request := must[*http.Request](t)(http.NewRequest(method, url, bytes.NewReader(body)))
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	client := http.Client{Timeout: time.Minute}
	response := must[*http.Response](t)(client.Do(request))
	defer response.Body.Close()
	return reply{response.StatusCode, response.Header, must[[]byte](t)(io.ReadAll(response.Body))}
}

// post sends rows under a name.
func post(t testing.TB, url, name string, x graph.Array) reply {
	t.Helper()
	return send(t, "POST", url, jsonType, rows(name, x))
}

func rows(name string, x graph.Array) []byte {
	return append(appendJSON([]byte(`{"`+name+`":`), x), '}')
}

// fields reads an answer, all of whose fields are tables (n, k), or lists (n) as (n, 1).
func fields(t testing.TB, r reply) map[string][][]float64 {
	t.Helper()
	if r.status != http.StatusOK || r.header.Get("Content-Type") != jsonType {
		t.Fatalf("status %d, %s: %s", r.status, r.header.Get("Content-Type"), r.body)
	}
	var raw map[string][]json.RawMessage
	if err := json.Unmarshal(r.body, &raw); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	tables := map[string][][]float64{}
	for name, list := range raw {
		for _, text := range list {
			var row []float64
			if !strings.HasPrefix(string(text), "[") {
				text = json.RawMessage("[" + string(text) + "]")
			}
			if err := json.Unmarshal(text, &row); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			tables[name] = append(tables[name], row)
		}
	}
	return tables
}

// near compares a table with an array (n, k) or (n).
func near(t testing.TB, what string, got [][]float64, want graph.Array) {
	t.Helper()
	n := want.Shape[0]
	if len(got) != n || len(got[0]) != want.Len()/n {
		t.Fatalf("%s: %d rows, expected an array of shape %v", what, len(got), want.Shape)
	}
	for i, row := range got {
		for j, v := range row {
			if w := want.At(i*len(row) + j); !(math.Abs(v-w) <= 1e-5*(1+math.Abs(w))) {
				t.Fatalf("%s: number %d of row %d is %g, expected %g", what, j, i, v, w)
			}
		}
	}
}

// unit is n examples or codes (n, d) in [0, 1].
func unit(n, d int) graph.Array {
	x := make([]float32, n*d)
	graph.Uniform(graph.NewKey(3), x)
	return graph.Floats32(x, n, d)
}

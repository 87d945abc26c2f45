package ckpt

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

type testConfig struct {
	Layers []int
	Rate   float64
	Tied   bool
	Inner  struct{ Name string }
}

func saved(t *testing.T) (path string, config testConfig, p *graph.Params) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "model.safetensors")
	config = testConfig{Layers: []int{784, 30}, Rate: 0.1}
	config.Inner.Name = "<Ä>"
	p = testParams(t, graph.Float32, 1)
	if err := SaveModel(path, "ae", config, map[string]string{MetaNormalisation: `{"scale":255}`}, p); err != nil {
		t.Fatal(err)
	}
	return path, config, p
}

func TestModelRoundTrip(t *testing.T) {
	path, want, p := saved(t)
	got := testConfig{Tied: true, Layers: []int{1, 2, 3}} // what the file does not say must not stay
	f, err := ReadModel(path, "ae", &got)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the configuration came back as %+v, want %+v", got, want)
	}
	if f.Meta[MetaNormalisation] != `{"scale":255}` {
		t.Errorf("the metadata came back as %q", f.Meta)
	}
	q := testParams(t, graph.Float32, 2)
	if err := f.Restore(q, ""); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(values(p), values(q)) {
		t.Error("the values differ")
	}
}

func TestReadModelRefuses(t *testing.T) {
	path, _, _ := saved(t)
	for name, c := range map[string]struct {
		change func(f *File)
		want   error
		says   string
	}{
		"another kind":      {func(f *File) { f.Meta[MetaKind] = "rbm" }, ErrKind, `holds a model of kind "rbm", want "ae"`},
		"no model":          {func(f *File) { f.Meta = map[string]string{"format": "pt"} }, ErrKind, "holds no model"},
		"newer":             {func(f *File) { f.Meta[MetaVersion] = "2" }, ErrVersion, "version 2, this library reads up to 1"},
		"no version":        {func(f *File) { delete(f.Meta, MetaVersion) }, ErrFormat, MetaVersion},
		"version zero":      {func(f *File) { f.Meta[MetaVersion] = "0" }, ErrFormat, MetaVersion},
		"version no number": {func(f *File) { f.Meta[MetaVersion] = "x" }, ErrFormat, MetaVersion},
		"no configuration":  {func(f *File) { delete(f.Meta, MetaConfig) }, ErrFormat, MetaConfig},
		"not JSON":          {func(f *File) { f.Meta[MetaConfig] = `{"Rate":NaN}` }, ErrFormat, MetaConfig},
		"wrong type":        {func(f *File) { f.Meta[MetaConfig] = `{"Rate":0.5,"Layers":"deep"}` }, ErrFormat, "Layers"},
		"unknown field":     {func(f *File) { f.Meta[MetaConfig] = `{"Rate":0.5,"Depth":3}` }, ErrFormat, "Depth"},
		"two values":        {func(f *File) { f.Meta[MetaConfig] = `{"Rate":0.5} {}` }, ErrFormat, "more follows"},
		"truncated":         {func(f *File) { f.Meta[MetaConfig] = `{"Rate":0.5` }, ErrFormat, MetaConfig},
	} {
		f, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		c.change(f)
		other := filepath.Join(t.TempDir(), "other")
		if err := Write(other, f); err != nil {
			t.Fatal(err)
		}
		config := testConfig{Rate: 7}
		f, err = ReadModel(other, "ae", &config)
		if f != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), other) {
			t.Errorf("%s: error %v, want %v that says %q and names the file", name, err, c.want, c.says)
		}
		if !reflect.DeepEqual(config, testConfig{Rate: 7}) {
			t.Errorf("%s: the configuration was changed to %+v in spite of the error", name, config)
		}
	}
}

// A testModel has the 26 numbers of testParams.
type testModel struct {
	config testConfig
	params *graph.Params
}

func TestLoadModel(t *testing.T) {
	path, _, p := saved(t)
	wrong := errors.New("wrong")
	for name, c := range map[string]struct {
		invalid, unbuilt error
		weights          float64
		others           []string // parameters that the file does not hold
		calls            string
		want             error
	}{
		"good":             {weights: 26, calls: "validate weights build"},
		"invalid":          {invalid: wrong, weights: 1e300, calls: "validate", want: wrong},
		"too many weights": {weights: 27, calls: "validate weights", want: ErrMismatch},
		"not built":        {unbuilt: wrong, calls: "validate weights build", want: wrong},
		"other parameters": {others: []string{"dec/0/w"}, calls: "validate weights build", want: ErrMismatch},
	} {
		var calls []string
		m, err := LoadModel(path, "ae", func(config *testConfig) error {
			calls = append(calls, "validate")
			config.Tied = true
			return c.invalid
		}, func(testConfig) float64 {
			calls = append(calls, "weights")
			return c.weights
		}, func(config testConfig, p *graph.Params) (*testModel, error) {
			calls = append(calls, "build")
			addTestParams(t, p)
			for _, name := range c.others {
				addParam(t, p, name, true, 1)
			}
			return &testModel{config, p}, c.unbuilt
		})
		if got := strings.Join(calls, " "); got != c.calls {
			t.Errorf("%s: %s are called, want %s", name, got, c.calls)
		}
		switch {
		case c.want != nil:
			if m != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: %v, error %v, want %v that names the file", name, m, err, c.want)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case !m.config.Tied || m.config.Rate != 0.1 || !slices.Equal(values(m.params), values(p)):
			t.Errorf("%s: another model is read: %+v", name, m.config)
		}
	}
	if m, err := LoadModel[testConfig, *testModel](path, "rbm", nil, nil, nil); m != nil || !errors.Is(err, ErrKind) {
		t.Errorf("another kind: %v, error %v", m, err)
	}
}

func TestKind(t *testing.T) {
	path, _, _ := saved(t)
	if kind, err := Kind(path); kind != "ae" || err != nil {
		t.Errorf("kind %q (%v), want ae", kind, err)
	}
	plain, damaged := filepath.Join(t.TempDir(), "plain"), filepath.Join(t.TempDir(), "damaged")
	if err := Write(plain, NewFile()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, []byte("these bytes are no header"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{plain: ErrKind, damaged: ErrFormat, t.TempDir(): ErrFormat, "nowhere": os.ErrNotExist} {
		if kind, err := Kind(name); kind != "" || !errors.Is(err, want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: kind %q, error %v, want %v that names the file", name, kind, err, want)
		}
	}
}

func TestReadModelNeedsAPointer(t *testing.T) {
	path, _, _ := saved(t)
	for _, dst := range []any{testConfig{}, (*testConfig)(nil), nil} {
		if _, err := ReadModel(path, "ae", dst); err == nil || !strings.Contains(err.Error(), "pointer") {
			t.Errorf("into %T: error %v, want one about a pointer", dst, err)
		}
	}
}

func TestSaveModelRefuses(t *testing.T) {
	p := testParams(t, graph.Float32, 1)
	for name, c := range map[string]struct {
		config any
		extra  map[string]string
	}{
		"NaN in the configuration": {config: testConfig{Rate: math.NaN()}},
		"function":                 {config: func() {}},
		"own key":                  {extra: map[string]string{MetaKind: "x"}},
	} {
		path := filepath.Join(t.TempDir(), "model")
		err := SaveModel(path, "ae", c.config, c.extra, p)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that names the file", name, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a file was written", name)
		}
	}
}

package ae

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestFiles saves every kind of model as a whole and in halves.
func TestFiles(t *testing.T) {
	for name, cfg := range kinds() {
		cfg.Normalizer = data.DivideBy(255)
		m := model(t, cfg, graph.Float32)
		dir := t.TempDir()
		path := func(name string) string { return filepath.Join(dir, name) }
		ok(t, m.Save(path("whole")))
		ok(t, m.Encoder.Save(path("encoder")))
		ok(t, m.Decoder.Save(path("decoder")))
		whole, sender, receiver := must(Load(path("whole")))(t), must(LoadEncoder(path("encoder")))(t), must(LoadDecoder(path("decoder")))(t)
		x := uniform(6, 20, cfg.Shape...)
		code, y := must(m.Encode(x))(t), must(m.Reconstruct(x))(t)
		if !sameBits(must(whole.Reconstruct(x))(t), y) || !sameBits(must(whole.Score(x))(t), must(m.Score(x))(t)) {
			t.Errorf("%s: the loaded model differs", name)
		}
		if !sameBits(must(sender.Encode(x))(t), code) || !sameBits(must(receiver.Decode(code))(t), y) {
			t.Errorf("%s: the loaded halves differ", name)
		}
		for _, q := range m.Params().List() {
			if !sameBits(whole.Params().Lookup(q.Name).Value(), q.Value()) {
				t.Errorf("%s: %s changed on the way", name, q.Name)
			}
		}
		if n := sender.Config().Normalizer; n == nil || n.Scale[0] != 255 {
			t.Errorf("%s: the normaliser is lost", name)
		}
		for half, prefix := range map[string]string{"encoder": "enc/", "decoder": "dec/"} {
			for tensor := range must(ckpt.Read(path(half)))(t).Tensors {
				if !strings.HasPrefix(tensor, prefix) && !(half == "decoder" && cfg.Tied) {
					t.Errorf("%s: the %s's file holds %s", name, half, tensor)
				}
			}
		}
		// A loaded model goes on as the saved one would.
		b, key := batches(cfg)(5), graph.NewKey(8)
		if must(whole.Gradient(key, b))(t)["loss"] != must(m.Gradient(key, b))(t)["loss"] {
			t.Errorf("%s: the loaded model has another loss", name)
		}
	}
}

// loaders try a path as each kind of file.
func loaders(path string) map[string]error {
	return map[string]error{
		kindModel:   second(Load(path)),
		kindEncoder: second(LoadEncoder(path)),
		kindDecoder: second(LoadDecoder(path)),
	}
}

func TestLoadRefusesOtherKinds(t *testing.T) {
	m := model(t, kinds()["deep"], graph.Float32)
	dir := t.TempDir()
	save := map[string]func(string) error{kindModel: m.Save, kindEncoder: m.Encoder.Save, kindDecoder: m.Decoder.Save}
	for kind, f := range save {
		path := filepath.Join(dir, kind)
		ok(t, f(path))
		for as, err := range loaders(path) {
			if as != kind && !errors.Is(err, ckpt.ErrKind) {
				t.Errorf("file of %s loaded as %s: %v", kind, as, err)
			}
		}
	}
	for kind, err := range loaders(filepath.Join(dir, "absent")) {
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: absent file: %v", kind, err)
		}
	}
}

func TestLoadRefusesDamage(t *testing.T) {
	m := model(t, kinds()["tied"], graph.Float32)
	path := filepath.Join(t.TempDir(), "model")
	ok(t, m.Save(path))
	whole := must(os.ReadFile(path))(t)
	try := func(what string, at int, content []byte) {
		ok(t, os.WriteFile(path, content, 0o600))
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s at %d: error %v", what, at, err)
		}
	}
	for n := 0; n < len(whole); n += 53 {
		try("truncated", n, whole[:n])
	}
	for i := len(whole) / 2; i < len(whole); i += 29 { // the second half holds weights
		bad := append([]byte{}, whole...)
		bad[i] ^= 0x10
		try("flipped", i, bad)
	}
	for _, v := range []float64{math.NaN(), math.Inf(-1)} {
		m := model(t, kinds()["tied"], graph.Float32)
		m.Params().Lookup("enc/0/w").Value().F32[5] = float32(v)
		if err := m.Save(path); err != nil {
			continue // refused even earlier
		}
		_, err := Load(path)
		if !errors.Is(err, graph.ErrNotFinite) || !strings.Contains(err.Error(), `enc/0/w`) {
			t.Errorf("weights of %v: %v", v, err)
		}
	}
}

// TestLoadRefusesHostileConfigurations writes well-formed files that ask for the impossible.
func TestLoadRefusesHostileConfigurations(t *testing.T) {
	m := model(t, kinds()["plain"], graph.Float32)
	path := filepath.Join(t.TempDir(), "model")
	layer := func(units any, act string) []any { return []any{map[string]any{"units": units, "activation": act}} }
	filters := func(units int, size, stride any) []any {
		return []any{map[string]any{"units": units, "size": size, "stride": stride, "activation": "tanh"}}
	}
	base := func() map[string]any {
		return map[string]any{"shape": []int{6}, "encoder": layer(4, "sigmoid"), "loss": "squared-error", "output": "linear", "seed": 3}
	}
	write := func(config any) {
		f := must(ckpt.NewModel(kindModel, config, nil, m.Params()))(t)
		ok(t, ckpt.Write(path, f))
	}
	write(base())
	must(Load(path))(t) // what follows is wrong in one thing only
	for name, change := range map[string]map[string]any{
		"too many units for the file": {"encoder": layer(1<<20, "sigmoid")},
		"wide input and code":         {"encoder": layer(1<<20, "sigmoid"), "shape": []int{1 << 20}},
		"units beyond any memory":     {"encoder": layer(1<<40, "sigmoid")},
		"units beyond an integer":     {"encoder": layer(1e300, "sigmoid")},
		"negative units":              {"encoder": layer(-4, "sigmoid")},
		"other units":                 {"encoder": layer(3, "sigmoid")},
		"unknown activation":          {"encoder": layer(4, "swoosh")},
		"no encoder":                  {"encoder": nil},
		"negative shape":              {"shape": []int{-2, -3}},
		"shape that overflows":        {"shape": []int{1 << 32, 1 << 32}},
		"no shape":                    {"shape": []int{}},
		"unknown loss":                {"loss": "regret"},
		"tied with a decoder":         {"tied": true, "decoder": layer(4, "sigmoid")},
		"unknown corruption":          {"corruption": "rust:1"},
		"unknown field":               {"colour": "red"},
		"normaliser by zero":          {"normalizer": map[string]any{"shift": []int{0}, "scale": []int{0}}},
		"convolution of a vector":     {"conv": filters(2, 3, 1)},
		"too many filters":            {"shape": []int{2, 3}, "conv": filters(1<<20, 255, 1)},
		"more filters than the file":  {"shape": []int{2, 3}, "conv": filters(9, 3, 1)},
		"stride beyond an integer":    {"shape": []int{2, 3}, "conv": filters(1, 1, 1e300)},
		"huge stride":                 {"shape": []int{2, 3}, "conv": filters(1, 1, 1<<40)},
		"features beyond any memory":  {"shape": []int{1 << 10, 1 << 10}, "conv": filters(20, 1, 1)},
		"a list":                      nil,
	} {
		var config any = []int{1}
		if change != nil {
			c := base()
			for k, v := range change {
				c[k] = v
			}
			config = c
		}
		write(config)
		_, err := Load(path)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		if name == "too many units for the file" && !strings.Contains(err.Error(), "the file holds 58") {
			t.Errorf("%s: found too late: %v", name, err)
		}
		if !errors.Is(err, ErrConfig) && !errors.Is(err, ckpt.ErrFormat) && !errors.Is(err, ckpt.ErrMismatch) {
			t.Errorf("%s: no sentinel in %v", name, err)
		}
	}
}

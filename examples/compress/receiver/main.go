// Receiver turns a file of codes back into images with the decoder alone, and draws them. With the
// originals at hand it prints the error.
//
//	go run ./examples/compress/receiver -decoder compress-out/decoder.safetensors -codes compress-out/digits.codes -original digits
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/compress/codefile"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/view"
	"github.com/pkg/errors"
)

func main() {
	decoder := flag.String("decoder", "compress-out/decoder.safetensors", "the decoder")
	codes := flag.String("codes", "compress-out/digits.codes", "the file received")
	original := flag.String("original", "", "to compare with: an IDX file of images, or digits, the embedded test digits")
	out := flag.String("out", "compress-out/received.png", "picture of the first images")
	flag.Parse()
	show.Main("receiver", func(context.Context) error { return run(*decoder, *codes, *original, *out) })
}

func run(decoderPath, codesPath, originalPath, out string) error {
	decoder, err := ae.LoadDecoder(decoderPath)
	if err != nil {
		return err
	}
	file, err := os.Open(codesPath)
	if err != nil {
		return err
	}
	defer file.Close()
	codes, err := codefile.Decode(file)
	if err != nil {
		return errors.WithMessage(err, codesPath)
	}
	images, err := decoder.Decode(codes)
	if err != nil {
		return errors.WithMessagef(err, "the codes of %s", codesPath)
	}
	n := images.Shape[0]
	images.Shape = append([]int{n}, decoder.Config().Shape...)
	first := min(n, 24)
	rows := []view.Row{{Caption: "received", Images: images.Rows(0, first)}}
	fmt.Printf("%d images received\n", n)
	if originalPath != "" {
		original, err := show.Images(originalPath)
		if err != nil {
			return err
		}
		perImage, err := squaredError(original, images)
		if err != nil {
			return err
		}
		pixels := float64(images.Len() / n)
		fmt.Printf("squared error: %.3f per image, %.5f per pixel\n", perImage, perImage/pixels)
		rows = append([]view.Row{{Caption: "original", Images: original.Rows(0, first)}}, rows...)
	}
	img, err := view.Compare(rows, view.Layout{Columns: 12})
	if err != nil {
		return err
	}
	if err := view.SavePNG(out, img); err != nil {
		return err
	}
	fmt.Printf("the first %d are in %s\n", first, out)
	return nil
}

// squaredError is summed over an image and averaged over images.
func squaredError(a, b graph.Array) (float64, error) {
	if a.Len() != b.Len() || a.Shape[0] != b.Shape[0] {
		return 0, errors.Wrapf(graph.ErrShape, "the originals are %v, what was received %v", a.Shape, b.Shape)
	}
	sum := 0.0
	for i := range a.Len() {
		d := a.At(i) - b.At(i)
		sum += d * d
	}
	return sum / float64(a.Shape[0]), nil
}

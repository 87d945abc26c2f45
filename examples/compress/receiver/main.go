// Receiver turns a file of codes back into images. It needs the decoder alone; with the original
// images it tells how far off the reconstructions are.
//
//	go run ./examples/compress/train
//	go run ./examples/compress/sender
//	go run ./examples/compress/receiver -original digits
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/compress/codefile"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/view"
	"github.com/pkg/errors"
)

func main() {
	var o options
	flag.StringVar(&o.decoder, "decoder", "compress-out/decoder.safetensors", "file of the decoder")
	flag.StringVar(&o.codes, "codes", "compress-out/digits.codes", "file of codes to read")
	flag.StringVar(&o.original, "original", "", "original images to compare with, the test set if there is one: "+show.DataUsage)
	flag.StringVar(&o.out, "out", "compress-out/received", "folder for reconstructions.idx, picture and report")
	show.Parse()
	show.Main("receiver", func(ctx context.Context) error { return run(ctx, os.Stdout, o) })
}

type options struct{ decoder, codes, original, out string }

func run(ctx context.Context, w io.Writer, o options) error {
	decoder, err := ae.LoadDecoder(o.decoder)
	if err != nil {
		return err
	}
	codes, err := readCodes(o.codes)
	if err != nil {
		return err
	}
	if l := decoder.Config().CodeSize(); codes.Shape[1] != l {
		return errors.Errorf("%q holds codes of %d numbers, the decoder %q takes %d", o.codes, codes.Shape[1], o.decoder, l)
	}
	output, err := decoder.Decode(codes)
	if err != nil {
		return err
	}
	images, err := show.Denormalized(output, decoder.Config().Normalizer)
	if err != nil {
		return err
	}
	folder, err := show.NewFolder(o.out, "Images from codes")
	if err != nil {
		return err
	}
	shape := decoder.Config().Shape
	rows := []view.Row{{Caption: "received", Images: images}}
	if o.original != "" {
		original, err := compare(ctx, w, folder, images, o.original)
		if err != nil {
			return err
		}
		rows = []view.Row{{Caption: "original", Images: original}, rows[0]}
	}
	if err := draw(folder, rows, shape); err != nil {
		return err
	}
	if err := show.WriteFile(folder.File("reconstructions.idx"), idx(images, shape)); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d images in %s\n", images.Shape[0], folder.File("reconstructions.idx"))
	folder.Report.Fact("images", fmt.Sprint(images.Shape[0]))
	return folder.Close()
}

// readCodes reads a file of codes.
func readCodes(path string) (graph.Array, error) {
	file, err := os.Open(path)
	if err != nil {
		return graph.Array{}, errors.Wrap(err, "codes")
	}
	defer file.Close()
	codes, err := codefile.Decode(bufio.NewReader(file))
	return codes, errors.WithMessagef(err, "file %q", path)
}

// compare prints the squared error per image, and returns the originals.
func compare(ctx context.Context, w io.Writer, folder *show.Folder, images graph.Array, name string) (graph.Array, error) {
	set, test, err := show.Data(ctx, name, "")
	if err != nil {
		return graph.Array{}, err
	}
	if test != nil {
		set = test
	}
	if set.Len() != images.Shape[0] || set.X.Len() != images.Len() {
		return graph.Array{}, errors.Errorf("%d originals of shape %v, the codes are of %d images of %d values", set.Len(), set.Shape(), images.Shape[0], images.Shape[1])
	}
	sum := 0.0
	for i := range set.X.Len() {
		diff := set.X.At(i) - images.At(i)
		sum += diff * diff
	}
	text := fmt.Sprintf("%.4f", sum/float64(set.Len()))
	fmt.Fprintf(w, "squared error per image: %s\n", text)
	folder.Report.Fact("squared error per image", text)
	return set.X, nil
}

// draw shows the first images of every row.
func draw(folder *show.Folder, rows []view.Row, shape []int) error {
	const columns, most = 15, 45
	for i := range rows {
		shown, ok := show.AsImages(rows[i].Images, shape)
		if !ok {
			folder.Report.Text("The examples are not images that could be shown.")
			return nil
		}
		rows[i].Images = shown.Rows(0, min(most, shown.Shape[0]))
	}
	img, err := view.Compare(rows, view.Layout{Columns: columns})
	return folder.Picture("reconstructions", "What the decoder makes of the codes.", img, err)
}

// idx is the content of an IDX file of images (n, d) of a shape: bytes, 255 for 1 and above. A channel
// axis of one is left out, as MNIST has it.
func idx(images graph.Array, shape []int) []byte {
	if len(shape) == 3 && shape[0] == 1 {
		shape = shape[1:]
	}
	file := []byte{0, 0, 8, byte(1 + len(shape))}
	for _, d := range append([]int{images.Shape[0]}, shape...) {
		file = binary.BigEndian.AppendUint32(file, uint32(d))
	}
	for i := range images.Len() {
		file = append(file, byte(math.Round(255*min(1, max(0, images.At(i))))))
	}
	return file
}

package data

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"io"
	"math"
	"os"

	"github.com/pkg/errors"
)

// readFile calls read with the content of a file, unpacked if it is gzip, and adds the name of
// the file to its error.
func readFile(path string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.Wrap(err, "data")
	}
	defer f.Close()
	r, err := unpack(f)
	if err == nil {
		err = read(r)
	}
	return errors.Wrapf(gzipError(err), "data: file %q", path)
}

// unpack reads r through gzip if its first bytes say so.
func unpack(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(b)
	}
	return b, nil
}

// gzipError makes the errors that damaged compressed data gives an ErrFormat.
func gzipError(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || isCorrupt(err) {
		return errors.Wrapf(ErrFormat, "gzip: %v", err)
	}
	return err
}

// isCorrupt reports whether err says that deflated data are damaged.
func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt) || errors.Is(err, io.ErrUnexpectedEOF)
}

// shortHeader is the error of a file that ends within its header.
func shortHeader(err error, format string) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.Wrapf(ErrFormat, "file ends within the %s header", format)
	}
	return err
}

// checkSize returns an error unless an array of the given shape has elements, and not more
// bytes than can be counted.
func checkSize(shape []int, e element) error {
	n := e.size()
	for _, d := range shape {
		if d == 0 {
			return errors.Wrapf(ErrEmpty, "array of shape %v", shape)
		}
		if d < 0 || d > math.MaxInt/n {
			return errors.Wrapf(ErrFormat, "array of shape %v is larger than any file", shape)
		}
		n *= d
	}
	return nil
}

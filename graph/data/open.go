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
	r, file, err := openFile(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return fileError(path, read(r))
}

// openFile opens a file for reading, unpacked if it is gzip.
func openFile(path string) (r io.Reader, file io.Closer, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, errors.Wrap(err, "data")
	}
	if r, err = unpack(f); err != nil {
		f.Close()
		return nil, nil, fileError(path, err)
	}
	return r, f, nil
}

// fileError adds the name of the file to err. It makes the errors that damaged compressed data
// give an ErrFormat.
func fileError(path string, err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &corrupt) {
		err = errors.Wrapf(ErrFormat, "compressed data: %v", err)
	}
	return errors.Wrapf(err, "data: file %q", path)
}

// unpack reads r through gzip if its first bytes say so.
func unpack(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(b)
	}
	return b, nil
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

package text

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph/data"
)

// maxText is the number of bytes of the longest text that is read.
const maxText = 1 << 28

// Read returns the text of a file, in UTF-8, plain or compressed by gzip whatever its name. It may have 256 MB.
// A text that is damaged or too long is a data.ErrFormat, one without a character a data.ErrEmpty.
func Read(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", errors.Wrap(err, "text")
	}
	defer f.Close()
	text, err := read(f, maxText)
	return text, errors.Wrapf(err, "text: file %q", path)
}

// Decompress returns a text that was compressed by gzip, such as one that is embedded in a program; a plain one
// is returned as it is. Its errors are those of Read.
func Decompress(content string) (string, error) {
	text, err := read(strings.NewReader(content), maxText)
	return text, errors.Wrap(err, "text")
}

func read(r io.Reader, limit int) (string, error) {
	b := bufio.NewReader(r)
	r = b
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		unpacked, err := gzip.NewReader(b)
		if err != nil {
			return "", compressed(err)
		}
		r = unpacked
	}
	var text strings.Builder
	n, err := io.Copy(&text, io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil:
		return "", compressed(err)
	case n == 0:
		return "", errors.Wrap(data.ErrEmpty, "no text")
	case n > int64(limit):
		return "", errors.Wrapf(data.ErrFormat, "more than %d bytes", limit)
	}
	return text.String(), checkUTF8(text.String())
}

// compressed makes the errors that damaged compressed data give a data.ErrFormat.
func compressed(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF) || errors.As(err, &corrupt) {
		return errors.Wrapf(data.ErrFormat, "compressed data: %v", err)
	}
	return err
}

// checkUTF8 returns an error that says where a text is not UTF-8, if anywhere.
func checkUTF8(text string) error {
	if utf8.ValidString(text) {
		return nil
	}
	line := 1
	for at := 0; ; {
		r, n := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == utf8.RuneError && n < 2:
			return errors.Wrapf(data.ErrFormat, "line %d: byte %d, %#x, is not UTF-8", line, at, text[at])
		case r == '\n':
			line++
		}
		at += n
	}
}

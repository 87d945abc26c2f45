package show

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// maxLine is the most bytes of a line.
const maxLine = 1 << 20

// Lines reads the lines of a text in UTF-8, unpacked if the file is gzip, and leaves out empty ones.
func Lines(path string) (lines []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "text")
	}
	defer f.Close()
	buffered := bufio.NewReader(f)
	var r io.Reader = buffered
	if head, _ := buffered.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		if r, err = gzip.NewReader(buffered); err != nil {
			return nil, errors.Wrapf(err, "%s: compressed by gzip", path)
		}
	}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSuffix(scanner.Text(), "\r")
		if !utf8.ValidString(line) {
			return nil, errors.Errorf("%s: line %d is not UTF-8: no text?", path, n)
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, errors.Wrapf(err, "%s, after %d lines", path, len(lines))
	}
	return lines, nil
}

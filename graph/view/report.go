package view

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"html/template"
	"image"
	"image/png"
	"io"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/atomicfile"
)

// A Report is one HTML page that needs nothing but itself: pictures are part of the file. It opens
// with a table of facts; sections of text, pictures and tables follow in the order in which they are
// added. Texts are plain: whatever they hold is shown, not interpreted.
type Report struct {
	title    string
	facts    [][2]string
	sections []*section
	err      error // the first; Encode returns it
}

type section struct {
	Heading string
	Blocks  []*block
}

// A block is one of a paragraph, pictures side by side, and a table.
type block struct {
	Text     string
	Pictures []picture
	Table    *table
}

type picture struct {
	Caption       string
	Source        template.URL
	Width, Height int
}

type table struct {
	Caption string
	Header  []string
	Rows    [][]string
	Numeric []bool // of each column
}

//go:embed report.html
var reportText string

var reportTemplate = template.Must(template.New("report").Parse(reportText))

// NewReport is an empty report.
func NewReport(title string) *Report { return &Report{title: title} }

// Fact adds a line to the table at the top.
func (r *Report) Fact(name, value string) { r.facts = append(r.facts, [2]string{name, value}) }

// Section begins a section. What is added before the first has no heading.
func (r *Report) Section(heading string) {
	r.sections = append(r.sections, &section{Heading: heading})
}

// Text adds a paragraph.
func (r *Report) Text(paragraph string) { r.add(&block{Text: paragraph}) }

// Picture adds a picture. Those added one after another stand side by side where there is room.
func (r *Report) Picture(caption string, img image.Image) {
	if img == nil || img.Bounds().Empty() {
		r.fail(errors.Wrapf(graph.ErrShape, "picture %q is empty", caption))
		return
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		r.fail(errors.Wrapf(err, "picture %q", caption))
		return
	}
	p := picture{
		Caption: caption,
		Source:  template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())),
		Width:   img.Bounds().Dx(),
		Height:  img.Bounds().Dy(),
	}
	if last := r.last(); last != nil && last.Pictures != nil {
		last.Pictures = append(last.Pictures, p)
		return
	}
	r.add(&block{Pictures: []picture{p}})
}

// Table adds a table. Every row has a cell for each column of the header; columns of numbers align
// to the right.
func (r *Report) Table(caption string, header []string, rows [][]string) {
	for i, row := range rows {
		if len(row) != len(header) {
			r.fail(errors.Wrapf(graph.ErrShape, "table %q: row %d has %d cells, the header %d", caption, i, len(row), len(header)))
			return
		}
	}
	r.add(&block{Table: &table{caption, header, rows, numeric(len(header), rows)}})
}

// Encode writes the report. It returns the first error of anything that was added.
func (r *Report) Encode(w io.Writer) error {
	if r.err != nil {
		return errors.Wrapf(r.err, "report %q", r.title)
	}
	return reportTemplate.Execute(w, map[string]any{"Title": r.title, "Facts": r.facts, "Sections": r.sections})
}

// Write writes the report to a file, whole or not at all.
func (r *Report) Write(path string) error { return atomicfile.Write(path, r.Encode) }

func (r *Report) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// last is the newest block of the newest section, or nil.
func (r *Report) last() *block {
	if len(r.sections) == 0 {
		return nil
	}
	blocks := r.sections[len(r.sections)-1].Blocks
	if len(blocks) == 0 {
		return nil
	}
	return blocks[len(blocks)-1]
}

func (r *Report) add(b *block) {
	if len(r.sections) == 0 {
		r.Section("")
	}
	s := r.sections[len(r.sections)-1]
	s.Blocks = append(s.Blocks, b)
}

// numeric tells of each column whether all its cells, where not empty, begin like numbers.
func numeric(columns int, rows [][]string) []bool {
	is := make([]bool, columns)
	for c := range is {
		is[c] = len(rows) > 0
		for _, row := range rows {
			if row[c] != "" && !strings.ContainsRune("+-−.0123456789", []rune(row[c])[0]) {
				is[c] = false
			}
		}
	}
	return is
}

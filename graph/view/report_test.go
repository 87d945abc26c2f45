package view

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

const evil = `<script>alert("x")</script> & "quotes" 'too' {{.Title}} </title>`

func testPicture(side int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.SetRGBA(0, 0, color.RGBA{1, 2, 3, 255})
	return img
}

// full is a report with something hostile in every place that takes text.
func full() *Report {
	r := NewReport(evil)
	r.Fact(evil, evil)
	r.Text("before any section")
	r.Section(evil)
	r.Text(evil)
	r.Picture(evil, testPicture(3))
	r.Picture("second", testPicture(4))
	r.Text("between")
	r.Picture("third", testPicture(5))
	r.Table(evil, []string{evil, "n"}, [][]string{{evil, "1.5"}, {"b", "-2"}})
	r.Section("empty")
	return r
}

// An element is what a reader of the page finds.
type element struct {
	name string
	attr map[string]string
	text string
}

// parse reads a page as its elements, with all the text within each.
func parse(t *testing.T, page []byte) (all []*element) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []*element
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the page cannot be parsed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := &element{name: tok.Name.Local, attr: map[string]string{}}
			for _, a := range tok.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			all, open = append(all, e), append(open, e)
		case xml.EndElement:
			if open[len(open)-1].name != tok.Name.Local {
				t.Fatalf("</%s> closes <%s>", tok.Name.Local, open[len(open)-1].name)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.text += string(tok)
			}
		}
	}
	return all
}

func page(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportShowsWhatWasAdded(t *testing.T) {
	all := parse(t, page(t, full()))
	texts := map[string][]string{}
	for _, e := range all {
		texts[e.name] = append(texts[e.name], e.text)
	}
	for name, want := range map[string][]string{
		"h1":         {evil},
		"title":      {evil},
		"dt":         {evil},
		"dd":         {evil},
		"h2":         {evil, "empty"},
		"p":          {"before any section", evil, "between"},
		"figcaption": {evil, "second", "third"},
		"caption":    {evil},
		"th":         {evil, "n"},
		"td":         {evil, "1.5", "b", "-2"},
		"script":     nil,
	} {
		if strings.Join(texts[name], "|") != strings.Join(want, "|") {
			t.Errorf("<%s> says %q, want %q", name, texts[name], want)
		}
	}
	rows, numbers := 0, 0
	for _, e := range all {
		switch e.attr["class"] {
		case "pictures":
			rows++
		case "number":
			numbers++
		}
	}
	if rows != 2 || numbers != 3 {
		t.Errorf("%d rows of pictures, want 2; %d cells of numbers, want 3", rows, numbers)
	}
}

func TestReportIsSelfContained(t *testing.T) {
	b := page(t, full())
	loads := regexp.MustCompile(`(?i)https?:|//|@import|url\(|<link|<script|<iframe|<object`)
	// Base64 may hold two slashes; anything else may not.
	if found := loads.Find(regexp.MustCompile(`base64,[^"]*"`).ReplaceAll(b, nil)); found != nil {
		t.Errorf("the page holds %q", found)
	}
	if !loads.MatchString(`<img src="https://example.org/a.png">`) {
		t.Error("the search is blind")
	}
	images := 0
	for _, e := range parse(t, b) {
		for name, value := range e.attr {
			if name == "href" || name == "style" || strings.HasPrefix(name, "on") {
				t.Errorf("<%s> has the attribute %s", e.name, name)
			}
			if name != "src" {
				continue
			}
			data, ok := strings.CutPrefix(value, "data:image/png;base64,")
			if !ok {
				t.Errorf("<%s> loads %.40s", e.name, value)
				continue
			}
			raw, err := base64.StdEncoding.DecodeString(data)
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			wantSize(t, img, 3+images, 3+images)
			if got := colourAt(img, 0, 0); got != (color.RGBA{1, 2, 3, 255}) {
				t.Errorf("the first pixel is %v", got)
			}
			images++
		}
	}
	if images != 3 {
		t.Errorf("%d images, want 3", images)
	}
}

func TestReportRemembersItsFirstError(t *testing.T) {
	for name, add := range map[string]func(r *Report){
		"no picture":    func(r *Report) { r.Picture("the culprit", nil) },
		"empty picture": func(r *Report) { r.Picture("the culprit", image.NewRGBA(image.Rect(0, 0, 0, 3))) },
		"ragged table":  func(r *Report) { r.Table("the culprit", []string{"a", "b"}, [][]string{{"1", "2"}, {"1"}}) },
	} {
		r := full()
		add(r)
		r.Picture("a later one", nil)
		dir := t.TempDir()
		err := r.Write(filepath.Join(dir, "report.html"))
		if !errors.Is(err, graph.ErrShape) || !strings.Contains(err.Error(), "the culprit") {
			t.Errorf("%s: error %v, want ErrShape that names it", name, err)
		}
		if list, _ := os.ReadDir(dir); len(list) != 0 {
			t.Errorf("%s: the folder holds %v", name, list)
		}
	}
}

func TestEmptyReport(t *testing.T) {
	if all := parse(t, page(t, NewReport("title"))); len(all) == 0 {
		t.Error("an empty report is no page")
	}
	r := NewReport("title")
	r.Table("no rows", []string{"a"}, nil)
	r.Table("nothing", nil, nil)
	r.Table("empty cell", []string{"a"}, [][]string{{""}})
	parse(t, page(t, r))
}

func TestFilesAreWritten(t *testing.T) {
	dir := t.TempDir()
	if err := full().Write(filepath.Join(dir, "report.html")); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil || !bytes.Equal(b, page(t, full())) {
		t.Errorf("the file differs from what Encode gives, %v", err)
	}
	path := filepath.Join(dir, "a.png")
	if err := SavePNG(path, testPicture(7)); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	wantSize(t, img, 7, 7)
}

func TestFilesThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "below")
	for path, img := range map[string]image.Image{below: testPicture(1), filepath.Join(dir, "nil"): nil, filepath.Join(dir, "empty"): image.NewGray(image.Rectangle{})} {
		if err := SavePNG(path, img); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one that names %s", err, path)
		}
	}
	if err := full().Write(below); err == nil || !strings.Contains(err.Error(), below) {
		t.Errorf("error %v, want one that names %s", err, below)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("the folder holds %v, want one file", list)
	}
}

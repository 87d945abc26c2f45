package data

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	for _, c := range []struct {
		name, text string
		cfg        CSVConfig
		d          int
		x          []float32
		y          []int
		classes    []string
	}{
		{"numbers", "1,2\n3,-4.5e1\n", CSVConfig{}, 2, []float32{1, 2, 3, -45}, nil, nil},
		{"header", "a,b\n1,2\n", CSVConfig{}, 2, []float32{1, 2}, nil, nil},
		{"no newline, CRLF, blank lines, spaces", "a,b\r\n\r\n 1 ,2\r\n3, 4", CSVConfig{}, 2, []float32{1, 2, 3, 4}, nil, nil},
		{"label by name", "a,digit,b\n1,7,2\n3,0,4\n", CSVConfig{Label: "digit"}, 2, []float32{1, 2, 3, 4}, []int{7, 0}, nil},
		{"label first", "5,1,2\n6,3,4\n", CSVConfig{Label: "0"}, 2, []float32{1, 2, 3, 4}, []int{5, 6}, nil},
		{"label last, names", "1,2,rose\n3,4,iris\n5,6,rose\n", CSVConfig{Label: "-1"}, 2,
			[]float32{1, 2, 3, 4, 5, 6}, []int{1, 0, 1}, []string{"iris", "rose"}},
		{"header by numbers but the label", "label,0\n3,4\n", CSVConfig{Label: "label"}, 1, []float32{4}, []int{3}, nil},
		{"negative labels are names", "1,-1\n2,1\n", CSVConfig{Label: "1"}, 1, []float32{1, 2}, []int{0, 1}, []string{"-1", "1"}},
		{"semicolons and quotes", "\"a;b\";c\n\"1\";2\n", CSVConfig{Comma: ';'}, 2, []float32{1, 2}, nil, nil},
	} {
		for _, content := range [][]byte{[]byte(c.text), pack(t, []byte(c.text))} {
			s, err := LoadCSV(writeFile(t, "a.csv", content), c.cfg)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if !slices.Equal(s.X.F32, c.x) || !slices.Equal(s.Shape(), []int{c.d}) || !slices.Equal(s.Y.Int, c.y) || !slices.Equal(s.Classes, c.classes) {
				t.Errorf("%s: X %v, Y %v, classes %q", c.name, s.X, s.Y, s.Classes)
			}
		}
	}
}

func TestCSVErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		cfg        CSVConfig
		want       error
		say        string
	}{
		{"empty", "", CSVConfig{}, ErrEmpty, "without lines"},
		{"header only", "a,b\n", CSVConfig{}, ErrEmpty, "header"},
		{"text", "1,2\n3,x\n", CSVConfig{}, ErrFormat, `line 2, column 2: "x"`},
		{"empty field", "1,2\n,3\n", CSVConfig{}, ErrFormat, `line 2, column 1: ""`},
		{"half a header", "1,b\n3,4\n", CSVConfig{}, ErrFormat, `line 1, column 2: "b"`},
		{"NaN", "1,2\n3,nan\n", CSVConfig{}, ErrFormat, `line 2, column 2: "nan"`},
		{"too large", "1,2\n1e39,3\n", CSVConfig{}, ErrFormat, `line 2, column 1: "1e39"`},
		{"short line", "1,2\n\n3\n", CSVConfig{}, ErrFormat, "line 3"},
		{"quote", "1,2\n3,\"4\n", CSVConfig{}, ErrFormat, "CSV line"},
		{"no such name", "a,b\n1,2\n", CSVConfig{Label: "c"}, ErrLabel, `no column "c"`},
		{"no such number", "1,2\n", CSVConfig{Label: "2"}, ErrLabel, "no column 2: it has 2"},
		{"labels alone", "1\n2\n", CSVConfig{Label: "0"}, ErrFormat, "no column but the labels"},
		{"comma", "1,2\n", CSVConfig{Comma: '\n'}, ErrConfig, "cannot separate"},
	} {
		path := writeFile(t, "bad.csv", []byte(c.text))
		s, err := LoadCSV(path, c.cfg)
		wantError(t, c.name, err, c.want, c.say)
		wantError(t, c.name, err, c.want, path)
		if s != nil {
			t.Errorf("%s: a set beside the error", c.name)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"), "b", ',')
	f.Add([]byte("1;2\n\"3\";x\n"), "-1", ';')
	f.Add([]byte(strings.Repeat(",", 1000)), "", ',')
	f.Add([]byte("\"\n\"\"\n\",1\n"), "0", '"')
	f.Fuzz(func(t *testing.T, content []byte, label string, comma rune) {
		used := allocated(func() {
			s, err := DecodeCSV(bytes.NewReader(content), CSVConfig{Comma: comma, Label: label})
			if err == nil && (s.check() != nil || s.X.CheckFinite() != nil) {
				t.Error("accepted a set that is wrong")
			}
		})
		if used > 1<<17+100*uint64(len(content)+len(label)) {
			t.Errorf("%d bytes allocated for a file of %d", used, len(content))
		}
	})
}

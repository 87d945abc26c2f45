package main

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// flatten appends the numbers of nested lists, as encoding/json reads them.
func flatten(values []float32, v any) ([]float32, error) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			var err error
			if values, err = flatten(values, element); err != nil {
				return values, err
			}
		}
		return values, nil
	case json.Number:
		f, err := strconv.ParseFloat(v.String(), 32)
		return append(values, float32(f)), err
	}
	return values, errors.Errorf("%v", v)
}

// FuzzDecodeJSON checks that what is accepted is an array of the right size with the numbers that
// encoding/json reads, and that all else is an error to be told.
func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{
		`{"examples":[[1,2,3,4,5,6]]}`, `{"examples":[[[1,2,3],[4,5,6]],[[-1e-3,0.5E+2,0],[1,1,1]]]}`, ` { "examples" : [ [ 1 , 2 ,3,4,5, 6] ] } `,
		`{"examples":[[1,2,3,4,5,NaN]]}`, `{"examples":[[1e39,2,3,4,5,6]]}`, `{"examples":[[],[]]}`, `{"examples":[[[]]]}`, `{"examples":[[1,2],[3]]}`,
		`{"examples":[1,[2]]}`, `{"examples":[[1],2]}`, `{"examples":"]"}`, `{"examples":["],[",1]}`, `{"examples":{"a":[1]}}`, `{"codes":[[1]]}`, `null`, `[`, ``, `{}`,
		`{"examples":[[1,2,3,4,5,6]],"examples":[[6,5,4,3,2,1]]}`, `{"examples":[[[[[[[[[[[1]]]]]]]]]]]}`, `{"examples":[[true,false,null]]}`,
		`{"examples":[[1,2,3,4,5,6]],"labels":[3]}`, `{"labels":[3,10],"examples":[[1,2,3,4,5,6],[1,2,3,4,5,6]]}`, `{"examples":[[1,2,3,4,5,6]],"labels":[[0.5]]}`,
	} {
		f.Add([]byte(s))
	}
	const most = 3
	f.Fuzz(func(t *testing.T, body []byte) {
		x, labels, err := decodeJSON(body, form{name: examples, row: []int{2, 3}, most: most, classes: 10})
		if err != nil {
			var told *fault
			if !errors.As(err, &told) || told.status < 400 || told.status > 422 || told.text == "" {
				t.Fatalf("the error %v is none that a client is told", err)
			}
			return
		}
		if err := x.Check(); err != nil || len(x.Shape) != 2 || x.Shape[0] > most || x.Shape[1] != 6 || x.CheckFinite() != nil {
			t.Fatalf("%s gave an array of shape %v: %v", body, x.Shape, err)
		}
		dec := json.NewDecoder(strings.NewReader(string(body)))
		dec.UseNumber()
		var whole map[string]any
		if err := dec.Decode(&whole); err != nil {
			t.Fatalf("%s was accepted, but %v", body, err)
		}
		want, err := flatten(nil, whole[examples])
		if err != nil || len(want) != x.Len() {
			t.Fatalf("%s was accepted with %d numbers, but has %v (%v)", body, x.Len(), want, err)
		}
		if numbers, ok := whole[labelsName]; ok {
			list, err := flatten(nil, numbers)
			if err != nil || len(list) != len(labels) || len(labels) != x.Shape[0] {
				t.Fatalf("%s was accepted with the labels %v (%v)", body, labels, err)
			}
			for i, v := range list {
				if v != float32(labels[i]) || labels[i] < 0 || labels[i] > 9 {
					t.Fatalf("%s was accepted with the labels %v", body, labels)
				}
			}
		}
		for i, v := range want {
			if math.Float32bits(v) != math.Float32bits(x.F32[i]) {
				t.Fatalf("%s: number %d is %g, expected %g", body, i, x.F32[i], v)
			}
		}
	})
}

func TestAppendJSON(t *testing.T) {
	for want, a := range map[string]graph.Array{
		`[[1,-0.5],[1e-07,3.4028235e+38]]`: graph.Floats32([]float32{1, -0.5, 1e-7, math.MaxFloat32}, 2, 2),
		`[0.1,2]`:                          graph.Floats64([]float64{0.1, 2}, 2),
		`[[[7]],[[-8]]]`:                   graph.Ints([]int{7, -8}, 2, 1, 1),
	} {
		if got := string(appendJSON(nil, a)); got != want || !json.Valid([]byte(got)) {
			t.Errorf("got %s, expected %s", got, want)
		}
	}
}

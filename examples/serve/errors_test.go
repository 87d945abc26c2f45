package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
)

// TestErrors sends what cannot be right, each time followed by what is: the server says what was
// expected, and lives on.
func TestErrors(t *testing.T) {
	l := quick()
	l.body, l.examples = 40_000, 20
	m := loaded(t, newVAE(t))
	url, _, _ := start(t, m, l)
	good := rows(examples, unit(1, 24))
	large := rows(examples, unit(21, 24))
	row := strings.TrimSuffix(strings.TrimPrefix(string(good), `{"examples":[[`), `]]}`)
	with := func(last string) string { return `{"examples":[[` + row[:strings.LastIndex(row, ",")+1] + last + `]]}` }
	image := grey(t, 4, 6, make([]uint8, 24)...)
	for _, c := range []struct {
		method, path, kind, body string
		status                   int
		says                     string
	}{
		{"GET", "/nothing", "", "", 404, "/encode"},
		{"POST", "/encode/more", jsonType, "", 404, "/encode"},
		{"POST", "/classify", jsonType, string(good), 404, "offers encode, decode"},
		{"GET", "/encode", "", "", 405, "POST"},
		{"DELETE", "/encode", "", "", 405, "POST"},
		{"POST", "/sample", jsonType, "{}", 405, "GET"},
		{"PUT", "/model", "", "", 405, "GET"},
		{"POST", "/health", "", "", 405, "GET"},
		{"POST", "/", "", "", 405, "GET"},

		{"POST", "/encode", "", string(good), 415, "application/json or image/png"},
		{"POST", "/encode", "application/x-www-form-urlencoded", string(good), 415, "application/json"},
		{"POST", "/encode", "image/jpeg", string(image), 415, "image/png"},
		{"POST", "/decode", pngType, string(image), 415, "expected application/json"},
		{"POST", "/encode", "application/json; charset", string(good), 415, "Content-Type"},

		{"POST", "/encode", jsonType, "", 400, "empty"},
		{"POST", "/encode", jsonType, "null", 422, "missing"},
		{"POST", "/encode", jsonType, "[[1]]", 400, "array"},
		{"POST", "/encode", jsonType, "17", 400, "number"},
		{"POST", "/encode", jsonType, "examples", 400, "byte 0"},
		{"POST", "/encode", jsonType, string(good[:100]), 400, "ends too early"},
		{"POST", "/encode", jsonType, string(good) + "{}", 400, "follows"},
		{"POST", "/encode", jsonType, with("NaN"), 400, "NaN"},
		{"POST", "/encode", jsonType, with("Infinity"), 400, "finite"},
		{"POST", "/encode", jsonType, with("-Infinity"), 400, "finite"},
		{"POST", "/encode", jsonType, with("1e39"), 422, "examples[0][23] is 1e39, expected a finite number"},
		{"POST", "/encode", jsonType, with("-1e400"), 422, "finite"},
		{"POST", "/encode", jsonType, with(`"1"`), 422, "expected a number"},
		{"POST", "/encode", jsonType, with("null"), 422, "expected a number"},
		{"POST", "/encode", jsonType, with("[1]"), 422, "is an array, expected a number"},
		{"POST", "/encode", jsonType, with("{}"), 422, "expected a number"},
		{"POST", "/encode", jsonType, with("0.1,0.1"), 422, "of shape (1, 25), expected (n, 24) or (n, 1, 4, 6)"},
		{"POST", "/encode", jsonType, with("1.5"), 422, "[0, 1]"},
		{"POST", "/score", jsonType, with("-0.1"), 422, "element 23 of example 0 is -0.1"},
		{"POST", "/encode", jsonType, `{"examples":[]}`, 422, "empty"},
		{"POST", "/encode", jsonType, `{"examples":[[]]}`, 422, "examples[0] is empty"},
		{"POST", "/encode", jsonType, `{"examples":[[1,2],[3]]}`, 422, "examples[1] has 1 elements, those before it have 2"},
		{"POST", "/encode", jsonType, `{"examples":[[1],2]}`, 422, "examples[1] is a number"},
		{"POST", "/encode", jsonType, `{"examples":[` + row + `]}`, 422, "of shape (24), expected (n, 24)"},
		{"POST", "/encode", jsonType, `{"examples":"many"}`, 422, "expected an array"},
		{"POST", "/encode", jsonType, `{"examples":null}`, 422, "expected an array"},
		{"POST", "/encode", jsonType, `{"examples":` + strings.Repeat("[", 50) + "1" + strings.Repeat("]", 50) + `}`, 422, "is an array"},
		{"POST", "/encode", jsonType, `{"images":[[1]]}`, 422, `unknown field \"images\"`},
		{"POST", "/encode", jsonType, `{"examples":[[1]],"seed":1}`, 422, `unknown field \"seed\"`},
		{"POST", "/encode", jsonType, `{}`, 422, `\"examples\" is missing`},
		{"POST", "/decode", jsonType, `{"codes":[[1,2]]}`, 422, "(n, 3)"},
		{"POST", "/decode", jsonType, `{"codes":[[1e38,1e38,1e38]]}`, 200, ""},
		{"POST", "/decode", jsonType, string(good), 422, "codes"},
		{"POST", "/encode", jsonType, string(large), 422, "more than 20 examples of 24"},
		{"POST", "/encode", jsonType, strings.Repeat(" ", 50_000), 413, "40000 bytes"},

		{"POST", "/encode", pngType, "no picture", 422, "picture"},
		{"POST", "/encode", pngType, string(image[:60]), 422, "picture"},
		{"POST", "/encode", pngType, "", 422, "picture"},
		{"POST", "/encode", pngType, string(grey(t, 2, 3, make([]uint8, 6)...)), 422, "2 x 3 pixels, expected 4 x 6"},
		{"POST", "/encode", pngType, string(grey(t, 3000, 3000, make([]uint8, 9e6)...)), 422, "3000 x 3000 pixels"},

		{"GET", "/sample?n=0", "", "", 422, "from 1 to 20"},
		{"GET", "/sample?n=21", "", "", 422, "from 1 to 20"},
		{"GET", "/sample?n=many", "", "", 422, "whole number"},
		{"GET", "/sample?seed=-1", "", "", 422, "whole number"},
		{"GET", "/sample?seed=1e3", "", "", 422, "whole number"},
		{"GET", "/sample?format=gif", "", "", 422, "json or png"},
		{"GET", "/sample?n=1&n=2", "", "", 400, "2 times"},
		{"GET", "/sample?steps=5", "", "", 400, "/sample takes format, seed, n"},
		{"GET", "/sample?n=%zz", "", "", 400, "%zz"},
		{"POST", "/encode?format=png", jsonType, string(good), 422, "no pictures"},
		{"POST", "/encode?seed=4", jsonType, string(good), 400, "unknown parameter"},
		{"POST", "/encode?resize=perhaps", pngType, string(image), 422, "true or false"},
	} {
		r := send(t, c.method, url+c.path, c.kind, []byte(c.body))
		var told struct{ Error string }
		if c.status != 200 {
			if err := json.Unmarshal(r.body, &told); err != nil || told.Error == "" || r.header.Get("Content-Type") != jsonType {
				t.Errorf("%s %s %.80s: the answer %s is no JSON error (%v)", c.method, c.path, c.body, r.body, err)
			}
		}
		if r.status != c.status || !strings.Contains(string(r.body), c.says) {
			t.Errorf("%s %s %.80s: %d %s, expected %d and %q", c.method, c.path, c.body, r.status, r.body, c.status, c.says)
		}
		if allow := r.header.Get("Allow"); (r.status == 405) != (allow != "") {
			t.Errorf("%s %s: Allow: %q with status %d", c.method, c.path, allow, r.status)
		}
		if r := send(t, "POST", url+"/encode", jsonType, good); r.status != http.StatusOK {
			t.Fatalf("after %s %s %.80s the server says %d %s", c.method, c.path, c.body, r.status, r.body)
		}
	}
	request := must[*http.Request](t)(http.NewRequest("POST", url+"/encode", bytes.NewReader(good)))
	request.Header.Set("Content-Type", jsonType)
	request.Header.Set("Content-Encoding", "gzip")
	response := must[*http.Response](t)(http.DefaultClient.Do(request))
	response.Body.Close()
	if response.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a body in gzip gives %s", response.Status)
	}
}

// TestErrorsOfOtherKinds sends what only some kinds refuse.
func TestErrorsOfOtherKinds(t *testing.T) {
	kinds := everyKind(t)
	linear := loaded(t, newAE(t, ae.Config{}))
	table := loaded(t, newRBM(t)) // 24 numbers are no square: no image
	huge := graph.Floats32(repeated(3e38, 24), 1, 24)
	for _, c := range []struct {
		m          *model
		path, body string
		status     int
		says       string
	}{
		{kinds["ae"], "/encode", string(rows(examples, graph.Floats32(repeated(2, 24), 1, 24))), 422, "[0, 1]"},
		{linear, "/encode", string(rows(examples, graph.Floats32(repeated(2, 24), 1, 24))), 200, ""},
		{linear, "/score", string(rows(examples, huge)), 422, "too large"},
		{kinds["rbm"], "/score", string(rows(examples, graph.Floats32(repeated(-1, 24), 1, 24))), 422, "[0, 1]"},
		{kinds["rbm"], "/decode", `{"codes":[[2,0,0,0,0]]}`, 422, "[0, 1]"},
		{kinds["pretrain-stack"], "/encode", string(rows(examples, graph.Floats32(repeated(2, 24), 1, 24))), 422, "[0, 1]"},
		{kinds["ae-encoder"], "/decode", `{"codes":[[1,1]]}`, 404, "offers encode"},
		{kinds["ae-decoder"], "/sample", ``, 404, "offers decode"},
		{kinds["conditional"], "/encode", string(rows(examples, unit(2, 24))), 422, "labels from 0 to 2"},
		{kinds["conditional"], "/encode?label=3", string(rows(examples, unit(2, 24))), 422, "from 0 to 2"},
		{kinds["conditional"], "/encode?label=1", string(labelled(unit(2, 24), "1,2")), 422, "one of the two"},
		{kinds["conditional"], "/encode", string(labelled(unit(2, 24), "1,2")), 200, ""},
		{kinds["conditional"], "/encode", string(labelled(unit(2, 24), "1")), 422, "labels of shape (1), expected (2)"},
		{kinds["conditional"], "/encode", string(labelled(unit(2, 24), "1,3")), 422, "labels[1] is 3, expected a whole number from 0 to 2"},
		{kinds["conditional"], "/encode", string(labelled(unit(2, 24), "1,0.5")), 422, "labels[1] is 0.5"},
		{kinds["conditional"], "/encode", string(labelled(unit(2, 24), "[1],[2]")), 422, "labels of shape (2, 1)"},
		{kinds["conditional"], "/encode", string(labelled(unit(2, 24), "0,0,0")), 422, "labels"},
		{kinds["pretrain-dbn"], "/encode", string(labelled(unit(2, 24), "1,2")), 422, "unknown field"},
		{kinds["pretrain-dbn"], "/classify", string(rows(examples, graph.Floats32(repeated(2, 24), 1, 24))), 422, "[0, 1]"},
		{table, "/reconstruct?format=png", string(rows(examples, unit(1, 24))), 422, "no pictures"},
	} {
		url, stop, _ := start(t, c.m, quick())
		if r := send(t, "POST", url+c.path, jsonType, []byte(c.body)); r.status != c.status || !strings.Contains(string(r.body), c.says) {
			t.Errorf("%s %s: %d %s, expected %d and %q", c.m.kind, c.path, r.status, r.body, c.status, c.says)
		}
		stop()
	}
	url, _, _ := start(t, kinds["rbm"], quick())
	if r := send(t, "GET", url+"/sample?steps=0", "", nil); r.status != 422 {
		t.Errorf("no steps: %d %s", r.status, r.body)
	}
}

// labelled is a body of examples with labels.
func labelled(x graph.Array, labels string) []byte {
	body := rows(examples, x)
	return append(body[:len(body)-1], (`,"labels":[` + labels + `]}`)...)
}

// repeated is n times v.
func repeated(v float32, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = v
	}
	return x
}

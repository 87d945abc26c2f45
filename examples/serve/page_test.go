package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestPageAndInformation(t *testing.T) {
	for kind, m := range everyKind(t) {
		url, _, _ := start(t, m, quick())
		page := send(t, "GET", url+"/", "", nil)
		if page.status != http.StatusOK || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: page with status %d, type %q", kind, page.status, page.header.Get("Content-Type"))
		}
		method := "POST"
		if m.ops[m.offers()[0]].takes == "" {
			method = "GET"
		}
		for _, s := range []string{"kind " + m.kind, "24", method + " /" + m.offers()[0], "curl -s " + url + "/model"} {
			if !strings.Contains(string(page.body), s) {
				t.Errorf("%s: the page does not say %q", kind, s)
			}
		}
		if outside := regexp.MustCompile(`(src|href)="?(https?:)?//`).FindString(string(page.body)); outside != "" {
			t.Errorf("%s: the page loads %s from elsewhere", kind, outside)
		}
		var i information
		r := send(t, "GET", url+"/model", "", nil)
		if err := json.Unmarshal(r.body, &i); err != nil || i.Kind != m.kind || i.Size != 24 || len(i.Operations) != len(m.ops) || i.Config == nil {
			t.Errorf("%s: information %s (%v)", kind, r.body, err)
		}
		for name, op := range m.ops {
			if got := i.Operations[name]; got.Takes != op.takes || (got.Method == http.MethodGet) != (op.takes == "") {
				t.Errorf("%s: /%s is told as %+v", kind, name, got)
			}
		}
		if r := send(t, "HEAD", url+"/model", "", nil); r.status != http.StatusOK || len(r.body) > 0 || r.header.Get("Content-Length") == "0" {
			t.Errorf("%s: HEAD gives %d and %d bytes", kind, r.status, len(r.body))
		}
		if r := send(t, "GET", url+"/health", "", nil); r.status != http.StatusOK || string(r.body) != "{\"status\":\"ok\"}\n" {
			t.Errorf("%s: health %d %s", kind, r.status, r.body)
		}
	}
}

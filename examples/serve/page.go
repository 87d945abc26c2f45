package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// information is what /model tells.
type information struct {
	Kind       string                    `json:"kind"`
	Layers     []int                     `json:"layers"`               // units from input to output
	Shape      []int                     `json:"shape,omitempty"`      // of an example; none if it is a text
	Size       int                       `json:"size,omitempty"`       // numbers of an example
	Vocabulary int                       `json:"vocabulary,omitempty"` // tokens of texts
	Example    string                    `json:"example,omitempty"`    // a text that the model can take
	Code       int                       `json:"code,omitempty"`       // numbers of a code
	Classes    int                       `json:"classes,omitempty"`    // labels are 0 to classes-1
	Unit       bool                      `json:"unit_interval"`        // the model takes numbers in [0, 1] alone
	UnitCode   bool                      `json:"unit_codes"`           // codes are in [0, 1]
	White      float64                   `json:"white"`                // the value of a white pixel
	Image      bool                      `json:"image"`                // examples are images
	Operations map[string]operationUsage `json:"operations"`
	Limits     map[string]int64          `json:"limits"`
	Config     any                       `json:"config"`
}

// LastLabel is the largest label.
func (i information) LastLabel() int { return i.Classes - 1 }

// operationUsage says how an operation is asked for.
type operationUsage struct {
	Method     string   `json:"method"`
	Takes      string   `json:"takes,omitempty"`  // field of the JSON body
	Labels     bool     `json:"labels,omitempty"` // conditional on labels
	Types      []string `json:"content_types,omitzero"`
	Gives      []string `json:"gives"`      // fields of the answer
	Parameters []string `json:"parameters"` // of the URL
}

func (s *server) information() information {
	m := s.model
	_, image := m.image()
	i := information{
		Kind: m.kind, Layers: m.layers, Shape: m.shape, Vocabulary: m.vocabulary, Example: m.example, Code: m.code, Classes: m.classes, Unit: m.unit, UnitCode: m.unitCode, White: s.white,
		Image: image, Operations: map[string]operationUsage{}, Config: m.config,
		Limits: map[string]int64{"bytes": s.limits.body, "examples": int64(s.limits.examples), "running": int64(s.limits.running), "waiting": int64(s.limits.waiting)},
	}
	if m.vocabulary > 0 {
		i.Limits["tokens"] = maxTokens
	} else {
		i.Size = m.size()
	}
	for name, op := range m.ops {
		u := operationUsage{Method: http.MethodGet, Takes: op.takes, Labels: op.labelled, Gives: op.gives, Parameters: s.parameters(op)}
		if op.takes != "" {
			u.Method, u.Types = http.MethodPost, s.types(op)
		}
		i.Operations[name] = u
	}
	return i
}

// info answers /model.
func (s *server) info(*http.Request) (answer, error) {
	text, err := json.MarshalIndent(s.information(), "", "  ")
	return answer{kind: jsonType, body: append(text, '\n')}, err
}

// health answers /health: 200 while requests are taken.
func (s *server) health(*http.Request) (answer, error) {
	if s.stopping.Load() {
		return answer{}, refuse(http.StatusServiceUnavailable, "the server is stopping")
	}
	return answer{kind: jsonType, body: []byte("{\"status\":\"ok\"}\n")}, nil
}

// index answers / with a page for people.
func (s *server) index(r *http.Request) (answer, error) {
	text, err := json.MarshalIndent(s.model.config, "", "  ")
	if err != nil {
		return answer{}, err
	}
	var b bytes.Buffer
	err = page.Execute(&b, struct {
		Info   information
		Config string
		Curl   []string
	}{s.information(), string(text), s.curl("http://" + r.Host)})
	return answer{kind: "text/html; charset=utf-8", body: b.Bytes()}, err
}

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// curl is a few commands that work with the model.
func (s *server) curl(url string) []string {
	lines := []string{fmt.Sprintf("curl -s %s/model", url)}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	_, image := s.model.image()
	sample, sampled := s.model.ops["sample"]
	switch {
	case sampled && image:
		add("curl -s -o samples.png '%s/sample?n=64&seed=1&format=png'", url)
	case sampled:
		add("curl -s '%s/sample?n=4&seed=1'", url)
	}
	for _, name := range names {
		if op := s.model.ops[name]; op.write != nil {
			add("%s", posting(url+"/"+name, op.takes, s.model.example))
		}
	}
	for _, name := range []string{"reconstruct", "classify", "encode", "decode", "predict"} {
		op, ok := s.model.ops[name]
		if !ok {
			continue
		}
		source, query := fmt.Sprintf("curl -s '%s/sample?n=8&seed=1'", url), ""
		if !sampled || op.takes != examples || len(sample.gives) > 1 && !op.labelled {
			source = zeros(op.takes, product(s.model.row(op.takes)))
			if op.labelled {
				query = "?label=0"
			}
		}
		file := ""
		if image && op.gives[0] == examples {
			file = fmt.Sprintf("-o %s.png ", name)
			if query == "" {
				query = "?format=png"
			} else {
				query += "&format=png"
			}
		}
		add("%s | curl -s -H 'Content-Type: application/json' -d @- %s'%s/%s%s'", source, file, url, name, query)
	}
	return lines[:min(3, len(lines))]
}

// zeros is a shell command that prints a request with one example or code, all 0.
func zeros(takes string, n int) string {
	if n == 1 {
		return fmt.Sprintf(`echo '{"%s":[[0]]}'`, takes)
	}
	return fmt.Sprintf(`echo "{\"%s\":[[0$(printf ',0%%.0s' $(seq %d))]]}"`, takes, n-1)
}

// post is a shell command that sends a text.
func posting(url, field, text string) string {
	body, _ := json.Marshal(map[string][]string{field: {text}}) // strings always can
	return fmt.Sprintf("curl -s -H 'Content-Type: application/json' -d '%s' '%s'", strings.ReplaceAll(string(body), "'", `\u0027`), url)
}

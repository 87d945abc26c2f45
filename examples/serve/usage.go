package main

import "fmt"

// curl is a few commands that work with the model.
func (s *server) curl(url string) []string {
	lines := []string{fmt.Sprintf("curl -s %s/model", url)}
	_, image := s.model.image()
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	_, sample := s.model.ops["sample"]
	if sample && image {
		add("curl -s -o samples.png '%s/sample?n=64&seed=1&format=png'", url)
	} else if sample {
		add("curl -s '%s/sample?n=4&seed=1'", url)
	}
	for _, name := range []string{"reconstruct", "encode", "decode", "classify", "predict"} {
		op, ok := s.model.ops[name]
		if !ok {
			continue
		}
		picture := ""
		target := url + "/" + name
		if image && op.gives[0] == examples {
			picture, target = fmt.Sprintf("-o %s.png ", name), fmt.Sprintf("'%s?format=png'", target)
		}
		source := fmt.Sprintf("curl -s '%s/sample?n=8&seed=1'", url)
		if !sample || op.takes != examples {
			source = zeros(op.takes, product(s.model.row(op.takes)))
		}
		add("%s | curl -s -H 'Content-Type: application/json' -d @- %s%s", source, picture, target)
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

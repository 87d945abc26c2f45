package main

import (
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/pkg/errors"
)

// A dictionary is words by letters with their phonemes; a word may be there more than once.
type dictionary struct{ letters, phonemes [][]string }

// loadCMUdict is the split of CMUdict 0.7b of the papers on grapheme-to-phoneme conversion: training, validation and
// test set.
func loadCMUdict() (sets [3]dictionary, err error) {
	for i, name := range []string{"cmudict-0.7b.train-dev-20-21.gz", "cmudict-0.7b.train-dev-1-21.gz", "cmudict-0.7b.test.gz"} {
		path, err := dataFile("cmudict-g2p", name, "CMUdict, split into training, validation and test set")
		if err != nil {
			return sets, err
		}
		lines, err := show.Lines(path)
		if err != nil {
			return sets, err
		}
		if sets[i], err = readDictionary(lines); err != nil {
			return sets, errors.WithMessage(err, path)
		}
	}
	return sets, nil
}

// readDictionary reads lines of a word, two spaces, and its phonemes with one space between them.
func readDictionary(lines []string) (d dictionary, err error) {
	for i, line := range lines {
		word, phonemes, _ := strings.Cut(line, "  ")
		if word == "" || phonemes == "" {
			return d, errors.Errorf("line %d is %q, expected a word, two spaces and phonemes", i+1, line)
		}
		d.letters, d.phonemes = append(d.letters, strings.Split(word, "")), append(d.phonemes, strings.Fields(phonemes))
	}
	return d, nil
}

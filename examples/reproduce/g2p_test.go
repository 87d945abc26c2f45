package main

import (
	"strings"
	"testing"

	"github.com/latent-go/latent/lm"
)

// tinyDictionary pronounces letters one by one.
func tinyDictionary(t *testing.T) dictionary {
	t.Helper()
	var lines []string
	for i := range 36 {
		word, sounds := "", ""
		for n := i; len(word) < 2; n /= 6 {
			letter := string("ABCDEF"[n%6])
			word, sounds = word+letter, sounds+" "+strings.ToLower(letter)
		}
		lines = append(lines, word+" "+sounds)
	}
	d, err := readDictionary(lines)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMeasureG2P(t *testing.T) {
	d := tinyDictionary(t)
	phonemes, words, err := measureG2P(t.Context(), tinySetting(t), lm.SeqConfig{Units: 32, Embedding: 16}, 250, [3]dictionary{d, d, d})
	if err != nil || phonemes > 5 || words > 15 {
		t.Errorf("%g %% of phonemes and %g %% of words are wrong, error %v", phonemes, words, err)
	}
	unknown := dictionary{letters: [][]string{{"X"}}, phonemes: [][]string{{"a"}}}
	if _, _, err := measureG2P(t.Context(), tinySetting(t), lm.SeqConfig{}, 1, [3]dictionary{d, d, unknown}); err == nil || !strings.Contains(err.Error(), "X") {
		t.Errorf("a letter that training has not: %v", err)
	}
}

// TestPronunciationErrors gives references that the model's own pronunciations are known to miss by so much.
func TestPronunciationErrors(t *testing.T) {
	m, err := lm.NewSeq(lm.SeqConfig{Source: 5, Target: 6, SourceLength: 2, TargetLength: 4, Units: 4, Embedding: 4})
	if err != nil {
		t.Fatal(err)
	}
	words := [][]int{{3}, {4}, {3, 4}}
	found, err := m.Translate(t.Context(), words, 5)
	if err != nil {
		t.Fatal(err)
	}
	own := func(i int) []int { return found[i].Tokens }
	more := func(i int) []int { return append([]int{9}, own(i)...) }
	phonemes, wrong, err := pronunciationErrors(t.Context(), m,
		[][]int{words[0], words[1], words[0], words[2]}, [][]int{more(0), more(1), own(0), own(2)})
	length := len(own(0)) + len(more(1)) + len(own(2))
	if want := 100 / float64(length); err != nil || phonemes != want || wrong != 100./3 {
		t.Errorf("%g and %g %%, expected %g and %g; error %v", phonemes, wrong, want, 100./3, err)
	}
}

func TestReadDictionary(t *testing.T) {
	d, err := readDictionary([]string{"'EM  AH M", "A  AH"})
	if err != nil || len(d.letters) != 2 || strings.Join(d.letters[0], "|") != "'|E|M" || strings.Join(d.phonemes[0], "|") != "AH|M" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := readDictionary([]string{"A  AH", "B AH"}); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line without two spaces: %v", err)
	}
	for _, root := range []string{"", t.TempDir()} {
		t.Setenv("LATENT_DATA", root)
		if _, err := loadCMUdict(); err == nil || !strings.Contains(err.Error(), "cmudict-g2p") {
			t.Errorf("no dictionary: %v", err)
		}
	}
}

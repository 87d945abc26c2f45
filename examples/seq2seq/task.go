package main

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

// readPairs reads lines of a source, a tab and a target.
func readPairs(lines []string) ([][2]string, error) {
	var pairs [][2]string
	for i, line := range lines {
		parts := strings.Split(line, "\t")
		if len(parts) != 2 || strings.TrimSpace(parts[0]) == "" || strings.TrimSpace(parts[1]) == "" {
			return nil, errors.Errorf("line %d is %.60q, expected a source, one tab and a target", i+1, line)
		}
		pairs = append(pairs, [2]string{parts[0], parts[1]})
	}
	if len(pairs) == 0 {
		return nil, errors.New("there is no pair")
	}
	return pairs, nil
}

// A vocabulary is the tokens of one side, by ids; the first ones are those that lm keeps for itself.
type vocabulary struct {
	words  bool // tokens are words, not characters
	tokens []string
	ids    map[string]int
}

func newVocabulary(texts []string, words bool) vocabulary {
	v := vocabulary{words: words, ids: map[string]int{}}
	for _, text := range texts {
		for _, token := range v.divide(text) {
			v.ids[token] = 0
		}
	}
	v.tokens = append([]string{"<pad>", "<begin>", "<end>"}, slices.Sorted(maps.Keys(v.ids))...)
	for id, token := range v.tokens[lm.SeqFirst:] {
		v.ids[token] = lm.SeqFirst + id
	}
	return v
}

// divide cuts a text into tokens.
func (v vocabulary) divide(text string) []string {
	if v.words {
		return strings.Fields(text)
	}
	return strings.Split(text, "")
}

// of is the tokens of a text, all of them known, as ids.
func (v vocabulary) of(text string) []int {
	var tokens []int
	for _, token := range v.divide(text) {
		tokens = append(tokens, v.ids[token])
	}
	return tokens
}

// text is the inverse of of.
func (v vocabulary) text(tokens []int) string {
	between := ""
	if v.words {
		between = " "
	}
	texts := make([]string, len(tokens))
	for i, id := range tokens {
		texts[i] = v.tokens[id]
	}
	return strings.Join(texts, between)
}

// A task is sources with their targets, divided into those to learn from and those to be tested on.
type task struct {
	source, target vocabulary
	targets        map[string][]string // of a source
	training, test []string            // sources
}

// newTask holds out a part of the sources, with all their targets.
func newTask(pairs [][2]string, sourceWords, targetWords bool, key graph.Key, heldOut float64) (*task, error) {
	t := &task{targets: map[string][]string{}}
	var sources, sides, others []string
	for _, p := range pairs {
		sides, others = append(sides, p[0]), append(others, p[1])
		if t.targets[p[0]] == nil {
			sources = append(sources, p[0])
		}
		t.targets[p[0]] = append(t.targets[p[0]], p[1])
	}
	t.source, t.target = newVocabulary(sides, sourceWords), newVocabulary(others, targetWords)
	n := int(math.Round(heldOut * float64(len(sources))))
	if n == 0 || n == len(sources) {
		return nil, errors.Errorf("-held-out %g of %d different sources leaves none for the training or for the test", heldOut, len(sources))
	}
	for i, at := range key.Perm(len(sources)) {
		if i < n {
			t.test = append(t.test, sources[at])
		} else {
			t.training = append(t.training, sources[at])
		}
	}
	return t, nil
}

// pairs are some sources, once with each of their targets, as ids.
func (t *task) pairs(sources []string) (source, target [][]int) {
	for _, s := range sources {
		for _, text := range t.targets[s] {
			source, target = append(source, t.source.of(s)), append(target, t.target.of(text))
		}
	}
	return source, target
}

// complete fills in what the model must know of the task.
func (t *task) complete(cfg lm.SeqConfig) lm.SeqConfig {
	cfg.Source, cfg.Target = len(t.source.tokens), len(t.target.tokens)
	cfg.SourceTokens, cfg.TargetTokens = t.source.tokens, t.target.tokens
	for _, sources := range [][]string{t.training, t.test} {
		source, target := t.pairs(sources)
		for i := range source {
			cfg.SourceLength, cfg.TargetLength = max(cfg.SourceLength, len(source[i])), max(cfg.TargetLength, len(target[i]))
		}
	}
	return cfg
}

package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/latent-go/latent/examples/internal/opticks"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

// program is the state of a run.
type program struct {
	options
	key                   graph.Key
	characters            *text.Vocabulary
	corruption            text.Corruption
	training, valid, test []string // clean pieces
	noisy, found          []string // of the test
	dictionary            *dictionary
	folder                *show.Folder
	model                 *lm.SeqModel
	history               *train.History
}

const (
	maxLength = 500
	every     = 40 // one piece in so many of the training text is held out for the learning curve
)

// load reads the text and cuts it into pieces.
func (p *program) load() (err error) {
	content := ""
	if p.data == "" {
		p.data = opticks.Name
		content, err = opticks.Text()
	} else {
		content, err = text.Read(p.data)
	}
	if err != nil {
		return errors.WithMessage(err, "-data")
	}
	if p.characters, err = text.Characters(strings.Join(strings.Fields(content), " ")); err != nil {
		return errors.WithMessage(err, "-data")
	}
	p.complete()
	// A masked character is one that is not known.
	ids := text.IDs{Mask: lm.SeqFirst + text.Unknown, First: lm.SeqFirst + text.Unknown + 1, End: p.options.model.Source}
	if p.corruption, err = text.ParseCorruption(p.noise, ids); err != nil {
		return errors.WithMessage(err, "-noise")
	}
	words := strings.Fields(content)
	cut := int(float64(len(words)) * (1 - p.heldOut))
	for i, piece := range pieces(words[:cut], p.length) {
		if i%every == every-1 {
			p.valid = append(p.valid, piece)
		} else {
			p.training = append(p.training, piece)
		}
	}
	p.test = pieces(words[cut:], p.length)
	if len(p.valid) == 0 || len(p.test) == 0 {
		return errors.Errorf("-data %s: %d pieces of at most %d characters for training and %d for the test are too few, expected %d and 1",
			p.data, len(p.training)+len(p.valid), p.length, len(p.test), every)
	}
	p.dictionary = newDictionary(words[:cut])
	fmt.Printf("%d pieces of text for training, %d held out, %d for the test; %d different characters, %d different words in the training text\n",
		len(p.training), len(p.valid), len(p.test), p.characters.Len()-1, len(p.dictionary.counts))
	return nil
}

// pieces are words put together to as many characters as fit, with spaces between. A word that is too long is left out.
func pieces(words []string, length int) []string {
	var all []string
	piece, n := "", 0
	for _, w := range words {
		size := utf8.RuneCountInString(w)
		switch {
		case size > length:
			continue
		case n == 0:
			piece, n = w, size
		case n+1+size <= length:
			piece, n = piece+" "+w, n+1+size
		default:
			all = append(all, piece)
			piece, n = w, size
		}
	}
	if n > 0 {
		all = append(all, piece)
	}
	return all
}

// complete fills in what the model must know of the text. Sources have room for insertions.
func (p *program) complete() {
	c := &p.options.model
	c.SourceTokens = []string{"<pad>", "<begin>", "<end>"}
	for id := range p.characters.Len() {
		c.SourceTokens = append(c.SourceTokens, p.characters.Decode([]int{id}))
	}
	c.TargetTokens = c.SourceTokens
	c.Source, c.Target = len(c.SourceTokens), len(c.SourceTokens)
	c.SourceLength, c.TargetLength = p.length+p.length/4, p.length
}

// encode is a text as the model's ids.
func (p *program) encode(piece string) []int {
	ids := p.characters.Encode(piece)
	for i := range ids {
		ids[i] += lm.SeqFirst
	}
	return ids
}

func (p *program) encodeAll(pieces []string) [][]int {
	all := make([][]int, len(pieces))
	for i, piece := range pieces {
		all[i] = p.encode(piece)
	}
	return all
}

// decode is the inverse of encode.
func (p *program) decode(ids []int) string {
	own := make([]int, len(ids))
	for i, id := range ids {
		own[i] = id - lm.SeqFirst
	}
	return p.characters.Decode(own)
}

// damage is clean sequences with noise, no longer than the model reads.
func (p *program) damage(key graph.Key, clean [][]int) ([][]int, error) {
	noisy := make([][]int, len(clean))
	for i, ids := range clean {
		damaged, err := p.corruption.Corrupt(key.ForkN(i), ids)
		if err != nil {
			return nil, err
		}
		noisy[i] = damaged[:min(len(damaged), p.options.model.SourceLength)]
	}
	return noisy, nil
}

package text

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// A Corruption damages a sequence of tokens, for a model that learns to restore it: what a data.Corruption is to
// images and waveforms, but that the number of tokens may change.
//
// Corrupt returns the damaged tokens in memory of their own, and leaves tokens as they are. All randomness comes
// from key: equal keys and tokens give equal results. An IDs says which ids are tokens; those that are not stay, in
// their order. String gives what ParseCorruption reads.
type Corruption interface {
	Corrupt(key graph.Key, tokens []int) ([]int, error)
	String() string
}

// IDs says which ids of a sequence a corruption may touch.
type IDs struct {
	First, End int // tokens are First to End-1; any other id, such as padding, is special
	Mask       int // what Masking puts in the place of a token: a special id
}

func (d IDs) token(id int) bool { return id >= d.First && id < d.End }

// check says what is wrong, if anything, with d for a corruption that draws one of at least so many tokens, 0 if it
// draws none.
func (d IDs) check(least int) error {
	if d.First < 0 || d.End-d.First < max(least, 1) {
		return errors.Wrapf(data.ErrConfig, "IDs %d to below %d, expected a First of at least 0 and an End that makes %d tokens or more",
			d.First, d.End, max(least, 1))
	}
	return nil
}

// ParseCorruption reads a corruption as a flag or a configuration has it: a kind and its strength, "masking:0.15", or
// several of them to be applied in turn, "deletion:0.05,swap:0.05". The empty text and "none" are no corruption, an
// empty Chain. The kinds are
//
//	masking:RATE      Masking        deletion:RATE     Deletion       insertion:RATE    Insertion
//	replacement:RATE  Replacement    swap:RATE         Swap           shuffle:DISTANCE  Shuffle
//
// Anything else, a strength out of range, or ids that do not fit is a data.ErrConfig.
func ParseCorruption(text string, ids IDs) (Corruption, error) {
	if text == "" || text == "none" {
		return Chain{}, nil
	}
	var chain Chain
	for part := range strings.SplitSeq(text, ",") {
		kind, strength, _ := strings.Cut(part, ":")
		c, err := parseOne(strings.TrimSpace(kind), strings.TrimSpace(strength), ids)
		if err != nil {
			return nil, errors.WithMessagef(err, "text: corruption %q", text)
		}
		chain = append(chain, c)
	}
	if len(chain) == 1 {
		return chain[0], nil
	}
	return chain, nil
}

func parseOne(kind, strength string, ids IDs) (Corruption, error) {
	v, bad := strconv.ParseFloat(strength, 64)
	var c interface {
		Corruption
		check() error
	}
	switch kind {
	case "masking":
		c = Masking{v, ids}
	case "deletion":
		c = Deletion{v, ids}
	case "insertion":
		c = Insertion{v, ids}
	case "replacement":
		c = Replacement{v, ids}
	case "swap":
		c = Swap{v, ids}
	case "shuffle":
		var whole int
		whole, bad = strconv.Atoi(strength)
		c = Shuffle{whole, ids}
	default:
		return nil, errors.Wrapf(data.ErrConfig, "kind %q, expected masking, deletion, insertion, replacement, swap or shuffle", kind)
	}
	if bad != nil {
		return nil, errors.Wrapf(data.ErrConfig, "strength %q of %s is not a number, or not whole where it must be", strength, kind)
	}
	return c, c.check()
}

// A Chain applies its corruptions in turn, each with a key of its own. An empty one copies.
type Chain []Corruption

// Corrupt makes tokens into the result through all corruptions.
func (c Chain) Corrupt(key graph.Key, tokens []int) ([]int, error) {
	tokens = slices.Clone(tokens)
	for i, one := range c {
		var err error
		if tokens, err = one.Corrupt(key.ForkN(i), tokens); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

func (c Chain) String() string {
	if len(c) == 0 {
		return "none"
	}
	parts := make([]string, len(c))
	for i, one := range c {
		parts[i] = one.String()
	}
	return strings.Join(parts, ",")
}

// describe is the text of a corruption with a rate.
func describe(kind string, rate float64) string {
	return kind + ":" + strconv.FormatFloat(rate, 'g', -1, 64)
}

// checkRate checks a corruption of a rate and of ids; least is as for IDs.check.
func checkRate(kind string, rate float64, ids IDs, least int) error {
	if !(rate >= 0 && rate <= 1) {
		return errors.Wrapf(data.ErrConfig, "rate of %s is %v, expected 0 to 1", kind, rate)
	}
	return errors.WithMessage(ids.check(least), kind)
}

// start checks a corruption and draws a number of [0, 1) for each token.
func start(c interface{ check() error }, key graph.Key, tokens []int) ([]float64, error) {
	if err := c.check(); err != nil {
		return nil, errors.WithMessage(err, "text")
	}
	return uniform(key, len(tokens)), nil
}

func uniform(key graph.Key, n int) []float64 {
	u := make([]float64, n)
	graph.Uniform(key, u)
	return u
}

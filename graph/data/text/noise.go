package text

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Masking puts IDs.Mask in the place of each token with probability Rate, 0 to 1 (Devlin et al. 2019, "BERT",
// section 3.1, whose rate is 0.15; token masking of Lewis et al. 2020, "BART", section 2.2). BERT leaves a tenth of
// what it chooses as it is and replaces another tenth; here all of it is masked.
type Masking struct {
	Rate float64
	IDs  IDs
}

// Corrupt masks.
func (c Masking) Corrupt(key graph.Key, tokens []int) ([]int, error) {
	u, err := start(c, key, tokens)
	if err != nil {
		return nil, err
	}
	tokens = slices.Clone(tokens)
	for i, id := range tokens {
		if c.IDs.token(id) && u[i] < c.Rate {
			tokens[i] = c.IDs.Mask
		}
	}
	return tokens, nil
}

func (c Masking) String() string { return describe("masking", c.Rate) }
func (c Masking) check() error {
	if c.IDs.token(c.IDs.Mask) || c.IDs.Mask < 0 {
		return errors.Wrapf(data.ErrConfig, "masking: Mask %d, expected a special id of at least 0, not one of the tokens %d to %d", c.IDs.Mask, c.IDs.First, c.IDs.End-1)
	}
	return checkRate("masking", c.Rate, c.IDs, 0)
}

// Deletion takes away each token with probability Rate, 0 to 1 (Lewis et al. 2020, section 2.2; the word drop-out of
// Lample et al. 2018, "Unsupervised machine translation using monolingual corpora only", section 2.3, whose rate is
// 0.1). If that would be all of them, one, of which each is as likely, is left.
type Deletion struct {
	Rate float64
	IDs  IDs
}

// Corrupt deletes.
func (c Deletion) Corrupt(key graph.Key, tokens []int) ([]int, error) {
	u, err := start(c, key, tokens)
	if err != nil {
		return nil, err
	}
	last := -1 // the token that would be the last to go if the rate rose
	for i, id := range tokens {
		if c.IDs.token(id) && (last < 0 || u[i] > u[last]) {
			last = i
		}
	}
	left := make([]int, 0, len(tokens))
	for i, id := range tokens {
		if !c.IDs.token(id) || u[i] >= c.Rate || i == last {
			left = append(left, id)
		}
	}
	return left, nil
}

func (c Deletion) String() string { return describe("deletion", c.Rate) }
func (c Deletion) check() error   { return checkRate("deletion", c.Rate, c.IDs, 0) }

// Insertion gives each token, with probability Rate, 0 to 1, a neighbour: before or after it, as likely, and any of
// the tokens, as likely.
type Insertion struct {
	Rate float64
	IDs  IDs
}

// Corrupt inserts.
func (c Insertion) Corrupt(key graph.Key, tokens []int) ([]int, error) {
	u, err := start(c, key, tokens)
	if err != nil {
		return nil, err
	}
	other := uniform(key.Fork("token"), len(tokens))
	longer := make([]int, 0, len(tokens)+len(tokens)/4)
	for i, id := range tokens {
		neighbour := c.IDs.First + int(other[i]*float64(c.IDs.End-c.IDs.First))
		switch {
		case !c.IDs.token(id) || u[i] >= c.Rate:
			longer = append(longer, id)
		case u[i] < c.Rate/2:
			longer = append(longer, neighbour, id)
		default:
			longer = append(longer, id, neighbour)
		}
	}
	return longer, nil
}

func (c Insertion) String() string { return describe("insertion", c.Rate) }
func (c Insertion) check() error   { return checkRate("insertion", c.Rate, c.IDs, 1) }

// Replacement puts another token, of which each is as likely, in the place of each with probability Rate, 0 to 1
// (one of the three things that BERT does to what it chooses: Devlin et al. 2019, section 3.1).
type Replacement struct {
	Rate float64
	IDs  IDs
}

// Corrupt replaces.
func (c Replacement) Corrupt(key graph.Key, tokens []int) ([]int, error) {
	u, err := start(c, key, tokens)
	if err != nil {
		return nil, err
	}
	other := uniform(key.Fork("token"), len(tokens))
	tokens = slices.Clone(tokens)
	for i, id := range tokens {
		if !c.IDs.token(id) || u[i] >= c.Rate {
			continue
		}
		tokens[i] = c.IDs.First + int(other[i]*float64(c.IDs.End-c.IDs.First-1))
		if tokens[i] >= id { // which is left out of the choice
			tokens[i]++
		}
	}
	return tokens, nil
}

func (c Replacement) String() string { return describe("replacement", c.Rate) }
func (c Replacement) check() error   { return checkRate("replacement", c.Rate, c.IDs, 2) }

package text

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Swap exchanges neighbours, as people do who type: from the first token on, each changes places with the next with
// probability Rate, 0 to 1, unless it already has with the one before. Of a long sequence 2 Rate/(1+Rate) of the
// tokens move, each by one place. A special id changes places with none.
type Swap struct {
	Rate float64
	IDs  IDs
}

// Corrupt swaps.
func (c Swap) Corrupt(key graph.Key, tokens []int) ([]int, error) {
	u, err := start(c, key, tokens)
	if err != nil {
		return nil, err
	}
	tokens = slices.Clone(tokens)
	for i := 0; i+1 < len(tokens); i++ {
		if u[i] < c.Rate && c.IDs.token(tokens[i]) && c.IDs.token(tokens[i+1]) {
			tokens[i], tokens[i+1] = tokens[i+1], tokens[i]
			i++
		}
	}
	return tokens, nil
}

func (c Swap) String() string { return describe("swap", c.Rate) }
func (c Swap) check() error   { return checkRate("swap", c.Rate, c.IDs, 0) }

// maxDistance is the greatest of a Shuffle.
const maxDistance = 1 << 20

// Shuffle puts tokens in another order, in which none is more than Distance places, 0 to 2^20, from where it was: that
// of i + u_i, where i is its place and u_i is drawn from [0, Distance+1) (Lample et al. 2018, section 2.3, whose
// distance is 3, for words). Tokens pass no special id: those between two are a sequence of their own.
type Shuffle struct {
	Distance int
	IDs      IDs
}

// Corrupt shuffles.
func (c Shuffle) Corrupt(key graph.Key, tokens []int) ([]int, error) {
	u, err := start(c, key, tokens)
	if err != nil {
		return nil, err
	}
	type placed struct {
		at float64
		id int
	}
	order := make([]placed, len(tokens))
	for i, id := range tokens {
		order[i] = placed{float64(i) + float64(c.Distance+1)*u[i], id}
	}
	for lo := 0; lo < len(tokens); lo++ {
		hi := lo
		for hi < len(tokens) && c.IDs.token(tokens[hi]) {
			hi++
		}
		// Stable: a token that rounding puts Distance+1 places on does not pass the one that is there.
		slices.SortStableFunc(order[lo:hi], func(a, b placed) int { return cmp.Compare(a.at, b.at) })
		lo = hi
	}
	tokens = make([]int, len(order))
	for i, p := range order {
		tokens[i] = p.id
	}
	return tokens, nil
}

func (c Shuffle) String() string { return "shuffle:" + strconv.Itoa(c.Distance) }
func (c Shuffle) check() error {
	if c.Distance < 0 || c.Distance > maxDistance {
		return errors.Wrapf(data.ErrConfig, "distance of shuffle is %d, expected 0 to %d", c.Distance, maxDistance)
	}
	return errors.WithMessage(c.IDs.check(0), "shuffle")
}

package data

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A Corruption damages the inputs of a batch, for a model that learns to undo it (Vincent et al.
// 2008, "Extracting and composing robust features with denoising autoencoders").
//
// Corrupt writes the damaged src to dst. Both are float32 of one shape (n, d...), and must not
// share memory. All randomness comes from key: equal keys and inputs give equal bits. What
// happens to an example depends on its place in the batch too, so examples of a batch, even
// equal ones, are damaged independently. String gives what ParseCorruption reads. Sequences of
// tokens, whose number may change, have a text.Corruption.
type Corruption interface {
	Corrupt(key graph.Key, dst, src graph.Array) error
	String() string
}

// ParseCorruption reads a corruption as a flag or a configuration has it: a kind and its
// strength, "masking:0.25", or several of them to be applied in turn, "shift:2,gaussian:0.1". The
// empty text and "none" are no corruption, an empty Chain. The kinds are
//
//	gaussian:STD       Gaussian      masking:RATE     Masking      saltpepper:RATE  SaltPepper
//	downscale:FACTOR   Downscale     shift:MAX        Shift        blur:SIGMA       Blur
//	snr:DB             SNR           lowpass:CUTOFF   LowPass      highpass:CUTOFF  HighPass
//
// Anything else, or a strength out of range, is an ErrConfig.
func ParseCorruption(text string) (Corruption, error) {
	if text == "" || text == "none" {
		return Chain{}, nil
	}
	var chain Chain
	for part := range strings.SplitSeq(text, ",") {
		kind, strength, _ := strings.Cut(part, ":")
		c, err := parseOne(strings.TrimSpace(kind), strings.TrimSpace(strength))
		if err != nil {
			return nil, errors.Wrapf(err, "corruption %q", text)
		}
		chain = append(chain, c)
	}
	if len(chain) == 1 {
		return chain[0], nil
	}
	return chain, nil
}

func parseOne(kind, strength string) (Corruption, error) {
	v, bad := strconv.ParseFloat(strength, 64)
	var c interface {
		Corruption
		check() error
	}
	switch kind {
	case "gaussian":
		c = Gaussian{v}
	case "masking":
		c = Masking{v}
	case "saltpepper":
		c = SaltPepper{v}
	case "blur":
		c = Blur{v}
	case "snr":
		c = SNR{v}
	case "lowpass":
		c = LowPass{v}
	case "highpass":
		c = HighPass{v}
	case "downscale", "shift":
		var whole int
		whole, bad = strconv.Atoi(strength)
		if c = (Downscale{whole}); kind == "shift" {
			c = Shift{whole}
		}
	default:
		return nil, errors.Wrapf(ErrConfig, "kind %q, expected gaussian, masking, saltpepper, downscale, shift, blur, snr, lowpass or highpass", kind)
	}
	if bad != nil {
		return nil, errors.Wrapf(ErrConfig, "strength %q of %s is not a number, or not whole where it must be", strength, kind)
	}
	return c, c.check()
}

// A Chain applies its corruptions in turn. An empty one copies.
type Chain []Corruption

// Corrupt makes src into dst through all corruptions; each has a key of its own.
func (c Chain) Corrupt(key graph.Key, dst, src graph.Array) error {
	if err := checkFloats(dst, src); err != nil {
		return errors.Wrap(err, "data: corruption")
	}
	if len(c) == 0 {
		copyAll(dst, src)
		return nil
	}
	var other graph.Array // dst and other take turns, so that the last result is in dst
	if len(c) > 1 {
		other = newLike(src, src.Shape[0])
	}
	for i, one := range c {
		to := dst
		if (len(c)-i)%2 == 0 {
			to = other
		}
		if err := one.Corrupt(key.ForkN(i), to, src); err != nil {
			return err
		}
		src = to
	}
	return nil
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

// describe is the text of a corruption with a strength that need not be whole.
func describe(kind string, strength float64) string {
	return kind + ":" + strconv.FormatFloat(strength, 'g', -1, 64)
}

// inRange returns an error unless low <= v <= high.
func inRange(what string, v, low, high float64) error {
	if !(v >= low && v <= high) {
		return errors.Wrapf(ErrConfig, "%s is %v, expected %v to %v", what, v, low, high)
	}
	return nil
}

// start checks a corruption's strength and its arrays.
func start(c interface {
	Corruption
	check() error
}, dst, src graph.Array) error {
	if err := c.check(); err != nil {
		return err
	}
	return errors.Wrapf(checkFloats(dst, src), "data: corruption %s", c)
}

// planes returns how many planes of how many rows and columns images of the shape of a have:
// (n, y, x) or (n, c, y, x).
func planes(c Corruption, a graph.Array) (n, rows, cols int, err error) {
	if d := len(a.Shape); d != 3 && d != 4 {
		return 0, 0, 0, errors.Wrapf(graph.ErrShape, "data: corruption %s of shape %v: needs images (n, c, y, x) or (n, y, x)", c, a.Shape)
	}
	rows, cols = a.Shape[len(a.Shape)-2], a.Shape[len(a.Shape)-1]
	return a.Len() / (rows * cols), rows, cols, nil
}

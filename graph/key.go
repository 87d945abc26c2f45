package graph

import "github.com/latent-go/latent/graph/internal/kernel"

// A Key decides all the randomness of one use of a model. It names a stream of numbers: element
// i of the stream is a function of the key and of i alone (Salmon et al. 2011, "Parallel random
// numbers: as easy as 1, 2, 3"), not of the order or the number of threads in which it is drawn.
type Key struct {
	Seed uint64 // the user's seed
	Step uint64 // the training step, or the number of the draw
	Site uint64 // who draws: a sampling node, a corruption, an initial weight
}

// NewKey is the key of a seed.
func NewKey(seed uint64) Key { return Key{Seed: seed} }

// At is the same key at another step.
func (k Key) At(step uint64) Key { k.Step = step; return k }

// Fork is the key of one part of what k is for: different names give independent streams.
func (k Key) Fork(name string) Key {
	h := uint64(14695981039346656037) // FNV-1a, 64 bits
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	k.Site = mix(k.Site ^ h)
	return k
}

// ForkN is Fork for a numbered part.
func (k Key) ForkN(i int) Key {
	k.Site = mix(k.Site + 0x9e3779b97f4a7c15*uint64(i+1))
	return k
}

func (k Key) stream() kernel.Stream {
	return kernel.Stream{Key: mix(mix(k.Seed+0x9e3779b97f4a7c15) ^ k.Site), Step: k.Step}
}

// Uniform fills dst with numbers of [0, 1).
func Uniform[T Float](k Key, dst []T) { kernel.Uniform(dst, k.stream(), 0) }

// Normal fills dst with numbers of N(0, 1).
func Normal[T Float](k Key, dst []T) { kernel.Normal(dst, k.stream(), 0) }

// Bernoulli sets dst[i] to 1 with probability p[i], else to 0. dst may be p.
func Bernoulli[T Float](k Key, dst, p []T) { kernel.Bernoulli(dst, p, k.stream(), 0) }

// BernoulliAt is Bernoulli for a part of an array, from element offset on: the parts together get the bits
// of the whole. The offset is a multiple of 16.
func BernoulliAt[T Float](k Key, offset int, dst, p []T) {
	kernel.Bernoulli(dst, p, k.stream(), offset)
}

// Perm returns a random permutation of 0 to n-1.
func (k Key) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	r := make([]uint32, 2*n)
	kernel.Uint32s(r, k.stream(), 0)
	for i := n - 1; i > 0; i-- { // Fisher-Yates; 64 random bits make the bias of % negligible
		j := int((uint64(r[2*i])<<32 | uint64(r[2*i+1])) % uint64(i+1))
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// mix is the finaliser of SplitMix64 (Steele et al. 2014): every bit of the result depends on
// every bit of z.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

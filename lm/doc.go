// Package lm holds neural language models, and models that turn one sequence into another.
//
// A language model gives the probability of a sequence of tokens (characters, words) as a product:
// p(w) = prod_t p(w_t | w_1 .. w_(t-1)). Log-likelihoods are in nats; the perplexity is e to the power of the
// mean of -log p over tokens.
package lm

import "github.com/pkg/errors"

// ErrConfig is wrapped by every error about a configuration, and about a number that a method is given.
var ErrConfig = errors.New("lm: wrong configuration")

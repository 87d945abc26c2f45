// Package text turns text into tokens, sequences of tokens into the examples of language models, and damages them for
// models that learn to restore them.
package text

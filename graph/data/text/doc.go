// Package text turns text into tokens, and sequences of tokens into the examples of language models.
package text

// Package opticks is the text of a book, for programs about language: Newton's Opticks (see SOURCE.md).
package opticks

import (
	_ "embed"

	"github.com/latent-go/latent/graph/data/text"
)

// Name is what the text is called.
const Name = "Newton's Opticks"

//go:embed opticks.txt.gz
var packed string

// Text is the book, 567,038 characters.
func Text() (string, error) { return text.Decompress(packed) }

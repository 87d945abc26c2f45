package text

import (
	"encoding/json"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph/data"
)

// vocabularyJSON is the form of a Vocabulary in files.
type vocabularyJSON struct {
	Words  bool     `json:"words,omitempty"`
	Tokens []string `json:"tokens"`
}

// MarshalJSON writes the tokens by id, and whether they are words.
func (v *Vocabulary) MarshalJSON() ([]byte, error) {
	return json.Marshal(vocabularyJSON{v.words, v.tokens})
}

// UnmarshalJSON is the inverse of MarshalJSON. Tokens that no text can have, or two that are equal, are a
// data.ErrFormat.
func (v *Vocabulary) UnmarshalJSON(text []byte) error {
	var in vocabularyJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return errors.Wrapf(data.ErrFormat, "text: a vocabulary: %v", err)
	}
	read, err := newVocabulary(in.Words, in.Tokens)
	if err != nil {
		return err
	}
	*v = *read
	return nil
}

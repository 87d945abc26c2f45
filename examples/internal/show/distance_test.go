package show_test

import (
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
)

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"abc", "abc", 0}, {"abcd", "bcde", 2}, {"ab", "ba", 2}} {
		if got := show.EditDistance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("from %q to %q: %d, expected %d", c.a, c.b, got, c.want)
		}
	}
}

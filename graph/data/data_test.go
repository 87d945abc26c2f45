package data

import (
	"strings"
	"testing"

	"github.com/pkg/errors"
)

// wantError fails unless err is the sentinel want and its message contains text.
func wantError(t testing.TB, name string, err, want error, text string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%s: no error", name)
	case !errors.Is(err, want):
		t.Errorf("%s: error %q is not %q", name, err, want)
	case !strings.Contains(err.Error(), text):
		t.Errorf("%s: error %q does not say %q", name, err, text)
	}
}

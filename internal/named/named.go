// Package named gives integer constants names, as which they are written in flags, JSON and files.
package named

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pkg/errors"
)

// Constants are those of a type: 0, 1, 2, ... by their names.
type Constants[T ~int] struct {
	Unknown string   // what errors begin with, as "vae: unknown likelihood"
	Cause   error    // what errors wrap; nil for nothing
	Names   []string // of all
}

// Valid reports whether v is one of the constants.
func (c Constants[T]) Valid(v T) bool { return v >= 0 && int(v) < len(c.Names) }

// String is the name of v or, if it has none, its number with the name of the type.
func (c Constants[T]) String(v T) string {
	if c.Valid(v) {
		return c.Names[v]
	}
	return fmt.Sprintf("%s(%d)", reflect.TypeFor[T]().Name(), int(v))
}

// MarshalText is the name of v as encoding.TextMarshaler returns it.
func (c Constants[T]) MarshalText(v T) ([]byte, error) {
	if !c.Valid(v) {
		return nil, c.wrong("%s %d", c.Unknown, int(v))
	}
	return []byte(c.Names[v]), nil
}

// UnmarshalText sets v to the constant of a name, as encoding.TextUnmarshaler does. With an error v stays as it was.
func (c Constants[T]) UnmarshalText(v *T, text []byte) error {
	at := slices.Index(c.Names, string(text))
	if at < 0 {
		return c.wrong("%s %q, expected one of %v", c.Unknown, text, c.Names)
	}
	*v = T(at)
	return nil
}

func (c Constants[T]) wrong(format string, args ...any) error {
	if c.Cause == nil {
		return errors.Errorf(format, args...)
	}
	return errors.Wrapf(c.Cause, format, args...)
}

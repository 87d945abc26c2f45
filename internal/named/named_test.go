package named

import (
	"errors"
	"testing"
)

type fruit int

var (
	errFruit = errors.New("no fruit")
	plain    = Constants[fruit]{Unknown: "market: unknown fruit", Names: []string{"apple", "pear", "plum"}}
	wrapping = Constants[fruit]{Unknown: "unknown fruit", Cause: errFruit, Names: plain.Names}
)

func TestRoundTrip(t *testing.T) {
	for i, name := range plain.Names {
		v, back := fruit(i), fruit(9)
		text, err := plain.MarshalText(v)
		if err != nil || string(text) != name || plain.String(v) != name || !plain.Valid(v) {
			t.Errorf("constant %d is written as %q and %q (%v), want %q", i, text, plain.String(v), err, name)
		}
		if err := plain.UnmarshalText(&back, text); err != nil || back != v {
			t.Errorf("%q is read as %d (%v), want %d", text, back, err, v)
		}
	}
}

func TestUnknownNumber(t *testing.T) {
	for v, want := range map[fruit][2]string{-1: {"fruit(-1)", "unknown fruit -1"}, 3: {"fruit(3)", "unknown fruit 3"}} {
		if plain.Valid(v) || plain.String(v) != want[0] {
			t.Errorf("constant %d has the name %q", v, plain.String(v))
		}
		if text, err := plain.MarshalText(v); text != nil || err == nil || err.Error() != "market: "+want[1] {
			t.Errorf("constant %d is written as %q, error %v", v, text, err)
		}
		if _, err := wrapping.MarshalText(v); !errors.Is(err, errFruit) || err.Error() != want[1]+": no fruit" {
			t.Errorf("constant %d: error %v", v, err)
		}
	}
}

func TestUnknownName(t *testing.T) {
	for _, name := range []string{"", "Pear", "pea", "1", "pear "} {
		v := fruit(1)
		err := plain.UnmarshalText(&v, []byte(name))
		if want := `market: unknown fruit "` + name + `", expected one of [apple pear plum]`; err == nil || err.Error() != want || v != 1 {
			t.Errorf("%q is read as %d, error %v", name, v, err)
		}
		if err := wrapping.UnmarshalText(&v, []byte(name)); !errors.Is(err, errFruit) {
			t.Errorf("%q: error %v", name, err)
		}
	}
}

package kernel

import (
	"math"
)

// A lcg is a fixed sequence of numbers.
type lcg uint64

func (g *lcg) next() uint64 {
	*g = *g*6364136223846793005 + 1442695040888963407
	return uint64(*g >> 33)
}

// int returns a number in [0, n).
func (g *lcg) int(n int) int { return int(g.next() % uint64(n)) }

// float returns a number in [-1, 1).
func (g *lcg) float() float64 { return float64(g.next())/(1<<30) - 1 }

// A guarded slice lies between guard values, which are NaN: reading one spoils the result.
type guarded[T Float] struct {
	all  []T
	data []T
}

const guardLen = 80 // more than the widest tile

// guardBits is a NaN that no arithmetic makes.
const guardBits32, guardBits64 = 0x7fc0dead, 0x7ff80000deadbeef

func guardValue[T Float]() T {
	var x T
	switch p := any(&x).(type) {
	case *float32:
		*p = math.Float32frombits(guardBits32)
	case *float64:
		*p = math.Float64frombits(guardBits64)
	}
	return x
}

func isGuard[T Float](x T) bool {
	if y, ok := any(x).(float32); ok {
		return math.Float32bits(y) == guardBits32
	}
	return math.Float64bits(float64(x)) == guardBits64
}

func newGuarded[T Float](n int, fill func() T) guarded[T] {
	all := make([]T, n+2*guardLen)
	for i := range all {
		all[i] = guardValue[T]()
	}
	data := all[guardLen : guardLen+n : guardLen+n]
	for i := range data {
		data[i] = fill()
	}
	return guarded[T]{all, data}
}

// intact tells whether no guard value was overwritten.
func (g guarded[T]) intact() bool {
	for i, x := range g.all {
		if (i < guardLen || i >= guardLen+len(g.data)) && !isGuard(x) {
			return false
		}
	}
	return true
}

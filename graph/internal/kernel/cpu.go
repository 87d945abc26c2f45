package kernel

import (
	"os"
	"strconv"
)

// A Level is an instruction set for which kernels are written.
type Level int

const (
	Generic Level = iota // plain Go
	AVX2                 // AVX2 and FMA3
	AVX512               // AVX-512 F, BW, DQ and VL
)

func (l Level) String() string {
	switch l {
	case Generic:
		return "generic"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return "Level(" + strconv.Itoa(int(l)) + ")"
}

// level is the instruction set in use. It changes only in tests, through SetLevel.
var level = chooseLevel(os.Getenv("LATENT_KERNEL"), bestLevel())

// halfPaths tells whether the processor's paths are 256 bits wide, as those of AMD's before Zen 5 are, so
// that it works on half an AVX-512 vector at a time. Memory then keeps up more easily, and what pays differs.
var halfPaths = hasHalfPaths()

// intel tells whether this is a processor of Intel, for what its memory likes.
var intel = isIntel()

// chooseLevel gives the level a user asked for, if the CPU has it, else the best one.
func chooseLevel(want string, best Level) Level {
	for l := Generic; l <= best; l++ {
		if l.String() == want {
			return l
		}
	}
	return best
}

// CurrentLevel returns the instruction set in use.
func CurrentLevel() Level { return level }

// Levels lists the instruction sets that this CPU and build can run, Generic first.
func Levels() []Level {
	var ls []Level
	for l := Generic; l <= bestLevel(); l++ {
		ls = append(ls, l)
	}
	return ls
}

// SetLevel switches to l and returns a function that switches back. It is for tests and
// benchmarks, and must not be called while kernels run. It panics if the CPU lacks l.
func SetLevel(l Level) (restore func()) {
	if l < Generic || l > bestLevel() {
		panic("kernel: instruction set not available")
	}
	old := level
	level = l
	return func() { level = old }
}

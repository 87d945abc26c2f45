//go:build !purego

package kernel

import "github.com/klauspost/cpuid/v2"

func bestLevel() Level {
	switch {
	case cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL):
		return AVX512
	case cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3):
		return AVX2
	}
	return Generic
}

// hasHalfPaths tells whether this is a processor of AMD before Zen 5.
func hasHalfPaths() bool {
	const zen5 = 0x1a
	return cpuid.CPU.VendorID == cpuid.AMD && cpuid.CPU.Family < zen5
}

func isIntel() bool { return cpuid.CPU.VendorID == cpuid.Intel }

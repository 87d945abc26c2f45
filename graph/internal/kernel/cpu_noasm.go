//go:build !amd64 || purego

package kernel

func bestLevel() Level { return Generic }

func hasHalfPaths() bool { return false }

func isIntel() bool { return false }

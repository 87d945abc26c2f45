//go:build !amd64 || purego

package kernel

func bestLevel() Level { return Generic }

//go:build !purego

package kernel

// pause lets a loop that waits leave the core to its other thread, and the memory to other cores.
func pause()

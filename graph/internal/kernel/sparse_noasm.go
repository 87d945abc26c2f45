//go:build !amd64 || purego

package kernel

func sparseLevel() bool { return false }

func sparseList(*uint32, *float32, *float32, int, int) int { panic("kernel: no lists at this level") }

func sparseCopy(*sparseProduct, *sparsePanel, int, int, int, int) {
	panic("kernel: no lists at this level")
}

func sparseTile(*sparseProduct, *sparsePanel, int, int, int, int, int) {
	panic("kernel: no lists at this level")
}

//go:build !amd64 || purego

package kernel

func vectorAVX2F32(*vectorKernels[float32])   {}
func vectorAVX2F64(*vectorKernels[float64])   {}
func vectorAVX512F32(*vectorKernels[float32]) {}
func vectorAVX512F64(*vectorKernels[float64]) {}

//go:build !amd64 || purego

package kernel

func uint32s(dst []uint32, s Stream, offset int)         { uint32sGeneric(dst, s, offset) }
func uniform32(dst []float32, s Stream, offset int)      { uniform32Generic(dst, s, offset) }
func bernoulli32(dst, p []float32, s Stream, offset int) { bernoulli32Generic(dst, p, s, offset) }
func normal32(dst []float32, s Stream, offset int)       { normal32Generic(dst, s, offset) }

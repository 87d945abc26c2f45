//go:build !amd64 || purego

package kernel

func sgd32(w, g []float32, u *Update[float32])         { sgdGeneric(w, g, u) }
func momentum32(w, g, v []float32, u *Update[float32]) { momentumGeneric(w, g, v, u) }
func nesterov32(w, g, v []float32, u *Update[float32]) { nesterovGeneric(w, g, v, u) }
func adam32(w, g, m, v []float32, u *Update[float32])  { adamGeneric(w, g, m, v, u) }
func rmsprop32(w, g, v []float32, u *Update[float32])  { rmspropGeneric(w, g, v, u) }
func adagrad32(w, g, v []float32, u *Update[float32])  { adagradGeneric(w, g, v, u) }
func ema32(avg, w []float32, gain float32)             { emaGeneric(avg, w, gain) }
func addL132(g, w []float32, scale, l1 float32)        { addL1Generic(g, w, scale, l1) }
func clipValue32(g []float32, c float32)               { clipValueGeneric(g, c) }

//go:build !purego

package kernel

//go:generate go -C gen run ./update -out ../update_amd64.s -stubs ../update_stubs_amd64.go -pkg kernel

// updateNumbers lays out the scalars for the assembly, in the order of gen/update.
func updateNumbers(u *Update[float32]) [11]float32 {
	return [11]float32{u.Rate, u.Scale, u.L2, u.Keep, u.Momentum, u.Gain1, u.Gain2, u.Correct2, u.Epsilon}
}

// updateWhole is how many of n elements the assembly takes at the level in use: whole vectors.
// The generic functions, which give the same bits, take the rest.
func updateWhole(n int) int {
	switch level {
	case AVX512:
		return n &^ 15
	case AVX2:
		return n &^ 7
	}
	return 0
}

func sgd32(w, g []float32, u *Update[float32]) {
	n := updateWhole(len(w))
	if n > 0 {
		x := updateNumbers(u)
		if level == AVX512 {
			updateSGDAVX512(&w[0], &g[0], n, &x)
		} else {
			updateSGDAVX2(&w[0], &g[0], n, &x)
		}
	}
	sgdGeneric(w[n:], g[n:], u)
}

func momentum32(w, g, v []float32, u *Update[float32]) {
	n := updateWhole(len(w))
	if n > 0 {
		x := updateNumbers(u)
		if level == AVX512 {
			updateMomentumAVX512(&w[0], &g[0], &v[0], n, &x)
		} else {
			updateMomentumAVX2(&w[0], &g[0], &v[0], n, &x)
		}
	}
	momentumGeneric(w[n:], g[n:], v[n:], u)
}

func nesterov32(w, g, v []float32, u *Update[float32]) {
	n := updateWhole(len(w))
	if n > 0 {
		x := updateNumbers(u)
		if level == AVX512 {
			updateNesterovAVX512(&w[0], &g[0], &v[0], n, &x)
		} else {
			updateNesterovAVX2(&w[0], &g[0], &v[0], n, &x)
		}
	}
	nesterovGeneric(w[n:], g[n:], v[n:], u)
}

func adam32(w, g, m, v []float32, u *Update[float32]) {
	n := updateWhole(len(w))
	if n > 0 {
		x := updateNumbers(u)
		x[0] = u.Rate * u.Correct1
		if level == AVX512 {
			updateAdamAVX512(&w[0], &g[0], &m[0], &v[0], n, &x)
		} else {
			updateAdamAVX2(&w[0], &g[0], &m[0], &v[0], n, &x)
		}
	}
	adamGeneric(w[n:], g[n:], m[n:], v[n:], u)
}

func rmsprop32(w, g, v []float32, u *Update[float32]) {
	n := updateWhole(len(w))
	if n > 0 {
		x := updateNumbers(u)
		if level == AVX512 {
			updateRMSPropAVX512(&w[0], &g[0], &v[0], n, &x)
		} else {
			updateRMSPropAVX2(&w[0], &g[0], &v[0], n, &x)
		}
	}
	rmspropGeneric(w[n:], g[n:], v[n:], u)
}

func adagrad32(w, g, v []float32, u *Update[float32]) {
	n := updateWhole(len(w))
	if n > 0 {
		x := updateNumbers(u)
		if level == AVX512 {
			updateAdaGradAVX512(&w[0], &g[0], &v[0], n, &x)
		} else {
			updateAdaGradAVX2(&w[0], &g[0], &v[0], n, &x)
		}
	}
	adagradGeneric(w[n:], g[n:], v[n:], u)
}

func ema32(avg, w []float32, gain float32) {
	n := updateWhole(len(avg))
	if n > 0 {
		x := [11]float32{5: gain}
		if level == AVX512 {
			updateEMAAVX512(&avg[0], &w[0], n, &x)
		} else {
			updateEMAAVX2(&avg[0], &w[0], n, &x)
		}
	}
	emaGeneric(avg[n:], w[n:], gain)
}

func addL132(g, w []float32, scale, l1 float32) {
	n := updateWhole(len(g))
	if n > 0 {
		x := [11]float32{1: scale, 9: l1}
		if level == AVX512 {
			updateAddL1AVX512(&g[0], &w[0], n, &x)
		} else {
			updateAddL1AVX2(&g[0], &w[0], n, &x)
		}
	}
	addL1Generic(g[n:], w[n:], scale, l1)
}

func clipValue32(g []float32, c float32) {
	n := updateWhole(len(g))
	if n > 0 {
		x := [11]float32{10: c}
		if level == AVX512 {
			updateClipValueAVX512(&g[0], n, &x)
		} else {
			updateClipValueAVX2(&g[0], n, &x)
		}
	}
	clipValueGeneric(g[n:], c)
}

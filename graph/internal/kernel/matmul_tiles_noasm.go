//go:build !amd64 || purego

package kernel

func tileSets32() [AVX512 + 1]*tileSet[float32] {
	return [...]*tileSet[float32]{Generic: genericTiles[float32](), AVX512: nil}
}

func tileSets64() [AVX512 + 1]*tileSet[float64] {
	return [...]*tileSet[float64]{Generic: genericTiles[float64](), AVX512: nil}
}

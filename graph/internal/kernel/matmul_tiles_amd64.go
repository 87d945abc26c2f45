//go:build !purego

package kernel

func tileSets32() [AVX512 + 1]*tileSet[float32] {
	return [...]*tileSet[float32]{Generic: genericTiles[float32](), AVX2: &avx2Tiles32, AVX512: &avx512Tiles32}
}

func tileSets64() [AVX512 + 1]*tileSet[float64] {
	return [...]*tileSet[float64]{Generic: genericTiles[float64](), AVX2: &avx2Tiles64, AVX512: &avx512Tiles64}
}

var avx2Tiles32 = tileSet[float32]{
	lanes: 8, rows: 6,
	tiles: []tile[float32]{
		{vectors: 2, rows: 6, run: matmulTile2F32AVX2},
		{vectors: 2, rows: 6, partial: true, run: matmulTile2F32AVX2Masked},
		{vectors: 1, rows: 6, partial: true, run: matmulTile1F32AVX2Masked},
	},
	transpose: matmulTransposeF32AVX2, group: 4,
	packing:  matmulTile2F32AVX2Packing,
	packRows: matmulPackRowsF32AVX2,
	smalls: smallSet[float32]{
		direct: matmulDirectF32AVX2, directRows: 6, fewRows: 6, wideRows: 6, directColumns: 16, directDepth: 256, mostPageRows: 16, mostClashRows: 8,
		narrow: matmulNarrowF32AVX2, narrowRows: 6, narrowChains: 2, narrowMost: 8,
		dot: matmulDotF32AVX2, dotRows: 3, longDotRows: 3, mostDotRows: 8, narrowColumns: 12,
		addTo: [2]addTo[float32]{matmulAddTo1F32AVX2, matmulAddTo2F32AVX2}, halfAddTo: matmulAddTo1F32AVX2, halfRows: 4,
	},
	peak: matmulPeakF32AVX2, peakLanes: 8,
}

var avx512Tiles32 = tileSet[float32]{
	lanes: 16, rows: 12,
	tiles: []tile[float32]{
		{vectors: 2, rows: 12, run: matmulTile2F32AVX512}, // a masked load takes Intel the time of a multiply-add more
		{vectors: 2, rows: 12, partial: true, run: matmulTile2F32AVX512Masked},
		{vectors: 1, rows: 12, partial: true, run: matmulTile1F32AVX512Masked},
	},
	transpose: matmulTransposeF32AVX512, group: 4,
	packing:  matmulTile2F32AVX512Packing,
	packRows: matmulPackRowsF32AVX512,
	smalls: smallSet[float32]{
		direct: matmulDirectF32AVX512, directRows: 6, fewRows: 8, wideRows: 3, directColumns: 64, directDepth: 1024, mostPageRows: mostDirectRows,
		narrow: matmulNarrowF32AVX512, narrowRows: 6, narrowChains: 4, narrowMost: 16, tall: matmulTallF32AVX512, edge: matmulEdgeF32AVX512, outer: matmulOuterF32AVX512,
		dot: matmulDotF32AVX512, shortDot: matmulShortDotF32AVX512, dotRows: 6, longDotRows: 8, mostDotRows: 64, narrowColumns: 16,
		addTo: [2]addTo[float32]{matmulAddTo1F32AVX512, matmulAddTo2F32AVX512}, addToAhead: matmulAddToAheadF32AVX512, halfAddTo: matmulAddTo1F32AVX2, halfRows: 6, splitsPages: true,
	},
	peak: matmulPeakF32AVX512, peakLanes: 16,
}

var avx2Tiles64 = tileSet[float64]{
	lanes: 4, rows: 6,
	tiles: []tile[float64]{
		{vectors: 2, rows: 6, run: matmulTile2F64AVX2},
		{vectors: 2, rows: 6, partial: true, run: matmulTile2F64AVX2Masked},
		{vectors: 1, rows: 6, partial: true, run: matmulTile1F64AVX2Masked},
	},
	transpose: matmulTransposeF64AVX2, group: 2,
	packing:  matmulTile2F64AVX2Packing,
	packRows: matmulPackRowsF64AVX2,
	smalls: smallSet[float64]{
		direct: matmulDirectF64AVX2, directRows: 6, fewRows: 6, wideRows: 6, directColumns: 8, directDepth: 256, mostPageRows: 16, mostClashRows: 8,
		narrow: matmulNarrowF64AVX2, narrowRows: 6, narrowChains: 2, narrowMost: 4,
		dot: matmulDotF64AVX2, dotRows: 3, longDotRows: 3, mostDotRows: 8, narrowColumns: 12,
		addTo: [2]addTo[float64]{matmulAddTo1F64AVX2, matmulAddTo2F64AVX2}, halfAddTo: matmulAddTo1F64AVX2, halfRows: 4,
	},
	peak: matmulPeakF64AVX2, peakLanes: 4,
}

var avx512Tiles64 = tileSet[float64]{
	lanes: 8, rows: 12,
	tiles: []tile[float64]{
		{vectors: 2, rows: 12, run: matmulTile2F64AVX512}, // a masked load takes Intel the time of a multiply-add more
		{vectors: 2, rows: 12, partial: true, run: matmulTile2F64AVX512Masked},
		{vectors: 1, rows: 12, partial: true, run: matmulTile1F64AVX512Masked},
	},
	transpose: matmulTransposeF64AVX512, group: 2,
	packing:  matmulTile2F64AVX512Packing,
	packRows: matmulPackRowsF64AVX512,
	smalls: smallSet[float64]{
		direct: matmulDirectF64AVX512, directRows: 6, fewRows: 8, wideRows: 3, directColumns: 32, directDepth: 1024, mostPageRows: mostDirectRows,
		narrow: matmulNarrowF64AVX512, narrowRows: 6, narrowChains: 4, narrowMost: 16, tall: matmulTallF64AVX512, edge: matmulEdgeF64AVX512, outer: matmulOuterF64AVX512,
		dot: matmulDotF64AVX512, shortDot: matmulShortDotF64AVX512, dotRows: 6, longDotRows: 8, mostDotRows: 64, narrowColumns: 16,
		addTo: [2]addTo[float64]{matmulAddTo1F64AVX512, matmulAddTo2F64AVX512}, addToAhead: matmulAddToAheadF64AVX512, halfAddTo: matmulAddTo1F64AVX2, halfRows: 6, splitsPages: true,
	},
	peak: matmulPeakF64AVX512, peakLanes: 8,
}

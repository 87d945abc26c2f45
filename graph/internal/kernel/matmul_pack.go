package kernel

import "unsafe"

// packColumns lays the panel of a transposed b out in the order in which tiles read it: strips of
// stripCols columns, each with its rows one after the other.
func (g *panel[T]) packColumns() {
	depth := g.p1 - g.p0
	for j := g.j0; j < g.j1; j += g.stripCols {
		g.tiles.transposed(g.w.panel[(j-g.j0)*depth:], g.stripCols, g.b[j*g.k+g.p0:], g.k, min(g.stripCols, g.j1-j), depth)
	}
}

// transposed may write what would be columns up to shortRow of shorter rows: in a panel, that is up to
// shortSlack elements more.
const (
	shortRow   = 4
	shortSlack = shortRow * 2 * genericLanes
)

// transposed sets dst[p,i] = src[i,p] for rows i and k columns p of src, whose rows are step elements
// apart, and those of dst width. Where there are not as many as transpose takes, some are done twice,
// or columns beyond the last are done too.
func (s *tileSet[T]) transposed(dst []T, width int, src []T, step, rows, k int) {
	size, group := int(unsafe.Sizeof(dst[0])), s.group
	switch {
	case k < group:
		whole := 0 // rows after whose beginning src has a group
		if len(src) >= group {
			whole = min(rows, (len(src)-group)/step+1) / group * group
		}
		if whole > 0 {
			s.transpose(&dst[0], width*size, &src[0], step*size, whole, group, 0)
		}
		if whole < rows {
			transposeRowsGeneric(&dst[whole], width*size, &src[whole*step], step*size, rows-whole, k, 0)
		}
		return
	case rows < group:
		transposeRowsGeneric(&dst[0], width*size, &src[0], step*size, rows, k, 0)
		return
	}
	ahead := rows * step * size // the rows that come next
	s.transpose(&dst[0], width*size, &src[0], step*size, rows/group*group, k/group*group, ahead)
	if rows%group > 0 {
		i := rows - group
		s.transpose(&dst[i], width*size, &src[i*step], step*size, group, k/group*group, ahead)
	}
	if k%group > 0 {
		p := k - group
		s.transposed(dst[p*width:], width, src[p:], step, rows, group)
	}
}

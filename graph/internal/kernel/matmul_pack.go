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

// If rows are shorter than a line, transposed may write what would be columns up to shortLine: in
// a panel, that is up to shortSlack elements more.
const (
	shortLine  = 16
	shortSlack = shortLine * 2 * genericLanes
)

// transposed sets dst[p,i] = src[i,p] for rows i and k columns p of src, whose rows are step elements
// apart, and those of dst width. Where there are not as many as transpose takes, some are done twice,
// or columns beyond the last are done too.
func (s *tileSet[T]) transposed(dst []T, width int, src []T, step, rows, k int) {
	size := int(unsafe.Sizeof(dst[0]))
	line := 64 / size
	switch {
	case k < line:
		whole := 0 // rows after whose beginning src has a line
		if len(src) >= line {
			whole = min(rows, (len(src)-line)/step+1) / s.group * s.group
		}
		if whole > 0 {
			s.transpose(&dst[0], width*size, &src[0], step*size, whole, line, 0)
		}
		if whole < rows {
			transposeRowsGeneric(&dst[whole], width*size, &src[whole*step], step*size, rows-whole, k, 0)
		}
		return
	case rows < s.group:
		transposeRowsGeneric(&dst[0], width*size, &src[0], step*size, rows, k, 0)
		return
	}
	ahead := rows * step * size // the rows that come next
	s.transpose(&dst[0], width*size, &src[0], step*size, rows/s.group*s.group, k/line*line, ahead)
	if rows%s.group > 0 {
		i := rows - s.group
		s.transpose(&dst[i], width*size, &src[i*step], step*size, s.group, k/line*line, ahead)
	}
	if k%line > 0 {
		p := k - line
		s.transposed(dst[p*width:], width, src[p:], step, rows, line)
	}
}

package view

import (
	"image"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A Row is one row of images of Compare.
type Row struct {
	Caption string      // as "reconstructed"
	Images  graph.Array // as for Grid
}

// Compare shows rows of as many images each below one another, with the captions on the left: image
// i of every row, as the original, its corrupted form and its reconstruction, make a column. More
// than l.Columns go on in further blocks of rows. A label belongs to a column.
func Compare(rows []Row, l Layout) (image.Image, error) {
	if len(rows) == 0 {
		return nil, errors.Wrap(graph.ErrShape, "there is no row to compare")
	}
	paints := make([]paint, len(rows))
	n := 0
	for i, r := range rows {
		p, count, layout, err := pictures(r.Images, l)
		switch {
		case err != nil:
			return nil, errors.Wrapf(err, "row %q", r.Caption)
		case i > 0 && count != n:
			return nil, errors.Wrapf(graph.ErrShape, "row %q has %d images, the first row %d", r.Caption, count, n)
		}
		paints[i], n, l = p, count, layout
	}
	l, err := l.complete(n, n)
	if err != nil {
		return nil, err
	}
	const space = 10 // pixels between caption and images
	t := newTypesetter()
	c := l.cell(t)
	margin := 0
	for _, r := range rows {
		margin = max(margin, t.width(r.Caption))
	}
	if margin > 0 {
		margin += 2 * space
	}
	blocks := (n + l.Columns - 1) / l.Columns
	inner := max(c.h, t.height())
	rowHeight := inner + gap
	blockHeight := len(rows)*rowHeight + c.label + 4*gap
	dst, err := newSheet(margin+l.Columns*(c.w+gap)+gap, blocks*blockHeight-3*gap, paper)
	if err != nil {
		return nil, err
	}
	plain := l
	plain.Labels = nil
	for b := range blocks {
		for r, row := range rows {
			y := gap + b*blockHeight + r*rowHeight
			t.draw(dst, margin-space-t.width(row.Caption), y+(inner-t.height())/2, row.Caption)
			form := plain
			if r == len(rows)-1 {
				form = l
			}
			for i := b * l.Columns; i < min(n, (b+1)*l.Columns); i++ {
				form.draw(dst, t, c, margin+gap+i%l.Columns*(c.w+gap), y+(inner-c.h)/2, i, paints[r])
			}
		}
	}
	return dst, nil
}

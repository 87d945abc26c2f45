package pixel

import "github.com/latent-go/latent/graph/op"

// Windows are masked by leaving places out: there are no weights for what a pixel must not see, and no work.
// With o the pixel itself and reach 1:
//
//	aboveRow  ###    upToRow  ###    left  ...    upToHere  ...    before  ###
//	          .o.             ###          #o.              ##.            #o.

const (
	firstReach = 3 // of the first layer: windows of 7 by 7
	rowReach   = 1 // of a Row LSTM's state-to-state convolution
	widening   = 4 // of the layer between the two maps that follow attention
)

// aboveRow is the rows above the pixel's.
func aboveRow(reach int) op.Window { return rectangle(-reach, -1, -reach, reach) }

// upToRow is the row above and the pixel's own.
func upToRow() op.Window { return rectangle(-1, 0, -1, 1) }

// left is what comes before the pixel in its row.
func left(reach int) op.Window { return rectangle(0, 0, -reach, -1) }

// upToHere is the pixel and the one before it.
func upToHere() op.Window { return rectangle(0, 0, -1, 0) }

// here is the pixel alone.
func here() op.Window { return rectangle(0, 0, 0, 0) }

// before is all that comes before the pixel: mask A of van den Oord et al.
func before(reach int) op.Window { return op.CausalWindow(2*reach+1, false) }

// rectangle is the places from one corner to the other, both included.
func rectangle(top, bottom, left, right int) op.Window {
	w := op.Window{}
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			w.Taps = append(w.Taps, [2]int{y, x})
		}
	}
	return w
}

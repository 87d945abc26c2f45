package data

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

// ramp is n images (c, y, x) of values in [0.1, 0.9] without a pattern that repeats.
func ramp(n, c, y, x int) graph.Array {
	v := make([]float32, n*c*y*x)
	noise := uint32(1)
	for i := range v {
		noise = noise*1664525 + 1013904223
		v[i] = 0.1 + 0.8*float32(noise>>8)/(1<<24)
	}
	return graph.Floats32(v, n, c, y, x)
}

// corrupt applies c, and fails if that changes the input.
func corrupt(t testing.TB, c Corruption, key graph.Key, src graph.Array) []float32 {
	t.Helper()
	before := slices.Clone(src.F32)
	dst := newLike(src, src.Shape[0])
	for i := range dst.F32 {
		dst.F32[i] = float32(math.NaN()) // what was there before must not matter
	}
	if err := c.Corrupt(key, dst, src); err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	if !slices.Equal(src.F32, before) {
		t.Errorf("%s changed its input", c)
	}
	for i, v := range dst.F32 {
		if v != v {
			t.Fatalf("%s: element %d was not written", c, i)
		}
	}
	return dst.F32
}

func TestCorruptionKeys(t *testing.T) {
	src := ramp(6, 2, 9, 11)
	for _, c := range []Corruption{
		Gaussian{0.3}, Masking{0.3}, SaltPepper{0.3}, Shift{3}, Chain{Masking{0.2}, Blur{1}, Gaussian{0.1}},
	} {
		a := corrupt(t, c, graph.NewKey(1), src)
		if !slices.Equal(a, corrupt(t, c, graph.NewKey(1), src)) {
			t.Errorf("%s: same key, other bits", c)
		}
		if slices.Equal(a, corrupt(t, c, graph.NewKey(2), src)) || slices.Equal(a, corrupt(t, c, graph.NewKey(1).At(1), src)) {
			t.Errorf("%s: other key, same bits", c)
		}
	}
	for _, c := range []Corruption{Downscale{3}, Blur{1.5}} {
		if !slices.Equal(corrupt(t, c, graph.NewKey(1), src), corrupt(t, c, graph.NewKey(2), src)) {
			t.Errorf("%s depends on the key", c)
		}
	}
	// Equal images of a batch must be damaged differently.
	same, err := floatSet(t, src.F32, src.Shape...).Subset([]int{2, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Corruption{Gaussian{0.3}, Masking{0.3}, SaltPepper{0.3}} {
		a := corrupt(t, c, graph.NewKey(1), same.X)
		if slices.Equal(a[:len(a)/2], a[len(a)/2:]) {
			t.Errorf("%s damages two images alike", c)
		}
	}
}

func TestCorruptionZeroStrength(t *testing.T) {
	src := ramp(3, 2, 5, 7)
	for _, c := range []Corruption{Gaussian{}, Masking{}, SaltPepper{}, Downscale{1}, Shift{}, Blur{}, Chain{}, Chain{Masking{}, Blur{}}} {
		if !slices.Equal(corrupt(t, c, graph.NewKey(1), src), src.F32) {
			t.Errorf("%s is not the identity", c)
		}
	}
}

func TestGaussianMoments(t *testing.T) {
	src := ramp(100, 1, 30, 40)
	n := float64(src.Len())
	const std = 0.37
	sum, sum2, sum4 := 0.0, 0.0, 0.0
	for i, v := range corrupt(t, Gaussian{std}, graph.NewKey(5), src) {
		e := float64(v) - float64(src.F32[i])
		sum, sum2, sum4 = sum+e, sum2+e*e, sum4+e*e*e*e
	}
	// Standard errors of the moments of a normal: std/sqrt n, std^2 sqrt(2/n), std^4 sqrt(96/n).
	for _, m := range []struct {
		name            string
		got, want, dev1 float64
	}{
		{"mean", sum / n, 0, std / math.Sqrt(n)},
		{"variance", sum2 / n, std * std, std * std * math.Sqrt(2/n)},
		{"fourth moment", sum4 / n, 3 * math.Pow(std, 4), math.Pow(std, 4) * math.Sqrt(96/n)},
	} {
		if math.Abs(m.got-m.want) > 5*m.dev1 {
			t.Errorf("%s of the noise %v, want %v within %v", m.name, m.got, m.want, 5*m.dev1)
		}
	}
}

// checkCount fails unless k of n agrees with probability p within 5 standard deviations.
func checkCount(t testing.TB, what string, k, n int, p float64) {
	t.Helper()
	if dev := math.Abs(float64(k) - p*float64(n)); dev > 5*math.Sqrt(float64(n)*p*(1-p)) {
		t.Errorf("%s: %d of %d, probability %v", what, k, n, p)
	}
}

func TestMaskingAndSaltPepperRates(t *testing.T) {
	src := ramp(100, 1, 20, 30)
	for _, rate := range []float64{0, 0.1, 0.5, 0.93, 1} {
		zeros := 0
		for i, v := range corrupt(t, Masking{rate}, graph.NewKey(2), src) {
			if v == 0 {
				zeros++
			} else if v != src.F32[i] {
				t.Fatalf("masking made %v of %v", v, src.F32[i])
			}
		}
		checkCount(t, "masked", zeros, src.Len(), rate)
		salt, pepper := 0, 0
		for i, v := range corrupt(t, SaltPepper{rate}, graph.NewKey(3), src) {
			switch v {
			case 0:
				pepper++
			case 1:
				salt++
			case src.F32[i]:
			default:
				t.Fatalf("salt and pepper made %v of %v", v, src.F32[i])
			}
		}
		checkCount(t, "pepper", pepper, src.Len(), rate/2)
		checkCount(t, "salt", salt, src.Len(), rate/2)
	}
}

func TestDownscale(t *testing.T) {
	src := graph.Floats32([]float32{
		1, 2, 3, 4, 5,
		6, 7, 8, 9, 10,
		11, 12, 13, 14, 15,
	}, 1, 3, 5)
	want := []float32{
		4, 4, 6, 6, 7.5,
		4, 4, 6, 6, 7.5,
		11.5, 11.5, 13.5, 13.5, 15,
	}
	if got := corrupt(t, Downscale{2}, graph.Key{}, src); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := corrupt(t, Downscale{1000}, graph.Key{}, src); got[0] != 8 || got[14] != 8 {
		t.Errorf("one block: %v", got)
	}
}

// sums is the sum of each plane in float64.
func sums(a graph.Array, v []float32) []float64 {
	size := a.Shape[2] * a.Shape[3]
	s := make([]float64, a.Len()/size)
	for i, x := range v {
		s[i/size] += float64(x)
	}
	return s
}

func TestMeanKept(t *testing.T) {
	src := ramp(3, 2, 7, 13)
	for _, c := range []Corruption{Downscale{2}, Downscale{5}, Blur{0.4}, Blur{1.7}, Blur{9}, Chain{Blur{1}, Downscale{3}}} {
		for p, s := range sums(src, corrupt(t, c, graph.Key{}, src)) {
			if want := sums(src, src.F32)[p]; math.Abs(s-want) > 1e-5*want {
				t.Errorf("%s: plane %d has sum %v, had %v", c, p, s, want)
			}
		}
	}
}

// The separable blur agrees with the two-dimensional sum over mirrored pixels.
func TestBlurAgainstDefinition(t *testing.T) {
	const rows, cols, sigma, radius = 4, 6, 1.9, 6 // radius = ceil(3 sigma): larger than the image
	src := ramp(2, 1, rows, cols)
	got := corrupt(t, Blur{sigma}, graph.Key{}, src)
	mirror := func(i, n int) int { // by walking: reflect at -1/2 and n-1/2
		for i < 0 || i >= n {
			if i < 0 {
				i = -1 - i
			} else {
				i = 2*n - 1 - i
			}
		}
		return i
	}
	for p := range 2 {
		for y := range rows {
			for x := range cols {
				sum, total := 0.0, 0.0
				for dy := -radius; dy <= radius; dy++ {
					for dx := -radius; dx <= radius; dx++ {
						w := math.Exp(-float64(dy*dy+dx*dx) / (2 * sigma * sigma))
						sum += w * float64(src.F32[p*rows*cols+mirror(y+dy, rows)*cols+mirror(x+dx, cols)])
						total += w
					}
				}
				if v := float64(got[p*rows*cols+y*cols+x]); math.Abs(v-sum/total) > 1e-6 {
					t.Errorf("plane %d, pixel (%d, %d): %v, want %v", p, y, x, v, sum/total)
				}
			}
		}
	}
}

func TestShift(t *testing.T) {
	const n, rows, cols, most = 3000, 5, 6, 2
	one := ramp(1, 2, rows, cols)
	all, err := floatSet(t, one.F32, one.Shape...).Subset(make([]int, n))
	if err != nil {
		t.Fatal(err)
	}
	got := corrupt(t, Shift{most}, graph.NewKey(4), all.X)
	var seen [2*most + 1][2*most + 1]int
	for i := range n {
		image := got[i*2*rows*cols : (i+1)*2*rows*cols]
		found := false
		for down := -most; down <= most && !found; down++ {
			for right := -most; right <= most && !found; right++ {
				if found = isShifted(image, one.F32, rows, cols, down, right); found {
					seen[down+most][right+most]++
				}
			}
		}
		if !found {
			t.Fatalf("image %d is no shift of the original: %v", i, image)
		}
	}
	for down, row := range seen {
		for right, k := range row {
			if dev := math.Abs(float64(k) - n/25.0); dev > 5*math.Sqrt(n/25.0*24/25) {
				t.Errorf("shift by (%d, %d): %d times of %d", down-most, right-most, k, n)
			}
		}
	}
}

func isShifted(image, original []float32, rows, cols, down, right int) bool {
	for p := range 2 {
		for y := range rows {
			for x := range cols {
				want := float32(0)
				if fy, fx := y-down, x-right; fy >= 0 && fy < rows && fx >= 0 && fx < cols {
					want = original[(p*rows+fy)*cols+fx]
				}
				if image[(p*rows+y)*cols+x] != want {
					return false
				}
			}
		}
	}
	return true
}

func TestChainOrder(t *testing.T) {
	src := ramp(2, 1, 8, 8)
	for k := 1; k <= 4; k++ { // odd and even numbers of steps
		var chain Chain
		for i := range k {
			chain = append(chain, []Corruption{Downscale{2}, Blur{1}, Downscale{3}, Blur{0.5}}[i])
		}
		want := src
		for _, c := range chain {
			want = graph.Floats32(corrupt(t, c, graph.Key{}, want), want.Shape...)
		}
		if !slices.Equal(corrupt(t, chain, graph.Key{}, src), want.F32) {
			t.Errorf("%s is not its parts in turn", chain)
		}
	}
	// Two equal steps must not draw the same numbers: 0.5 masked twice leaves a quarter.
	kept := 0
	big := ramp(10, 1, 50, 50)
	for _, v := range corrupt(t, Chain{Masking{0.5}, Masking{0.5}}, graph.NewKey(1), big) {
		if v != 0 {
			kept++
		}
	}
	checkCount(t, "kept", kept, big.Len(), 0.25)
}

func TestParseCorruption(t *testing.T) {
	for _, text := range []string{
		"none", "gaussian:0.5", "masking:0.25", "saltpepper:0.1", "downscale:4", "shift:2", "blur:1.5", "gaussian:1e-07",
		"shift:0", "masking:0.25,gaussian:0.1", "shift:2,blur:0.5,masking:1",
	} {
		c, err := ParseCorruption(text)
		if err != nil || c.String() != text {
			t.Errorf("%q became %v, %v", text, c, err)
		}
	}
	if c, err := ParseCorruption(" masking: 0.5 "); err != nil || c != (Masking{0.5}) {
		t.Errorf("with spaces: %v, %v", c, err)
	}
	if c, err := ParseCorruption(""); err != nil || c.String() != "none" {
		t.Errorf("empty: %v, %v", c, err)
	}
	for text, say := range map[string]string{
		"fog:1": `"fog"`, "masking": "strength", "masking:x": `"x"`, "masking:1.5": "0 to 1", "masking:-0.1": "0 to 1",
		"masking:NaN": "0 to 1", "gaussian:-1": "0 to 1000", "gaussian:Inf": "0 to 1000", "saltpepper:2": "0 to 1",
		"downscale:0": "1 to 1024", "downscale:1.5": "not whole", "shift:-1": "0 to", "blur:-1": "0 to 100", "blur:101": "0 to 100",
		"masking:0.5,": "expected gaussian", ",": "expected gaussian", "none,masking:0.5": `"none"`,
	} {
		_, err := ParseCorruption(text)
		wantError(t, text, err, ErrConfig, say)
		wantError(t, text, err, ErrConfig, text)
	}
}

func TestCorruptionErrors(t *testing.T) {
	src := ramp(2, 1, 4, 6)
	dst := newLike(src, 2)
	for _, c := range []Corruption{Gaussian{-1}, Masking{2}, SaltPepper{math.NaN()}, Downscale{0}, Shift{-1}, Blur{1000}, Chain{Masking{0.5}, Masking{2}}} {
		wantError(t, c.String(), c.Corrupt(graph.Key{}, dst, src), ErrConfig, "expected")
	}
	wantError(t, "shift", Shift{4}.Corrupt(graph.Key{}, dst, src), ErrConfig, "4 x 6 pixels")
	flat := src.Reshape(2, 24)
	for _, c := range []Corruption{Downscale{2}, Shift{1}, Blur{1}} {
		wantError(t, c.String(), c.Corrupt(graph.Key{}, newLike(flat, 2), flat), graph.ErrShape, "(n, c, y, x)")
	}
	for _, c := range []Corruption{Gaussian{1}, Masking{0.5}, SaltPepper{0.5}, Downscale{2}, Shift{1}, Blur{1}, Chain{}} {
		wantError(t, c.String(), c.Corrupt(graph.Key{}, src, src), graph.ErrShape, "same memory")
		wantError(t, c.String(), c.Corrupt(graph.Key{}, newLike(src, 1), src), graph.ErrShape, "must be equal")
		wantError(t, c.String(), c.Corrupt(graph.Key{}, dst, graph.Array{}), graph.ErrShape, "")
		wantError(t, c.String(), c.Corrupt(graph.Key{}, dst, graph.Ints(make([]int, 48), 2, 1, 4, 6)), graph.ErrType, "float32")
	}
}

// A batch must cost a few allocations, not some for every image or pixel.
func TestCorruptionAllocations(t *testing.T) {
	src := ramp(100, 1, 28, 28)
	dst := newLike(src, 100)
	for _, c := range []Corruption{Gaussian{0.5}, Masking{0.5}, SaltPepper{0.5}, Downscale{2}, Shift{2}, Blur{1}} {
		if n := testing.AllocsPerRun(3, func() {
			if err := c.Corrupt(graph.NewKey(1), dst, src); err != nil {
				t.Error(err)
			}
		}); n > 20 {
			t.Errorf("%s: %v allocations a batch", c, n)
		}
	}
}

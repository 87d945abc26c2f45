package data

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

func floatSet(t testing.TB, x []float32, shape ...int) *Set {
	t.Helper()
	s, err := NewSet(graph.Floats32(x, shape...), graph.Array{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFitStandard(t *testing.T) {
	// Feature 0 is far from 0, feature 1 constant, feature 2 arbitrary. 300 examples are more than one batch.
	x := make([]float32, 300*3)
	for i := range 300 {
		x[3*i], x[3*i+1], x[3*i+2] = 1e4+float32(i%7), 5, float32(i*i%11)-3
	}
	s := floatSet(t, x, 300, 3)
	z, err := FitStandard(s)
	if err != nil {
		t.Fatal(err)
	}
	// Two passes in float64, the definition.
	for j := range 3 {
		mean, variance := 0.0, 0.0
		for i := range 300 {
			mean += float64(x[3*i+j]) / 300
		}
		for i := range 300 {
			variance += (float64(x[3*i+j]) - mean) * (float64(x[3*i+j]) - mean) / 300
		}
		std := math.Sqrt(variance)
		if j == 1 {
			std = 1
		}
		if math.Abs(float64(z.Shift[j])-mean) > 1e-7*math.Abs(mean)+1e-6 || math.Abs(float64(z.Scale[j])-std) > 1e-6*std {
			t.Errorf("feature %d: shift %v, scale %v, want %v, %v", j, z.Shift[j], z.Scale[j], mean, std)
		}
	}
	normal, err := s.Map(graph.Key{}, z.Apply)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		if v := normal.X.F32[3*i+1]; v != 0 {
			t.Fatalf("constant feature became %v", v)
		}
	}
	back := newLike(s.X, 300)
	if err := z.Invert(back, normal.X); err != nil {
		t.Fatal(err)
	}
	for i, v := range back.F32 {
		if math.Abs(float64(v-x[i])) > 1e-6*math.Abs(float64(x[i]))+1e-6 {
			t.Fatalf("element %d: %v came back as %v", i, x[i], v)
		}
	}
	streamed, err := FitStandard(streamOf(t, 50, -1, 4, nil))
	if err != nil || streamed.Shift[0] != 245 || streamed.Shift[1] != 246 {
		t.Errorf("fitted to a stream: %v, %v", streamed, err)
	}
}

func TestFitMinMax(t *testing.T) {
	s := floatSet(t, []float32{-2, 7, 0, 7, 6, 7}, 3, 2)
	z, err := FitMinMax(s)
	if err != nil {
		t.Fatal(err)
	}
	scaled, err := s.Map(graph.Key{}, z.Apply)
	if err != nil || !slices.Equal(scaled.X.F32, []float32{0, 0, 0.25, 0, 1, 0}) {
		t.Errorf("%v, %v", scaled, err)
	}
	if s.X.F32[0] != -2 {
		t.Error("the set itself changed")
	}
}

func TestDivideBy(t *testing.T) {
	i := 0
	for b, err := range Map(numbered(t, 5).Ordered(), DivideBy(10).Apply).Batches(graph.Key{}, 2) {
		if err != nil {
			t.Fatal(err)
		}
		for k := range b.N {
			if b.X.F32[2*k] != float32(i) || b.Y.Int[k] != i {
				t.Errorf("example %d: %v, label %v", i, b.X.F32[2*k], b.Y.Int[k])
			}
			i++
		}
	}
	if i != 5 {
		t.Errorf("%d examples", i)
	}
}

func TestNormalizerErrors(t *testing.T) {
	s := floatSet(t, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	zero := float32(0)
	for _, c := range []struct {
		z    *Normalizer
		want error
		text string
	}{
		{&Normalizer{}, ErrConfig, "0 shifts"},
		{&Normalizer{Shift: []float32{0}}, ErrConfig, "1 shifts and 0 scales"},
		{DivideBy(0), ErrConfig, "scale not 0"},
		{DivideBy(1 / zero), ErrConfig, "finite"},
		{DivideBy(zero / zero), ErrConfig, "finite"},
		{&Normalizer{Shift: []float32{0, 0}, Scale: []float32{1, 1}}, graph.ErrShape, "3 features, the normalisation is of 2"},
	} {
		_, err := s.Map(graph.Key{}, c.z.Apply)
		wantError(t, "apply", err, c.want, c.text)
		wantError(t, "invert", c.z.Invert(newLike(s.X, 2), s.X), c.want, c.text)
		wantError(t, "source", firstError(Map(s, c.z.Apply), 1), c.want, c.text)
	}
	z := DivideBy(2)
	wantError(t, "in place", z.Invert(s.X, s.X), graph.ErrShape, "same memory")
	wantError(t, "shapes", z.Invert(newLike(s.X, 1), s.X), graph.ErrShape, "must be equal")
	wantError(t, "type", z.Invert(s.X, graph.Ints(make([]int, 6), 2, 3)), graph.ErrType, "float32")
	wantError(t, "zero", z.Invert(graph.Array{}, s.X), graph.ErrShape, "")
	tokens := &Set{X: graph.Ints([]int{1, 2}, 2, 1)}
	_, err := FitStandard(tokens)
	wantError(t, "tokens", err, graph.ErrType, "float32")
	_, err = FitMinMax(&Set{})
	wantError(t, "empty", err, ErrEmpty, "")
}

func TestNormalizerJSON(t *testing.T) {
	z := &Normalizer{Shift: []float32{0.1, -3e-20}, Scale: []float32{1e30, 7}}
	b, err := json.Marshal(z)
	if err != nil {
		t.Fatal(err)
	}
	var got Normalizer
	if err := json.Unmarshal(b, &got); err != nil || !slices.Equal(got.Shift, z.Shift) || !slices.Equal(got.Scale, z.Scale) {
		t.Errorf("%s gives %v, %v", b, got, err)
	}
	for _, bad := range []string{
		`{}`, `{"shift":[1],"scale":[0]}`, `{"shift":[1,2],"scale":[1]}`, `{"shift":"a"}`, `{"shift":[1],"scale":[1e99]}`,
	} {
		got := Normalizer{Shift: []float32{1}}
		wantError(t, bad, json.Unmarshal([]byte(bad), &got), ErrFormat, "normalisation")
		if len(got.Scale) != 0 {
			t.Errorf("%s changed the value", bad)
		}
	}
}

func TestBinarize(t *testing.T) {
	const n = 40000
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%4) / 3 // 0, 1/3, 2/3, 1
	}
	s := floatSet(t, x, 100, n/100)
	a, err := s.Map(graph.NewKey(1), Binarize)
	if err != nil {
		t.Fatal(err)
	}
	var ones [4]int
	for i, v := range a.X.F32 {
		if v != 0 && v != 1 {
			t.Fatalf("value %v", v)
		}
		ones[i%4] += int(v)
	}
	for k, got := range ones {
		p := float64(k) / 3
		if dev := math.Abs(float64(got) - p*n/4); dev > 5*math.Sqrt(p*(1-p)*n/4)+1e-9 {
			t.Errorf("probability %v: %d ones of %d", p, got, n/4)
		}
	}
	b, err := s.Map(graph.NewKey(1), Binarize)
	if err != nil || !slices.Equal(a.X.F32, b.X.F32) {
		t.Errorf("same key, other bits: %v", err)
	}
	c, err := s.Map(graph.NewKey(2), Binarize)
	if err != nil || slices.Equal(a.X.F32, c.X.F32) {
		t.Errorf("other key, same bits: %v", err)
	}
	_, err = floatSet(t, []float32{0.5, 1.5}, 2, 1).Map(graph.NewKey(1), Binarize)
	wantError(t, "range", err, ErrConfig, "example 1 has the value 1.5")
	d, err := floatSet(t, []float32{0.4, 0.5, 0.6}, 3, 1).Map(graph.Key{}, Threshold(0.5))
	if err != nil || !slices.Equal(d.X.F32, []float32{0, 0, 1}) {
		t.Errorf("threshold: %v, %v", d, err)
	}
}

// Every batch of an epoch, and every epoch, must have its own noise.
func TestMapKeys(t *testing.T) {
	x := make([]float32, 4*64)
	for i := range x {
		x[i] = 0.5
	}
	src := Map(floatSet(t, x, 4, 64), Binarize)
	var seen [][]float32
	for _, key := range []graph.Key{graph.NewKey(1), graph.NewKey(1).At(1)} {
		for b, err := range src.Batches(key, 2) {
			if err != nil {
				t.Fatal(err)
			}
			for _, other := range seen {
				if slices.Equal(other, b.X.F32) {
					t.Error("two batches have the same noise")
				}
			}
			seen = append(seen, slices.Clone(b.X.F32))
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d batches", len(seen))
	}
}

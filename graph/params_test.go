package graph_test

import (
	"testing"
	"unsafe"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

func TestParamsLayout(t *testing.T) {
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	add := must[*graph.Param](t)
	one := graph.Constant(1)
	a := add(p.Add("a", true, one, 3, 5))
	c := add(p.Add("c", false, one, 33))
	b := add(p.Add("b", true, one, 16))
	d := add(p.Add("d", true, one, 1))
	if p.Count() != 15+16+1 {
		t.Errorf("%d trainable numbers, expected 32", p.Count())
	}
	if a.Offset != 0 || b.Offset != 16 || d.Offset != 32 || c.Offset != 0 {
		t.Errorf("offsets %d %d %d and buffer %d, expected 0 16 32 and 0", a.Offset, b.Offset, d.Offset, c.Offset)
	}
	compileSum(t, p, a)
	values, grads := graph.Slab[float32](p)
	if len(values) != 48 || len(grads) != 48 {
		t.Fatalf("slabs of %d and %d, expected 48", len(values), len(grads))
	}
	if uintptr(unsafe.Pointer(&values[0]))%64 != 0 || uintptr(unsafe.Pointer(&grads[0]))%64 != 0 {
		t.Error("the slabs do not start a cache line")
	}
	for i, v := range values {
		want := float32(1)
		if i == 15 || i > 32 {
			want = 0 // padding
		}
		if v != want {
			t.Errorf("element %d of the slab is %v, expected %v", i, v, want)
		}
	}
	// The views are windows on the slabs and end where the parameter does.
	b.Value().F32[0] = 7
	b.Grad().F32[15] = 9
	if values[16] != 7 || grads[31] != 9 {
		t.Error("a parameter's value and gradient are not in the slab")
	}
	if v := graph.Values[float32](a); cap(v) != 15 {
		t.Errorf("capacity %d reaches into the next parameter", cap(v))
	}
	if !c.Grad().IsZero() || graph.Grads[float32](c) != nil {
		t.Error("a buffer has a gradient")
	}
	if p.Lookup("b") != b || p.Lookup("e") != nil || len(p.List()) != 4 || p.List()[1] != c {
		t.Error("Lookup or List is wrong")
	}
}

// compileSum compiles a graph over p, which seals it.
func compileSum(t *testing.T, p *graph.Params, q *graph.Param) {
	t.Helper()
	b := graph.NewBuilder(p, graph.Train)
	must[*graph.Program](t)(b.CompileGradient(op.Sum(b.Param(q.Name, nil, q.Shape...))))
}

func TestParamsErrors(t *testing.T) {
	p := graph.NewParams(graph.Float64, graph.NewKey(1))
	q := must[*graph.Param](t)(p.Add("enc/w", true, graph.Glorot, 3, 4))
	if again := must[*graph.Param](t)(p.Add("enc/w", true, graph.Zeros, 3, 4)); again != q || again.Value().At(0) == 0 {
		t.Error("asked for again, a parameter was made or filled anew")
	}
	_, err := p.Add("enc/w", true, graph.Zeros, 4, 3)
	wantError(t, err, graph.ErrShape, "enc/w", "[3 4]", "[4 3]")
	_, err = p.Add("enc/w", false, graph.Zeros, 3, 4)
	wantError(t, err, graph.ErrName, "enc/w", "buffer")
	_, err = p.Add("", true, graph.Zeros, 3)
	wantError(t, err, graph.ErrName)
	for _, shape := range [][]int{{0}, {3, -1}, {1 << 40, 1 << 40}} {
		_, err = p.Add("bad", true, graph.Zeros, shape...)
		wantError(t, err, graph.ErrShape, "bad")
	}
	compileSum(t, p, q)
	_, err = p.Add("late", true, graph.Zeros, 3)
	wantError(t, err, graph.ErrName, "late", "compiled")
	if len(p.List()) != 1 || p.Count() != 12 {
		t.Errorf("after errors there are %d parameters of %d numbers", len(p.List()), p.Count())
	}
}

func TestParamSet(t *testing.T) {
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	q := must[*graph.Param](t)(p.Add("w", true, graph.Zeros, 2, 2))
	if err := q.Set(graph.Floats64([]float64{1, 2, 3, 4.5}, 2, 2)); err != nil || q.Value().At(3) != 4.5 {
		t.Error("set from float64:", err, q.Value())
	}
	wantError(t, q.Set(graph.Floats32(make([]float32, 4), 4)), graph.ErrShape, `"w"`, "[2 2]", "[4]")
	wantError(t, q.Set(graph.Floats32(make([]float32, 3), 2, 2)), graph.ErrShape, `"w"`, "4 elements, got 3")
	wantError(t, q.Set(graph.Ints(make([]int, 4), 2, 2)), graph.ErrType, `"w"`)
	wantError(t, q.Set(graph.Array{}), graph.ErrShape, `"w"`)
	if q.Value().At(3) != 4.5 {
		t.Error("a refused Set changed the value")
	}
}

func TestInitialValuesDoNotDependOnOrder(t *testing.T) {
	names := []string{"enc/0/w", "enc/1/w", "dec/0/w"}
	values := func(seed uint64, dtype graph.DType, order ...int) map[string]graph.Array {
		p := graph.NewParams(dtype, graph.NewKey(seed))
		for _, i := range order {
			must[*graph.Param](t)(p.Add(names[i], true, graph.NormalWith(1), 5, 4))
		}
		m := map[string]graph.Array{}
		for _, q := range p.List() {
			m[q.Name] = q.Value()
		}
		return m
	}
	a, b, other, wide := values(1, 0, 0, 1, 2), values(1, 0, 2, 0, 1), values(2, 0, 0, 1, 2), values(1, graph.Float64, 0, 1, 2)
	for _, name := range names {
		if !sameBits(a[name], b[name]) {
			t.Errorf("%s depends on the order of creation", name)
		}
		if sameBits(a[name], other[name]) {
			t.Errorf("%s does not depend on the seed", name)
		}
		for i := range a[name].Len() {
			if a[name].F32[i] != float32(wide[name].F64[i]) {
				t.Errorf("%s differs between the element types at %d", name, i)
			}
		}
	}
	if sameBits(a[names[0]], a[names[1]]) {
		t.Error("two parameters have the same initial value")
	}
}

package kernel

import "math"

// The conversions T(x*y) below keep compilers from fusing a product with a sum.

// gradient gives g' of Update.
func (u *Update[T]) gradient(g, w T) T { return T(u.Scale*g) + T(u.L2*w) }

func sgdGeneric[T Float](w, g []T, u *Update[T]) {
	g = g[:len(w)]
	for i, x := range w {
		w[i] = x - T(u.Rate*u.gradient(g[i], x))
	}
}

func momentumGeneric[T Float](w, g, v []T, u *Update[T]) {
	g, v = g[:len(w)], v[:len(w)]
	for i, x := range w {
		v[i] = T(u.Momentum*v[i]) + u.gradient(g[i], x)
		w[i] = x - T(u.Rate*v[i])
	}
}

func nesterovGeneric[T Float](w, g, v []T, u *Update[T]) {
	g, v = g[:len(w)], v[:len(w)]
	for i, x := range w {
		d := u.gradient(g[i], x)
		v[i] = T(u.Momentum*v[i]) + d
		w[i] = x - T(u.Rate*(d+T(u.Momentum*v[i])))
	}
}

func adamGeneric[T Float](w, g, m, v []T, u *Update[T]) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	rate := T(u.Rate * u.Correct1)
	for i, x := range w {
		d := u.gradient(g[i], x)
		m[i] += T(u.Gain1 * (d - m[i]))
		v[i] += T(u.Gain2 * (T(d*d) - v[i]))
		w[i] = T(u.Keep*x) - T(rate*m[i])/(sqrt(u.Correct2*v[i])+u.Epsilon)
	}
}

func rmspropGeneric[T Float](w, g, v []T, u *Update[T]) {
	g, v = g[:len(w)], v[:len(w)]
	for i, x := range w {
		d := u.gradient(g[i], x)
		v[i] += T(u.Gain2 * (T(d*d) - v[i]))
		w[i] = x - T(u.Rate*d)/(sqrt(v[i])+u.Epsilon)
	}
}

func adagradGeneric[T Float](w, g, v []T, u *Update[T]) {
	g, v = g[:len(w)], v[:len(w)]
	for i, x := range w {
		d := u.gradient(g[i], x)
		v[i] += T(d * d)
		w[i] = x - T(u.Rate*d)/(sqrt(v[i])+u.Epsilon)
	}
}

func emaGeneric[T Float](avg, w []T, gain T) {
	w = w[:len(avg)]
	for i, a := range avg {
		avg[i] = a + T(gain*(w[i]-a))
	}
}

func addL1Generic[T Float](g, w []T, scale, l1 T) {
	for i, x := range w[:len(g)] {
		g[i] = T(scale * g[i])
		switch {
		case x > 0:
			g[i] += l1
		case x < 0:
			g[i] -= l1
		}
	}
}

func clipValueGeneric[T Float](g []T, c T) {
	for i, x := range g {
		g[i] = max(-c, min(c, x))
	}
}

func sqrt[T Float](x T) T { return T(math.Sqrt(float64(x))) }

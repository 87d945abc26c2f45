package kernel

// An Update holds the numbers that one step of an optimiser uses, the same for all elements.
// The step sees the gradient g' = Scale g + L2 w. Only the fields that the function's
// formula names are read.
type Update[T Float] struct {
	Rate     T // learning rate
	Scale    T // factor of the gradient, 1 unless it is clipped by norm
	L2       T // gradient of the penalty L2/2 |w|²
	Keep     T // factor of w before the step: 1 - rate × decoupled decay
	Momentum T
	Gain1    T // 1 - β1: weight of the new gradient in the first moment
	Gain2    T // 1 - β2: weight of the new square in the second moment
	Correct1 T // 1/(1-β1^t), bias correction of the first moment
	Correct2 T // 1/(1-β2^t), bias correction of the second moment
	Epsilon  T
}

// The functions below work on one piece in the calling goroutine; the slices have the length
// of w and do not overlap, and all panic if one is shorter. Every product and sum is rounded
// by itself, so that all implementations give the same bits.

const (
	shortState   = "kernel: gradient or optimiser state is shorter than the weights"
	shortWeights = "kernel: weights are shorter than their gradient or average"
)

// SGD is steepest descent: w -= Rate g'.
func SGD[T Float](w, g []T, u Update[T]) {
	if len(g) < len(w) {
		panic(shortState)
	}
	if w, ok := any(w).([]float32); ok {
		sgd32(w, any(g).([]float32), any(&u).(*Update[float32]))
		return
	}
	sgdGeneric(w, g, &u)
}

// Momentum is Polyak's heavy ball in the convention of PyTorch, where the velocity does not
// contain the rate: v = Momentum v + g'; w -= Rate v.
func Momentum[T Float](w, g, v []T, u Update[T]) {
	if min(len(g), len(v)) < len(w) {
		panic(shortState)
	}
	if w, ok := any(w).([]float32); ok {
		momentum32(w, any(g).([]float32), any(v).([]float32), any(&u).(*Update[float32]))
		return
	}
	momentumGeneric(w, g, v, &u)
}

// Nesterov is Nesterov's accelerated gradient in the form of Sutskever, Martens, Dahl and
// Hinton (ICML 2013), with the convention of Momentum:
// v = Momentum v + g'; w -= Rate (g' + Momentum v).
func Nesterov[T Float](w, g, v []T, u Update[T]) {
	if min(len(g), len(v)) < len(w) {
		panic(shortState)
	}
	if w, ok := any(w).([]float32); ok {
		nesterov32(w, any(g).([]float32), any(v).([]float32), any(&u).(*Update[float32]))
		return
	}
	nesterovGeneric(w, g, v, &u)
}

// Adam is the method of Kingma and Ba (ICLR 2015), with the decoupled decay of Loshchilov and
// Hutter (ICLR 2019) where Keep < 1:
//
//	m += Gain1 (g' - m)
//	v += Gain2 (g'² - v)
//	w = Keep w - Rate Correct1 m / (sqrt(Correct2 v) + Epsilon)
func Adam[T Float](w, g, m, v []T, u Update[T]) {
	if min(len(g), len(m), len(v)) < len(w) {
		panic(shortState)
	}
	if w, ok := any(w).([]float32); ok {
		adam32(w, any(g).([]float32), any(m).([]float32), any(v).([]float32), any(&u).(*Update[float32]))
		return
	}
	adamGeneric(w, g, m, v, &u)
}

// RMSProp is the method of Tieleman and Hinton (Coursera lecture 6.5, 2012):
// v += Gain2 (g'² - v); w -= Rate g' / (sqrt(v) + Epsilon).
func RMSProp[T Float](w, g, v []T, u Update[T]) {
	if min(len(g), len(v)) < len(w) {
		panic(shortState)
	}
	if w, ok := any(w).([]float32); ok {
		rmsprop32(w, any(g).([]float32), any(v).([]float32), any(&u).(*Update[float32]))
		return
	}
	rmspropGeneric(w, g, v, &u)
}

// AdaGrad is the diagonal method of Duchi, Hazan and Singer (JMLR 2011):
// v += g'²; w -= Rate g' / (sqrt(v) + Epsilon).
func AdaGrad[T Float](w, g, v []T, u Update[T]) {
	if min(len(g), len(v)) < len(w) {
		panic(shortState)
	}
	if w, ok := any(w).([]float32); ok {
		adagrad32(w, any(g).([]float32), any(v).([]float32), any(&u).(*Update[float32]))
		return
	}
	adagradGeneric(w, g, v, &u)
}

// AddL1 adds the gradient of the penalty l1 |w|, for l1 >= 0, to the scaled gradient:
// g = scale g + l1 sign(w), where the sign of 0 and of NaN is 0.
func AddL1[T Float](g, w []T, scale, l1 T) {
	if len(w) < len(g) {
		panic(shortWeights)
	}
	if g, ok := any(g).([]float32); ok {
		addL132(g, any(w).([]float32), float32(scale), float32(l1))
		return
	}
	addL1Generic(g, w, scale, l1)
}

// ClipValue limits every g[i] to [-c, c], for c >= 0. NaN stays NaN.
func ClipValue[T Float](g []T, c T) {
	if g, ok := any(g).([]float32); ok {
		clipValue32(g, float32(c))
		return
	}
	clipValueGeneric(g, c)
}

// EMA moves an exponential moving average towards w: avg += gain (w - avg), which is
// decay avg + (1-decay) w for gain = 1-decay.
func EMA[T Float](avg, w []T, gain T) {
	if len(w) < len(avg) {
		panic(shortWeights)
	}
	if avg, ok := any(avg).([]float32); ok {
		ema32(avg, any(w).([]float32), float32(gain))
		return
	}
	emaGeneric(avg, w, gain)
}

package kernel

// An Activation names an element-wise non-linearity whose gradient follows from its output.
type Activation int

const (
	ActIdentity Activation = iota
	ActSigmoid
	ActTanh
	ActReLU
	ActLeakyReLU // slope is the factor for negative inputs
	ActELU       // slope is alpha
)

const errActivation = "kernel: unknown activation"

// BiasActivate sets row[i] = act(row[i] + bias[i]) in place; a nil bias counts as 0. slope
// is used by ActLeakyReLU and ActELU. Identity, sigmoid, tanh and ReLU take one pass.
func BiasActivate[T Float](row, bias []T, act Activation, slope T) {
	if bias == nil {
		activate(row, act, slope)
		return
	}
	checkLen2(row, bias)
	v := vector[T]()
	switch act {
	case ActSigmoid:
		v.addSigmoid(row, row, bias)
	case ActTanh:
		v.addTanh(row, row, bias)
	case ActReLU:
		v.addReLU(row, row, bias)
	default:
		v.add(row, row, bias)
		activate(row, act, slope)
	}
}

// activate sets row[i] = act(row[i]).
func activate[T Float](row []T, act Activation, slope T) {
	v := vector[T]()
	switch act {
	case ActIdentity:
	case ActSigmoid:
		v.sigmoid(row, row)
	case ActTanh:
		v.tanh(row, row)
	case ActReLU:
		v.relu(row, row)
	case ActLeakyReLU:
		v.leakyReLU(row, row, slope)
	case ActELU:
		v.elu(row, row, slope)
	default:
		panic(errActivation)
	}
}

// ActivationGrad sets dz[i] to the gradient at the input of act, from its output y and the
// gradient dy at its output. slope is as for BiasActivate and must not be negative.
// dz may be y or dy.
func ActivationGrad[T Float](dz, y, dy []T, act Activation, slope T) {
	checkLen3(dz, y, dy)
	v := vector[T]()
	switch act {
	case ActIdentity:
		copy(dz, dy)
	case ActSigmoid:
		v.sigmoidGrad(dz, y, dy)
	case ActTanh:
		v.tanhGrad(dz, y, dy)
	case ActReLU:
		v.reluGrad(dz, y, dy)
	case ActLeakyReLU:
		v.leakyReLUGrad(dz, y, dy, slope)
	case ActELU:
		v.eluGrad(dz, y, dy, slope)
	default:
		panic(errActivation)
	}
}

package kernel

func addSigmoidGeneric[T Float](dst, x, y []T) {
	addGeneric(dst, x, y)
	sigmoidGeneric(dst, dst)
}

func addTanhGeneric[T Float](dst, x, y []T) {
	addGeneric(dst, x, y)
	tanhGeneric(dst, dst)
}

func addReLUGeneric[T Float](dst, x, y []T) {
	addGeneric(dst, x, y)
	reluGeneric(dst, dst)
}

package main

// erfSmallCoefs are those of p, lowest first, in erf(x) = x + x p(x^2) for |x| <= 1:
// minimax in the relative error, which is 2^-29.7 and 2^-62.8.
var erfSmallCoefs = map[elem][]float64{
	f32: {
		0.12837916591389935, -0.376126271355286262, 0.112836001691261404,
		-0.0268544442371710027, 0.00518953459338771628, -0.000802083429867888894,
		0.0000788909551047758088,
	},
	f64: {
		0.128379167095512574, -0.376126389031837482, 0.112837916709548845,
		-0.0268661706450778751, 0.00522397762482843067, -0.000854832698142554209,
		0.000120553311329558196, -0.0000149255957721809053, 1.64610084778027013e-6,
		-1.63503962228646163e-7, 1.46603287227422595e-8, -1.13749557360701496e-9,
		5.96068533852097103e-11,
	},
}

// erfLargeCoefs are those of q, lowest first, in erf(t) = 1 - e^-q(t-center) for t from 1
// to limit, above which erf rounds to 1: minimax in the error of erf, 2^-29.8 and 2^-59.5.
var erfLargeCoefs = map[elem]struct {
	center, limit float64
	q             []float64
}{
	f32: {2.5, 4, []float64{
		7.80681789256983415, 5.35269396347959348, 0.943883172431573153, 0.0107113144525995581,
		-0.00246533313332940489, 0.000151994897883710217, -0.000186374597465344558,
	}},
	f64: {3.5, 6, []float64{
		14.1124374021472248, 7.26609958837189713, 0.96675305485922708, 0.0052256586128138692,
		-0.000873687264243907607, 0.000147295494852195852, -0.0000243916687123757008,
		3.88564348229154772e-6, -5.82185987229334057e-7, 9.06560762697608309e-8,
		-5.61852532077922318e-10, 3.43779895399913315e-9, -2.20001195968367731e-9,
		-3.08349390917151841e-9, -1.77535273448345354e-9, -6.32594014809932821e-10,
		-1.39308252707812401e-10, -1.81653586576488799e-11, -1.04959708692295459e-12,
	}},
}

// erf returns the error function of x.
func (c code) erf(x value) value {
	t := c.abs(x)
	small := c.fma(x, c.horner(c.mul(x, x), erfSmallCoefs[c.elem]), x)
	large := erfLargeCoefs[c.elem]
	q := c.horner(c.sub(c.min(c.float(large.limit), t), c.float(large.center)), large.q)
	tail := c.expNegative(c.neg(q))
	return c.choose(c.compare(t, less, c.float(1)), small, c.withSign(c.sub(c.float(1), tail), x))
}

// normalCDF returns the standard normal distribution function of x.
func (c code) normalCDF(x value) value {
	const sqrtHalf = 0.707106781186547524401
	return c.fma(c.erf(c.mul(x, c.float(sqrtHalf))), c.float(0.5), c.inReg(c.float(0.5)))
}

// geluLimits are arguments beyond which, on either side, the normal distribution function
// computed from erf is 0 or 1 and the normal density does not count.
var geluLimits = map[elem]float64{f32: 8, f64: 12}

// gelu returns x Phi(x). The limit keeps infinity from meeting 0.
func (c code) gelu(x value) value {
	x = c.max(c.float(-geluLimits[c.elem]), x)
	return c.mul(x, c.normalCDF(x))
}

// geluSlope returns Phi(x) + x phi(x).
func (c code) geluSlope(x value) value {
	const invSqrt2Pi = 0.398942280401432677940
	limit := geluLimits[c.elem]
	x = c.min(c.float(limit), c.max(c.float(-limit), x))
	density := c.expNegative(c.mul(c.mul(x, x), c.float(-0.5)))
	return c.fma(c.mul(x, density), c.float(invSqrt2Pi), c.normalCDF(x))
}

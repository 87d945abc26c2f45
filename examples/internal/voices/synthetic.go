package voices

import (
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/audio"
)

const rate = 8000 // samples a second of what is synthetic

// vowels are the two lowest formants in Hz (Peterson & Barney 1952, men). An s is a hiss.
var vowels = map[rune][2]float64{'i': {270, 2290}, 'e': {530, 1840}, 'a': {730, 1090}, 'o': {570, 840}, 'u': {300, 870}}

// lexicon are the words, by their sounds. Many share all but one of them, or have them in another order.
var lexicon = []string{"sai", "sia", "aue", "eua", "oie", "oia", "isu", "usi", "eas", "oas"}

// draw is a source of numbers of [0, 1).
type draw struct {
	key graph.Key
	n   int
}

func (d *draw) next() float64 {
	var u [1]float64
	graph.Uniform(d.key.ForkN(d.n), u[:])
	d.n++
	return u[0]
}

// between is a number of [low, high).
func (d *draw) between(low, high float64) float64 { return low + d.next()*(high-low) }

// syntheticWords are the words of the lexicon, each by so many speakers, so many times.
func syntheticWords(key graph.Key, speakers, takes int) []Word {
	var words []Word
	for s := range speakers {
		who := &draw{key: key.Fork("speaker").ForkN(s)}
		pitch, tract := who.between(90, 220), who.between(0.85, 1.2)
		for l, label := range lexicon {
			for n := range takes {
				at := key.Fork("take").ForkN((s*len(lexicon)+l)*takes + n)
				name := fmt.Sprintf("%s_voice%d_%d", label, s, n)
				x := say(at, label, pitch, tract)
				words = append(words, Word{audio.Clip{Name: name + ".wav", Wave: audio.Wave{Rate: rate, Samples: x}}, label, fmt.Sprintf("voice%d", s), n})
			}
		}
	}
	return words
}

// say makes a wave of the sounds of a word: a sum of harmonics under two resonances that glide from vowel to vowel,
// or noise, with a little of it throughout. Pitch, tract, speed and loudness vary from take to take.
func say(key graph.Key, sounds string, pitch, tract float64) []float32 {
	d := &draw{key: key.Fork("voice")}
	pitch, tract = pitch*d.between(0.85, 1.15), tract*d.between(0.93, 1.07)
	n := int(d.between(0.28, 0.5) * rate)
	loud, warp := d.between(0.1, 0.3), d.between(0.7, 1.4)
	hiss := make([]float64, n+1)
	graph.Normal(key.Fork("hiss"), hiss)
	x := make([]float32, n)
	phase := 0.0
	for i := range x {
		place := math.Pow(float64(i)/float64(n), warp) // in the word, 0 to 1
		voiced, f1, f2 := formants(sounds, place)
		phase += 2 * math.Pi * pitch * (1.1 - 0.2*place) / rate
		sum, harmonic, before, twice := 0.0, math.Sin(phase), 0.0, 2*math.Cos(phase)
		for h := 1.0; voiced > 0.01 && h*pitch < 3600; h++ {
			sum += resonance(h*pitch, f1*tract, f2*tract) * harmonic
			harmonic, before = twice*harmonic-before, harmonic // sin (h+1)p = 2 cos p sin hp - sin (h-1)p
		}
		envelope := loud * math.Sqrt(math.Sin(math.Pi*min(max(place, 0.02), 0.98)))
		sound := voiced*sum + (1-voiced)*0.3*(hiss[i+1]-hiss[i])
		x[i] = float32(envelope*0.5*sound + 0.004*hiss[i])
	}
	return x
}

// formants are the resonances at a place in a word, and how much of the sound is voice.
func formants(sounds string, place float64) (voiced, f1, f2 float64) {
	at := place*float64(len(sounds)) - 0.5
	left := min(max(int(math.Floor(at)), 0), len(sounds)-1)
	right := min(left+1, len(sounds)-1)
	glide := min(max((at-float64(left)-0.25)/0.5, 0), 1) // half of each sound is steady
	get := func(i int) (float64, [2]float64) {
		if f, ok := vowels[rune(sounds[i])]; ok {
			return 1, f
		}
		return 0, vowels['e']
	}
	v0, a := get(left)
	v1, b := get(right)
	mix := func(p, q float64) float64 { return p + glide*(q-p) }
	return mix(v0, v1), mix(a[0], b[0]), mix(a[1], b[1])
}

// resonance is the amplitude of a frequency under two formants.
func resonance(hz, f1, f2 float64) float64 {
	a, b := (hz-f1)/80, (hz-f2)/120
	return 1/(1+a*a) + 0.5/(1+b*b)
}

// syntheticNoise is four kinds of noise, ten clips of each: white, of a drawn band, a hum of drawn pitch, and
// clicks.
func syntheticNoise(key graph.Key, rate int) []audio.Clip {
	var clips []audio.Clip
	for kind, name := range []string{"white", "band", "hum", "clicks"} {
		for n := range 10 {
			at := key.Fork(name).ForkN(n)
			x := makeNoise(at, kind, 2*rate, rate)
			clips = append(clips, audio.Clip{Name: fmt.Sprintf("%s/%d.wav", name, n), Wave: audio.Wave{Rate: rate, Samples: x}})
		}
	}
	return clips
}

func makeNoise(key graph.Key, kind, n, rate int) []float32 {
	d := &draw{key: key.Fork("settings")}
	x := make([]float32, n)
	graph.Normal(key.Fork("samples"), x)
	hz := 2 * math.Pi / float64(rate)
	switch kind {
	case 1: // a resonator of two poles
		w, r := hz*d.between(300, 3000), d.between(0.9, 0.98)
		for i := 2; i < n; i++ {
			x[i] += float32(2*r*math.Cos(w))*x[i-1] - float32(r*r)*x[i-2]
		}
	case 2:
		w := hz * d.between(60, 400)
		for i := range x {
			sum := 0.0
			for h := 1.0; h <= 8; h++ {
				sum += math.Sin(h*w*float64(i)) / h
			}
			x[i] = float32(sum) + 0.1*x[i]
		}
	case 3:
		level := float32(0)
		every := d.between(0.01, 0.04)
		for i := range x {
			if level *= 0.97; d.next() < every/20 {
				level = 3
			}
			x[i] *= level + 0.05
		}
	}
	return x
}

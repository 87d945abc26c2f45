package main

import (
	"math"
	"slices"

	"github.com/latent-go/latent/examples/internal/voices"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/audio"
	"github.com/pkg/errors"
)

const cepstra = 13 // coefficients of the Gaussians' features, as is usual

var syntheticNoise = data.SNR{DB: -3}

// A part is recordings for one purpose, as features.
type part struct {
	clips   []graph.Array // log mel energies (t, bands), one for each recording
	cepstra []graph.Array // with slopes (t, 39), for the Gaussians
	words   []int
	states  graph.Array // of all frames, in the order of clips
}

func (p *part) frames() int { return p.states.Len() }

// split makes the three parts of recordings, and normalises features by those of the training.
func (p *program) split(words []voices.Word) error {
	p.labels = voices.Labels(words)
	if len(p.labels) < 2 {
		return errors.Errorf("-data: all recordings are of the word %q, expected at least two words", p.labels[0])
	}
	var rest, test []voices.Word
	for _, w := range words {
		if w.N < p.test {
			test = append(test, w)
		} else {
			rest = append(rest, w)
		}
	}
	valid := int(math.Ceil(p.options.valid * float64(len(rest))))
	if len(test) == 0 || valid >= len(rest) {
		return errors.Errorf("-test %d and -valid %g leave %d recordings for the test and %d others, expected some for the test, for training and held out",
			p.test, p.options.valid, len(test), len(rest))
	}
	order := graph.NewKey(p.seed).Fork("valid").Perm(len(rest))
	pick := func(places []int) []voices.Word {
		var some []voices.Word
		for _, i := range slices.Sorted(slices.Values(places)) {
			some = append(some, rest[i])
		}
		return some
	}
	for _, to := range []struct {
		part  *part
		words []voices.Word
	}{{&p.train, pick(order[valid:])}, {&p.valids, pick(order[:valid])}, {&p.tests, test}} {
		if err := p.analyse(to.part, to.words); err != nil {
			return err
		}
	}
	return p.normalise()
}

// analyse computes the features of recordings, and gives each frame a state: a word's states share its frames
// evenly.
func (p *program) analyse(to *part, words []voices.Word) error {
	var states []int
	for _, w := range words {
		if err := p.damage(&w); err != nil {
			return err
		}
		s := audio.STFT{Length: w.Rate / 40, Hop: w.Rate / 100}
		spectrum, err := s.Transform(w.Samples)
		if err != nil {
			return errors.WithMessage(err, w.Name)
		}
		if spectrum.Frames < p.states {
			return errors.Errorf("%s has %d frames, expected at least as many as -states %d", w.Name, spectrum.Frames, p.states)
		}
		mel, err := audio.NewMel(audio.MelConfig{Rate: w.Rate, Size: 2 * (spectrum.Bins - 1), Bands: p.bands, Low: 60})
		if err != nil {
			return errors.WithMessage(err, "-bands")
		}
		logs, coefficients, err := features(spectrum, mel)
		if err != nil {
			return errors.WithMessage(err, w.Name)
		}
		word, _ := slices.BinarySearch(p.labels, w.Label)
		for t := range spectrum.Frames {
			states = append(states, word*p.states+t*p.states/spectrum.Frames)
		}
		to.clips, to.cepstra, to.words = append(to.clips, logs), append(to.cepstra, coefficients), append(to.words, word)
	}
	to.states = graph.Ints(states, len(states))
	return nil
}

// damage adds noise to a synthetic word, which is too easy to recognise without.
func (p *program) damage(w *voices.Word) error {
	if p.data != "synthetic" {
		return nil
	}
	noisy := make([]float32, len(w.Samples))
	err := syntheticNoise.Corrupt(graph.NewKey(p.seed).Fork(w.Name), graph.Floats32(noisy, 1, len(noisy)), graph.Floats32(w.Samples, 1, len(noisy)))
	w.Samples = noisy
	return err
}

// features are the log mel energies of a spectrum, and their cepstra with slopes, both with mean 0.
func features(spectrum *audio.Spectrogram, mel *audio.Mel) (logs, coefficients graph.Array, err error) {
	energies, err := mel.Apply(spectrum.Power())
	if err != nil {
		return logs, coefficients, err
	}
	if logs, err = audio.Log(energies); err != nil {
		return logs, coefficients, err
	}
	if logs, err = audio.Centred(logs); err != nil {
		return logs, coefficients, err
	}
	if coefficients, err = audio.Cepstra(logs, cepstra); err != nil {
		return logs, coefficients, err
	}
	coefficients, err = audio.WithDeltas(coefficients)
	return logs, coefficients, err
}

// normalise gives each band mean 0 and variance 1 over the frames of the training, as Gaussian visible units
// expect it.
func (p *program) normalise() error {
	all, err := audio.NewWindows(p.train.clips, 0, graph.Array{})
	if err != nil {
		return err
	}
	z, err := data.FitStandard(all)
	if err != nil {
		return err
	}
	for _, of := range []*part{&p.train, &p.valids, &p.tests} {
		for _, c := range of.clips {
			scaled := graph.Floats32(make([]float32, c.Len()), c.Shape...)
			if err := z.Apply(graph.Key{}, scaled, c); err != nil {
				return err
			}
			copy(c.F32, scaled.F32)
		}
	}
	p.normalizer = &data.Normalizer{}
	for range 2*p.context + 1 {
		p.normalizer.Shift, p.normalizer.Scale = append(p.normalizer.Shift, z.Shift...), append(p.normalizer.Scale, z.Scale...)
	}
	return nil
}

// windows is the frames of a part with those around them.
func (p *program) windows(of *part) (*audio.Windows, error) {
	return audio.NewWindows(of.clips, p.context, of.states)
}

package main

import (
	"fmt"
	"math"
	"path"
	"slices"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/examples/internal/voices"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/audio"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pretrain"
	"github.com/pkg/errors"
)

// program is the state of a run.
type program struct {
	options
	dbs                []float64
	layers             []nn.Dense
	hertz              int // samples a second
	stft               audio.STFT
	train, valid, test []mixture
	normalizer         *data.Normalizer // of a frame, noisy or clean
	folder             *show.Folder
	net                *pretrain.Network
	history            *train.History
}

// A mixture is a word with noise at a ratio, both brought to a common level.
type mixture struct {
	word         voices.Word
	noise        string
	db           float64
	noisy        []float32
	gain         float32            // what brought it there
	spectrum     *audio.Spectrogram // of noisy
	input, clean graph.Array        // log power (t, f), noisy and clean
}

// load reads speech and noise, and mixes them.
func (p *program) load() error {
	key := graph.NewKey(p.seed)
	words, err := voices.Words(p.data, key.Fork("words"))
	if err != nil {
		return errors.WithMessage(err, "-data")
	}
	p.hertz = words[0].Rate
	p.stft = audio.STFT{Length: p.hertz * 32 / 1000, Hop: p.hertz * 16 / 1000}
	if err := p.stft.Check(); err != nil {
		return errors.WithMessagef(err, "-data: %d samples a second", p.hertz)
	}
	noise, err := voices.Noise(p.noise, p.hertz, key.Fork("noise"))
	if err != nil {
		return errors.WithMessage(err, "-noise")
	}
	names := voices.Speakers(words)
	if p.speakers >= len(names) {
		return errors.Errorf("-speakers %d held out of %d, expected at least one for the training", p.speakers, len(names))
	}
	heldOut := names[len(names)-p.speakers:]
	seen, unseen := divide(noise)
	if len(seen) == 0 || len(unseen) == 0 {
		return errors.Errorf("-noise %s has %d clips, expected a folder of at least 5", p.noise, len(noise))
	}
	for i, w := range words {
		to, from := &p.train, seen
		switch {
		case slices.Contains(heldOut, w.Speaker):
			to, from = &p.test, unseen
		case i%20 == 7: // of the training's speakers and noise
			to = &p.valid
		}
		for j, db := range p.dbs {
			m, err := p.mix(key.Fork("mix").ForkN(i).ForkN(j), w, from, db)
			if err != nil {
				return err
			}
			*to = append(*to, m)
		}
	}
	if len(p.train) == 0 || len(p.valid) == 0 {
		return errors.Errorf("-data %s: %d recordings are too few to hold some out", p.data, len(words))
	}
	return p.normalise()
}

// divide holds out the last fifth of the clips of each folder: of ESC-10 a fold, so that no source is in both
// parts.
func divide(clips []audio.Clip) (seen, unseen []audio.Clip) {
	for len(clips) > 0 {
		n := 1
		for n < len(clips) && path.Dir(clips[n].Name) == path.Dir(clips[0].Name) {
			n++
		}
		last := n / 5
		seen, unseen = append(seen, clips[:n-last]...), append(unseen, clips[n-last:n]...)
		clips = clips[n:]
	}
	return seen, unseen
}

// mix adds a drawn clip of noise to a word, and analyses both. Noise that is silent where it is drawn is drawn
// again.
func (p *program) mix(key graph.Key, w voices.Word, noise []audio.Clip, db float64) (m mixture, err error) {
	m = mixture{word: w, db: db}
	for try := range 20 {
		var u [1]float64
		graph.Uniform(key.ForkN(try).Fork("clip"), u[:])
		from := noise[int(u[0]*float64(len(noise)))]
		m.noise = from.Name
		if m.noisy, err = audio.Mix(key.ForkN(try), w.Samples, from.Samples, db); err == nil {
			break
		}
	}
	if err != nil {
		return m, errors.WithMessagef(err, "%s with %s", w.Name, m.noise)
	}
	m.level()
	if m.spectrum, m.input, err = p.analyse(m.noisy); err == nil {
		_, m.clean, err = p.analyse(m.word.Samples)
	}
	return m, errors.WithMessage(err, w.Name)
}

// level brings the noisy wave to a root mean square of 0.003, and the clean one by as much. What is 50 dB below the
// mean is then at the floor of the logarithms: silence that differs from recording to recording is not to be learnt.
func (m *mixture) level() {
	sum := 0.0
	for _, v := range m.noisy {
		sum += float64(v) * float64(v)
	}
	m.gain = float32(0.003 / math.Sqrt(sum/float64(len(m.noisy))))
	m.word.Samples = slices.Clone(m.word.Samples)
	for i := range m.noisy {
		m.noisy[i] *= m.gain
		m.word.Samples[i] *= m.gain
	}
}

func (p *program) analyse(x []float32) (*audio.Spectrogram, graph.Array, error) {
	spectrum, err := p.stft.Transform(x)
	if err != nil {
		return nil, graph.Array{}, err
	}
	logs, err := audio.Log(spectrum.Power())
	return spectrum, logs, err
}

// bins is the number of frequencies.
func (p *program) bins() int { return p.train[0].spectrum.Bins }

// normalise fits what gives each frequency mean 0 and variance 1 over noisy and clean frames together, so that
// one normalisation serves for both.
func (p *program) normalise() error {
	var all []graph.Array
	for _, m := range p.train {
		all = append(all, m.input, m.clean)
	}
	frames, err := audio.NewWindows(all, 0, graph.Array{})
	if err != nil {
		return err
	}
	p.normalizer, err = data.FitStandard(frames)
	return err
}

// scaled is frames under the normalisation.
func (p *program) scaled(a graph.Array) (graph.Array, error) {
	out := graph.Floats32(make([]float32, a.Len()), a.Shape...)
	return out, p.normalizer.Apply(graph.Key{}, out, a)
}

// inputs is the normalisation of a window, which travels with the model.
func (p *program) inputs() *data.Normalizer {
	z := &data.Normalizer{}
	for range 2*p.context + 1 {
		z.Shift, z.Scale = append(z.Shift, p.normalizer.Shift...), append(z.Scale, p.normalizer.Scale...)
	}
	return z
}

// windows is the noisy frames of mixtures with those around them; targets are the differences of clean and noisy
// frames.
func (p *program) windows(mixtures []mixture) (*audio.Windows, error) {
	var inputs []graph.Array
	var targets []float32
	for _, m := range mixtures {
		x, err := p.scaled(m.input)
		if err != nil {
			return nil, err
		}
		y, err := p.scaled(m.clean)
		if err != nil {
			return nil, err
		}
		for i := range y.F32 {
			y.F32[i] -= x.F32[i]
		}
		inputs, targets = append(inputs, x), append(targets, y.F32...)
	}
	return audio.NewWindows(inputs, p.context, graph.Floats32(targets, len(targets)/p.bins(), p.bins()))
}

func (m mixture) String() string {
	return fmt.Sprintf("%q by %s with %s at %g dB", m.word.Label, m.word.Speaker, m.noise, m.db)
}

package main

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/examples/internal/voices"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/audio"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
)

// denoise estimates the clean spectrum of a mixture, as log power, and the wave of it with the noisy phase.
func (p *program) denoise(m mixture) (logs graph.Array, wave []float32, err error) {
	x, err := p.scaled(m.input)
	if err != nil {
		return logs, nil, err
	}
	windows, err := audio.Context(x, p.context)
	if err != nil {
		return logs, nil, err
	}
	y, err := p.net.Predict(windows)
	if err != nil {
		return logs, nil, err
	}
	for i := range y.F32 {
		y.F32[i] += x.F32[i]
	}
	logs = graph.Floats32(make([]float32, y.Len()), y.Shape...)
	if err := p.normalizer.Invert(logs, y); err != nil {
		return logs, nil, err
	}
	for i, v := range logs.F32 {
		logs.F32[i] = min(v, m.input.F32[i]) // noise is taken away, nothing is added
	}
	wave, err = p.resynthesise(m, logs)
	return logs, wave, err
}

// equalise raises the network's output at each frequency so that amplitudes fit the clean ones with the least
// squared error on held-out mixtures. A network that minimises squared errors of logarithms gives the means of
// logarithms, and those are below the logarithms of means.
func (p *program) equalise() error {
	product, square := make([]float64, p.bins()), make([]float64, p.bins())
	for _, m := range p.valid {
		logs, _, err := p.denoise(m)
		if err != nil {
			return err
		}
		for i, v := range logs.F32 {
			product[i%p.bins()] += math.Exp(0.5 * float64(v+m.clean.F32[i]))
			square[i%p.bins()] += math.Exp(float64(v))
		}
	}
	bias := p.net.Params().Lookup("output/b").Value().F32
	for f := range bias {
		bias[f] += float32(2*math.Log(product[f]/square[f])) / p.normalizer.Scale[f]
	}
	return p.net.Save(p.folder.File("model.safetensors"))
}

// resynthesise makes a wave of a spectrum with the phases of a mixture.
func (p *program) resynthesise(m mixture, logs graph.Array) ([]float32, error) {
	power, err := audio.Exp(logs)
	if err != nil {
		return nil, err
	}
	g, err := m.spectrum.WithPower(power)
	if err != nil {
		return nil, err
	}
	return p.stft.Invert(g, len(m.noisy))
}

// quality is how near a wave is to the clean one of a mixture.
type quality struct{ snr, segmental, distance float64 }

func (p *program) quality(m mixture, wave []float32) (q quality, err error) {
	if q.snr, err = audio.SNR(m.word.Samples, wave); err != nil {
		return q, err
	}
	if q.segmental, err = audio.SegmentalSNR(m.word.Samples, wave, min(p.stft.Length, len(wave))); err != nil {
		return q, err
	}
	_, logs, err := p.analyse(wave)
	if err != nil {
		return q, err
	}
	q.distance, err = audio.LogSpectralDistance(logs, m.clean)
	return q, err
}

// score prints how near the waves of the test are to the clean ones, by ratio: before, after, and with the clean
// spectrum and the noisy phase, the best that can be had in this way.
func (p *program) score() error {
	names := []string{"noisy", "denoised", "clean spectrum, noisy phase"}
	var rows [][]string
	for _, db := range p.dbs {
		sums := make([]quality, len(names))
		n := 0.0
		for _, m := range p.test {
			if m.db != db {
				continue
			}
			n++
			_, denoised, err := p.denoise(m)
			if err != nil {
				return err
			}
			best, err := p.resynthesise(m, m.clean)
			if err != nil {
				return err
			}
			for i, wave := range [][]float32{m.noisy, denoised, best} {
				q, err := p.quality(m, wave)
				if err != nil {
					return err
				}
				sums[i].snr, sums[i].segmental, sums[i].distance = sums[i].snr+q.snr, sums[i].segmental+q.segmental, sums[i].distance+q.distance
			}
		}
		for i, s := range sums {
			rows = append(rows, []string{fmt.Sprintf("%g dB", db), names[i], fmt.Sprintf("%.2f", s.snr/n), fmt.Sprintf("%.2f", s.segmental/n), fmt.Sprintf("%.2f", s.distance/n)})
		}
	}
	header := []string{"noise at", "wave", "SNR in dB", "segmental SNR in dB", "log-spectral distance in dB"}
	fmt.Println("\nMeans over the test waves:")
	for _, row := range append([][]string{header}, rows...) {
		fmt.Printf("%-10s%-30s%12s%22s%30s\n", row[0], row[1], row[2], row[3], row[4])
	}
	p.folder.Report.Section("Speakers and noise that were not in the training")
	p.folder.Report.Table("Means over the test waves. The last line of each ratio is the best that can be had with the noisy phase.", header, rows)
	return nil
}

// examples are test waves of as many different words as there are, up to ten, at the middle ratio.
func (p *program) examples() []mixture {
	db := slices.Sorted(slices.Values(p.dbs))[len(p.dbs)/2]
	var some []mixture
	seen := map[string]bool{}
	for _, m := range p.test {
		if m.db == db && !seen[m.word.Label] && len(some) < 10 {
			seen[m.word.Label] = true
			some = append(some, m)
		}
	}
	return some
}

// listen writes the examples, one after the other, as they were, with noise, and denoised, and draws their
// spectra.
func (p *program) listen() error {
	names, waves := []string{"clean", "noisy", "denoised"}, make([][]float32, 3)
	var list []string
	for _, m := range p.examples() {
		_, denoised, err := p.denoise(m)
		if err != nil {
			return err
		}
		for i, x := range [][]float32{m.word.Samples, m.noisy, denoised} {
			for _, v := range x {
				waves[i] = append(waves[i], v/m.gain)
			}
			waves[i] = append(waves[i], make([]float32, p.hertz/20)...)
		}
		list = append(list, fmt.Sprintf("%s (%s)", m.word.Label, path.Base(m.noise)))
	}
	var rows []view.Row
	var low, high float64
	for i, x := range waves {
		if err := audio.WriteWAV(p.folder.File(names[i]+".wav"), audio.Wave{Rate: p.hertz, Samples: x}); err != nil {
			return err
		}
		_, logs, err := p.analyse(x)
		if err != nil {
			return err
		}
		if i == 0 {
			_, high = voices.Range(logs)
			low = high - 14 // 60 dB
		}
		rows = append(rows, view.Row{Caption: names[i], Images: voices.Image(logs, p.bins(), low, high)})
	}
	img, err := view.Compare(rows, view.Layout{Scale: max(1, min(4, 900*p.stft.Hop/len(waves[0])))})
	p.folder.Report.Section("To look at, and to listen to")
	p.folder.Report.Text("Words of the test and their noise, of which clean.wav, noisy.wav and denoised.wav are beside this page: " + strings.Join(list, ", ") + ".")
	return p.folder.Picture("spectra", "Log power over 60 dB; time from left to right, low frequencies at the bottom.", img, err)
}

// learning draws the learning curve.
func (p *program) learning() error {
	p.folder.Report.Section("Training")
	img, err := show.Curves(p.history, train.Loss, view.Axes{Title: "Loss", X: "step", Y: "squared error of a frame"})
	if err := p.folder.Picture("curves", "Squared error of the normalised log spectrum, summed over frequencies; held out are recordings of the training's speakers.", img, err); err != nil {
		return err
	}
	return p.history.SaveCSV(p.folder.File("history.csv"))
}

package audio_test

import (
	"fmt"
	"log"
	"math"

	"github.com/latent-go/latent/graph/data/audio"
)

// Features of speech as an acoustic model takes them: log mel energies of 25 ms every 10 ms, with 5 frames on each
// side.
func Example() {
	wave := audio.Wave{Rate: 8000, Samples: make([]float32, 8000)} // of ReadWAV
	for i := range wave.Samples {
		wave.Samples[i] = float32(math.Sin(2 * math.Pi * 440 * float64(i) / 8000))
	}
	s := audio.STFT{Length: wave.Rate / 40, Hop: wave.Rate / 100, Size: 256}
	mel, err := audio.NewMel(audio.MelConfig{Rate: wave.Rate, Size: 256, Bands: 24})
	if err != nil {
		log.Fatal(err)
	}
	spectrum, err := s.Transform(wave.Samples)
	if err != nil {
		log.Fatal(err)
	}
	energies, err := mel.Apply(spectrum.Power())
	if err != nil {
		log.Fatal(err)
	}
	logs, err := audio.Log(energies)
	if err != nil {
		log.Fatal(err)
	}
	windows, err := audio.Context(logs, 5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(logs.Shape, windows.Shape)
	// Output: [101 24] [101 264]
}

// Package voices is what the examples about speech share: recordings of spoken words and of noise, synthetic
// ones for a start without data, and pictures of spectra.
package voices

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/audio"
	"github.com/pkg/errors"
)

// WordsUsage and NoiseUsage say what Words and Noise read, for the help of a flag.
const (
	WordsUsage = "\"synthetic\", \"fsdd\" (spoken digits, fsdd/recordings.tar.gz in the folder that LATENT_DATA names), or a folder or .tar.gz of 16-bit WAV files named LABEL_SPEAKER_N.wav"
	NoiseUsage = "\"synthetic\", \"esc10\" (noise-esc10/esc10-noise-8k.tar.gz in the folder that LATENT_DATA names), or a folder or .tar.gz of 16-bit WAV files"
)

// A Word is the recording of one, by a speaker, number N of several.
type Word struct {
	audio.Clip
	Label, Speaker string
	N              int
}

// Words reads the recordings that a flag names.
func Words(name string, key graph.Key) ([]Word, error) {
	if name == "synthetic" {
		return syntheticWords(key, 6, 12), nil
	}
	clips, err := load(name, "fsdd", "fsdd/recordings.tar.gz")
	if err != nil {
		return nil, err
	}
	words := make([]Word, len(clips))
	for i, c := range clips {
		if words[i], err = parse(c); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// parse finds out from the name of a clip who says what.
func parse(c audio.Clip) (Word, error) {
	base := path.Base(c.Name)
	parts := strings.Split(strings.TrimSuffix(base, path.Ext(base)), "_")
	if len(parts) == 3 && parts[0] != "" && parts[1] != "" {
		if n, err := strconv.Atoi(parts[2]); err == nil && n >= 0 {
			return Word{c, parts[0], parts[1], n}, nil
		}
	}
	return Word{}, errors.Errorf("clip %q, expected a name such as 7_jackson_32.wav: label, speaker, number", c.Name)
}

// Noise reads the recordings of noise that a flag names, as samples at a rate.
func Noise(name string, rate int, key graph.Key) ([]audio.Clip, error) {
	if name == "synthetic" {
		return syntheticNoise(key, rate), nil
	}
	clips, err := load(name, "esc10", "noise-esc10/esc10-noise-8k.tar.gz")
	if err != nil {
		return nil, err
	}
	if clips[0].Rate != rate {
		return nil, errors.Errorf("%s has %d samples a second, the speech %d: they must be the same", name, clips[0].Rate, rate)
	}
	return clips, nil
}

// load reads clips by the short name of a set, or by path.
func load(name, short, below string) ([]audio.Clip, error) {
	if name == short {
		root := os.Getenv("LATENT_DATA")
		if root == "" {
			return nil, errors.Errorf("%q needs LATENT_DATA, the folder that has %s; or give a path", short, below)
		}
		name = filepath.Join(root, filepath.FromSlash(below))
	}
	return audio.Load(name)
}

// Labels are the labels of words, sorted.
func Labels(words []Word) []string { return distinct(words, func(w Word) string { return w.Label }) }

// Speakers are the speakers of words, sorted.
func Speakers(words []Word) []string {
	return distinct(words, func(w Word) string { return w.Speaker })
}

func distinct(words []Word, of func(Word) string) []string {
	var all []string
	for _, w := range words {
		all = append(all, of(w))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

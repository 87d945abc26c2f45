package text_test

import (
	"fmt"
	"log"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
)

// A line of characters loses some, and others change places.
func ExampleParseCorruption() {
	const line = "the light of the sun consists of rays differently refrangible"
	characters, err := text.Characters(line)
	if err != nil {
		log.Fatal(err)
	}
	noise, err := text.ParseCorruption("deletion:0.1,swap:0.1", text.IDs{First: text.Unknown + 1, End: characters.Len()})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 2 {
		noisy, err := noise.Corrupt(graph.NewKey(1).ForkN(i), characters.Encode(line))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(characters.Decode(noisy))
	}
	// Output:
	// the lght fo the suncnsists f rays differenlyr efangible
	// et ligh tof h sun consists o frys differenty rerfangilbe
}

package pixel

import (
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

// A Recipe is a published setting: a model with its training.
type Recipe struct {
	Paper string // where it is from, and what differs
	Model Config
	Train train.Config
}

// GatedPixelCNN is the gated PixelCNN for binary digits (28, 28), trained for so many epochs over so many
// examples. The paper has no figure for these; 81.30 nats are those of a PixelCNN in van den Oord et al. 2016,
// "Pixel recurrent neural networks", table 4, on the test set of Larochelle's fixed binarisation. Depth counts for
// more than features: a layer sees one row further up.
func GatedPixelCNN(examples, epochs int) Recipe {
	return recipe("van den Oord et al. 2016, Conditional image generation with PixelCNN decoders; fewer layers and features, and Adam",
		Config{Shape: []int{28, 28}, Layers: 12, Features: 16}, examples, epochs)
}

// RowLSTM is the Row LSTM for binary digits, likewise: 80.54 nats in table 4, with 12 layers.
func RowLSTM(examples, epochs int) Recipe {
	return recipe("van den Oord et al. 2016, Pixel recurrent neural networks, section 3.1; fewer layers and features, and Adam",
		Config{Kind: Recurrent, Shape: []int{28, 28}, Layers: 4}, examples, epochs)
}

func recipe(paper string, model Config, examples, epochs int) Recipe {
	const batch = 16
	return Recipe{
		Paper: paper,
		Model: model,
		Train: train.Config{Epochs: epochs, BatchSize: batch, Optim: optim.Config{
			Rate:     2e-3,
			Schedule: optim.Schedule{Kind: optim.Cosine, Steps: max(1, epochs*((examples+batch-1)/batch))},
		}},
	}
}

package main

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
)

// program is the state of a run.
type program struct {
	options
	units                []int
	labels               []string
	train, valids, tests part
	normalizer           *data.Normalizer
	folder               *show.Folder
	stack                *pretrain.Stack
	net                  *pretrain.Network // the pretrained one
	curves               []view.Series
	results              [][]string
}

// result scores a model on the test recordings.
func (p *program) result(name string, model acoustic) error {
	frame, word, err := p.errorRates(model, &p.tests)
	if err != nil {
		return err
	}
	row := []string{name, fmt.Sprintf("%.2f", 100*frame), fmt.Sprintf("%.2f", 100*word)}
	p.results = append(p.results, row)
	fmt.Printf("%s: frame error %s %%, word error %s %%\n", row[0], row[1], row[2])
	return nil
}

// pretrain trains the machines one on the codes of the other: the lowest has Gaussian visible units of variance 1,
// whose means its chains take.
func (p *program) pretrain(ctx context.Context) error {
	windows, err := p.windows(&p.train)
	if err != nil {
		return err
	}
	cfg := pretrain.Config{Dir: p.stackDir(), Resume: p.resume, Seed: p.seed, Progress: os.Stderr}
	for i, units := range p.units {
		l := pretrain.Layer{RBM: &rbm.Config{Hidden: units, Steps: 1}}
		rate := 0.02
		if i == 0 {
			l.RBM.VisibleUnits, l.RBM.VisibleMeans, l.RBM.Normalizer = rbm.Gaussian, true, p.normalizer
			rate = 0.002 // the paper's, as 0.02
		}
		l.Train = train.Config{
			Epochs: p.epochs, BatchSize: p.batch,
			Optim: optim.Config{Method: optim.Momentum, Rate: rate, Momentum: 0.9, L2: 2e-4},
		}
		cfg.Layers = append(cfg.Layers, l)
	}
	fmt.Printf("\n%d machines, layer by layer\n", len(cfg.Layers))
	if p.stack, _, err = pretrain.Train(ctx, cfg, windows); err != nil {
		return err
	}
	return p.stack.Save(p.folder.File("stack.safetensors"))
}

// networks trains a network that starts from the stack, and one from random weights.
func (p *program) networks(ctx context.Context) error {
	windows, err := p.windows(&p.train)
	if err != nil {
		return err
	}
	valid, err := p.windows(&p.valids)
	if err != nil {
		return err
	}
	head := pretrain.Head{Outputs: len(p.labels) * p.states, Seed: p.seed}
	for _, start := range []struct {
		name string
		make func(pretrain.Head) (*pretrain.Network, error)
	}{{"random", p.stack.Random}, {"pretrained", p.stack.Network}} {
		net, err := start.make(head)
		if err != nil {
			return err
		}
		checkpoint, err := p.folder.Checkpoints("network-"+start.name, p.resume, net.Config())
		if err != nil {
			return err
		}
		fmt.Printf("\nA network from %s weights, %d in all\n", start.name, net.Params().Count())
		steps := p.fineTune * ((windows.Len() + p.batch - 1) / p.batch)
		r, err := train.Run(ctx, net, windows, train.Config{
			Epochs: p.fineTune, BatchSize: p.batch, Progress: os.Stderr, Key: graph.NewKey(p.seed).Fork("finetune"), Checkpoint: checkpoint,
			Valid: valid, Stop: train.EarlyStop{Metric: "error", Restore: true},
			Optim: optim.Config{Method: optim.Momentum, Rate: 0.05, Momentum: 0.9, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: steps}},
		})
		if err != nil {
			return err
		}
		p.curve(start.name+" weights", r.History)
		if err := p.result("network from "+start.name+" weights", p.scaled(net)); err != nil {
			return err
		}
		if err := net.Save(p.folder.File("network-" + start.name + ".safetensors")); err != nil {
			return err
		}
		p.net = net
	}
	return nil
}

// curve keeps the held-out error in the course of a training.
func (p *program) curve(name string, h *train.History) {
	steps, values := h.Curve(train.Valid, "error")
	s := view.Series{Name: name}
	for i := range steps {
		s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, 100*values[i])
	}
	p.curves = append(p.curves, s)
}

// scaled is the acoustic model of a network: its posteriors of states divided by how frequent they are.
func (p *program) scaled(net *pretrain.Network) acoustic {
	states := len(p.labels) * p.states
	prior := make([]float64, states)
	for _, s := range p.train.states.Int {
		prior[s] += 1 / float64(p.train.frames())
	}
	return func(of *part, clip int) (graph.Array, error) {
		posterior, err := p.posterior(net, of, clip)
		if err != nil {
			return posterior, err
		}
		for i, v := range posterior.F32 {
			posterior.F32[i] = float32(math.Log(float64(v)+1e-30) - math.Log(prior[i%states]+1e-30))
		}
		return posterior, nil
	}
}

package main

import (
	"context"
	"fmt"
	"os"

	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
)

// fit makes and trains the model.
func (p *program) fit(ctx context.Context) (err error) {
	if p.model, err = lm.NewSeq(p.options.model); err != nil {
		return err
	}
	src, err := lm.SeqDenoising(p.model.Config(), p.encodeAll(p.training), p.corruption)
	if err != nil {
		return err
	}
	clean := p.encodeAll(p.valid)
	noisy, err := p.damage(p.key.Fork("valid"), clean)
	if err != nil {
		return err
	}
	cfg := p.train
	if cfg.Valid, err = lm.SeqPairs(p.model.Config(), noisy, clean); err != nil {
		return err
	}
	cfg.Key = p.key.Fork("train")
	cfg.BatchSize = min(cfg.BatchSize, src.Len())
	steps := cfg.Epochs * ((src.Len() + cfg.BatchSize - 1) / cfg.BatchSize)
	cfg.Optim.ClipNorm, cfg.Optim.Schedule = 5, optim.Schedule{Kind: optim.Cosine, Warmup: steps / 50, Steps: steps - steps/50, Final: 0.02}
	if cfg.Checkpoint, err = p.folder.Checkpoints("denoisetext", p.resume, []any{p.model.Config(), p.corruption.String()}); err != nil {
		return err
	}
	cfg.Progress = os.Stderr
	fmt.Printf("%d weights, %d steps\n", p.model.Params().Count(), steps)
	result, err := train.Run(ctx, p.model, src, cfg)
	if err != nil {
		return err
	}
	p.history = result.History
	return nil
}

package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
)

// fit makes and trains the model, apart from a part of the training data that it holds out.
func fit(ctx context.Context, o options, folder *show.Folder, t *task) (*lm.SeqModel, *train.History, error) {
	m, err := lm.NewSeq(t.complete(o.model))
	if err != nil {
		return nil, nil, err
	}
	source, target := t.pairs(t.training)
	set, err := lm.SeqPairs(m.Config(), source, target)
	if err != nil {
		return nil, nil, err
	}
	cfg := o.train
	cfg.Key = graph.NewKey(o.model.Seed).Fork("train")
	if o.valid > 0 {
		parts, err := set.Split(cfg.Key.Fork("valid"), 1-o.valid, o.valid)
		if err != nil {
			return nil, nil, err
		}
		set, cfg.Valid = parts[0], parts[1]
	}
	cfg.BatchSize = min(cfg.BatchSize, set.Len())
	steps := cfg.Epochs * ((set.Len() + cfg.BatchSize - 1) / cfg.BatchSize)
	cfg.Optim.ClipNorm, cfg.Optim.Schedule = 5, optim.Schedule{Kind: optim.Cosine, Steps: steps, Final: 0.02}
	if cfg.Checkpoint, err = folder.Checkpoints("seq2seq", o.resume, m.Config()); err != nil {
		return nil, nil, err
	}
	cfg.Progress = os.Stderr
	fmt.Printf("%d weights\n", m.Params().Count())
	result, err := train.Run(ctx, m, lm.SeqByLength(set), cfg)
	if err != nil {
		return nil, nil, err
	}
	return m, result.History, nil
}

// pictures shows what a trained model does.
type pictures struct {
	folder *show.Folder
	model  *lm.SeqModel
	task   *task
	found  []lm.SeqTranslation // of the test's sources
}

const examples = 15 // that are printed

// report translates the test's sources, and prints how many come out right, and some.
func (p *pictures) report(ctx context.Context, beam int) error {
	source, target := p.task.pairs(p.task.test)
	logp, err := p.model.LogLikelihood(source, target)
	if err != nil {
		return err
	}
	total := 0.0
	for _, v := range logp.F64 {
		total += v
	}
	source = source[:0]
	for _, text := range p.task.test {
		source = append(source, p.task.source.of(text))
	}
	fmt.Fprintf(os.Stderr, "translating %d sources\n", len(source))
	if p.found, err = p.model.Translate(ctx, source, beam); err != nil {
		return err
	}
	right := 0
	for i := range p.found {
		if p.right(i) {
			right++
		}
	}
	facts := [][2]string{
		{"right, of the sources held out", fmt.Sprintf("%.2f %% (%d of %d)", 100*float64(right)/float64(len(p.found)), right, len(p.found))},
		{"-log p(target | source), mean over these", fmt.Sprintf("%.4f nats", -total/float64(logp.Len()))},
	}
	fmt.Println()
	for _, f := range facts {
		fmt.Printf("%-52s %s\n", f[0], f[1])
		p.folder.Report.Fact(f[0], f[1])
	}
	p.table()
	return nil
}

// right reports whether the model's target is one of those of test source i.
func (p *pictures) right(i int) bool {
	var targets [][]int
	for _, text := range p.task.targets[p.task.test[i]] {
		targets = append(targets, p.task.target.of(text))
	}
	return slices.ContainsFunc(targets, func(t []int) bool { return slices.Equal(t, p.found[i].Tokens) })
}

// table prints some translations, wrong ones first among equals: half of them, if there are as many, are wrong.
func (p *pictures) table() {
	var chosen, wrong []int
	for i := range p.found {
		if p.right(i) {
			chosen = append(chosen, i)
		} else {
			wrong = append(wrong, i)
		}
	}
	wrong = wrong[:min(len(wrong), examples/3)]
	chosen = append(chosen[:min(len(chosen), examples-len(wrong))], wrong...)
	var rows [][]string
	fmt.Println()
	for _, i := range chosen {
		mark := "right"
		if !p.right(i) {
			mark = "wrong: " + p.task.targets[p.task.test[i]][0]
		}
		text := p.task.target.text(p.found[i].Tokens)
		fmt.Printf("%-40s %-30s %6.2f  %s\n", p.task.test[i], text, p.found[i].LogProb, mark)
		rows = append(rows, []string{p.task.test[i], text, fmt.Sprintf("%.2f", p.found[i].LogProb), mark})
	}
	p.folder.Report.Section("Translations")
	p.folder.Report.Table("Sources that were held out, with wrong translations at the end.", []string{"source", "translation", "log p", ""}, rows)
}

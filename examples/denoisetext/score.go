package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
)

// errorRates are, in %, of all characters and of all words those that must be inserted, deleted or replaced (the rates CER
// and WER of speech recognition), and of all pieces those with an error and those with more wrong characters than before.
type errorRates struct{ characters, words, pieces, worse float64 }

// rates compares what came out of noisy pieces with the clean ones.
func rates(clean, noisy, got []string) errorRates {
	var r errorRates
	characters, words := 0, 0
	for i, want := range clean {
		characters += len([]rune(want))
		words += len(strings.Fields(want))
		wrong := show.EditDistance([]rune(got[i]), []rune(want))
		r.characters += float64(wrong)
		r.words += float64(show.EditDistance(strings.Fields(got[i]), strings.Fields(want)))
		if wrong > 0 {
			r.pieces++
		}
		if wrong > show.EditDistance([]rune(noisy[i]), []rune(want)) {
			r.worse++
		}
	}
	n := float64(len(clean)) / 100
	return errorRates{100 * r.characters / float64(characters), 100 * r.words / float64(words), r.pieces / n, r.worse / n}
}

const printed = 12 // pieces that are printed

// score cleans the test's pieces, and prints what is wrong before and after, and some.
func (p *program) score(ctx context.Context) error {
	noisy, err := p.damage(p.key.Fork("test"), p.encodeAll(p.test))
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "cleaning %d pieces\n", len(noisy))
	found, err := p.model.Translate(ctx, noisy, p.beam)
	if err != nil {
		return err
	}
	var corrected []string
	for i, ids := range noisy {
		p.noisy, p.found = append(p.noisy, p.decode(ids)), append(p.found, p.decode(found[i].Tokens))
		corrected = append(corrected, p.dictionary.correct(p.noisy[i]))
	}
	header := []string{"", "wrong characters", "wrong words", "wrong pieces", "made worse"}
	var rows [][]string
	for _, c := range []struct {
		name string
		got  []string
	}{{"as it is", p.noisy}, {"nearest word of a dictionary", corrected}, {"the network", p.found}} {
		r := rates(p.test, p.noisy, c.got)
		rows = append(rows, []string{c.name, percent(r.characters), percent(r.words), percent(r.pieces), percent(r.worse)})
	}
	fmt.Println()
	for _, row := range append([][]string{header}, rows...) {
		fmt.Printf("%-30s %18s %14s %14s %14s\n", row[0], row[1], row[2], row[3], row[4])
	}
	p.folder.Report.Fact("noise", p.corruption.String())
	p.folder.Report.Fact("network", fmt.Sprintf("%d weights", p.model.Params().Count()))
	p.folder.Report.Section("Text that was held out")
	p.folder.Report.Table("Characters and words that must be inserted, deleted or replaced, of all; pieces with an error, and with more than before.", header, rows)
	p.list(corrected)
	return nil
}

func percent(v float64) string { return fmt.Sprintf("%.2f %%", v) }

// list prints pieces of the test.
func (p *program) list(corrected []string) {
	var rows [][]string
	for i := range min(printed, len(p.test)) {
		mark := ""
		if p.found[i] != p.test[i] {
			mark = "wrong"
		}
		fmt.Printf("\nnoisy       %s\ndictionary  %s\nnetwork     %s\nclean       %s  %s\n", p.noisy[i], corrected[i], p.found[i], p.test[i], mark)
		rows = append(rows, []string{p.noisy[i], corrected[i], p.found[i], p.test[i], mark})
	}
	p.folder.Report.Table("The first pieces.", []string{"noisy", "by the dictionary", "by the network", "clean", ""}, rows)
}

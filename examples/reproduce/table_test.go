package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	first := result{Experiment: "x", Seed: 1, Seconds: 30, Figures: []figure{near("a", 10, 12, 1), near("b", 0.5, 0.4567, 1)}}
	other := result{Experiment: "y", Seed: 2, Epochs: 3, Seconds: 600, Figures: []figure{{Name: "c", Ours: 7.126, High: 9}}}
	again := result{Experiment: "x", Seed: 1, Seconds: 40, Figures: []figure{near("a", 10, 10.5, 1), near("b", 0.5, 0.4567, 1)}}
	for _, r := range []result{first, other, again} {
		if err := r.appendTo(path); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := printTable(&out, path); err != nil {
		t.Fatal(err)
	}
	want := `| experiment | figure | published | ours | accepted | |
|---|---|---|---|---|---|
| ` + "`x`, 40 s" + ` | a | 10 | 10.50 | 9 to 11 | holds |
|  | b | 0.500 | 0.457 | -0.500 to 1.500 | holds |
| ` + "`y -epochs 3 -seed 2`, 10 min" + ` | c |  | 7.13 | 0 to 9 | holds |
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if err := os.WriteFile(path, []byte("{}\nnot json\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := printTable(&out, path); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a damaged file gives the error %v", err)
	}
}

// TestReadme holds the README's table to the results that are kept beside this program.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := printTable(&table, "results.jsonl"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), table.String()) {
		t.Error("README.md does not hold the table that go run ./examples/reproduce -table examples/reproduce/results.jsonl prints")
	}
}

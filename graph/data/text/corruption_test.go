package text

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// letters are 20 tokens, with special ids on both sides.
var letters = IDs{First: 3, End: 23, Mask: 2}

// every is a corruption of each kind, at a strength.
func every(rate float64, distance int, ids IDs) []Corruption {
	return []Corruption{
		Masking{rate, ids}, Deletion{rate, ids}, Insertion{rate, ids}, Replacement{rate, ids}, Swap{rate, ids}, Shuffle{distance, ids},
	}
}

// sentence is n tokens of letters, no two neighbours alike.
func sentence(n int) []int {
	tokens := make([]int, n)
	for i := range tokens {
		tokens[i] = 3 + 7*i%20
	}
	return tokens
}

// corrupt applies c, and fails if that changes its input or what it returns changes with it.
func corrupt(t testing.TB, c Corruption, key graph.Key, tokens []int) []int {
	t.Helper()
	before := slices.Clone(tokens)
	got, err := c.Corrupt(key, tokens)
	if err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	if !slices.Equal(tokens, before) {
		t.Fatalf("%s changed its input", c)
	}
	for i := range tokens {
		tokens[i]++
	}
	after := slices.Clone(got)
	for i := range tokens {
		tokens[i]--
	}
	if !slices.Equal(got, after) {
		t.Fatalf("%s gives back its input's memory", c)
	}
	return got
}

// checkCount fails unless k of n agrees with probability p within 5 standard deviations.
func checkCount(t testing.TB, what string, k, n int, p float64) {
	t.Helper()
	if dev := math.Abs(float64(k) - p*float64(n)); dev > 5*math.Sqrt(float64(n)*p*(1-p)) {
		t.Errorf("%s: %d of %d, expected a part of %v", what, k, n, p)
	}
}

func TestCorruptionKeys(t *testing.T) {
	tokens := sentence(200)
	chain := Chain{Deletion{0.1, letters}, Swap{0.1, letters}, Replacement{0.1, letters}}
	for _, c := range append(every(0.3, 2, letters), chain) {
		a := corrupt(t, c, graph.NewKey(1), tokens)
		if !slices.Equal(a, corrupt(t, c, graph.NewKey(1), tokens)) {
			t.Errorf("%s: the same key gives another result", c)
		}
		for _, key := range []graph.Key{graph.NewKey(2), graph.NewKey(1).At(1), graph.NewKey(1).ForkN(1)} {
			if slices.Equal(a, corrupt(t, c, key, tokens)) {
				t.Errorf("%s: another key gives the same result", c)
			}
		}
	}
}

func TestCorruptionZeroStrength(t *testing.T) {
	for _, tokens := range [][]int{sentence(50), {7}, {}, nil, {0, 2, 30, -1}} {
		for _, c := range append(every(0, 0, letters), Chain{}, Chain{Masking{0, letters}, Swap{0, letters}}) {
			if got := corrupt(t, c, graph.NewKey(1), tokens); !slices.Equal(got, tokens) {
				t.Errorf("%s made %v of %v", c, got, tokens)
			}
		}
	}
}

// TestSpecialIDs: they stay, in their order, and where no token comes or goes, in their places; nothing else that is
// no token appears.
func TestSpecialIDs(t *testing.T) {
	isSpecial := func(id int) bool { return id < 3 || id >= 23 }
	for n := range 200 {
		tokens := sentence(3 * n % 17)
		u := uniform(graph.NewKey(uint64(n)).Fork("special"), len(tokens))
		for i := range tokens {
			if u[i] < 0.4 {
				tokens[i] = []int{0, 1, 2, 23, 100, -5}[i%6]
			}
		}
		specials := slices.DeleteFunc(slices.Clone(tokens), func(id int) bool { return !isSpecial(id) })
		for _, rate := range []float64{0.3, 1} {
			for _, c := range every(rate, int(4*rate), letters) {
				got := corrupt(t, c, graph.NewKey(uint64(n)), tokens)
				left := slices.Clone(got)
				switch c.(type) {
				case Masking, Replacement, Swap, Shuffle:
					if len(got) != len(tokens) {
						t.Fatalf("%s made %v of %v", c, got, tokens)
					}
					for i, id := range tokens {
						if isSpecial(id) && got[i] != id {
							t.Fatalf("%s moved or changed a special id: %v became %v", c, tokens, got)
						}
						if !isSpecial(id) && got[i] == letters.Mask { // of Masking
							left[i] = letters.First
						}
					}
				}
				if left = slices.DeleteFunc(left, func(id int) bool { return !isSpecial(id) }); !slices.Equal(left, specials) {
					t.Fatalf("%s: the special ids %v became %v", c, specials, left)
				}
			}
		}
	}
}

func TestRates(t *testing.T) {
	tokens := sentence(20_000)
	n := len(tokens)
	for _, rate := range []float64{0, 0.1, 0.5, 0.93, 1} {
		masked := 0
		for i, id := range corrupt(t, Masking{rate, letters}, graph.NewKey(1), tokens) {
			if id == letters.Mask {
				masked++
			} else if id != tokens[i] {
				t.Fatalf("masking made %d of %d", id, tokens[i])
			}
		}
		checkCount(t, "masked", masked, n, rate)

		var counts [20][20]int
		replaced := 0
		for i, id := range corrupt(t, Replacement{rate, letters}, graph.NewKey(2), tokens) {
			if id != tokens[i] {
				replaced++
				counts[tokens[i]-3][id-3]++
			}
		}
		checkCount(t, "replaced", replaced, n, rate)
		for from, row := range counts {
			for to, k := range row {
				if from != to {
					checkCount(t, "replaced by one token", k, n/20, rate/19)
				}
			}
		}

		deleted := corrupt(t, Deletion{rate, letters}, graph.NewKey(3), tokens)
		if !isPart(deleted, tokens) {
			t.Fatalf("deletion at %v changes the order", rate)
		}
		if rate < 1 {
			checkCount(t, "deleted", n-len(deleted), n, rate)
		} else if len(deleted) != 1 {
			t.Errorf("%d tokens are left of all", len(deleted))
		}

		inserted := corrupt(t, Insertion{rate, letters}, graph.NewKey(4), tokens)
		if !isPart(tokens, inserted) {
			t.Fatalf("insertion at %v takes away tokens", rate)
		}
		checkCount(t, "inserted", len(inserted)-n, n, rate)
	}
}

// isPart reports whether b without some of its tokens is a.
func isPart(a, b []int) bool {
	for _, id := range b {
		if len(a) > 0 && a[0] == id {
			a = a[1:]
		}
	}
	return len(a) == 0
}

// TestInsertionPlaces: what is inserted comes before or after its token, each as often, and any token as often.
func TestInsertionPlaces(t *testing.T) {
	const trials = 20_000
	ids := IDs{First: 1, End: 5}
	var before, after, first [5]int
	for i := range trials {
		got := corrupt(t, Insertion{0.6, ids}, graph.NewKey(5).ForkN(i), []int{9, 1, 9})
		switch {
		case slices.Equal(got, []int{9, 1, 9}):
			first[0]++
		case len(got) != 4 || got[0] != 9 || got[3] != 9:
			t.Fatalf("inserted beside a special id: %v", got)
		case got[2] == 1 && got[1] != 1:
			before[got[1]]++
		case got[1] == 1 && got[2] != 1:
			after[got[2]]++
		}
	}
	checkCount(t, "nothing inserted", first[0], trials, 0.4)
	for id := 2; id < 5; id++ {
		checkCount(t, "inserted before", before[id], trials, 0.3/4)
		checkCount(t, "inserted after", after[id], trials, 0.3/4)
	}
}

// TestDeletionLeavesOne: which one that is, is drawn.
func TestDeletionLeavesOne(t *testing.T) {
	const trials = 10_000
	for _, rate := range []float64{0.9, 1} {
		var alone [4]int
		total := 0
		for i := range trials {
			got := corrupt(t, Deletion{rate, letters}, graph.NewKey(6).ForkN(i), []int{0, 3, 4, 5, 6})
			if len(got) < 2 || got[0] != 0 {
				t.Fatalf("%v is left of a special id and tokens", got)
			}
			if len(got) == 2 {
				alone[got[1]-3]++
				total++
			}
		}
		one := math.Pow(rate, 4) + 4*math.Pow(rate, 3)*(1-rate) // none would be left, or one is
		checkCount(t, "one is left", total, trials, one)
		for _, k := range alone {
			checkCount(t, "this one is left", k, trials, one/4)
		}
	}
	if got := corrupt(t, Deletion{1, letters}, graph.Key{}, []int{0, 2}); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("special ids became %v", got)
	}
}

// TestSwap: tokens move by one place at most, and as many pairs change places as the chain of choices says.
func TestSwap(t *testing.T) {
	for _, rate := range []float64{0.1, 0.5, 1} {
		const trials, n = 4000, 7
		expected := make([]float64, n+1) // pairs that change places, of so many tokens
		for k := 2; k <= n; k++ {
			expected[k] = rate*(1+expected[k-2]) + (1-rate)*expected[k-1]
		}
		sum, squares := 0.0, 0.0
		for i := range trials {
			got := corrupt(t, Swap{rate, letters}, graph.NewKey(7).ForkN(i), []int{3, 4, 5, 6, 7, 8, 9})
			moved := displacements(t, got, 1)
			sum += float64(moved) / 2
			squares += float64(moved*moved) / 4
		}
		mean := sum / trials
		dev := math.Sqrt((squares/trials - mean*mean) / trials)
		if math.Abs(mean-expected[n]) > 5*dev+1e-12 {
			t.Errorf("rate %v: %v pairs change places, expected %v +- %v", rate, mean, expected[n], dev)
		}
	}
	tokens := sentence(50_000)
	moved := 0
	for i, id := range corrupt(t, Swap{0.1, letters}, graph.NewKey(8), tokens) {
		if id != tokens[i] {
			moved++
		}
	}
	if share := float64(moved) / 50_000; math.Abs(share-0.2/1.1) > 0.01 {
		t.Errorf("%v of the tokens move, expected %v", share, 0.2/1.1)
	}
}

// displacements is how many of the tokens 3, 4, 5 ... are not in their places. It fails unless they are all there, none
// farther away than most.
func displacements(t *testing.T, got []int, most int) (moved int) {
	t.Helper()
	seen := map[int]bool{}
	for i, id := range got {
		at := id - 3
		if at < 0 || at >= len(got) || seen[id] || max(at-i, i-at) > most {
			t.Fatalf("%v is no order in which tokens move by %d at most", got, most)
		}
		seen[id] = true
		if at != i {
			moved++
		}
	}
	return moved
}

// TestShuffle: all orders within the distance come, and those of three tokens as often as the areas say: with places
// 0, 1, 2 and draws from [0, 2), P(x0 > x1) = 1/8 and so on.
func TestShuffle(t *testing.T) {
	const trials = 20_000
	for distance := range 6 {
		farthest := 0
		for i := range 2000 {
			got := corrupt(t, Shuffle{distance, letters}, graph.NewKey(9).ForkN(i), []int{3, 4, 5, 6, 7, 8, 9, 10})
			displacements(t, got, distance)
			for at, id := range got {
				farthest = max(farthest, id-3-at)
			}
		}
		if farthest != distance {
			t.Errorf("distance %d: no token moves by more than %d", distance, farthest)
		}
	}
	counts := map[[3]int]int{}
	for i := range trials {
		got := corrupt(t, Shuffle{1, letters}, graph.NewKey(10).ForkN(i), []int{3, 4, 5})
		counts[[3]int(got)]++
	}
	// 2u0 > 1 + 2u1 has probability 1/8, and so has 1 + 2u1 > 2 + 2u2; both cannot be.
	checkCount(t, "first two", counts[[3]int{4, 3, 5}], trials, 1.0/8)
	checkCount(t, "last two", counts[[3]int{3, 5, 4}], trials, 1.0/8)
	checkCount(t, "none", counts[[3]int{3, 4, 5}], trials, 6.0/8)
}

// TestCorruptionChain: parts work in turn, and equal ones draw other numbers.
func TestCorruptionChain(t *testing.T) {
	tokens := sentence(20_000)
	key := graph.NewKey(11)
	chain := Chain{Shuffle{2, letters}, Insertion{0.2, letters}, Masking{0.3, letters}}
	want := tokens
	for i, c := range chain {
		want = corrupt(t, c, key.ForkN(i), want)
	}
	if !slices.Equal(corrupt(t, chain, key, tokens), want) {
		t.Error("a chain is not its parts in turn")
	}
	masked := 0
	for _, id := range corrupt(t, Chain{Masking{0.5, letters}, Masking{0.5, letters}}, key, tokens) {
		if id == letters.Mask {
			masked++
		}
	}
	checkCount(t, "masked by two", masked, len(tokens), 0.75)
}

func TestParseCorruption(t *testing.T) {
	for _, text := range []string{
		"none", "masking:0.15", "deletion:0.1", "insertion:1e-07", "replacement:1", "swap:0.05", "shuffle:3",
		"deletion:0.1,shuffle:3", "swap:0,masking:0.5,swap:0",
	} {
		c, err := ParseCorruption(text, letters)
		if err != nil || c.String() != text {
			t.Errorf("%q became %v, %v", text, c, err)
		}
	}
	if c, err := ParseCorruption(" deletion: 0.5 ", letters); err != nil || c != (Deletion{0.5, letters}) {
		t.Errorf("with spaces: %v, %v", c, err)
	}
	if c, err := ParseCorruption("", letters); err != nil || c.String() != "none" {
		t.Errorf("empty: %v, %v", c, err)
	}
	for text, say := range map[string]string{
		"typo:1": `"typo"`, "masking": "strength", "masking:x": `"x"`, "masking:1.5": "0 to 1", "deletion:-0.1": "0 to 1",
		"insertion:NaN": "0 to 1", "swap:2": "0 to 1", "replacement:Inf": "0 to 1", "shuffle:1.5": "not whole", "shuffle:-1": "0 to 1048576",
		"shuffle:1048577": "0 to", "swap:0.5,": "expected masking", ",": "expected masking", "none,swap:0.5": `"none"`,
	} {
		_, err := ParseCorruption(text, letters)
		wantError(t, text, err, data.ErrConfig, say)
		wantError(t, text, err, data.ErrConfig, text)
	}
}

func TestCorruptionErrors(t *testing.T) {
	wrong := append(every(1.5, -1, letters), every(math.NaN(), maxDistance+1, letters)...)
	wrong = append(wrong, every(0.5, 1, IDs{First: -1, End: 5, Mask: 7})...)
	wrong = append(wrong, every(0.5, 1, IDs{First: 3, End: 3, Mask: 1})...)
	wrong = append(wrong, Chain{Swap{0.5, letters}, Masking{2, letters}},
		Replacement{0.5, IDs{First: 3, End: 4}}, Masking{0.5, IDs{First: 0, End: 4}}, Masking{0.5, IDs{First: 1, End: 4, Mask: -1}})
	for _, c := range wrong {
		_, err := c.Corrupt(graph.Key{}, []int{3, 4})
		wantError(t, c.String(), err, data.ErrConfig, "expected")
		if !strings.HasPrefix(err.Error(), "text: ") {
			t.Errorf("%v", err)
		}
	}
	if _, err := (Insertion{0.5, IDs{First: 3, End: 4}}).Corrupt(graph.Key{}, []int{3}); err != nil {
		t.Errorf("one token alone: %v", err)
	}
}

package main

import (
	"encoding/json"
	"math"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/lm"
)

const novel = "The light of the Sun, said Newton, is not one colour; it is many.\nIt's so."

func newLM(t testing.TB, kind lm.Kind, tokens *text.Vocabulary) *lm.Model {
	return must[*lm.Model](t)(lm.New(lm.Config{Kind: kind, Context: 12, Layers: 2, Units: 16, Heads: 2, Tied: kind == lm.Transformer, Tokens: tokens, Seed: 1}))
}

func letters(t testing.TB) *text.Vocabulary { return must[*text.Vocabulary](t)(text.Characters(novel)) }
func someWords(t testing.TB) *text.Vocabulary {
	return must[*text.Vocabulary](t)(text.Words(novel, 12))
}

// newSeq makes phonemes of letters.
func newSeq(t testing.TB) *lm.SeqModel {
	special := []string{"<pad>", "<begin>", "<end>"}
	source, target := append(special, "a", "b", "c", " "), append(special, "AH", "B", "K", "S")
	return must[*lm.SeqModel](t)(lm.NewSeq(lm.SeqConfig{
		Source: len(source), Target: len(target), SourceTokens: source, TargetTokens: target, SourceLength: 6, TargetLength: 5, Units: 8, Embedding: 4, Seed: 1,
	}))
}

// textKinds is a model of each kind whose examples are texts, from its file.
func textKinds(t testing.TB) map[string]*model {
	return map[string]*model{
		"transformer":  loaded(t, newLM(t, lm.Transformer, letters(t))),
		"recurrent":    loaded(t, newLM(t, lm.Recurrent, someWords(t))),
		"feed-forward": loaded(t, newLM(t, lm.FeedForward, letters(t))),
		"seq2seq":      loaded(t, newSeq(t)),
	}
}

// What kinds are asked for.
var (
	textsOf = map[string][]string{
		"transformer":  {"The light ", "It's one colour; it is not many, said the Sun of Newton"},
		"recurrent":    {"the Sun is", "said a raven, of it"},
		"feed-forward": {"so", "The Sun's light"},
		"seq2seq":      {"a", "ab cab", "c"},
	}
	textQueries = map[string][]string{
		"score": {""}, "generate": {"?length=30&seed=3", "?length=5&temperature=0&seed=1"}, "translate": {"", "?beam=1", "?beam=5"},
	}
)

// textBody is a request with texts.
func textBody(field string, texts ...string) []byte {
	body, _ := json.Marshal(map[string][]string{field: texts})
	return body
}

// texts reads an answer.
func texts[T any](t testing.TB, r reply) (answer T) {
	t.Helper()
	if r.status != http.StatusOK || r.header.Get("Content-Type") != jsonType {
		t.Fatalf("status %d, %s: %s", r.status, r.header.Get("Content-Type"), r.body)
	}
	if err := json.Unmarshal(r.body, &answer); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return answer
}

type (
	written    struct{ Continuations []string }
	translated struct {
		Targets []string
		Log     []float64 `json:"log_probabilities"`
	}
	scored struct {
		Log          []float64 `json:"log_probabilities"`
		Perplexities []float64
		Tokens       [][]string
		Surprisals   [][]float64
	}
)

// TestLanguage compares what is served of language models with what they say themselves.
func TestLanguage(t *testing.T) {
	models := map[string]*lm.Model{
		"transformer":  newLM(t, lm.Transformer, letters(t)),
		"recurrent":    newLM(t, lm.Recurrent, someWords(t)),
		"feed-forward": newLM(t, lm.FeedForward, letters(t)),
	}
	for kind, m := range models {
		served := loaded(t, m)
		if got := served.offers(); !slices.Equal(got, []string{"score", "generate"}) {
			t.Errorf("%s offers %v", kind, got)
		}
		url, _, _ := start(t, served, quick())
		tokens, list := m.Config().Tokens, textsOf[kind]
		scores := texts[scored](t, send(t, "POST", url+"/score", jsonType, textBody("texts", list...)))
		more := texts[written](t, send(t, "POST", url+"/generate?seed=5&length=20&temperature=1.5", jsonType, textBody("prompts", list...)))
		if len(scores.Log) != len(list) || len(more.Continuations) != len(list) {
			t.Fatalf("%s: %d texts, but %d scores and %d continuations", kind, len(list), len(scores.Log), len(more.Continuations))
		}
		prompts := make([][]int, len(list))
		for i, s := range list {
			prompts[i] = tokens.Encode(s)
		}
		next := must[[][]int](t)(m.Generate(t.Context(), graph.NewKey(5), prompts, 20, 1.5))
		for i, s := range list {
			ids := prompts[i]
			want := must[[]float64](t)(m.Surprisal(t.Context(), ids))
			total := 0.0
			for _, v := range want {
				total += v
			}
			if !slices.Equal(scores.Surprisals[i], want) || math.Abs(scores.Log[i]+total) > 1e-9 ||
				math.Abs(scores.Perplexities[i]/must[float64](t)(m.Perplexity(t.Context(), ids))-1) > 1e-9 {
				t.Errorf("%s: %q scores %v, %v, %v, expected %v", kind, s, scores.Log[i], scores.Perplexities[i], scores.Surprisals[i], want)
			}
			if got := strings.Join(scores.Tokens[i], ""); len(scores.Tokens[i]) != len(ids) || got != tokens.Decode(ids) {
				t.Errorf("%s: %q has tokens %q", kind, s, scores.Tokens[i])
			}
			ids = append(ids, next[i]...)
			if whole := tokens.Decode(tokens.Encode(s)) + more.Continuations[i]; whole != tokens.Decode(ids) {
				t.Errorf("%s: %q is written, expected %q", kind, whole, tokens.Decode(ids))
			}
		}
	}
}

// TestTranslate compares what is served with what the model says.
func TestTranslate(t *testing.T) {
	m := newSeq(t)
	url, _, _ := start(t, loaded(t, m), quick())
	ids := map[rune]int{'a': 3, 'b': 4, 'c': 5, ' ': 6}
	var sources [][]int
	for _, s := range textsOf["seq2seq"] {
		var source []int
		for _, r := range s {
			source = append(source, ids[r])
		}
		sources = append(sources, source)
	}
	for query, beam := range map[string]int{"": defaultBeam, "?beam=1": 1, "?beam=20": 20} {
		got := texts[translated](t, send(t, "POST", url+"/translate"+query, jsonType, textBody("sources", textsOf["seq2seq"]...)))
		for i, want := range must[[]lm.SeqTranslation](t)(m.Translate(t.Context(), sources, beam)) {
			var words []string
			for _, id := range want.Tokens {
				words = append(words, m.Config().TargetTokens[id])
			}
			if s := strings.Join(words, " "); got.Targets[i] != s || got.Log[i] != want.LogProb {
				t.Errorf("%s: %q becomes %q (%v), expected %q (%v)", query, textsOf["seq2seq"][i], got.Targets[i], got.Log[i], s, want.LogProb)
			}
		}
	}
}

// TestSide divides texts into characters or words by what the tokens are.
func TestSide(t *testing.T) {
	special := []string{"<pad>", "<begin>", "<end>"}
	for _, c := range []struct {
		tokens []string
		text   string
		want   []int
	}{
		{[]string{"a", "é", " "}, "é a", []int{4, 5, 3}},
		{[]string{"AH", "B"}, " B  AH\tB ", []int{4, 3, 4}},
		{[]string{"\uFFFD", "x"}, "x\uFFFD", []int{4, 3}},
	} {
		s := newSide(append(special[:3:3], c.tokens...))
		ids, err := s.encode(c.text)
		if err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("%q: %v (%v), expected %v", c.text, ids, err, c.want)
		}
		if got := s.decode(ids); got != strings.Join(strings.Fields(c.text), " ") {
			t.Errorf("%q came back as %q", c.text, got)
		}
	}
}

// TestTextSeeds: equal seeds give equal texts, others do not, and the seed is told.
func TestTextSeeds(t *testing.T) {
	url, _, _ := start(t, textKinds(t)["transformer"], quick())
	get := func(query string) reply {
		return send(t, "POST", url+"/generate?length=40&temperature=1"+query, jsonType, textBody("prompts", "The ", "The "))
	}
	one, again, other, free, next := get("&seed=7"), get("&seed=7"), get("&seed=8"), get(""), get("")
	if string(one.body) != string(again.body) || one.header.Get(seedHeader) != "7" {
		t.Errorf("the same seed wrote %s and %s, and the seed %q is told", one.body, again.body, one.header.Get(seedHeader))
	}
	if string(one.body) == string(other.body) || string(free.body) == string(next.body) {
		t.Error("other seeds wrote the same")
	}
	if told := get("&seed=" + next.header.Get(seedHeader)); string(told.body) != string(next.body) {
		t.Error("the seed that was told writes something else")
	}
	if pair := texts[written](t, one).Continuations; pair[0] == pair[1] {
		t.Errorf("two prompts that are equal went on as %q", pair)
	}
	if r := send(t, "POST", url+"/score", jsonType, textBody("texts", "The ")); r.header.Get(seedHeader) != "" {
		t.Errorf("a score depends on seed %s", r.header.Get(seedHeader))
	}
}

// TestTextErrors sends what cannot be right, each time followed by what is.
func TestTextErrors(t *testing.T) {
	kinds := textKinds(t)
	l := quick()
	l.examples, l.body = 25, 200_000
	long := strings.Repeat("The light ", maxTokens/10) + "s"
	for kind, cases := range map[string][]struct {
		path, body string
		status     int
		says       string
	}{
		"transformer": {
			{"/generate", `{"prompts":[""]}`, 422, "prompt 0: no token is given, expected at least 1"},
			{"/generate", `{"prompts":["The ",""]}`, 422, "prompt 1: no token"},
			{"/generate", `{"prompts":["Zéro"]}`, 422, `token 0, \"Z\", is not in the model's vocabulary, which begins with \"\\n ',`},
			{"/generate", `{"prompts":["The "," né"]}`, 422, `prompts[1]: token 2, \"é\"`},
			{"/generate", "{\"prompts\":[\"\xff\"]}", 400, "UTF-8"},
			{"/generate", `{"prompts":["\ufffd"]}`, 200, ""},
			{"/generate", `{"prompts":[]}`, 422, "prompts is empty"},
			{"/generate", `{"prompts":"The"}`, 422, `prompts is \"The\", expected a list of texts`},
			{"/generate", `{"prompts":null}`, 422, "prompts is null"},
			{"/generate", `{"prompts":{"a":"b"}}`, 422, "expected a list"},
			{"/generate", `{"prompts":["The",1]}`, 422, "prompts[1] is no text"},
			{"/generate", `{"prompts":["The",null]}`, 422, "prompts[1] is no text"},
			{"/generate", `{"prompts":[["The"]]}`, 422, "prompts[0] is no text"},
			{"/generate", `{"texts":["The"]}`, 422, `unknown field \"texts\", expected {\"prompts\": [...]}`},
			{"/generate", `{}`, 422, `\"prompts\" is missing`},
			{"/generate", `{"prompts":["The"`, 400, "ends too early"},
			{"/generate", `["The"]`, 400, "array"},
			{"/generate", ``, 400, "empty"},
			{"/generate", string(textBody("prompts", slices.Repeat([]string{"s"}, 26)...)), 422, "more than 25 prompts"},
			{"/generate", string(textBody("prompts", long)), 422, "more than 100000 tokens"},
			{"/generate?length=10000", string(textBody("prompts", slices.Repeat([]string{"s"}, 11)...)), 422, "11 prompts with length=10000, expected 100000 tokens"},
			{"/generate?length=0", `{"prompts":["The"]}`, 422, "length=0, expected a whole number from 1 to 10000"},
			{"/generate?length=10001", `{"prompts":["The"]}`, 422, "from 1 to 10000"},
			{"/generate?length=ten", `{"prompts":["The"]}`, 422, "whole number"},
			{"/generate?temperature=-1", `{"prompts":["The"]}`, 422, "temperature=-1, expected a number of 0 or more"},
			{"/generate?temperature=NaN", `{"prompts":["The"]}`, 422, "0 or more"},
			{"/generate?temperature=Inf", `{"prompts":["The"]}`, 422, "0 or more"},
			{"/generate?temperature=1e999", `{"prompts":["The"]}`, 422, "0 or more"},
			{"/generate?temperature=hot", `{"prompts":["The"]}`, 422, "0 or more"},
			{"/generate?seed=-1", `{"prompts":["The"]}`, 422, "whole number"},
			{"/generate?beam=3", `{"prompts":["The"]}`, 400, "/generate takes format, seed, length, temperature"},
			{"/generate?format=png", `{"prompts":["The"]}`, 422, "no pictures"},
			{"/score", `{"texts":[""]}`, 422, "a text of 0 tokens, expected at least 2"},
			{"/score", `{"texts":["The","T"]}`, 422, "texts[1]: a text of 1 tokens, expected at least 2"},
			{"/score", string(textBody("texts", long[:60_000], long[:60_000])), 422, "more than 100000 tokens"},
			{"/score", strings.Repeat(" ", 300_000), 413, "200000 bytes"},
			{"/score?length=3", `{"texts":["The"]}`, 400, "/score takes format"},
			{"/translate", `{"sources":["The"]}`, 404, "offers score, generate"},
			{"/encode", `{"examples":[[1]]}`, 404, "offers score, generate"},
		},
		"recurrent": { // of words: unknown ones are a token
			{"/score", `{"texts":["nevermore is raven"]}`, 200, `"tokens":[["<unk>"," is"," <unk>"]]`},
			{"/score", `{"texts":["is <unk>, it"]}`, 200, `"tokens":[["is"," <unk>",",","`},
			{"/generate", `{"prompts":["  "]}`, 422, "no token is given"},
		},
		"seq2seq": {
			{"/translate", `{"sources":[""]}`, 422, "sources[0]: it has 0 tokens, expected 1 to 6"},
			{"/translate", `{"sources":["a","abcabca"]}`, 422, "sources[1]: it has 7 tokens, expected 1 to 6"},
			{"/translate", `{"sources":["abd"]}`, 422, `token 2, \"d\", is not in the model's vocabulary, which begins with \"abc \"`},
			{"/translate", `{"sources":["<pad>"]}`, 422, `\"\u003c\"`},
			{"/translate?beam=0", `{"sources":["a"]}`, 422, "from 1 to 32"},
			{"/translate?beam=33", `{"sources":["a"]}`, 422, "from 1 to 32"},
			{"/translate?seed=1", `{"sources":["a"]}`, 400, "/translate takes format, beam"},
			{"/generate", `{"prompts":["a"]}`, 404, "offers translate"},
		},
	} {
		m := kinds[kind]
		url, _, _ := start(t, m, l)
		name := m.offers()[len(m.offers())-1]
		for _, c := range cases {
			r := send(t, "POST", url+c.path, jsonType, []byte(c.body))
			var told struct{ Error string }
			if err := json.Unmarshal(r.body, &told); err != nil || c.status != 200 && told.Error == "" {
				t.Errorf("%s %.80s: the answer %s is no JSON error (%v)", c.path, c.body, r.body, err)
			}
			if r.status != c.status || !strings.Contains(string(r.body), c.says) {
				t.Errorf("%s %.80s: %d %.300s, expected %d and %q", c.path, c.body, r.status, r.body, c.status, c.says)
			}
			if r := send(t, "POST", url+"/"+name, jsonType, textBody(m.ops[name].takes, textsOf[kind]...)); r.status != http.StatusOK {
				t.Fatalf("after %s %.80s the server says %d %s", c.path, c.body, r.status, r.body)
			}
		}
		if r := send(t, "GET", url+"/"+name, "", nil); r.status != http.StatusMethodNotAllowed {
			t.Errorf("GET /%s: %d %s", name, r.status, r.body)
		}
		if r := send(t, "POST", url+"/"+name, "text/plain", []byte("The")); r.status != http.StatusUnsupportedMediaType {
			t.Errorf("a plain text: %d %s", r.status, r.body)
		}
	}
}

// TestNoVocabulary loads files that do not say what their tokens are.
func TestNoVocabulary(t *testing.T) {
	bare := must[*lm.Model](t)(lm.New(lm.Config{Vocabulary: 5, Context: 4, Units: 8}))
	seq := must[*lm.SeqModel](t)(lm.NewSeq(lm.SeqConfig{Source: 5, Target: 5, SourceLength: 3, TargetLength: 3, Units: 4, Embedding: 2}))
	for says, m := range map[string]saver{"expected Tokens": bare, "expected SourceTokens and TargetTokens": seq} {
		path := filepath.Join(t.TempDir(), "model.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := load(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want an error that says %q, got %v", says, err)
		}
	}
	if err := textKinds(t)["seq2seq"].reshape("4x4"); err == nil || !strings.Contains(err.Error(), "texts") {
		t.Errorf("-shape gives %v", err)
	}
}

func TestTextPage(t *testing.T) {
	for kind, m := range textKinds(t) {
		url, _, _ := start(t, m, quick())
		page := send(t, "GET", url+"/", "", nil)
		for _, s := range []string{"kind " + m.kind, "POST /" + m.offers()[0], "curl -s " + url + "/model", ">" + m.example + "</textarea>"} {
			if page.status != http.StatusOK || !strings.Contains(string(page.body), s) {
				t.Errorf("%s: the page, with status %d, does not say %q", kind, page.status, s)
			}
		}
		if outside := regexp.MustCompile(`(src|href)="?(https?:)?//`).FindString(string(page.body)); outside != "" {
			t.Errorf("%s: the page loads %s from elsewhere", kind, outside)
		}
		i := texts[information](t, send(t, "GET", url+"/model", "", nil))
		if i.Kind != m.kind || i.Vocabulary != m.vocabulary || i.Shape != nil || i.Size != 0 || len(i.Operations) != len(m.ops) || i.Image {
			t.Errorf("%s: information %+v", kind, i)
		}
		for name, op := range m.ops {
			if got := i.Operations[name]; got.Method != http.MethodPost || got.Takes != op.takes || !slices.Equal(got.Types, []string{jsonType}) {
				t.Errorf("%s: /%s is told as %+v", kind, name, got)
			}
		}
	}
}

// FuzzDecodeTexts checks that what is accepted are the texts that encoding/json reads, and that all else is an error to
// be told.
func FuzzDecodeTexts(f *testing.F) {
	for _, s := range []string{
		`{"texts":["a","b"]}`, ` { "texts" : [ "\u00e9\n" , "" ] } `, `{"texts":[]}`, `{"texts":["a",1]}`, `{"texts":"a"}`, `{"texts":{"a":"b"}}`,
		`{"texts":["a","b","c","d"]}`, `{"texts":["\ud800"]}`, "{\"texts\":[\"\xff\"]}", `{"texts":[["a"]]}`, `null`, `[`, ``, `{"texts":["a"],"texts":["b"]}`, `{"texts":["a"]}[]`,
	} {
		f.Add([]byte(s))
	}
	const most = 3
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decodeTexts(body, form{name: "texts", most: most})
		var fields map[string][]*string
		plain := json.Unmarshal(body, &fields)
		list, ok := fields["texts"]
		good := plain == nil && ok && len(fields) == 1 && len(list) > 0 && len(list) <= most && !slices.Contains(list, nil) && utf8.Valid(body)
		if (err == nil) != good {
			t.Fatalf("%q: error %v, but encoding/json says %v", body, err, plain)
		}
		if err != nil {
			if f, ok := err.(*fault); !ok || f.status < 400 || f.status > 422 || f.text == "" {
				t.Fatalf("the error %v is none that a client is told", err)
			}
			return
		}
		for i, s := range list {
			if got[i] != *s {
				t.Fatalf("%q: text %d is %q, expected %q", body, i, got[i], *s)
			}
		}
	})
}

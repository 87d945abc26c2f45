package text

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph/data"
)

// wantError fails unless err is the sentinel want and its message contains text.
func wantError(t testing.TB, name string, err, want error, text string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v, expected %q and the text %q", name, err, want, text)
	}
}

func TestCharacters(t *testing.T) {
	const text = "Gödel, bach.\n世 a"
	v, err := Characters(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"\uFFFD", "\n", " ", ",", ".", "G", "a", "b", "c", "d", "e", "h", "l", "ö", "世"}
	if !slices.Equal(v.tokens, want) || v.Len() != len(want) {
		t.Errorf("tokens %q, expected %q", v.tokens, want)
	}
	if ids := v.Encode("abz a"); !slices.Equal(ids, []int{6, 7, Unknown, 2, 6}) {
		t.Errorf("ids %v", ids)
	}
	if back := v.Decode(v.Encode(text)); back != text {
		t.Errorf("%q came back as %q", text, back)
	}
	if s := v.Decode([]int{6, 99, -1, 0, 7}); s != "a\uFFFD\uFFFD\uFFFDb" {
		t.Errorf("ids that there are not: %q", s)
	}
	if ids := v.Encode("a\xffb"); !slices.Equal(ids, []int{6, Unknown, 7}) {
		t.Errorf("a byte that is not UTF-8: %v", ids)
	}
	if ids := v.Encode(""); len(ids) != 0 || v.Decode(nil) != "" {
		t.Errorf("no text: %v", ids)
	}
}

func TestWords(t *testing.T) {
	const text = "the cat (a tom), the dog:\nit's the cat's tail!  The\tcat \xff"
	v, err := Words(text, 5)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"<unk>", "the", "cat", "\n", "!", "("}; !slices.Equal(v.tokens, want) {
		t.Errorf("tokens %q, expected %q", v.tokens, want)
	}
	if v, err = Words(text, 1000); err != nil {
		t.Fatal(err)
	}
	if got, want := v.Decode(v.Encode(text)), "the cat (a tom), the dog:\nit's the cat's tail! The cat <unk>"; got != want {
		t.Errorf("came back as %q, expected %q", got, want)
	}
	if ids := v.Encode("the horse"); len(ids) != 2 || ids[0] != 1 || ids[1] != Unknown {
		t.Errorf("ids %v", ids)
	}
}

func TestVocabularyJSON(t *testing.T) {
	chars, err := Characters("aé\n\"")
	if err != nil {
		t.Fatal(err)
	}
	ofWords, err := Words("a b a \n c", 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*Vocabulary{chars, ofWords} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back Vocabulary
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(&back, v) {
			t.Errorf("%s became %+v, %v", text, back, err)
		}
	}
}

func TestBadVocabularies(t *testing.T) {
	for text, want := range map[string]struct {
		err  error
		text string
	}{
		`{"tokens":["\ufffd","a","b","a"]}`:          {data.ErrFormat, "twice"},
		`{"tokens":["\ufffd","a","\ufffd"]}`:         {data.ErrFormat, "twice"},
		`{"tokens":["\ufffd","a",""]}`:               {data.ErrFormat, "not one character"},
		`{"tokens":["\ufffd","ab"]}`:                 {data.ErrFormat, "not one character"},
		`{"words":true,"tokens":["<unk>","a b"]}`:    {data.ErrFormat, "not one word"},
		`{"words":true,"tokens":["<unk>"," a"]}`:     {data.ErrFormat, "not one word"},
		`{"words":true,"tokens":["<unk>",""]}`:       {data.ErrFormat, "not one word"},
		`{"words":true,"tokens":["<unk>","\ufffd"]}`: {data.ErrFormat, "not one word"},
		`{"words":true,"tokens":["a","b"]}`:          {data.ErrFormat, "token 0"},
		`{"tokens":["a","b"]}`:                       {data.ErrFormat, "token 0"},
		`{"tokens":["\ufffd"]}`:                      {data.ErrEmpty, "besides"},
		`{"tokens":[]}`:                              {data.ErrEmpty, "besides"},
		`{}`:                                         {data.ErrEmpty, "besides"},
		`{"tokens":[1,2]}`:                           {data.ErrFormat, "number"},
	} {
		v := Vocabulary{tokens: []string{"as before"}}
		wantError(t, text, json.Unmarshal([]byte(text), &v), want.err, want.text)
		if v.Len() != 1 {
			t.Errorf("%s: the vocabulary was changed", text)
		}
	}
	many := make([]string, maxTokens+1)
	_, err := newVocabulary(false, many)
	wantError(t, "many tokens", err, data.ErrFormat, "at most")
	_, err = Characters("")
	wantError(t, "no text", err, data.ErrEmpty, "besides")
	_, err = Characters("\xff")
	wantError(t, "no character", err, data.ErrEmpty, "besides")
	for _, n := range []int{0, -1, maxTokens} {
		_, err = Words("a b", n)
		wantError(t, "number of words", err, data.ErrConfig, "expected 1 to")
	}
	_, err = Words(" \t", 3)
	wantError(t, "no words", err, data.ErrEmpty, "besides")
	var zero Vocabulary
	if zero.Len() != 0 || zero.Decode([]int{0, 1}) == "" || len(zero.Encode("ab")) != 2 {
		t.Error("the zero Vocabulary")
	}
}

func FuzzVocabulary(f *testing.F) {
	f.Add([]byte(`{"tokens":["\ufffd","a","b"]}`), "abc")
	f.Add([]byte(`{"words":true,"tokens":["<unk>","a","\n"]}`), "a b\n")
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		var v Vocabulary
		if json.Unmarshal(file, &v) != nil {
			return
		}
		ids := v.Encode(text)
		for _, id := range ids {
			if id < 0 || id >= v.Len() {
				t.Fatalf("id %d of %d tokens", id, v.Len())
			}
		}
		if again := v.Encode(v.Decode(ids)); !v.words && !slices.Equal(again, ids) {
			t.Fatalf("ids %v became %v", ids, again)
		}
	})
}

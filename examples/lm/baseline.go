package main

import "math"

// An ngram predicts a token from the n-1 before it by counts, mixed with the prediction from one token less
// (Witten & Bell 1991, method C): in a context that was followed c times, by d different tokens, a share of
// d/(c+d) goes to the shorter one. Below the shortest all tokens are as likely.
type ngram struct {
	n, vocabulary int
	contexts      map[string]*followers
}

// followers are what came after a context, and how often.
type followers struct {
	total  float64
	counts map[int]float64
}

// newNgram counts what follows every context of up to n-1 tokens in a text.
func newNgram(n, vocabulary int, ids []int) *ngram {
	g := &ngram{n, vocabulary, map[string]*followers{}}
	for i, id := range ids {
		for length := 0; length < n && length <= i; length++ {
			context := contextKey(ids[i-length : i])
			if g.contexts[context] == nil {
				g.contexts[context] = &followers{counts: map[int]float64{}}
			}
			g.contexts[context].total++
			g.contexts[context].counts[id]++
		}
	}
	return g
}

func contextKey(ids []int) string {
	key := make([]byte, 0, 12)
	for _, id := range ids {
		key = append(key, byte(id), byte(id>>8), byte(id>>16), byte(id>>24))
	}
	return string(key)
}

// p is the probability of a token after a context.
func (g *ngram) p(context []int, id int) float64 {
	p := 1 / float64(g.vocabulary)
	for length := 0; length < g.n && length <= len(context); length++ {
		if f := g.contexts[contextKey(context[len(context)-length:])]; f != nil {
			different := float64(len(f.counts))
			p = (f.counts[id] + different*p) / (f.total + different)
		}
	}
	return p
}

// perplexity is that of a text, of all tokens but the first.
func (g *ngram) perplexity(ids []int) float64 {
	nll := 0.0
	for i := 1; i < len(ids); i++ {
		nll -= math.Log(g.p(ids[max(0, i-g.n+1):i], ids[i]))
	}
	return math.Exp(nll / float64(len(ids)-1))
}

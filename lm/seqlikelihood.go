package lm

import "github.com/latent-go/latent/graph"

// LogLikelihood returns log p(target | source) (n), in nats as float64, of sources and as many targets.
func (m *SeqModel) LogLikelihood(source, target [][]int) (graph.Array, error) {
	p, err := m.cfg.pairs(source, target)
	if err != nil {
		return graph.Array{}, err
	}
	return m.logLikelihood(p)
}

func (m *SeqModel) logLikelihood(p seqPairs) (graph.Array, error) {
	logp := make([]float64, 0, p.n)
	err := p.pieces(func(q seqPairs, _ int) error {
		q, level := q.shortened()
		nll, err := graph.First(m.nll[level-1].Run(graph.Key{}, q.n, q.inputs()...))
		for i := range nll.Len() {
			logp = append(logp, -nll.At(i))
		}
		return err
	})
	return graph.Floats64(logp, len(logp)), err
}

// Attention returns, for each pair, the weights (t, s) that the decoder gives the tokens of the source at each of its
// choices: t is the target's tokens and its end, or TargetLength, s the source's tokens. Rows sum to 1.
func (m *SeqModel) Attention(source, target [][]int) ([]graph.Array, error) {
	p, err := m.cfg.pairs(source, target)
	if err != nil {
		return nil, err
	}
	most, places := m.cfg.TargetLength, m.cfg.SourceLength
	var maps []graph.Array
	err = p.pieces(func(q seqPairs, lo int) error {
		all, err := graph.First(m.attend.Run(graph.Key{}, q.n, q.inputsBefore()...))
		if err != nil {
			return err
		}
		for i := range q.n {
			t, s := min(len(target[lo+i])+1, most), len(source[lo+i])
			a := graph.Floats64(make([]float64, t*s), t, s)
			for at := range a.F64 {
				a.F64[at] = all.At((i*most+at/s)*places + places - s + at%s)
			}
			maps = append(maps, a)
		}
		return nil
	})
	return maps, err
}

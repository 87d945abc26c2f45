package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

const maxDepth = 8 // of nested arrays

// An arrayParser reads nested arrays of numbers, all of one shape, from a text that is known to be JSON.
type arrayParser struct {
	text   []byte
	name   string // of the whole, in errors
	row    int    // numbers of a row
	most   int    // rows
	at     int
	path   []int // indices of what is being read
	rank   int   // dimensions; 0 until the first number
	sizes  [maxDepth]int
	known  [maxDepth]bool
	values []float32
}

// value reads the value at the given depth.
func (p *arrayParser) value(depth int) error {
	p.space()
	if p.text[p.at] != '[' {
		return p.number(depth)
	}
	if depth == maxDepth || p.rank != 0 && depth >= p.rank {
		return errors.Errorf("%s is an array, expected a number", p.place())
	}
	p.at++
	count := 0
	p.path = append(p.path, 0)
	for p.space(); p.text[p.at] != ']'; p.space() {
		p.path[depth] = count
		if err := p.value(depth + 1); err != nil {
			return err
		}
		count++
		if p.space(); p.text[p.at] == ',' {
			p.at++
		}
	}
	p.at++
	p.path = p.path[:depth]
	switch {
	case count == 0:
		return errors.Errorf("%s is empty", p.place())
	case p.known[depth] && p.sizes[depth] != count:
		return errors.Errorf("%s has %d elements, those before it have %d", p.place(), count, p.sizes[depth])
	}
	p.sizes[depth], p.known[depth] = count, true
	return nil
}

// number reads a number.
func (p *arrayParser) number(depth int) error {
	end := p.at
	for end < len(p.text) && !strings.ContainsRune(",]} \t\r\n", rune(p.text[end])) {
		end++
	}
	word := string(p.text[p.at:end])
	v, err := strconv.ParseFloat(word, 32)
	switch {
	case depth == 0:
		return errors.Errorf("%s is %.40s, expected an array", p.name, word)
	case errors.Is(err, strconv.ErrRange):
		return errors.Errorf("%s is %.40s, expected a finite number", p.place(), word)
	case err != nil:
		return errors.Errorf("%s is %.40s, expected a number", p.place(), word)
	case p.rank == 0:
		p.rank = depth
	case depth != p.rank:
		return errors.Errorf("%s is a number, expected an array", p.place())
	}
	if len(p.values) == p.most*p.row {
		return errors.Errorf("more than %d %s of %d numbers, send fewer at a time", p.most, p.name, p.row)
	}
	p.values = append(p.values, float32(v))
	p.at = end
	return nil
}

func (p *arrayParser) space() {
	for strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// place names what is being read, such as examples[3][17].
func (p *arrayParser) place() string {
	var b strings.Builder
	b.WriteString(p.name)
	for _, i := range p.path {
		fmt.Fprintf(&b, "[%d]", i)
	}
	return b.String()
}

// appendJSON writes an array as nested JSON arrays.
func appendJSON(b []byte, a graph.Array) []byte {
	if len(a.Shape) == 0 {
		return appendNumber(b, a, 0)
	}
	at := 0
	var write func(shape []int)
	write = func(shape []int) {
		b = append(b, '[')
		for i := range shape[0] {
			if i > 0 {
				b = append(b, ',')
			}
			if len(shape) > 1 {
				write(shape[1:])
				continue
			}
			b = appendNumber(b, a, at)
			at++
		}
		b = append(b, ']')
	}
	write(a.Shape)
	return b
}

func appendNumber(b []byte, a graph.Array, i int) []byte {
	switch {
	case a.Int != nil:
		return strconv.AppendInt(b, int64(a.Int[i]), 10)
	case a.F64 != nil:
		return strconv.AppendFloat(b, a.F64[i], 'g', -1, 64)
	}
	return strconv.AppendFloat(b, float64(a.F32[i]), 'g', -1, 32)
}

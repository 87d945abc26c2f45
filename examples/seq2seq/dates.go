package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/latent-go/latent/graph"
)

// makeDates are n pairs of a day from 1900 to 2099, written in one of several ways, and its form in ISO 8601. No
// source is there twice.
func makeDates(key graph.Key, n int) [][2]string {
	first, end := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	days := end.Sub(first).Hours() / 24
	var pairs [][2]string
	seen := map[string]bool{}
	for i := 0; len(pairs) < n; i++ {
		var u [2]float64
		graph.Uniform(key.ForkN(i), u[:])
		d := first.AddDate(0, 0, int(u[0]*days))
		text := spell(d, int(u[1]*spellings))
		if !seen[text] {
			seen[text] = true
			pairs = append(pairs, [2]string{text, d.Format(time.DateOnly)})
		}
	}
	return pairs
}

const spellings = 8

// spell writes a day in a way, 0 to spellings-1.
func spell(d time.Time, way int) string {
	switch way {
	case 0:
		return d.Format("2 January 2006")
	case 1:
		return d.Format("January 2, 2006")
	case 2:
		return d.Format("Monday, Jan 2, 2006")
	case 3:
		return d.Format("2.1.2006")
	case 4:
		return d.Format("2006, 2 Jan")
	case 5:
		return strings.ToUpper(d.Format("02 Jan 2006"))
	case 6:
		return fmt.Sprintf("the %s of %s", ordinal(d.Day()), d.Format("January, 2006"))
	}
	return fmt.Sprintf("%s %s, %s", d.Format("January"), ordinal(d.Day()), d.Format("2006"))
}

func ordinal(n int) string {
	ending := "th"
	switch {
	case n/10 == 1:
	case n%10 == 1:
		ending = "st"
	case n%10 == 2:
		ending = "nd"
	case n%10 == 3:
		ending = "rd"
	}
	return fmt.Sprint(n, ending)
}

package pretrain

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/pkg/errors"
)

// A Summary is a metric over the seeds of one depth.
type Summary struct {
	Depth      int
	Pretrained bool
	Values     []float64 // one for each seed
	Mean       float64
	Std        float64 // standard deviation over seeds, 0 for one seed
}

// Summaries gathers a metric of the test data by depth, first without, then with pretraining. Runs without
// the metric are left out.
func (c *Comparison) Summaries(metric string) []Summary {
	var all []Summary
	for _, depth := range c.depths() {
		for _, pretrained := range []bool{false, true} {
			s := Summary{Depth: depth, Pretrained: pretrained}
			for _, r := range c.of(depth, pretrained) {
				if v, ok := r.Test[metric]; ok {
					s.Values = append(s.Values, v)
				}
			}
			if len(s.Values) > 0 {
				s.Mean, s.Std = meanAndStd(s.Values)
				all = append(all, s)
			}
		}
	}
	return all
}

// of lists the runs of one kind.
func (c *Comparison) of(depth int, pretrained bool) []Run {
	var runs []Run
	for _, r := range c.Runs {
		if r.Depth == depth && r.Pretrained == pretrained {
			runs = append(runs, r)
		}
	}
	return runs
}

func (c *Comparison) depths() []int {
	var depths []int
	for _, r := range c.Runs {
		depths = append(depths, r.Depth)
	}
	slices.Sort(depths)
	return slices.Compact(depths)
}

func meanAndStd(xs []float64) (mean, std float64) {
	n := float64(len(xs))
	for _, x := range xs {
		mean += x / n
	}
	for _, x := range xs {
		std += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(std / max(1, n-1))
}

// kindName names the two kinds of runs in tables and pictures.
func kindName(pretrained bool) string {
	if pretrained {
		return "pretrained"
	}
	return "random weights"
}

// Table is a metric of the test data, times scale, by depth: mean, standard deviation, lowest and highest over
// the seeds. A scale of 100 makes percentages of rates.
func (c *Comparison) Table(metric string, scale float64) (header []string, rows [][]string) {
	header = []string{"layers", "start", "seeds", metric, "std", "lowest", "highest"}
	for _, s := range c.Summaries(metric) {
		number := func(x float64) string { return fmt.Sprintf("%.2f", scale*x) }
		rows = append(rows, []string{
			fmt.Sprint(s.Depth), kindName(s.Pretrained), fmt.Sprint(len(s.Values)),
			number(s.Mean), number(s.Std), number(slices.Min(s.Values)), number(slices.Max(s.Values)),
		})
	}
	return header, rows
}

// ByDepth draws a metric of the test data, times scale, over the number of layers: means, with bars of a
// standard deviation over the seeds. The axis is logarithmic, if a asks for it, where all means are positive.
func (c *Comparison) ByDepth(metric string, scale float64, a view.Axes) (image.Image, error) {
	var series [2]view.Series
	for _, s := range c.Summaries(metric) {
		k := 0
		if s.Pretrained {
			k = 1
		}
		p := &series[k]
		p.Name = kindName(s.Pretrained)
		p.X = append(p.X, float64(s.Depth))
		p.Y = append(p.Y, scale*s.Mean)
		p.Spread = append(p.Spread, scale*s.Std)
	}
	if series[0].X == nil || series[1].X == nil {
		return nil, errors.Wrapf(ErrConfig, "no runs with the metric %q", metric)
	}
	return curves(series[:], a)
}

// curves draws series on a logarithmic axis if that is asked for and possible.
func curves(series []view.Series, a view.Axes) (image.Image, error) {
	for _, s := range series {
		if len(s.Y) > 0 && slices.Min(s.Y) <= 0 {
			a.LogY = false
		}
	}
	return view.Curves(series, a)
}

// ByStep draws a metric of the held-out or training data, times scale, over the steps of fine-tuning, for all
// runs of one depth. A logarithmic axis is as in ByDepth.
func (c *Comparison) ByStep(depth int, set train.Set, metric string, scale float64, a view.Axes) (image.Image, error) {
	var series []view.Series
	for _, pretrained := range []bool{false, true} {
		for _, r := range c.of(depth, pretrained) {
			steps, values := r.History.Curve(set, metric)
			s := view.Series{Name: fmt.Sprintf("%s, seed %d", kindName(pretrained), r.Seed)}
			for i, step := range steps {
				s.X, s.Y = append(s.X, float64(step)), append(s.Y, scale*values[i])
			}
			series = append(series, s)
		}
	}
	return curves(series, a)
}

// AddTo adds the table and the picture by depth to a section of a report. what names the metric as people
// read it, "test error in %" for one.
func (c *Comparison) AddTo(r *view.Report, metric string, scale float64, what string) error {
	header, rows := c.Table(metric, scale)
	r.Table(what+" by depth, over seeds.", header, rows)
	img, err := c.ByDepth(metric, scale, view.Axes{Title: "Pretrained and random weights", X: "hidden layers", Y: what, LogY: true})
	if err != nil {
		return err
	}
	r.Picture(what+" of the test data: mean over seeds, bars of one standard deviation.", img)
	return nil
}

package optim

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

func TestScheduleClosedForms(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		step int
		want float64
	}{
		{Schedule{}, 0, 1},
		{Schedule{}, 1e6, 1},
		{Schedule{Warmup: 4}, 0, 0.25},
		{Schedule{Warmup: 4}, 2, 0.75},
		{Schedule{Warmup: 4}, 3, 1},
		{Schedule{Warmup: 4}, 4, 1},
		{Schedule{Kind: StepDecay, Every: 10, Factor: 0.5}, 9, 1},
		{Schedule{Kind: StepDecay, Every: 10, Factor: 0.5}, 10, 0.5},
		{Schedule{Kind: StepDecay, Every: 10, Factor: 0.5}, 39, 0.125},
		{Schedule{Kind: StepDecay, Every: 10, Factor: 0.5, Warmup: 5}, 14, 1},
		{Schedule{Kind: StepDecay, Every: 10, Factor: 0.5, Warmup: 5}, 15, 0.5},
		{Schedule{Kind: Exponential, Every: 10, Factor: 0.25}, 0, 1},
		{Schedule{Kind: Exponential, Every: 10, Factor: 0.25}, 5, 0.5},
		{Schedule{Kind: Exponential, Every: 10, Factor: 0.25}, 20, 0.0625},
		{Schedule{Kind: Cosine, Steps: 6, Final: 0.2}, 0, 1},
		{Schedule{Kind: Cosine, Steps: 6, Final: 0.2}, 2, 0.2 + 0.8*0.75},
		{Schedule{Kind: Cosine, Steps: 6, Final: 0.2}, 3, 0.6},
		{Schedule{Kind: Cosine, Steps: 6, Final: 0.2}, 6, 0.2},
		{Schedule{Kind: Cosine, Steps: 6, Final: 0.2}, 7, 0.2},
		{Schedule{Kind: Cosine, Steps: 6, Warmup: 2}, 1, 1},
		{Schedule{Kind: Cosine, Steps: 6, Warmup: 2}, 5, 0.5},
	} {
		if err := c.s.validate(); err != nil {
			t.Errorf("%+v: %v", c.s, err)
		}
		if got := c.s.At(c.step); math.Abs(got-c.want) > 1e-14 {
			t.Errorf("%+v at %d is %v, want %v", c.s, c.step, got, c.want)
		}
	}
}

func TestRateFollowsSchedule(t *testing.T) {
	p := newParams(t, graph.Float64, func(int) float64 { return 0 }, paramSpec{"w", []int{1}})
	cfg := Config{Method: SGD, Rate: 2, Schedule: Schedule{Kind: StepDecay, Every: 2, Factor: 0.5, Warmup: 2}}
	o := mustNew(t, cfg, p)
	want := 0.0
	for step, rate := range []float64{1, 2, 2, 2, 1, 1, 0.5} {
		setGrad(p, "w", func(int) float64 { return 1 })
		info := mustStep(t, o)
		want -= rate
		if info.Rate != rate || info.Step != step+1 || info.GradNorm != 1 || values(p, "w")[0] != want {
			t.Errorf("step %d: %+v, weight %v; want rate %v, weight %v", step, info, values(p, "w")[0], rate, want)
		}
	}
}

func TestConfigSurvivesJSON(t *testing.T) {
	p := newParams(t, graph.Float32, wave(1), paramSpec{"enc/w", []int{2, 2}}, paramSpec{"enc/b", []int{2}})
	for _, m := range allMethods {
		for k := Constant; k <= Cosine; k++ {
			cfg := Config{Method: m, ClipNorm: 1, L2: 0.125, RateScales: []RateScale{{"enc", 0.5}}, Schedule: Schedule{Kind: k, Warmup: 3}}
			switch k {
			case StepDecay, Exponential:
				cfg.Schedule.Every, cfg.Schedule.Factor = 7, 0.5
			case Cosine:
				cfg.Schedule.Steps, cfg.Schedule.Final = 7, 0.125
			}
			want := mustNew(t, cfg, p).Config()
			text, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			var back Config
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			// A configuration with its defaults filled in is its own default.
			again, err := json.Marshal(mustNew(t, back, p).Config())
			if err != nil || string(again) != string(text) {
				t.Errorf("%s came back as %s (%v)", text, again, err)
			}
		}
	}
	var cfg Config
	for _, text := range []string{`{"Method":"adamm"}`, `{"Schedule":{"Kind":"linear"}}`} {
		if err := json.Unmarshal([]byte(text), &cfg); !errors.Is(err, graph.ErrRange) {
			t.Errorf("%s gave %v", text, err)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	p := newParams(t, graph.Float32, wave(1), paramSpec{"enc/w", []int{2, 2}})
	for name, cfg := range map[string]Config{
		"method":               {Method: 7},
		"negative rate":        {Rate: -1},
		"NaN rate":             {Rate: nan},
		"infinite rate":        {Rate: inf},
		"momentum 1":           {Method: Momentum, Momentum: 1},
		"momentum of Adam":     {Momentum: 0.9},
		"betas of SGD":         {Method: SGD, Beta1: 0.9},
		"beta 1":               {Beta2: 1},
		"negative beta":        {Beta1: -0.5},
		"negative epsilon":     {Epsilon: -1e-8},
		"negative L1":          {L1: -1},
		"NaN L2":               {L2: nan},
		"decay of Adam":        {Decay: 0.1},
		"too much decay":       {Method: AdamW, Rate: 0.5, Decay: 2},
		"decay of scaled rate": {Method: AdamW, Rate: 0.5, Decay: 1, RateScales: []RateScale{{"enc", 2}}},
		"negative clip":        {ClipNorm: -1},
		"infinite clip":        {ClipValue: inf},
		"EMA of 1":             {EMA: 1},
		"early without steps":  {Method: Momentum, EarlyMomentum: 0.5},
		"early of Adam":        {EarlySteps: 3},
		"negative scale":       {RateScales: []RateScale{{"enc", -1}}},
		"empty prefix":         {RateScales: []RateScale{{"", 1}}},
		"kind":                 {Schedule: Schedule{Kind: 9}},
		"warm-up":              {Schedule: Schedule{Warmup: -1}},
		"every":                {Schedule: Schedule{Kind: StepDecay, Factor: 0.5}},
		"factor":               {Schedule: Schedule{Kind: Exponential, Every: 2, Factor: 1.5}},
		"steps":                {Schedule: Schedule{Kind: Cosine}},
		"final":                {Schedule: Schedule{Kind: Cosine, Steps: 2, Final: 1}},
		"fields of another":    {Schedule: Schedule{Kind: Cosine, Steps: 2, Every: 2}},
		"fields of constant":   {Schedule: Schedule{Steps: 2}},
	} {
		if _, err := New(cfg, p); !errors.Is(err, graph.ErrRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Config{RateScales: []RateScale{{"en", 1}}}, p); !errors.Is(err, graph.ErrName) {
		t.Errorf("prefix without parameters: %v", err)
	}
	if _, err := New(Config{}, graph.NewParams(graph.Float32, graph.NewKey(1))); !errors.Is(err, graph.ErrName) {
		t.Errorf("no parameters: %v", err)
	}
}

package ae

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

func TestConfigRefuses(t *testing.T) {
	conv := func(c *Config) *nn.Conv {
		c.Shape, c.Conv = []int{2, 3}, []nn.Conv{{Units: 2, Size: 3}, {Units: 2, Size: 3}}
		return &c.Conv[1]
	}
	code := func(act op.Activation) []nn.Dense { return []nn.Dense{dense(4, act)} }
	for name, c := range map[string]struct {
		change func(*Config)
		says   []string // what the message must hold
	}{
		"no shape":         {func(c *Config) { c.Shape = nil }, []string{"Shape", "[784]"}},
		"a dimension of 0": {func(c *Config) { c.Shape = []int{3, 0} }, []string{"Shape [3 0]", "at least 1"}},
		"negative shape":   {func(c *Config) { c.Shape = []int{-2, -3} }, []string{"Shape [-2 -3]", "at least 1"}},
		"huge shape":       {func(c *Config) { c.Shape = []int{1 << 20, 1 << 20} }, []string{"Shape", "product at most"}},
		"overflow":         {func(c *Config) { c.Shape = []int{math.MaxInt, 2} }, []string{"Shape", "at most"}},
		"no encoder":       {func(c *Config) { c.Encoder = nil }, []string{"Encoder", "at least one"}},
		"no units":         {func(c *Config) { c.Encoder[0].Units = 0 }, []string{"encoder layer 0", "at least 1 unit"}},
		"activation":       {func(c *Config) { c.Encoder[0].Activation = 77 }, []string{"encoder layer 0", "activation 77"}},
		"init":             {func(c *Config) { c.Encoder[0].Init = -1 }, []string{"encoder layer 0", "initialisation -1"}},
		"dropout of 1":     {func(c *Config) { c.Encoder[0].Dropout = 1 }, []string{"encoder layer 0", "dropout 1", "[0, 1)"}},
		"dropout of NaN":   {func(c *Config) { c.Encoder[0].Dropout = math.NaN() }, []string{"encoder layer 0", "[0, 1)"}},
		"decoder units":    {func(c *Config) { c.Decoder = []nn.Dense{{Units: 3}, {Units: -1}} }, []string{"decoder layer 1", "at least 1 unit"}},
		"too many units":   {func(c *Config) { c.Encoder[0].Units = nn.MaxUnits + 1 }, []string{"1048577 units", "at most"}},
		"too many weights": {func(c *Config) { c.Encoder = []nn.Dense{{Units: nn.MaxUnits}, {Units: nn.MaxUnits}} }, []string{"Encoder", "weights, at most"}},
		"loss":             {func(c *Config) { c.Loss = 9 }, []string{"unknown loss 9"}},
		"output":           {func(c *Config) { c.Output = -3 }, []string{"output activation -3"}},
		"output init":      {func(c *Config) { c.OutputInit = 99 }, []string{"OutputInit", "99"}},
		"tied and own":     {func(c *Config) { c.Tied, c.Decoder = true, []nn.Dense{} }, []string{"tied", "Decoder"}},
		"corruption":       {func(c *Config) { c.Corruption = "rust:1" }, []string{"Corruption", "rust", "masking"}},
		"corruption rate":  {func(c *Config) { c.Corruption = "masking:1.5" }, []string{"Corruption", "1.5", "0 to 1"}},
		"blur of a vector": {func(c *Config) { c.Corruption = "blur:1" }, []string{"Corruption", "blur", "images"}},
		"negative L1":      {func(c *Config) { c.L1 = -1 }, []string{"L1 -1", "not negative"}},
		"infinite L1":      {func(c *Config) { c.L1 = math.Inf(1) }, []string{"L1 +Inf", "finite"}},
		"NaN contraction":  {func(c *Config) { c.Contractive = math.NaN() }, []string{"Contractive NaN"}},
		"no target":        {func(c *Config) { c.SparsityWeight = 1 }, []string{"SparsityTarget 0", "(0, 1)"}},
		"target of 1":      {func(c *Config) { c.SparsityTarget = 1 }, []string{"SparsityTarget 1", "(0, 1)"}},
		"target of NaN":    {func(c *Config) { c.SparsityTarget = math.NaN() }, []string{"SparsityTarget NaN"}},
		"sparse dropout": {func(c *Config) {
			c.SparsityTarget, c.SparsityWeight, c.Encoder = 0.1, 1, []nn.Dense{{Units: 3, Activation: op.SigmoidActivation, Dropout: 0.1}}
		}, []string{"SparsityWeight", "dropout"}},
		"sparse tanh":       {func(c *Config) { c.SparsityTarget, c.SparsityWeight, c.Encoder = 0.1, 1, code(op.TanhActivation) }, []string{"SparsityWeight", "logistic", "tanh"}},
		"contractive ELU":   {func(c *Config) { c.Contractive, c.Encoder = 1, code(op.ELUActivation) }, []string{"contractive", "layer 0 is elu"}},
		"and with dropout":  {func(c *Config) { c.Contractive, c.Encoder[0].Dropout = 1, 0.5 }, []string{"contractive", "dropout", "layer 0"}},
		"conv of a vector":  {func(c *Config) { conv(c); c.Shape = []int{6} }, []string{"Conv", "Shape [6]", "(c, y, x)"}},
		"conv of a film":    {func(c *Config) { conv(c); c.Shape = []int{1, 1, 2, 3} }, []string{"Conv", "Shape [1 1 2 3]"}},
		"even filters":      {func(c *Config) { conv(c).Size = 4 }, []string{"conv layer 1", "size 4", "odd"}},
		"huge stride":       {func(c *Config) { conv(c).Stride = math.MaxInt }, []string{"conv layer 1", "stride"}},
		"negative filters":  {func(c *Config) { conv(c).Units = -1 }, []string{"conv layer 1", "at least 1 unit"}},
		"too many features": {func(c *Config) { conv(c).Units = 1 << 20; c.Shape = []int{1 << 10, 1 << 10} }, []string{"conv layers 0 to 1", "features"}},
		"too many filters":  {func(c *Config) { conv(c).Units, c.Conv[0].Units = 1<<20, 1<<20; c.Conv[0].Stride = 3 }, []string{"Encoder or Decoder", "weights, at most"}},
		"conv and tied":     {func(c *Config) { conv(c); c.Tied = true }, []string{"tied", "Conv"}},
		"contractive conv":  {func(c *Config) { conv(c); c.Contractive = 1 }, []string{"contractive", "Conv"}},
		"wide normaliser":   {func(c *Config) { c.Normalizer = &data.Normalizer{Shift: make([]float32, 5), Scale: make([]float32, 5)} }, []string{"Normalizer"}},
		"broken normaliser": {func(c *Config) { c.Normalizer = data.DivideBy(0) }, []string{"Normalizer"}},
	} {
		cfg := Config{Shape: []int{6}, Encoder: code(op.SigmoidActivation)}
		c.change(&cfg)
		m, err := New(cfg)
		if err == nil || m != nil || !errors.Is(err, ErrConfig) {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
}

// TestWeights counts what is counted before there is memory for it. A tied decoder's biases are left out.
func TestWeights(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float32)
		if got, want := cfg.weights(kindModel), float64(m.Params().Count()); got > want || got < want && !cfg.Tied {
			t.Errorf("%s: %g weights by the formula, the model has %g", name, got, want)
		}
		half := 0
		for _, q := range m.Params().List() {
			if strings.HasPrefix(q.Name, "enc/") {
				half += q.Size
			}
		}
		if got := cfg.weights(kindEncoder); got != float64(half) {
			t.Errorf("%s: %g weights by the formula, the encoder has %d", name, got, half)
		}
	}
}

// TestConfigRoundTrip goes through JSON, as model files do.
func TestConfigRoundTrip(t *testing.T) {
	for name, cfg := range kinds() {
		var back Config
		ok(t, json.Unmarshal(must(json.Marshal(cfg))(t), &back))
		if !reflect.DeepEqual(cfg, back) {
			t.Errorf("%s: %+v became %+v", name, cfg, back)
		}
	}
	if text := must(json.Marshal(kinds()["plain"]))(t); strings.Contains(string(text), "conv") {
		t.Errorf("files without convolutions change: %s", text)
	}
	for _, text := range []string{"", "absolute", "Squared-error"} {
		if err := new(Loss).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("loss %q is accepted", text)
		}
	}
	if _, err := Loss(7).MarshalText(); err == nil || Loss(7).String() != "Loss(7)" {
		t.Errorf("%v is written", Loss(7))
	}
}

// TestInputRefused gives wrong arrays to everything that takes one.
func TestInputRefused(t *testing.T) {
	squared, cross := model(t, kinds()["images"], graph.Float32), model(t, kinds()["denoising"], graph.Float32)
	nan, inf, above := uniform(1, 3, 6), uniform(1, 3, 6), uniform(1, 3, 6)
	nan.F32[8], inf.F32[8], above.F32[8] = float32(math.NaN()), float32(math.Inf(1)), 1.5
	for name, c := range map[string]struct {
		x    graph.Array
		want error
	}{
		"the zero array":   {graph.Array{}, graph.ErrShape},
		"no examples":      {graph.Floats32([]float32{}, 0, 6), graph.ErrShape},
		"too wide":         {uniform(1, 3, 7), graph.ErrShape},
		"too narrow":       {uniform(1, 6, 1), graph.ErrShape},
		"no batch axis":    {graph.Floats32(make([]float32, 6), 6), graph.ErrShape},
		"a scalar":         {graph.Floats32(make([]float32, 1)), graph.ErrShape},
		"integers":         {graph.Ints(make([]int, 6), 1, 6), graph.ErrShape},
		"fewer than shape": {graph.Floats32(make([]float32, 11), 2, 6), graph.ErrShape},
		"NaN":              {nan, graph.ErrNotFinite},
		"Inf":              {inf, graph.ErrNotFinite},
	} {
		n := 1
		if len(c.x.Shape) > 0 {
			n = c.x.Shape[0]
		}
		b := data.Batch{N: n, X: c.x}
		for what, err := range map[string]error{
			"Encode":      second(squared.Encode(c.x)),
			"Decode":      second(squared.Decode(c.x)),
			"Reconstruct": second(squared.Reconstruct(c.x)),
			"Score":       second(squared.Score(c.x)),
			"Gradient":    second(squared.Gradient(graph.Key{}, b)),
			"Evaluate":    second(squared.Evaluate(graph.Key{}, b)),
		} {
			if what == "Decode" && c.want == graph.ErrNotFinite {
				continue // codes have another width; see below
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%s of %s: %v", what, name, err)
			}
		}
	}
	code := uniform(1, 2, 4)
	code.F32[3] = float32(math.NaN())
	if err := second(squared.Decode(code)); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("Decode of NaN: %v", err)
	}
	for what, err := range map[string]error{
		"Reconstruct": second(cross.Reconstruct(above)),
		"Score":       second(cross.Score(above)),
		"Gradient":    second(cross.Gradient(graph.Key{}, data.Batch{N: 3, X: above})),
		"Evaluate":    second(cross.Evaluate(graph.Key{}, data.Batch{N: 3, X: above})),
	} {
		if !errors.Is(err, graph.ErrRange) || !strings.Contains(err.Error(), "element 2 of example 1 is 1.5") {
			t.Errorf("%s of 1.5 under cross-entropy: %v", what, err)
		}
	}
	if err := second(squared.Gradient(graph.Key{}, data.Batch{N: 2, X: uniform(1, 3, 6)})); !errors.Is(err, graph.ErrShape) {
		t.Errorf("a batch of 2 with 3 examples: %v", err)
	}
}

package ckpt

import (
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Metadata keys of a model file.
const (
	MetaVersion       = "latent.format"        // version of the conventions of this list, in decimal
	MetaKind          = "latent.kind"          // which model, as "ae"
	MetaConfig        = "latent.config"        // the model's Config in JSON
	MetaNormalisation = "latent.normalisation" // what the data went through before the model, in JSON
)

// version is the newest that this package reads, and what it writes.
const version = 1

// NewModel makes the content of a model file: p under its own names, the kind, the configuration, of
// which json.Marshal makes text, and further metadata. It shares p's memory.
func NewModel(kind string, config any, extra map[string]string, p *graph.Params) (*File, error) {
	text, err := json.Marshal(config)
	if err != nil {
		return nil, errors.Wrapf(err, "configuration of model %q", kind)
	}
	f := NewFile()
	for key, value := range extra {
		if key == MetaVersion || key == MetaKind || key == MetaConfig {
			return nil, errors.Wrapf(graph.ErrName, "metadata key %q is the model file's own", key)
		}
		f.Meta[key] = value
	}
	f.Meta[MetaVersion] = strconv.Itoa(version)
	f.Meta[MetaKind] = kind
	f.Meta[MetaConfig] = string(text)
	f.Put("", p)
	return f, nil
}

// SaveModel writes a model file, as NewModel and Write do.
func SaveModel(path, kind string, config any, extra map[string]string, p *graph.Params) error {
	f, err := NewModel(kind, config, extra, p)
	if err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	return Write(path, f)
}

// LoadModel makes the model of a file that SaveModel has written. A damaged configuration may ask for any
// amount of memory; so first validate puts its defaults in place and says what is wrong with it, and the file must
// hold at least as many numbers as weights says. Then build makes the model over parameters that get
// their values from the file. The errors are those of ReadModel, CheckHolds, Restore and the functions.
func LoadModel[C, M any](path, kind string, validate func(*C) error, weights func(C) float64,
	build func(C, *graph.Params) (M, error)) (M, error) {
	var m, none M
	var config C
	f, err := ReadModel(path, kind, &config)
	if err != nil {
		return none, err
	}
	p := graph.NewParams(graph.Float32, graph.Key{})
	if err = validate(&config); err == nil {
		err = f.CheckHolds(weights(config), "")
	}
	if err == nil {
		m, err = build(config, p)
	}
	if err == nil {
		err = f.Restore(p, "")
	}
	if err != nil {
		return none, errors.WithMessage(err, path)
	}
	return m, nil
}

// ReadModel reads a model file of the given kind and sets config, a pointer, from it. With a model
// made of config, Restore completes it. The error is ErrKind if the file holds another model or
// none, ErrVersion if a newer library wrote it, ErrFormat if it is damaged or config has no place
// for what it holds; config is then as before.
func ReadModel(path, kind string, config any) (*File, error) {
	f, err := Read(path)
	if err != nil {
		return nil, err
	}
	if err := f.Config(kind, config); err != nil {
		return nil, errors.Wrapf(err, "read %q", path)
	}
	return f, nil
}

// CheckHolds returns an error unless the file holds, under prefix, at least so many numbers, those of a
// configuration that it holds itself. A model checks it before it takes memory for its weights: a damaged
// configuration may ask for any number.
func (f *File) CheckHolds(numbers float64, prefix string) error {
	have := 0.0
	for name, a := range f.Tensors {
		if strings.HasPrefix(name, prefix) {
			have += float64(a.Len())
		}
	}
	if numbers > have {
		return errors.Wrapf(ErrMismatch, "the configuration asks for %.0f weights, the file holds %.0f", numbers, have)
	}
	return nil
}

// Kind returns the kind of model that the file at path holds, from its header alone. The errors are
// those of ReadModel.
func Kind(path string) (string, error) {
	r, size, err := open(path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h, _, err := readHeader(r, size)
	if err != nil {
		return "", errors.Wrapf(err, "read %q", path)
	}
	kind, ok := h.meta[MetaKind]
	if !ok {
		return "", errors.Wrapf(ErrKind, "read %q: the file holds no model: its metadata have no %q", path, MetaKind)
	}
	return kind, nil
}

// Config sets config, a pointer, from a file that holds a model of the given kind. The errors are
// those of ReadModel.
func (f *File) Config(kind string, config any) error {
	if got, ok := f.Meta[MetaKind]; !ok {
		return errors.Wrapf(ErrKind, "the file holds no model: its metadata have no %q, want %q", MetaKind, kind)
	} else if got != kind {
		return errors.Wrapf(ErrKind, "the file holds a model of kind %q, want %q", got, kind)
	}
	v, err := strconv.Atoi(f.Meta[MetaVersion])
	if err != nil || v < 1 {
		return errors.Wrapf(ErrFormat, "metadata %q is %q, want a whole number", MetaVersion, f.Meta[MetaVersion])
	}
	if v > version {
		return errors.Wrapf(ErrVersion, "the file has version %d, this library reads up to %d", v, version)
	}
	return errors.Wrapf(unmarshal(f.Meta[MetaConfig], config), "metadata %q", MetaConfig)
}

// unmarshal sets dst, a pointer, from one JSON value that has a place for every key; on an error
// dst stays as it was.
func unmarshal(text string, dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errors.Errorf("want a pointer to set, got %T", dst)
	}
	fresh := reflect.New(v.Type().Elem())
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(fresh.Interface()); err != nil {
		return errors.Wrapf(ErrFormat, "%v", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.Wrap(ErrFormat, "more follows the JSON value")
	}
	v.Elem().Set(fresh.Elem())
	return nil
}

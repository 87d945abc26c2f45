package mnist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pkg/errors"
)

// ErrDownload is the sentinel of files that no server gave.
var ErrDownload = errors.New("mnist: download failed")

// errChecksum is the sentinel of files that are not what they should be.
var errChecksum = errors.New("wrong content")

// A file is one that servers have.
type file struct {
	name   string // without .gz
	size   int64  // of the .gz, in bytes
	sha256 string // of the .gz
}

var official = []file{
	{trainImages, 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
	{trainLabels, 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
	{testImages, 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
	{testLabels, 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
}

var mirrors = []string{
	"https://storage.googleapis.com/cvdf-datasets/mnist/",
	"https://ossci-datasets.s3.amazonaws.com/mnist/",
}

// oneDownload keeps calls of Load from writing to the same partial file.
var oneDownload sync.Mutex

// cached returns the paths of the files in the cache, after downloading those that are not there.
func cached(ctx context.Context, opt Options, files []file) (map[string]string, error) {
	oneDownload.Lock()
	defer oneDownload.Unlock()
	if err := os.MkdirAll(opt.Cache, 0o755); err != nil {
		return nil, errors.Wrap(err, "mnist: cache folder")
	}
	paths := map[string]string{}
	for _, f := range files {
		path := filepath.Join(opt.Cache, f.name+".gz")
		if f.verify(path) != nil { // absent or damaged
			if err := f.download(ctx, opt, path); err != nil {
				return nil, errors.Wrap(err, advice(files))
			}
		}
		paths[f.name] = path
	}
	return paths, nil
}

// verify returns an error unless the file at path has the right content.
func (f file) verify(path string) error {
	r, err := os.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.sha256 {
		return errors.Wrapf(errChecksum, "SHA-256 is %s, expected %s", got, f.sha256)
	}
	return nil
}

// download gets the file from the first mirror that has it. What has arrived lies in path.part
// until it is complete and verified; only then does it get its name.
func (f file) download(ctx context.Context, opt Options, path string) error {
	part := path + ".part"
	var failures []string
	for _, mirror := range opt.Mirrors {
		address := strings.TrimSuffix(mirror, "/") + "/" + f.name + ".gz"
		resumed, err := f.fetch(ctx, address, part, opt.Progress)
		if errors.Is(err, errChecksum) && resumed { // the earlier part may be at fault
			_, err = f.fetch(ctx, address, part, opt.Progress)
		}
		if err == nil {
			return errors.Wrap(os.Rename(part, path), "mnist")
		}
		if ctx.Err() != nil {
			return errors.Wrapf(ctx.Err(), "mnist: %s", address)
		}
		failures = append(failures, fmt.Sprintf("%s: %v", address, err))
	}
	return errors.Wrap(ErrDownload, strings.Join(failures, "; "))
}

// fetch completes and verifies the file part. It removes one whose content is wrong, and keeps one
// that is merely incomplete. resumed tells whether an earlier part was used.
func (f file) fetch(ctx context.Context, address, part string, progress func(string, int64, int64)) (resumed bool, err error) {
	if resumed, err = f.fill(ctx, address, part, progress); err != nil {
		return resumed, err
	}
	if err = f.verify(part); errors.Is(err, errChecksum) {
		if failed := os.Remove(part); failed != nil {
			return resumed, failed
		}
	}
	return resumed, err
}

// fill appends to the file part what it lacks.
func (f file) fill(ctx context.Context, address, part string, progress func(string, int64, int64)) (resumed bool, err error) {
	w, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return false, err
	}
	defer func() {
		if failed := w.Close(); err == nil {
			err = failed
		}
	}()
	have, err := w.Seek(0, io.SeekEnd)
	if err != nil || have >= f.size {
		return true, err
	}
	body, start, err := request(ctx, address, have)
	if err != nil {
		return false, err
	}
	defer body.Close()
	if err := w.Truncate(start); err != nil {
		return false, err
	}
	if _, err := w.Seek(start, io.SeekStart); err != nil {
		return false, err
	}
	to := &progressWriter{w: w, name: f.name + ".gz", done: start, total: f.size, tell: progress}
	if _, err := io.Copy(to, io.LimitReader(body, f.size+1-start)); err != nil {
		return false, errors.Wrapf(err, "after %d of %d bytes", to.done, f.size)
	}
	if to.done < f.size {
		return false, errors.Errorf("the connection ended after %d of %d bytes", to.done, f.size)
	}
	return start > 0, w.Sync()
}

// request asks for the bytes of address from number from on. start is the number of the first byte
// that the server sends: from, or 0 if it cannot resume.
func request(ctx context.Context, address string, from int64) (body io.ReadCloser, start int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Accept-Encoding", "identity") // or the .gz might be unpacked on the way
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0, err
	}
	switch {
	case resp.StatusCode == http.StatusOK:
		return resp.Body, 0, nil
	case resp.StatusCode == http.StatusPartialContent && from > 0 &&
		strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", from)):
		return resp.Body, from, nil
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && from > 0:
		resp.Body.Close()
		return request(ctx, address, 0)
	}
	resp.Body.Close()
	return nil, 0, errors.Errorf("the server answered %q", resp.Status)
}

// A progressWriter counts and reports what is written to w.
type progressWriter struct {
	w           io.Writer
	name        string
	done, total int64
	tell        func(string, int64, int64)
}

func (p *progressWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.done += int64(n)
	if p.tell != nil {
		p.tell(p.name, min(p.done, p.total), p.total)
	}
	return n, err
}

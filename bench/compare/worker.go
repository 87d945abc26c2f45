package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/latent-go/latent/bench"
	"github.com/latent-go/latent/bench/stock"
)

//go:embed torch.py
var torchScript string

// A process runs one implementation with a fixed number of threads and measures on demand; while it
// waits it uses no processor.
type process struct {
	impl, title string
	threads     int
	cmd         *exec.Cmd
	in          io.WriteCloser
	out         *bufio.Scanner
}

func start(ctx context.Context, impl string, threads int, python string) (*process, error) {
	n := strconv.Itoa(threads)
	var cmd *exec.Cmd
	switch impl {
	case "latent", "gorgonia":
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		cmd = exec.CommandContext(ctx, self, "-worker", impl)
	case "pytorch":
		cmd = exec.CommandContext(ctx, python, "-c", torchScript, n)
	default:
		return nil, fmt.Errorf("no implementation %q, expected latent, gorgonia or pytorch", impl)
	}
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+n, "OMP_NUM_THREADS="+n)
	return startProcess(cmd, impl, threads)
}

// startProcess starts a worker and waits until it is ready.
func startProcess(cmd *exec.Cmd, impl string, threads int) (*process, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{impl: impl, threads: threads, cmd: cmd, in: in, out: bufio.NewScanner(out)}
	line, err := p.line()
	if title, ok := strings.CutPrefix(line, "ready "); ok {
		p.title = title
		return p, nil
	}
	p.stop()
	if err == nil {
		err = fmt.Errorf("%s", strings.TrimPrefix(line, "error "))
	}
	return nil, err
}

// ask sends a line and returns the answer.
func (p *process) ask(line string) (string, error) {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return "", err
	}
	return p.line()
}

func (p *process) line() (string, error) {
	if !p.out.Scan() {
		if p.out.Err() != nil {
			return "", p.out.Err()
		}
		return "", fmt.Errorf("the %s worker has ended", p.impl)
	}
	return p.out.Text(), nil
}

// measure returns how long n steps took.
func (p *process) measure(workload string, n int) (time.Duration, error) {
	time.Sleep(20 * time.Millisecond) // lets the threads of the one before go to sleep
	line, err := p.ask(fmt.Sprint(workload, " ", n))
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s", line)
	}
	return time.Duration(ns), nil
}

func (p *process) stop() {
	p.in.Close()
	p.cmd.Wait()
}

// peakMemory is the largest resident set so far, as the system tells.
func (p *process) peakMemory() string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return "not known on this system"
	}
	for _, line := range strings.Split(string(status), "\n") {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")))
			return fmt.Sprintf("%d MB", n/1024)
		}
	}
	return "not known on this system"
}

// work is the other end: it answers lines "workload steps" with nanoseconds.
func work(impl string, in io.Reader, out io.Writer) {
	steps := map[string]func() error{}
	fmt.Fprintln(out, "ready", impl)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var name string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &name, &n); err != nil {
			fmt.Fprintln(out, "error", err)
			continue
		}
		took, err := timeSteps(steps, impl, name, n)
		if err != nil {
			fmt.Fprintln(out, "error", strings.ReplaceAll(err.Error(), "\n", " "))
			continue
		}
		fmt.Fprintln(out, took.Nanoseconds())
	}
}

func timeSteps(steps map[string]func() error, impl, name string, n int) (time.Duration, error) {
	if steps[name] == nil {
		w, ok := bench.Find(name)
		if !ok {
			return 0, fmt.Errorf("no workload %q", name)
		}
		build := w.New
		if impl == "gorgonia" {
			build = func() (func() error, error) {
				b := bench.Batch(w.Batch)
				return stock.New(w.Name, w.Units, w.Batch, b.X.F32, b.Y.Int)
			}
		}
		step, err := build()
		if err != nil {
			return 0, err
		}
		for range 3 {
			if err := step(); err != nil {
				return 0, err
			}
		}
		steps[name] = step
	}
	start := time.Now()
	for range n {
		if err := steps[name](); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

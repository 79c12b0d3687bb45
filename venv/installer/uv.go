package installer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// UV installs with uv. Many instances with the same requirements are resolved
// once in a run: use one UV for all of them.
type UV struct {
	Program string // absolute path, no shim
	Version string // "0.13.9"

	mu       sync.Mutex
	resolved map[string]*resolution
	warm     map[string]chan struct{} // by what is installed; closed when the cache has it
}

type resolution struct {
	once sync.Once
	pins []requirement.Pin
	err  error
}

// FindUV looks for uv along path. It returns nil when there is none that runs.
func FindUV(ctx context.Context, path string, environ []string) *UV {
	for _, dir := range filepath.SplitList(path) {
		programs := []string{filepath.Join(dir, "uv")}
		if _, err := os.Stat(programs[0]); err != nil {
			continue
		}
		if filepath.Base(dir) == "shims" {
			// The version that a shim picks depends on the current directory.
			beside, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "versions", "*", "bin", "uv"))
			programs = append(beside, programs...)
		}
		for _, p := range programs {
			cmd := exec.CommandContext(ctx, p, "--version")
			cmd.Env = environ
			out, err := cmd.Output()
			if f := strings.Fields(string(out)); err == nil && len(f) >= 2 && f[0] == "uv" {
				return &UV{Program: p, Version: f[1]}
			}
		}
	}
	return nil
}

// Runs tells whether uv can install for this version of Python.
func (u *UV) Runs(python string) bool { return requirement.Within(python, ">=3.8") }

// Name is "uv 0.13.9".
func (u *UV) Name() string { return "uv " + u.Version }

// Settings are uv's own.
func (u *UV) Settings(environ []string) Settings { return UVSettings(environ) }

// Install resolves, unless there is a lock, and installs exactly that.
func (u *UV) Install(ctx context.Context, job Job) ([]requirement.Pin, error) {
	pins := job.Locked
	if pins == nil {
		job.phase("resolving", "")
		var err error
		if pins, err = u.resolve(ctx, job); err != nil {
			return nil, err
		}
		if p := slices.IndexFunc(pins, func(p requirement.Pin) bool { return job.Hashed && len(requirement.Hashes(job.Lines, p.Name)) == 0 }); p >= 0 {
			return nil, fmt.Errorf("%s is needed too, and no line of the requirements gives its hash", pins[p])
		}
	}
	text, err := job.exactly(pins)
	if err != nil {
		return nil, err
	}
	job.phase("installing", fmt.Sprintf("%d packages", len(pins)))
	if len(job.Repair) > 0 {
		if err := u.command(job, append([]string{"cache", "clean"}, job.Repair...)...).run(ctx); err != nil {
			return nil, failure("uv cache clean", err)
		}
	}
	filled, done, err := u.turn(ctx, text)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := u.exactly(ctx, job, text, filled && len(job.Repair) == 0); err != nil {
		return nil, failure("uv pip install", err)
	}
	return pins, nil
}

// exactly is the text of pins as requirements, and of the pip that belongs to Python where none of them is pip.
func (j Job) exactly(pins []requirement.Pin) (string, error) {
	indexed, direct := j.exact(pins)
	if j.PipWheel != "" && !slices.ContainsFunc(pins, func(p requirement.Pin) bool { return p.Name == "pip" }) {
		digest, err := requirement.FileDigest(j.PipWheel)
		if err != nil {
			return "", err
		}
		direct = append(direct, requirement.Pin{Name: "pip", URL: requirement.FileURL(j.PipWheel), Hashes: []string{digest}})
	}
	for i, p := range direct {
		if path, ok := requirement.FilePath(p.URL); ok && p.Name == "" {
			direct[i].URL = j.path(path)
		}
	}
	return lines(append(indexed, direct...), requirement.Pin.Line), nil
}

// exactly installs pins, given as requirements. When another of this run has
// filled the cache with them, no index is asked about each of them again,
// unless the cache turns out not to do.
func (u *UV) exactly(ctx context.Context, job Job, text string, filled bool) error {
	asked := job.Options.Offline
	for {
		job.Options.Offline = asked || filled
		c := u.pip(job, "install", "--no-deps", "-r", "-")
		if job.Hashed {
			c.argv = append(c.argv, "--require-hashes")
		}
		c.stdin, c.out = text, io.MultiWriter(job.Log, &listener{phase: job.phase})
		err := c.run(ctx)
		if err == nil || ctx.Err() != nil || asked || !filled {
			return err
		}
		fmt.Fprintln(job.Log, "the cache does not do: asking the index")
		filled = false
	}
}

// turn lets the first that installs something fill the cache, and all others
// of this run wait for it: at the same time each would download and build the
// same. filled tells whether another had its turn. Call done when the
// installation has ended.
func (u *UV) turn(ctx context.Context, what string) (filled bool, done func(), err error) {
	u.mu.Lock()
	first, others := u.warm[what]
	if !others {
		first = make(chan struct{})
		if u.warm == nil {
			u.warm = map[string]chan struct{}{}
		}
		u.warm[what] = first
	}
	u.mu.Unlock()
	if !others {
		return false, func() { close(first) }, nil
	}
	select {
	case <-first:
		return true, func() {}, nil
	case <-ctx.Done():
		return false, nil, ctx.Err()
	}
}

// resolve is remembered by everything that decides its outcome.
func (u *UV) resolve(ctx context.Context, job Job) ([]requirement.Pin, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %q %+v %t", job.requirements(), job.constraints(), job.fileOptions(), job.Python.Executable, job.Keep, job.Options, job.Pinned)
	if slices.ContainsFunc(job.Lines, func(l requirement.Entry) bool { return l.Local != "" }) {
		fmt.Fprintf(h, " %q", job.Dir) // It only matters to requirements inside it.
	}
	key := hex.EncodeToString(h.Sum(nil))
	u.mu.Lock()
	if u.resolved == nil {
		u.resolved = map[string]*resolution{}
	}
	r := u.resolved[key]
	if r == nil {
		r = new(resolution)
		u.resolved[key] = r
	}
	u.mu.Unlock()
	r.once.Do(func() { r.pins, r.err = u.compile(ctx, job) })
	return r.pins, r.err
}

func (u *UV) compile(ctx context.Context, job Job) ([]requirement.Pin, error) {
	args := []string{"compile", "-", "--no-header", "--no-annotate"}
	if job.Pinned {
		args = append(args, "--generate-hashes")
	}
	if len(job.Keep) > 0 {
		keep := filepath.Join(job.Env, "keep.txt")
		if err := os.WriteFile(keep, requirement.Lock{Pins: job.Keep}.Text(), 0o600); err != nil {
			return nil, err
		}
		defer os.Remove(keep)
		args = append(args, "--output-file", keep)
	}
	c := u.pip(job, args...)
	if text := job.constraints(); text != "" {
		c.argv = append(c.argv, "-c", c.give(text))
	}
	var out bytes.Buffer
	c.stdin, c.capture, c.out = job.requirements(), &out, job.Log
	if err := c.run(ctx); err != nil {
		return nil, failure("uv pip compile", err)
	}
	lock, err := requirement.ParseLock(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("uv pip compile: %w", err)
	}
	for i, p := range lock.Pins {
		if strings.HasPrefix(p.URL, "./") {
			lock.Pins[i].URL = requirement.FileURL(filepath.Join(job.Dir, p.URL))
		} else if p.URL != "" {
			lock.Pins[i].URL = requirement.Bare(p.URL)
		}
	}
	return lock.Pins, nil
}

// command is uv with the settings that hold, and with none of a project that it would find. Files are copied: one that a
// cache or another environment shares changes with it.
func (u *UV) command(job Job, args ...string) command {
	c := command{argv: []string{u.Program}, env: job.environ("UV_LINK_MODE=copy"), dir: job.Dir, out: job.Log}
	if job.Settings.config == "" {
		c.argv = append(c.argv, "--no-config")
	} else {
		c.argv = append(c.argv, "--config-file", c.give(job.Settings.config))
	}
	c.argv = append(c.argv, args...)
	return c
}

// pip is `uv pip` with what the options say. URLs go by environment: arguments
// can be seen by every user of the machine.
func (u *UV) pip(job Job, args ...string) command {
	where, others := job.sources()
	c := u.command(job, append([]string{"pip"}, args...)...)
	argv := append(c.argv, "--python", job.Env+"/bin/python", "--no-progress", "--color", "never")
	for _, f := range others {
		switch f.Flag {
		case "--pre":
			argv = append(argv, "--prerelease", "allow")
		case "--no-binary", "--only-binary":
			argv = append(argv, f.Flag, f.Value)
		case "--trusted-host":
			argv = append(argv, "--allow-insecure-host", f.Value)
		}
	}
	var env []string
	if where.Index != "" {
		env = append(env, "UV_DEFAULT_INDEX="+where.Index)
	}
	if len(where.ExtraIndexes) > 0 {
		env = append(env, "UV_INDEX="+strings.Join(where.ExtraIndexes, " "))
	}
	dirs, urls := usable(where.FindLinks, job.Dir)
	for _, d := range dirs {
		argv = append(argv, "--find-links", requirement.FileURL(d))
	}
	if len(urls) > 0 {
		env = append(env, "UV_FIND_LINKS="+strings.Join(urls, ","))
	}
	if where.NoIndex {
		argv = append(argv, "--no-index")
	}
	switch {
	case where.Offline:
		argv = append(argv, "--offline")
	case slices.ContainsFunc(job.Lines, func(l requirement.Entry) bool { return l.Local != "" }):
		// uv takes a directory for unchanged while its pyproject.toml is.
		argv = append(argv, "--refresh")
	}
	c.argv, c.env = argv, append(c.env, env...)
	return c
}

// usable parts directories, which are no secrets and may hold any character,
// from URLs. Directories that are not there are dropped: pip warns about them
// and goes on, and so must we.
func usable(links []string, dir string) (dirs, urls []string) {
	for _, l := range links {
		if strings.Contains(l, "://") {
			urls = append(urls, l)
			continue
		}
		if !filepath.IsAbs(l) {
			l = filepath.Join(dir, l)
		}
		if _, err := os.Stat(l); err == nil {
			dirs = append(dirs, l)
		}
	}
	return dirs, urls
}

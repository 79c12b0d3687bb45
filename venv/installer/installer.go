// Package installer fills an environment with packages by means of uv or pip.
package installer

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
	"gitlab.com/opencraft/dev/grove-migrate/venv/pin"
	"gitlab.com/opencraft/dev/grove-migrate/venv/require"
)

// Installer is uv or pip.
type Installer interface {
	// Name is the program with its version, "uv 0.13.9".
	Name() string
	// Settings are what a person has set for it.
	Settings(environ []string) Settings
	// Install fills job.Env and returns what was installed. The environment
	// is worthless after an error. Output goes to job.Log.
	Install(ctx context.Context, job Job) ([]pin.Pin, error)
	// Resolve returns what Install would install, or nothing when only
	// installing tells.
	Resolve(ctx context.Context, job Job) ([]pin.Pin, error)
	// Outdated lists the packages of job.Env of which an index has newer ones.
	Outdated(ctx context.Context, job Job) ([]Newer, error)
}

// Job is one environment to fill. For pip it holds pip already; uv brings its
// own PipWheel in, because its cache makes that faster than unpacking.
type Job struct {
	Env    string // absolute
	Dir    string // the instance's directory, absolute
	Python interpreter.Python

	Lines []require.Line // what people wrote
	Added []string       // requirements that the release table adds
	Why   string         // for whom: "Tutor 14.2.2"
	// Locked, when not nil, is exactly what to install. Keep are versions to
	// prefer while resolving.
	Locked []pin.Pin
	Keep   []pin.Pin
	// Hashed says that nothing may be installed without a hash in Lines.
	Hashed bool
	// Pinned asks for pins that a lock can be made of: hashes and commits.
	Pinned bool
	// Repair are packages of which the cache holds faulty files.
	Repair []string

	PipWheel string // path of the wheel of pip that belongs to Python; may be empty
	Options  Options
	Settings Settings // the person's, with the environment
	Log      io.Writer
	dry      bool // install nothing, report only

	// Phase, when not nil, hears what is being done: a verb and a package.
	Phase func(verb, detail string)
}

// Options are those that decide where packages come from.
type Options struct {
	Index        string   // URL
	ExtraIndexes []string // URLs
	FindLinks    []string // directories and URLs
	Wheelhouse   string   // a directory; no index is asked when it is given
	NoIndex      bool
	Offline      bool // nothing is asked over the network
}

func (j Job) phase(verb, detail string) {
	if j.Phase != nil {
		j.Phase(verb, detail)
	}
}

// wanted are the lines to resolve, with secrets: they are given by standard input only. Their places are as people know
// them.
func (j Job) wanted() (lines, places []string) {
	for _, l := range j.Lines {
		if l.Kind != require.Requirement {
			continue
		}
		text := plain(l.Text)
		if l.Local != "" {
			text = j.local(l)
		}
		lines, places = append(lines, text), append(places, "-r "+place(l))
	}
	for _, a := range j.Added {
		lines, places = append(lines, a), append(places, "which "+j.Why+" needs")
	}
	return lines, places
}

func place(l require.Line) string { return fmt.Sprintf("%s (line %d)", l.File, l.Number) }

func (j Job) requirements() string {
	lines, _ := j.wanted()
	return text(lines)
}

func text(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// plain drops the wish to install as an editable: an environment must not
// change when the source does.
func plain(text string) string {
	for _, prefix := range []string{"-e ", "--editable ", "--editable="} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return strings.Trim(strings.TrimSpace(rest), `"'`)
		}
	}
	return text
}

func (j Job) local(l require.Line) string {
	text := plain(l.Text)
	extras := ""
	if i, j := strings.IndexByte(text, '['), strings.LastIndexByte(text, ']'); i > 0 && j > i {
		extras = text[i : j+1]
	}
	if l.Name != "" {
		return l.Name + extras + " @ " + pin.FileURL(l.Local)
	}
	return j.path(l.Local) + extras
}

// path is a local path where no name stands before it. uv takes a # for the end of the path in any form but a relative one.
func (j Job) path(abs string) string {
	if rel, err := filepath.Rel(j.Dir, abs); err == nil && strings.Contains(abs, "#") {
		return "./" + rel
	}
	return abs
}

// bounds are the constraints, with their places.
func (j Job) bounds() (lines, places []string) {
	for _, l := range j.Lines {
		if l.Kind == require.Constraint && !strings.HasPrefix(l.Text, "-") {
			lines, places = append(lines, l.Text), append(places, "-c "+place(l))
		}
	}
	return lines, places
}

func (j Job) constraints() string {
	lines, _ := j.bounds()
	return text(lines)
}

// fileOptions are the option lines of the requirements: name, value.
func (j Job) fileOptions() [][2]string {
	var out [][2]string
	for _, l := range j.Lines {
		if !strings.HasPrefix(l.Text, "-") || strings.HasPrefix(l.Text, "-e") || strings.HasPrefix(l.Text, "--editable") {
			continue
		}
		name, value := l.Text, ""
		if i := strings.IndexAny(l.Text, "= "); i > 0 {
			name, value = l.Text[:i], strings.TrimSpace(l.Text[i+1:])
		}
		out = append(out, [2]string{name, value})
	}
	return out
}

// source is the URL, credentials included, that a pin stands for: that of the
// requirement which names the same place.
func (j Job) source(p pin.Pin) string {
	if p.URL == "" {
		return ""
	}
	place := pin.Place(p.URL)
	for _, l := range j.Lines {
		if l.Kind != require.Requirement || l.URL == "" || pin.Place(l.URL) != place {
			continue
		}
		if !strings.HasPrefix(p.URL, "git+") {
			return l.URL
		}
		_, commit := require.Ref(p.URL)
		return pin.At(l.URL, commit)
	}
	return p.URL
}

// exact parts locked pins into those of an index, and those of other places with the URLs, credentials included, to fetch
// them from. Hashes that the requirements themselves demand win over what an index or a lock says.
func (j Job) exact(pins []pin.Pin) (indexed, direct []pin.Pin) {
	for _, p := range pins {
		if own := require.Hashes(j.Lines, p.Name); len(own) > 0 {
			p.Hashes = own
		}
		if p.URL == "" {
			indexed = append(indexed, p)
		} else {
			direct = append(direct, pin.Pin{Name: p.Name, URL: j.source(p), Hashes: p.Hashes})
		}
	}
	return indexed, direct
}

// lines are pins, a line each.
func lines(pins []pin.Pin, form func(pin.Pin) string) string {
	var out []string
	for _, p := range pins {
		out = append(out, form(p))
	}
	return text(out)
}

func unhashed(p pin.Pin) bool { return len(p.Hashes) == 0 }

// environ is what a child sees: the environment's own PATH first, no Python
// variables from outside, no prompts.
func (j Job) environ(extra ...string) []string {
	var out []string
	path := ""
	for _, e := range interpreter.Clean(j.Settings.variables) {
		name, value, _ := strings.Cut(e, "=")
		switch {
		case name == "PATH":
			path = value
			continue
		case strings.HasPrefix(name, "PIP_") && replaced(name[4:]), strings.HasPrefix(name, "UV_") && replaced(name[3:]):
			continue
		}
		out = append(out, e)
	}
	out = append(out, "PATH="+j.Env+"/bin:"+path, "VIRTUAL_ENV="+j.Env, "GIT_TERMINAL_PROMPT=0", "PYTHONDONTWRITEBYTECODE=1", "NO_COLOR=1")
	return append(out, extra...)
}

// replaced tells whether a variable of pip or uv is one that Options stand for.
func replaced(name string) bool {
	switch name {
	case "INDEX_URL", "DEFAULT_INDEX", "INDEX", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "OFFLINE":
		return true
	}
	return false
}

// failure is an installer's end, in one line; its output is in the log.
func failure(step string, err error) error { return fmt.Errorf("%s: %w", step, err) }

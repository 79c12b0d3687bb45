// Package installer fills an environment with packages by means of uv or pip.
package installer

import (
	"context"
	"fmt"
	"io"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
	"gitlab.com/opencraft/dev/grove-migrate/venv/pin"
	"gitlab.com/opencraft/dev/grove-migrate/venv/require"
)

// Installer is uv or pip.
type Installer interface {
	// Name is the program with its version, "uv 0.13.9".
	Name() string
	// Install fills job.Env and returns what was installed. The environment
	// is worthless after an error. Output goes to job.Log.
	Install(ctx context.Context, job Job) ([]pin.Pin, error)
	// Resolve returns what Install would install, or nothing when only
	// installing tells.
	Resolve(ctx context.Context, job Job) ([]pin.Pin, error)
}

// Job is one environment to fill. For pip it holds pip already; uv brings its
// own PipWheel in, because its cache makes that faster than unpacking.
type Job struct {
	Env    string // absolute
	Dir    string // the instance's directory, absolute
	Python interpreter.Python

	Lines []require.Line // what people wrote
	Added []string       // requirements that the release table adds
	// Locked, when not nil, is exactly what to install. Keep are versions to
	// prefer while resolving.
	Locked []pin.Pin
	Keep   []pin.Pin
	// Pinned asks for pins that a lock can be made of: hashes and commits.
	Pinned bool
	// Repair are packages of which the cache holds faulty files.
	Repair []string

	PipWheel string // path of the wheel of pip that belongs to Python; may be empty
	Options  Options
	Environ  []string // in the form of os.Environ
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

// requirements are the lines to resolve, with secrets: they are given by
// standard input only.
func (j Job) requirements() string {
	var b strings.Builder
	for _, l := range j.Lines {
		switch {
		case l.Kind == require.Constraint:
			continue
		case l.Kind == require.Option:
			continue
		case l.Local != "":
			b.WriteString(local(l))
		default:
			b.WriteString(plain(l.Text))
		}
		b.WriteByte('\n')
	}
	for _, a := range j.Added {
		b.WriteString(a + "\n")
	}
	return b.String()
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

func local(l require.Line) string {
	text := plain(l.Text)
	extras := ""
	if i, j := strings.IndexByte(text, '['), strings.LastIndexByte(text, ']'); i > 0 && j > i {
		extras = text[i : j+1]
	}
	if l.Name != "" {
		return l.Name + extras + " @ " + pin.FileURL(l.Local)
	}
	return l.Local + extras
}

func (j Job) constraints() string {
	var b strings.Builder
	for _, l := range j.Lines {
		if l.Kind == require.Constraint && !strings.HasPrefix(l.Text, "-") {
			b.WriteString(l.Text + "\n")
		}
	}
	return b.String()
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

// exact parts locked pins: those of an index as lines of requirements, and
// those of other places with the URLs, credentials included, to fetch them from.
func (j Job) exact(pins []pin.Pin) (indexed string, direct []pin.Pin, hashed bool) {
	var b strings.Builder
	hashed = true
	for _, p := range pins {
		if p.URL == "" {
			if own := j.hashes(p.Name); len(own) > 0 {
				p.Hashes = own
			}
			b.WriteString(p.Line() + "\n")
			hashed = hashed && len(p.Hashes) > 0
			continue
		}
		direct = append(direct, pin.Pin{Name: p.Name, URL: j.source(p)})
	}
	return b.String(), direct, hashed
}

// hashes are those that the requirements themselves demand of a package; they
// win over what an index or a lock says.
func (j Job) hashes(name string) []string {
	var out []string
	for _, l := range j.Lines {
		if l.Name != name || l.Kind != require.Requirement {
			continue
		}
		for _, word := range strings.Fields(l.Text) {
			if h, ok := strings.CutPrefix(word, "--hash="); ok {
				out = append(out, h)
			}
		}
	}
	return out
}

// environ is what a child sees: the environment's own PATH first, no Python
// variables from outside, no prompts.
func (j Job) environ(extra ...string) []string {
	var out []string
	path := ""
	for _, e := range interpreter.Clean(j.Environ) {
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

// replaced tells whether a variable of pip or uv is one that Options stand for
// or that would turn an installation into something else.
func replaced(name string) bool {
	switch name {
	case "INDEX_URL", "DEFAULT_INDEX", "INDEX", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "OFFLINE",
		"TARGET", "PREFIX", "ROOT", "USER", "REQUIREMENT", "CONSTRAINT", "PYTHON", "REQUIRE_VIRTUALENV",
		"SYSTEM_PYTHON", "BREAK_SYSTEM_PACKAGES", "DRY_RUN", "REPORT", "QUIET", "VERBOSE", "LOG", "PROJECT_ENVIRONMENT":
		return true
	}
	return false
}

// failure is an installer's end, in one line; its output is in the log.
func failure(step string, err error) error { return fmt.Errorf("%s: %w", step, err) }

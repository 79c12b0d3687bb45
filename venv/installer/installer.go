// Package installer fills an environment with packages by means of uv or pip.
package installer

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
)

// Installer is uv or pip.
type Installer interface {
	// Name is the program with its version, "uv 0.13.9".
	Name() string
	// Settings are what a person has set for it.
	Settings(environ []string) Settings
	// Install fills job.Env and returns what was installed. The environment
	// is worthless after an error. Output goes to job.Log.
	Install(ctx context.Context, job Job) ([]requirement.Pin, error)
	// Resolve returns what Install would install; job.Env is worthless then.
	Resolve(ctx context.Context, job Job) ([]requirement.Pin, error)
	// Outdated lists the packages of job.Env of which an index has newer ones.
	Outdated(ctx context.Context, job Job) ([]Newer, error)
}

// Job is one environment to fill. For pip it holds pip already; uv brings its
// own PipWheel in, because its cache makes that faster than unpacking.
type Job struct {
	Env    string // absolute
	Dir    string // the instance's directory, absolute
	Python interpreter.Python

	Lines []requirement.Entry // what people wrote
	Added []string            // requirements that the release table adds
	Why   string              // for whom: "Tutor 14.2.2"
	// Locked, when not nil, is exactly what to install. Keep are versions to
	// prefer while resolving.
	Locked []requirement.Pin
	Keep   []requirement.Pin
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
		if !l.Wanted() {
			continue
		}
		lines, places = append(lines, l.Install(j.path)), append(places, "-r "+place(l))
	}
	for _, a := range j.Added {
		lines, places = append(lines, a), append(places, "which "+j.Why+" needs")
	}
	return lines, places
}

func place(l requirement.Entry) string { return fmt.Sprintf("%s (line %d)", l.File, l.Number) }

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
		if l.Bound && l.Kind != requirement.Option {
			lines, places = append(lines, l.Text), append(places, "-c "+place(l))
		}
	}
	return lines, places
}

func (j Job) constraints() string {
	lines, _ := j.bounds()
	return text(lines)
}

// fileOptions are the options of the requirements.
func (j Job) fileOptions() []requirement.Entry {
	return slices.DeleteFunc(slices.Clone(j.Lines), func(l requirement.Entry) bool { return l.Kind != requirement.Option })
}

// sources are the places that packages come from, those of the requirements included, and the other options of these.
func (j Job) sources() (o Options, others []requirement.Entry) {
	o = j.Options
	o.ExtraIndexes, o.FindLinks = slices.Clone(o.ExtraIndexes), slices.Clone(o.FindLinks)
	for _, f := range j.fileOptions() {
		switch f.Flag {
		case "-i", "--index-url", "--pypi-url":
			o.Index = f.Value
		case "--extra-index-url":
			o.ExtraIndexes = append(o.ExtraIndexes, f.Value)
		case "-f", "--find-links":
			o.FindLinks = append(o.FindLinks, f.Value)
		case "--no-index":
			o.NoIndex = true
		default:
			others = append(others, f)
		}
	}
	if o.Wheelhouse != "" {
		o.FindLinks, o.NoIndex = append(o.FindLinks, o.Wheelhouse), true
	}
	return o, others
}

// source is the URL, credentials included, that a pin stands for: that of the
// requirement or the constraint which names the same place.
func (j Job) source(p requirement.Pin) string {
	if p.URL == "" {
		return ""
	}
	place := requirement.Place(p.URL)
	for _, l := range j.Lines {
		if l.URL == "" || requirement.Place(l.URL) != place {
			continue
		}
		if !strings.HasPrefix(p.URL, "git+") {
			return l.URL
		}
		_, commit := requirement.Ref(p.URL)
		return requirement.At(l.URL, commit)
	}
	return p.URL
}

// exact parts locked pins into those of an index, and those of other places with the URLs, credentials included, to fetch
// them from. Hashes that the requirements themselves demand win over what an index or a lock says.
func (j Job) exact(pins []requirement.Pin) (indexed, direct []requirement.Pin) {
	for _, p := range pins {
		if own := requirement.Hashes(j.Lines, p.Name); len(own) > 0 {
			p.Hashes = own
		}
		if p.URL == "" {
			indexed = append(indexed, p)
		} else {
			direct = append(direct, requirement.Pin{Name: p.Name, URL: j.source(p), Hashes: p.Hashes})
		}
	}
	return indexed, direct
}

// lines are pins, a line each.
func lines(pins []requirement.Pin, form func(requirement.Pin) string) string {
	var out []string
	for _, p := range pins {
		out = append(out, form(p))
	}
	return text(out)
}

func unhashed(p requirement.Pin) bool { return len(p.Hashes) == 0 }

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
	return slices.Contains([]string{"INDEX_URL", "DEFAULT_INDEX", "INDEX", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "OFFLINE"}, name)
}

// failure is an installer's end, in one line; its output is in the log.
func failure(step string, err error) error { return fmt.Errorf("%s: %w", step, err) }

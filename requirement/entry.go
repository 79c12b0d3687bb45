package requirement

import (
	"path/filepath"
	"slices"
	"strings"
)

// Entry is one effective line of a set, its variables replaced: a requirement, a bound or an option.
type Entry struct {
	Line          // what it says now; may hold a secret
	File   string // relative to the instance, with /
	Raw    string // variables as written; may hold a literal secret
	Public string // what is digested and may be shown
	Name   string // normalised name of the package, or empty when only building tells
	Local  string // absolute path of a local requirement, which has no URL
	hash   string // what a file URL demands, from its # on
	Bound  bool   // it comes from a constraints file: it bounds what is installed, and installs nothing
}

// ParseEntry reads one line, whose variables are replaced, of a file in an absolute directory.
func ParseEntry(text, dir string) Entry {
	var e Entry
	e.read(text)
	e.locate(dir)
	return e
}

// Wanted reports whether the entry asks for a package.
func (e Entry) Wanted() bool { return !e.Bound && e.Line.Wanted() }

// Direct reports whether the entry asks for a package that comes from no index.
func (e Entry) Direct() bool { return e.Wanted() && (e.URL != "" || e.Local != "") }

// Hashes are those that entries demand of a package.
func Hashes(entries []Entry, name string) []string {
	var out []string
	for _, e := range entries {
		if e.Name == name && e.Wanted() {
			out = append(out, e.Hashes()...)
		}
	}
	return out
}

// Named is the requirement by its name, without the place that it comes from. It is empty when there is no name.
func (e Entry) Named() string {
	r := e.Requirement
	if r.Package == "" {
		return ""
	}
	return Requirement{Package: r.Package, Extras: r.Extras, Specifier: r.Specifier, Marker: r.Marker}.String()
}

// Install is the entry as an installer is given it: never as an editable, for an environment must not change when a source
// does. Where a local path has no name, path says how it is written.
func (e Entry) Install(path func(abs string) string) string {
	r := e.Requirement
	r.Editable = false
	switch {
	case e.Local == "":
	case e.Name != "":
		r.Path, r.URL, r.bare = "", FileURL(e.Local)+e.hash, false
	default:
		r.Path, r.URL = path(e.Local), ""
	}
	return r.String()
}

// locate finds the name, and the path of a local requirement in a file of this absolute directory.
func (e *Entry) locate(dir string) {
	e.Name = Normalise(e.Package)
	path, fragment, _ := strings.Cut(e.URL, "#")
	path, local := strings.CutPrefix(path, "file:")
	switch {
	case e.Kind == Local:
		path = e.Path
	case local:
		if e.URL = ""; strings.HasPrefix(fragment, "sha256=") {
			e.hash = "#" + fragment
		}
		path = strings.TrimPrefix(path, "//")
	default:
		return
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	e.Local = filepath.Clean(path)
}

// Requires tells whether one of the entries asks for a package by name.
func Requires(entries []Entry, name string) bool {
	return slices.ContainsFunc(entries, func(e Entry) bool { return e.Name == name && e.Wanted() })
}

// squeeze makes every run of white space outside quotes one space.
func squeeze(s string) string {
	var b strings.Builder
	var quote rune
	gap := false
	for _, c := range s {
		if quote == 0 && (c == ' ' || c == '\t') {
			gap = true
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		switch {
		case quote == c:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
		b.WriteRune(c)
	}
	return b.String()
}

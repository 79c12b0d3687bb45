// Package require reads what an environment shall hold: a requirements file
// with everything it includes, as pip understands it.
package require

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// Kind says what a line is.
type Kind int

// The kinds of lines that stay after includes were followed.
const (
	Requirement Kind = iota // something to install
	Constraint              // a bound on what is installed
	Option                  // an option of pip, such as --index-url
)

// Line is one effective line: continuations joined, comment gone.
type Line struct {
	File   string // relative to the instance, with /
	Number int    // 1-based, where the line begins
	Kind   Kind
	Raw    string // variables as written; may hold a literal secret
	Text   string // variables replaced; may hold a secret
	Public string // what is digested and may be shown

	Name      string // normalised name of the package, or empty when only building tells
	Specifier string // "==14.2.2", ">=14,<15", empty for none
	URL       string // of a direct requirement, variables replaced
	Local     string // absolute path of a local requirement
	Marker    string // environment marker, without its semicolon
}

// File is a file that was read, with the digest of its own effective lines.
type File struct {
	Path   string `json:"path"` // relative to the instance, with /
	Digest string `json:"digest"`
}

// Set is what a requirements file and its includes say.
type Set struct {
	Lines  []Line
	Files  []File // in the order of first reading
	Digest string // of the effective lines, see docs/environments.md
}

// Source says where to read. Everything must lie inside Root; links that
// leave it are errors.
type Source struct {
	Root    *os.Root            // the workspace
	Base    string              // the workspace's absolute path
	Dir     string              // the instance, relative to Root, with /
	Name    string              // the requirements file, relative to Dir
	Env     func(string) string // for ${NAME}; nil for none
	Secrets *redact.Secrets     // learns what the lines hide; may be nil
}

// Error is a mistake in a requirements file, with its place.
type Error struct {
	File string
	Line int // 1-based; 0 for the whole file
	What string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.What)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

// Read reads the file and everything it includes. The error is an [*Error]
// when the files are wrong, and wraps fs.ErrNotExist when the first is
// missing.
func Read(src Source) (*Set, error) {
	if src.Env == nil {
		src.Env = func(string) string { return "" }
	}
	if src.Secrets == nil {
		src.Secrets = new(redact.Secrets)
	}
	r := &reader{Source: src, set: new(Set), seen: map[string]bool{}}
	top := path.Join(src.Dir, src.Name)
	if _, err := src.Root.Stat(top); err != nil {
		return nil, fmt.Errorf("%s: %w", top, err)
	}
	if err := r.file(top, false); err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, l := range r.set.Lines {
		io.WriteString(h, l.digested()+"\n")
	}
	r.set.Digest = sum(h.Sum(nil))
	return r.set, nil
}

func (l Line) digested() string {
	if l.Kind == Constraint {
		return "constraint " + l.Public
	}
	return l.Public
}

type reader struct {
	Source
	set  *Set
	seen map[string]bool
}

// shown is how messages and the state call a file: by its way from the instance.
func (r *reader) shown(rel string) string {
	s, err := filepath.Rel(filepath.FromSlash(r.Dir), filepath.FromSlash(rel))
	if err != nil {
		return rel
	}
	return filepath.ToSlash(s)
}

func (r *reader) file(rel string, constraint bool) error {
	key := fmt.Sprint(rel, constraint)
	if r.seen[key] {
		return nil
	}
	r.seen[key] = true
	text, err := r.Root.ReadFile(rel)
	if err != nil {
		return &Error{File: r.shown(rel), What: why(err)}
	}
	if !utf8.Valid(text) {
		return &Error{File: r.shown(rel), What: "is not UTF-8 text; save it as UTF-8"}
	}
	// The place in the list is taken now, the digest follows when the lines are known.
	at := len(r.set.Files)
	r.set.Files = append(r.set.Files, File{Path: r.shown(rel)})
	own := sha256.New()
	for _, l := range logical(string(text)) {
		mine, err := r.line(rel, l, constraint)
		if err != nil {
			return err
		}
		io.WriteString(own, mine+"\n")
	}
	r.set.Files[at].Digest = sum(own.Sum(nil))
	return nil
}

var include = regexp.MustCompile(`^(?:(-r|-c)\s*|(--requirement|--constraint)(?:\s+|=))(.+)$`)

// line takes one logical line in and returns what it adds to its file's digest.
func (r *reader) line(rel string, l numbered, constraint bool) (string, error) {
	at := func(format string, a ...any) error {
		return &Error{File: r.shown(rel), Line: l.number, What: fmt.Sprintf(format, a...)}
	}
	expanded, public := r.expand(l.text)
	if m := include.FindStringSubmatch(expanded); m != nil {
		name := strings.Trim(m[3], `"'`)
		if strings.Contains(name, "://") || path.IsAbs(name) {
			return "", at("includes %s: only files of the workspace can be included, because a change elsewhere would go unnoticed; copy it into the workspace", redact.URLText(name))
		}
		next := path.Join(path.Dir(rel), name)
		asConstraint := constraint || m[1] == "-c" || m[2] == "--constraint"
		if _, err := r.Root.Stat(next); err != nil {
			return "", at("includes %s: %s", name, why(err))
		}
		mark := "include "
		if asConstraint {
			mark = "include-constraint "
		}
		return mark + name, r.file(next, asConstraint)
	}
	line := Line{File: r.shown(rel), Number: l.number, Raw: l.text, Text: expanded, Public: squeeze(public)}
	if constraint {
		line.Kind = Constraint
	}
	if what := line.parse(filepath.Join(r.Base, filepath.FromSlash(path.Dir(rel)))); what != "" {
		return "", at("%s", redact.URLText(what))
	}
	if line.Local != "" {
		digest, err := localDigest(line.Local)
		if err != nil {
			return "", at("names %s: %s", redact.URLText(line.Local), why(err))
		}
		line.Public += " tree=" + digest
	}
	r.set.Lines = append(r.set.Lines, line)
	return line.digested(), nil
}

var variable = regexp.MustCompile(`\$\{([A-Z0-9_]+)\}`)

// expand replaces variables. The public form shows no variable that stands in
// a URL's user information or query, and the set of secrets learns its value.
func (r *reader) expand(text string) (expanded, public string) {
	hidden := hiddenSpans(text)
	last := 0
	var full, shown strings.Builder
	for _, m := range variable.FindAllStringSubmatchIndex(text, -1) {
		value := r.Env(text[m[2]:m[3]])
		full.WriteString(text[last:m[0]])
		shown.WriteString(text[last:m[0]])
		last = m[1]
		secret := hidden(m[0])
		if secret {
			r.Secrets.Add(value)
			shown.WriteString(redact.Mask)
		}
		if value == "" {
			value = text[m[0]:m[1]]
		}
		full.WriteString(value)
		if !secret {
			shown.WriteString(value)
		}
	}
	full.WriteString(text[last:])
	shown.WriteString(text[last:])
	r.Secrets.AddURLs(full.String())
	return full.String(), redact.URLText(shown.String())
}

var hiding = regexp.MustCompile(`://[^/\s"']*@|://[^\s"']*\?[^\s"'#]*`)

// hiddenSpans tells whether a byte of a line stands in the user information
// or in the query of a URL.
func hiddenSpans(text string) func(int) bool {
	spans := hiding.FindAllStringIndex(text, -1)
	return func(at int) bool {
		for _, s := range spans {
			start := s[0]
			if q := strings.IndexByte(text[s[0]:s[1]], '?'); q >= 0 && !strings.HasSuffix(text[s[0]:s[1]], "@") {
				start += q
			}
			if start <= at && at < s[1] {
				return true
			}
		}
		return false
	}
}

func why(err error) string {
	switch {
	case os.IsNotExist(err):
		return "there is no such file"
	case strings.Contains(err.Error(), "escapes"):
		return "it lies outside the workspace"
	}
	if e, ok := err.(*os.PathError); ok {
		err = e.Err
	}
	return err.Error()
}

func sum(b []byte) string { return "sha256:" + hex.EncodeToString(b) }

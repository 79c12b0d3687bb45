package requirement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// Digested is a file that was read, with the digest of its own effective lines.
type Digested struct {
	Path   string `json:"path"` // relative to the instance, with /
	Digest string `json:"digest"`
}

// Set is what a requirements file and its includes say.
type Set struct {
	Lines  []Entry
	Files  []Digested // in the order of first reading
	Digest string     // of the effective lines, see docs/environments.md
	// Contents are the digests of the bytes of every file, and of local requirements, by path from the instance.
	Contents map[string]string
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
	r := &reader{Source: src, set: &Set{Contents: map[string]string{}}, seen: map[string]bool{}}
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

func (e Entry) digested() string {
	if e.Bound {
		return "constraint " + e.Public
	}
	return e.Public
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
	bytes := sha256.Sum256(text)
	r.set.Contents[r.shown(rel)] = sum(bytes[:])
	// The place in the list is taken now, the digest follows when the lines are known.
	at := len(r.set.Files)
	r.set.Files = append(r.set.Files, Digested{Path: r.shown(rel)})
	own := sha256.New()
	for _, l := range Parse(text).Lines {
		if l.Kind == Blank || l.Kind == Comment {
			continue
		}
		mine, err := r.line(rel, l, constraint)
		if err != nil {
			return err
		}
		io.WriteString(own, mine+"\n")
	}
	r.set.Files[at].Digest = sum(own.Sum(nil))
	return nil
}

// line takes one logical line in and returns what it adds to its file's digest.
func (r *reader) line(rel string, l Line, constraint bool) (string, error) {
	at := func(format string, a ...any) error {
		return &Error{File: r.shown(rel), Line: l.Number, What: fmt.Sprintf(format, a...)}
	}
	expanded, public := r.expand(l.Text)
	e := ParseEntry(expanded, filepath.Join(r.Base, filepath.FromSlash(path.Dir(rel))))
	e.Number, e.File, e.Raw, e.Public, e.Bound = l.Number, r.shown(rel), l.Text, squeeze(public), constraint
	switch e.Kind {
	case Include, Constraint:
		return r.include(rel, e, at)
	case Foreign:
		shown := Line{}
		shown.read(public)
		return "", at("%s", redact.URLText(shown.Problem))
	}
	if e.Local != "" {
		digest, err := localDigest(e.Local)
		if err != nil {
			return "", at("names %s: %s", redact.URLText(e.Local), why(err))
		}
		e.Public += " tree=" + digest
		if name, err := filepath.Rel(filepath.Join(r.Base, filepath.FromSlash(r.Dir)), e.Local); err == nil {
			r.set.Contents[filepath.ToSlash(name)] = digest
		}
	}
	r.set.Lines = append(r.set.Lines, e)
	return e.digested(), nil
}

// include reads the file that an entry names.
func (r *reader) include(rel string, e Entry, at func(format string, a ...any) error) (string, error) {
	name := e.Value
	if strings.Contains(name, "://") || path.IsAbs(name) {
		return "", at("includes %s: only files of the workspace can be included, because a change elsewhere would go unnoticed; copy it into the workspace", redact.URLText(name))
	}
	next := path.Join(path.Dir(rel), name)
	if _, err := r.Root.Stat(next); err != nil {
		return "", at("includes %s: %s", name, why(err))
	}
	bound := e.Bound || e.Kind == Constraint
	mark := "include "
	if bound {
		mark = "include-constraint "
	}
	return mark + name, r.file(next, bound)
}

var variable = lazyregexp.New(`\$\{([A-Z0-9_]+)\}`)

// expand replaces variables. The public form shows no variable that stands in
// a URL's user information or query, and the set of secrets learns its value.
func (r *reader) expand(text string) (expanded, public string) {
	if !strings.Contains(text, "${") {
		r.Secrets.AddURLs(text)
		return text, redact.URLText(text)
	}
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

var hiding = lazyregexp.New(`://[^/\s"']*@|://[^\s"']*\?[^\s"'#]*`)

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

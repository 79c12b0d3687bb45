// Package redact knows what must never be seen, and takes it out of text.
package redact

import (
	"bytes"
	"io"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Mask stands where a secret was.
const Mask = "***"

// userinfo matches the user information of a URL anywhere in a text. A
// password may hold an unescaped @ (pip takes the last one), hence the greedy
// class; it ends at a slash, white space or a quote.
var userinfo = lazyregexp.New(`([A-Za-z][A-Za-z0-9+.-]*://)([^/\s"'<>]*)@`)

// query matches a parameter of a URL whose name says that its value is a secret.
var query = lazyregexp.New(`(?i)([?&][a-z0-9_.-]*(?:token|key|secret|passw|auth|signature|credential)[a-z0-9_.-]*=)([^&#\s"'<>]+)`)

// Secrets is a set of texts that must not be seen. The zero value knows none
// and still masks the user information of URLs. It may be used by several
// goroutines at once.
type Secrets struct {
	mu     sync.RWMutex
	values []string
}

// Add makes value a secret wherever it occurs, plain or escaped as in a URL.
// Values of fewer than four bytes are left out: masking them would make every
// message unreadable, and they are masked inside URLs in any case.
func (s *Secrets) Add(value string) {
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	if plain, err := url.PathUnescape(value); err == nil {
		forms = append(forms, plain)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range forms {
		if len(f) >= 4 && f != "git" && !slices.Contains(s.values, f) {
			s.values = append(s.values, f)
		}
	}
	// The longest first, or a secret that holds another one is masked in part.
	sort.Slice(s.values, func(i, j int) bool { return len(s.values[i]) > len(s.values[j]) })
}

// AddURLs makes the user information of every URL in text a secret: a
// password with its user, the password alone, and a user that stands alone
// (a token), but not a user name that has a password beside it. So are the
// values of query parameters that are called a token, a key, a password or the
// like.
func (s *Secrets) AddURLs(text string) {
	if !strings.ContainsAny(text, "?&@") {
		return // Most lines hide nothing, and are read before every command.
	}
	for _, m := range query.FindAllStringSubmatch(text, -1) {
		s.Add(m[2])
	}
	for _, m := range userinfo.FindAllStringSubmatch(text, -1) {
		if m[2] == "git" {
			continue
		}
		user, password, found := strings.Cut(m[2], ":")
		if found {
			s.Add(m[2])
			s.Add(password)
			continue
		}
		s.Add(user)
	}
}

// Text returns text with every secret replaced by [Mask], and what URLs in it
// hide whether it is known or not: a file that an installer reads may hold it.
func (s *Secrets) Text(text string) string {
	text = QueryText(URLText(text))
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, v := range s.values {
		text = strings.ReplaceAll(text, v, Mask)
	}
	return text
}

// URLText masks the user information of URLs in text. It is what a digest is
// taken of: unlike [Secrets.Text] it depends on nothing but the text.
func URLText(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return userinfo.ReplaceAllStringFunc(text, func(m string) string {
		scheme, rest, _ := strings.Cut(m, "://")
		if rest == "git@" {
			return m
		}
		return scheme + "://" + Mask + "@"
	})
}

// QueryText masks the values of query parameters that are called a token, a
// key, a password or the like.
func QueryText(address string) string { return query.ReplaceAllString(address, "${1}"+Mask) }

// Error returns err with the secrets masked in its message; nil for nil. The
// chain is kept, so that errors.Is and errors.As see through it.
func (s *Secrets) Error(err error) error {
	if err == nil {
		return nil
	}
	if text := s.Text(err.Error()); text != err.Error() {
		return &masked{text, err}
	}
	return err
}

type masked struct {
	text string
	err  error
}

func (m *masked) Error() string { return m.text }
func (m *masked) Unwrap() error { return m.err }

// Writer masks secrets in what is written through it, line by line.
type Writer struct {
	to      io.Writer
	secrets *Secrets
	mu      sync.Mutex
	held    []byte
}

// NewWriter returns a writer that passes whole lines to w, masked. Call
// [Writer.Flush] for a last line without an end.
func NewWriter(w io.Writer, s *Secrets) *Writer { return &Writer{to: w, secrets: s} }

// lineLimit bounds, in bytes, what is held back while no line ends.
const lineLimit = 1 << 20

// Write holds what follows the last line end back, so that no secret can be
// cut in two by the way a program buffers its output.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = append(w.held, p...)
	end := bytes.LastIndexAny(w.held, "\n\r") + 1
	if end == 0 && len(w.held) > lineLimit {
		end = len(w.held)
	}
	if end == 0 {
		return len(p), nil
	}
	text := w.secrets.Text(string(w.held[:end]))
	w.held = append(w.held[:0], w.held[end:]...)
	if _, err := io.WriteString(w.to, text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes the last, unfinished line.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) == 0 {
		return nil
	}
	_, err := io.WriteString(w.to, w.secrets.Text(string(w.held)))
	w.held = nil
	return err
}

package requirement

import (
	"bytes"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"unicode"

	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// Pin is one package as it was resolved.
type Pin struct {
	Name    string   // normalised
	Version string   // of a package from an index
	URL     string   // of any other: no credentials, a commit for git, maybe a fragment
	Hashes  []string // "sha256:" and hex, of archives; sorted
}

// String is the pin as a requirement, without hashes.
func (p Pin) String() string {
	switch {
	case p.URL != "" && p.Name != "":
		return p.Name + " @ " + p.URL
	case p.URL != "":
		return p.URL
	}
	return p.Name + "==" + p.Version
}

// Line is the pin as an installer reads it, hashes included.
func (p Pin) Line() string {
	var b strings.Builder
	b.WriteString(p.String())
	for _, h := range p.Hashes {
		b.WriteString(" \\\n    --hash=" + h)
	}
	return b.String()
}

// Lock is a whole lock file.
type Lock struct {
	Requirements string // digest of the requirements that it was resolved from
	Python       string // major.minor, "3.11"
	Pins         []Pin
}

const (
	title        = "# grove-requirements.lock: written by `venv update --lock`, do not edit"
	fromField    = "# requirements: "
	pythonField  = "# python: "
	continuation = "\\\n"
)

// Text is the lock as a file, sorted by name.
func (l Lock) Text() []byte {
	pins := append([]Pin(nil), l.Pins...)
	sort.SliceStable(pins, func(i, j int) bool { return pins[i].String() < pins[j].String() })
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s%s\n%s%s\n", title, fromField, l.Requirements, pythonField, l.Python)
	for _, p := range pins {
		b.WriteString(p.Line() + "\n")
	}
	return b.Bytes()
}

// ParseLock reads a lock, or the output of a resolver that has the same form.
// Comments and blank lines do not count. The error names the line.
func ParseLock(text []byte) (Lock, error) {
	var l Lock
	plain := strings.ReplaceAll(string(text), "\r\n", "\n")
	for i, line := range strings.Split(strings.ReplaceAll(plain, continuation, "\x00"), "\n") {
		line = strings.TrimSpace(strings.ReplaceAll(line, "\x00", " "))
		if v, ok := strings.CutPrefix(line, fromField); ok {
			l.Requirements = strings.TrimSpace(v)
		}
		if v, ok := strings.CutPrefix(line, pythonField); ok {
			l.Python = strings.TrimSpace(v)
		}
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "--") {
			continue
		}
		p, err := parsePin(line)
		if err != nil {
			return Lock{}, fmt.Errorf("entry %d: %w", i+1, err)
		}
		l.Pins = append(l.Pins, p)
	}
	return l, nil
}

func parsePin(line string) (Pin, error) {
	if strings.ContainsFunc(line, unicode.IsControl) || strings.HasSuffix(line, `\`) {
		return Pin{}, fmt.Errorf("%q: holds what no lock holds; write the lock anew with `venv update --lock`", line)
	}
	if i := strings.Index(line, " #"); i >= 0 {
		line = strings.TrimSpace(line[:i])
	}
	var p Pin
	spec, rest, _ := strings.Cut(line, " --hash=")
	for rest != "" {
		var h string
		h, rest, _ = strings.Cut(rest, "--hash=")
		p.Hashes = append(p.Hashes, strings.TrimSpace(h))
	}
	sort.Strings(p.Hashes)
	spec, _, _ = strings.Cut(spec, " ;")
	spec = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(spec), "-e "))
	name, address, isURL := strings.Cut(spec, " @ ")
	pinned, ver, isVersion := strings.Cut(spec, "==")
	switch {
	case isURL:
		p.Name, p.URL = Normalise(bareName(name)), strings.TrimSpace(address)
	case strings.Contains(spec, "://") || strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../") || strings.HasPrefix(spec, "/"):
		p.URL = spec
	case isVersion:
		ver, _, _ = strings.Cut(ver, ";")
		p.Name, p.Version = Normalise(bareName(pinned)), strings.TrimSpace(ver)
	default:
		return Pin{}, fmt.Errorf("`%s` pins nothing: a line is name==version or name @ URL; write the lock anew with `venv update --lock`", spec)
	}
	return p, nil
}

func bareName(s string) string {
	s, _, _ = strings.Cut(s, "[")
	return strings.TrimSpace(s)
}

// Place is what makes two URLs name the same source: neither credentials nor
// the reference nor the name count, a subdirectory does. Tokens in a query are
// credentials.
func Place(address string) string {
	base, _ := Ref(redact.QueryText(address))
	scheme, rest, found := strings.Cut(base, "://")
	if found {
		host, path, _ := strings.Cut(rest, "/")
		host = host[strings.LastIndexByte(host, '@')+1:]
		base = scheme + "://" + strings.ToLower(host) + "/" + strings.TrimSuffix(path, "/")
	}
	return base + subdirectory(address)
}

// subdirectory is the part of a URL that names one, or nothing.
func subdirectory(address string) string {
	_, fragment, _ := strings.Cut(address, "#")
	for _, f := range strings.Split(fragment, "&") {
		if strings.HasPrefix(f, "subdirectory=") {
			return "#" + f
		}
	}
	return ""
}

// FileURL is a path as a URL. Commas are escaped too: uv takes one for the end
// of the URL.
func FileURL(path string) string {
	u := url.URL{Scheme: "file", Path: path}
	return strings.ReplaceAll(u.String(), ",", "%2C")
}

// FilePath is the path that a file URL, or a bare path, stands for.
func FilePath(address string) (string, bool) {
	if strings.HasPrefix(address, "/") {
		return address, true
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", false
	}
	return u.Path, true
}

// At is the URL of a git requirement with its reference replaced by a commit
// and a fragment that only keeps the subdirectory.
func At(address, commit string) string {
	base, _ := Ref(address)
	return base + "@" + commit + subdirectory(address)
}

// Bare is a URL without its credentials; a bare user called git stays, as ssh
// needs it, and so does what is only made of variables.
func Bare(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	host, path, hasPath := strings.Cut(rest, "/")
	i := strings.LastIndexByte(host, '@')
	if i < 0 || host[:i] == "git" {
		return address
	}
	address = scheme + "://" + host[i+1:]
	if hasPath {
		address += "/" + path
	}
	return address
}

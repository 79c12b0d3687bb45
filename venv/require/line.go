package require

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

type numbered struct {
	number int // 1-based, of the first physical line
	text   string
}

var (
	commentLine = regexp.MustCompile(`^\s*#`)
	comment     = regexp.MustCompile(`(^|\s+)#.*$`)
)

// logical splits a file the way pip does: a comment ends a continuation, a #
// is a comment only at the start of a line or after white space.
func logical(text string) []numbered {
	var out []numbered
	var joined []string
	first := 0
	flush := func() {
		if s := strings.TrimSpace(comment.ReplaceAllString(strings.Join(joined, ""), "")); s != "" {
			out = append(out, numbered{first, s})
		}
		joined = nil
	}
	text = strings.TrimPrefix(text, "\ufeff")
	for i, l := range strings.Split(text, "\n") {
		l = strings.TrimSuffix(l, "\r")
		if joined == nil {
			first = i + 1
		}
		switch isComment := commentLine.MatchString(l); {
		case isComment:
			joined = append(joined, " "+l)
		case strings.HasSuffix(l, `\`):
			joined = append(joined, strings.TrimRight(l, `\`))
			continue
		default:
			joined = append(joined, l)
		}
		flush()
	}
	flush()
	return out
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

var (
	named     = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$`)
	specifier = regexp.MustCompile(`^\(?\s*((?:(?:===|==|~=|!=|<=|>=|<|>)\s*[^\s,;()]+\s*,?\s*)*)\)?\s*$`)
	perLine   = regexp.MustCompile(`\s--(?:hash|global-option|install-option|config-settings?)[ =].*$`)
	namedURL  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?\s*@`)
	scheme    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:(?://|\S)`)
	runs      = regexp.MustCompile(`[-_.]+`)
)

// options that a requirements file may hold, and whether a value follows.
func optionTakesValue(name string) (value, known bool) {
	switch name {
	case "-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-binary", "--only-binary", "--trusted-host", "--use-feature":
		return true, true
	case "--no-index", "--pre", "--prefer-binary", "--require-hashes":
		return false, true
	}
	return false, false
}

// Normalise gives the one spelling of a package's name that all of its
// spellings share (PEP 503).
func Normalise(name string) string {
	return strings.ToLower(runs.ReplaceAllString(name, "-"))
}

// parse fills the line from its text. dir is the absolute directory of its
// file. What it returns is the mistake, or nothing.
func (l *Line) parse(dir string) string {
	text := l.Text
	if strings.HasPrefix(text, "-") {
		name, rest := text, ""
		if i := strings.IndexAny(text, "= "); i > 0 {
			name, rest = text[:i], text[i+1:]
		}
		if name != "-e" && name != "--editable" {
			return l.option(name, strings.TrimSpace(rest))
		}
		text = strings.Trim(strings.TrimSpace(rest), `"'`)
	}
	text = perLine.ReplaceAllString(text, "")
	switch {
	case scheme.MatchString(text):
		return l.direct(text, dir)
	case namedURL.MatchString(text):
	case text == "." || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") || strings.HasPrefix(text, "/") || isArchive(text):
		l.Local = filepath.Join(dir, stripExtras(text))
		if filepath.IsAbs(text) {
			l.Local = filepath.Clean(stripExtras(text))
		}
		return ""
	}
	body, marker, _ := strings.Cut(text, ";")
	m := named.FindStringSubmatch(strings.TrimSpace(body))
	if m == nil {
		return l.notOurs()
	}
	l.Name, l.Marker = Normalise(m[1]), strings.TrimSpace(marker)
	if address, ok := strings.CutPrefix(m[2], "@"); ok {
		_, address, _ = strings.Cut(text, "@")
		address, l.Marker, _ = strings.Cut(address, " ;")
		l.Marker = strings.TrimSpace(l.Marker)
		return l.direct(strings.TrimSpace(address), dir)
	}
	s := specifier.FindStringSubmatch(m[2])
	if s == nil {
		return l.notOurs()
	}
	l.Specifier = strings.Join(strings.Fields(s[1]), "")
	return ""
}

func (l *Line) option(name, value string) string {
	takes, known := optionTakesValue(name)
	switch {
	case !known:
		return "option " + name + " has no place in a requirements file; allowed are -r, -c, -e, --index-url, --extra-index-url, --find-links, --no-index, --pre, --prefer-binary, --no-binary, --only-binary, --trusted-host, --require-hashes"
	case takes && value == "":
		return "option " + name + " needs a value"
	}
	if l.Kind != Constraint {
		l.Kind = Option
	}
	return ""
}

// direct reads a URL requirement: git+https://…@ref#egg=name&subdirectory=x.
func (l *Line) direct(address, dir string) string {
	l.URL = address
	u, fragment, _ := strings.Cut(address, "#")
	if q, err := url.ParseQuery(fragment); err == nil && l.Name == "" {
		egg, _, _ := strings.Cut(q.Get("egg"), "[")
		l.Name = Normalise(egg)
	}
	if l.Name == "" {
		l.Name = wheelName(u)
	}
	if p, ok := strings.CutPrefix(u, "file://"); ok && strings.HasPrefix(p, "/") {
		l.Local, l.URL = p, ""
	} else if p, ok := strings.CutPrefix(u, "file:"); ok {
		l.Local, l.URL = filepath.Join(dir, p), ""
	}
	return ""
}

// wheelName is the package that a wheel's file name tells, or nothing.
func wheelName(u string) string {
	base := u[strings.LastIndexByte(u, '/')+1:]
	if !strings.HasSuffix(base, ".whl") {
		return ""
	}
	name, _, _ := strings.Cut(base, "-")
	return Normalise(name)
}

func (l *Line) notOurs() string {
	return "`" + l.Public + "` is no requirement; a line names one package (`tutor-mfe==14.0.1`), one URL (`git+https://host/tutor-forum.git@v14.0.1`) or one option of pip, and commands such as `pip install` or `tutor plugins enable` have no place here"
}

func isArchive(s string) bool {
	for _, end := range []string{".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

func stripExtras(s string) string {
	if i := strings.IndexByte(s, '['); i > 0 && strings.HasSuffix(s, "]") {
		return s[:i]
	}
	return s
}

var extras = regexp.MustCompile(`^[A-Za-z0-9._-]+\s*(\[[^\]]*\])|[#&]egg=[A-Za-z0-9._-]+(\[[^\]]*\])`)

// Named is the requirement by its name, without the place that it comes from.
func (l Line) Named() string {
	text := l.Name
	if m := extras.FindStringSubmatch(l.Text); m != nil {
		text += m[1] + m[2]
	}
	text += l.Specifier
	if l.Marker != "" {
		text += " ; " + l.Marker
	}
	return text
}

// Hashes are those that requirements demand of a package.
func Hashes(lines []Line, name string) []string {
	var out []string
	for _, l := range lines {
		if l.Name == name && l.Kind == Requirement {
			out = append(out, l.Hashes()...)
		}
	}
	return out
}

// Hashes are those that the line demands: "sha256:" and hex.
func (l Line) Hashes() []string {
	var out []string
	words := strings.Fields(strings.ReplaceAll(l.Text, "--hash ", "--hash="))
	for _, word := range words {
		if h, ok := strings.CutPrefix(word, "--hash="); ok {
			out = append(out, h)
		}
	}
	return out
}

// Ref is the branch, tag or commit that a git+ URL names after its path, and
// the URL without it and without its fragment.
func Ref(address string) (base, ref string) {
	base, _, _ = strings.Cut(address, "#")
	after := 0
	if i := strings.Index(base, "://"); i >= 0 {
		after = i + 3
		if j := strings.IndexByte(base[after:], '/'); j >= 0 {
			after += j
		}
	}
	if i := strings.IndexByte(base[after:], '@'); i >= 0 {
		return base[:after+i], base[after+i+1:]
	}
	return base, ""
}

package requirement

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Requirement is what one line, or one string of a package's metadata, asks for.
type Requirement struct {
	Package   string   // the name as it is written; of a URL what its egg or its wheel says, empty when neither does
	Extras    []string // as they are written, without brackets
	Specifier string   // without white space: ">=14,<15"
	URL       string   // of a Direct one and of `name @ URL`, fragment included
	Path      string   // of a Local one
	Editable  bool     // -e
	Marker    string   // after the semicolon
	Options   []string // --hash=… and others for this requirement alone
	bare      bool     // the URL stands without a name before it
}

var (
	separators = lazyregexp.New(`[-_.]+`)
	nameForm   = lazyregexp.New(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`)
	extraForm  = lazyregexp.New(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	clauseForm = lazyregexp.New(`^(===|==|~=|!=|<=|>=|<|>)\s*([^\s,;)]+)$`)
	schemeForm = lazyregexp.New(`^(?i:git|hg|svn|bzr|https?|ftp|file|git\+[a-z]+|hg\+[a-z]+|svn\+[a-z]+|bzr\+[a-z]+):`)
	archive    = lazyregexp.New(`(?i)\.(whl|zip|tar\.gz|tgz|tar|tar\.bz2|tbz|tar\.xz|txz|tlz|tar\.lz|tar\.lzma)$`)
)

// Normalise is the one form that all forms of a package's name share (PEP 503).
func Normalise(name string) string { return strings.ToLower(separators.ReplaceAllString(name, "-")) }

// Key is the normalised name of the package. Of a URL that does not tell it, it is the name of the directory in the
// repository, or of the repository, which is what such packages are called by convention.
func (r Requirement) Key() string {
	if r.Package != "" {
		return Normalise(r.Package)
	}
	if r.URL == "" {
		return ""
	}
	base, _ := Ref(r.URL)
	_, fragment, _ := strings.Cut(r.URL, "#")
	if q, err := url.ParseQuery(fragment); err == nil && strings.Contains(q.Get("subdirectory"), "-") {
		base = q.Get("subdirectory") // plugins/tutor-contrib-x names a package, and src does not
	}
	base = strings.TrimSuffix(strings.TrimRight(base, "/"), ".git")
	return Normalise(base[strings.LastIndexAny(base, "/:")+1:])
}

// Ref splits a URL into the address and what stands after the @ of its path: a branch, a tag or a commit. The fragment
// is cut.
func Ref(address string) (base, ref string) {
	base, _, _ = strings.Cut(address, "#")
	at := strings.Index(base, "://")
	if at < 0 {
		return base, ""
	}
	path := strings.IndexByte(base[at+3:], '/')
	if path < 0 {
		return base, ""
	}
	path += at + 3
	if i := strings.IndexByte(base[path:], '@'); i >= 0 {
		return base[:path+i], base[path+i+1:]
	}
	return base, ""
}

// ParseRequirement reads a requirement as pip takes it in a file or on its command line: a name with extras, versions and
// a marker, `name @ URL`, a URL, or a path. Options for it alone may follow.
func ParseRequirement(text string) (Requirement, Kind, error) {
	text = strings.TrimSpace(text)
	body, options := splitOptions(text)
	r := Requirement{Options: options}
	switch {
	case body == "":
		return r, Foreign, errors.New("nothing is required")
	case strings.Contains(body, ":") && schemeForm.MatchString(body):
		return r, Direct, r.direct(body)
	}
	err := r.named(body)
	if (err != nil || r.URL == "" && archive.MatchString(body)) && isPath(body) {
		r = Requirement{Options: options}
		return r, Local, r.local(body)
	}
	return r, Named, err
}

// splitOptions cuts what stands from the first word on that begins with a dash, as pip does it.
func splitOptions(text string) (body string, options []string) {
	words := strings.Fields(text)
	for i, w := range words {
		if strings.HasPrefix(w, "-") && i > 0 {
			at := 0
			for range i {
				at += strings.IndexFunc(text[at:], isSpace)
				at += strings.IndexFunc(text[at:], func(r rune) bool { return !isSpace(r) })
			}
			return strings.TrimSpace(text[:at]), words[i:]
		}
	}
	return text, nil
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r\u0085\u00a0", r) }

func isPath(text string) bool {
	path, _, _ := strings.Cut(text, ";")
	path = strings.TrimSpace(path)
	if strings.ContainsAny(path, " \t") {
		return false
	}
	plain, _, _ := strings.Cut(path, "[")
	return path != "" && (path[0] == '.' || strings.HasPrefix(path, "/") || strings.Contains(plain, "/") && !strings.ContainsAny(plain, "@<>=!~") || archive.MatchString(plain))
}

// local reads a path, with extras and a marker.
func (r *Requirement) local(text string) error {
	path, marker, ok := strings.Cut(text, ";")
	path, extras, bracket := strings.Cut(strings.TrimSpace(path), "[")
	r.Path, r.Marker = path, strings.TrimSpace(marker)
	if bracket {
		r.Extras = splitExtras(strings.TrimSuffix(extras, "]"))
	}
	if ok {
		return checkMarker(r.Marker)
	}
	return nil
}

// direct reads a URL, with a marker after "; ".
func (r *Requirement) direct(text string) error {
	address, marker, ok := strings.Cut(text, "; ")
	r.bare = true
	r.URL, r.Marker = strings.TrimSpace(address), strings.TrimSpace(marker)
	if strings.ContainsAny(r.URL, " \t") {
		return fmt.Errorf("white space in the URL %s", r.URL)
	}
	if ok {
		if err := checkMarker(r.Marker); err != nil {
			return err
		}
	}
	base, fragment, _ := strings.Cut(r.URL, "#")
	if q, err := url.ParseQuery(fragment); err == nil {
		egg, extras, bracket := strings.Cut(q.Get("egg"), "[")
		r.Package = egg
		if bracket {
			r.Extras = splitExtras(strings.TrimSuffix(extras, "]"))
		}
	}
	if file := base[strings.LastIndexByte(base, '/')+1:]; r.Package == "" && strings.HasSuffix(file, ".whl") {
		r.Package, _, _ = strings.Cut(file, "-")
	}
	return nil
}

// named reads a name, its extras, and versions or a URL, and a marker (PEP 508).
func (r *Requirement) named(text string) error {
	r.Package = nameForm.FindString(text)
	if r.Package == "" {
		return fmt.Errorf("%q does not begin with the name of a package", text)
	}
	rest := strings.TrimSpace(text[len(r.Package):])
	if strings.HasPrefix(rest, "[") {
		inner, after, ok := strings.Cut(rest[1:], "]")
		if !ok {
			return errors.New("the extras are not closed")
		}
		r.Extras, rest = splitExtras(inner), strings.TrimSpace(after)
		for _, e := range r.Extras {
			if !extraForm.MatchString(e) {
				return fmt.Errorf("%q is no name of an extra", e)
			}
		}
	}
	if strings.HasPrefix(rest, "@") {
		return r.namedURL(strings.TrimSpace(rest[1:]))
	}
	versions, marker, ok := strings.Cut(rest, ";")
	if err := r.versions(strings.TrimSpace(versions)); err != nil {
		return err
	}
	if r.Marker = strings.TrimSpace(marker); ok {
		return checkMarker(r.Marker)
	}
	return nil
}

func (r *Requirement) namedURL(rest string) error {
	end := strings.IndexFunc(rest, isSpace)
	if end < 0 {
		end = len(rest)
	}
	r.URL, rest = rest[:end], strings.TrimSpace(rest[end:])
	if !schemeForm.MatchString(r.URL) {
		return fmt.Errorf("%q is no URL", r.URL)
	}
	if rest == "" {
		return nil
	}
	marker, ok := strings.CutPrefix(rest, ";")
	if !ok {
		return fmt.Errorf("%q after the URL", rest)
	}
	r.Marker = strings.TrimSpace(marker)
	return checkMarker(r.Marker)
}

// versions reads a list of clauses, with or without parentheses.
func (r *Requirement) versions(text string) error {
	if inner, ok := strings.CutPrefix(text, "("); ok {
		if text, ok = strings.CutSuffix(inner, ")"); !ok {
			return errors.New("the parenthesis is not closed")
		}
		text = strings.TrimSpace(text)
	}
	if text == "" {
		return nil
	}
	var out []string
	clauses := strings.Split(text, ",")
	for i, c := range clauses {
		c = strings.TrimSpace(c)
		if c == "" && i == len(clauses)-1 && i > 0 {
			break // packaging takes a comma at the end
		}
		m := clauseForm.FindStringSubmatch(c)
		if m == nil || strings.ContainsAny(m[2], "=<>~") || strings.HasPrefix(m[2], "!") {
			return fmt.Errorf("%q is no version clause such as ==14.2.2 or >=14", c)
		}
		out = append(out, m[1]+m[2])
	}
	r.Specifier = strings.Join(out, ",")
	return nil
}

// Hashes are those that the requirement demands: "sha256:" and hex.
func (r Requirement) Hashes() []string {
	var out []string
	for i, o := range r.Options {
		if h, ok := strings.CutPrefix(o, "--hash="); ok {
			out = append(out, h)
		} else if o == "--hash" && i+1 < len(r.Options) {
			out = append(out, r.Options[i+1])
		}
	}
	return out
}

func splitExtras(text string) []string {
	var out []string
	if strings.TrimSpace(text) == "" {
		return nil
	}
	for e := range strings.SplitSeq(text, ",") {
		out = append(out, strings.TrimSpace(e))
	}
	return out
}

// String is the requirement in its plain form: one space around @ and before the marker, none elsewhere. Options follow.
func (r Requirement) String() string {
	var b strings.Builder
	if r.Editable {
		b.WriteString("-e ")
	}
	extras := ""
	if len(r.Extras) > 0 {
		extras = "[" + strings.Join(r.Extras, ",") + "]"
	}
	switch {
	case r.Editable && strings.ContainsAny(r.Path, blanks):
		b.WriteString("'" + r.Path + "'")
	case r.Path != "":
		b.WriteString(r.Path + extras)
	case r.URL != "" && (r.Package == "" || r.bare):
		b.WriteString(r.URL)
	case r.URL != "":
		b.WriteString(r.Package + extras + " @ " + r.URL)
	default:
		b.WriteString(r.Package + extras + r.Specifier)
	}
	if r.Marker != "" {
		b.WriteString(" ; " + r.Marker)
	}
	for _, o := range r.Options {
		b.WriteString(" " + o)
	}
	return b.String()
}

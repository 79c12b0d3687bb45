package host

import (
	"errors"
	"path"
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// leaf is the value of a key in a data file: a string, or a list of strings.
type leaf struct {
	path   []string // sections, keys and list positions
	span   source.Span
	key    source.Span // the key's own bytes; zero in a list
	text   piece       // of a string
	list   []piece     // of a list
	multi  bool        // it is a list
	render renderer
	each   []renderer               // how each of list is written, when they differ
	args   func(key string) []piece // the list at a sibling key
}

// form is how a host writes text in the place of script byte.
type renderer = func(source.Span, string) (string, error)

// parts writes each part of a script's text in the way of that part.
func parts(spans []source.Span, each []renderer) renderer {
	return func(at source.Span, text string) (string, error) {
		for i, s := range spans {
			if s.Covers(at) && i < len(each) && each[i] != nil {
				return each[i](at, text)
			}
		}
		return "", errors.New("the parts of a list are written one by one")
	}
}

// settings are the rules that hold for the file.
type settings struct {
	*reader
	rules []setting
	near  map[string][]setting        // the rules that may fit a last key
	vars  map[string][]source.Var     // by the section or block that they hold in
	runs  map[string][]*source.Script // likewise
}

type setting struct {
	rules.Setting
	pattern []string // the elements of the key
	holes   *regexp.Regexp
}

func (r *reader) settings() *settings {
	s := &settings{reader: r, vars: map[string][]source.Var{}, runs: map[string][]*source.Script{}}
	for _, rule := range r.pack.Hosts.Settings {
		if !has(rule.Kinds, string(r.kind)) || !names(rule.Files, r.in.Path) {
			continue
		}
		one := setting{Setting: rule, pattern: strings.Split(element(rule.Key), ".")}
		if rule.Holes != "" {
			one.holes, _ = regexp.Compile(rule.Holes)
		}
		s.rules = append(s.rules, one)
	}
	return s
}

// has reports whether list is empty or holds s.
func has(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return len(list) == 0
}

// names reports whether one of the patterns fits the last elements of file.
func names(patterns []string, file string) bool {
	elems := strings.Split(strings.ToLower(file), "/")
	for _, p := range patterns {
		n := strings.Count(p, "/") + 1
		if n <= len(elems) {
			if ok, _ := path.Match(p, strings.Join(elems[len(elems)-n:], "/")); ok {
				return true
			}
		}
	}
	return len(patterns) == 0
}

// find is the first rule whose key fits the path.
func (s *settings) find(path []string) (setting, bool) {
	if len(path) == 0 {
		return setting{}, false
	}
	keys := make([]string, len(path))
	for i, k := range path {
		keys[i] = element(k)
	}
	last := keys[len(keys)-1]
	near, known := s.near[last]
	if !known {
		for _, rule := range s.rules {
			if end := rule.pattern[len(rule.pattern)-1]; end == "**" || glob(end, last) {
				near = append(near, rule)
			}
		}
		if s.near == nil {
			s.near = map[string][]setting{}
		}
		s.near[last] = near
	}
	for _, rule := range near {
		if fits(rule.pattern, keys) {
			return rule, true
		}
	}
	return setting{}, false
}

// fits reports whether the pattern's elements fit the keys; "**" is any number of them.
func fits(pattern, keys []string) bool {
	at, any, from := 0, -1, 0 // any is the last "**" that was passed, from where it last ended
	for i := 0; i < len(keys); {
		switch {
		case at < len(pattern) && pattern[at] == "**":
			any, from = at, i
			at++
		case at < len(pattern) && glob(pattern[at], keys[i]):
			at, i = at+1, i+1
		case any >= 0:
			from++
			at, i = any+1, from
		default:
			return false
		}
	}
	for at < len(pattern) && pattern[at] == "**" {
		at++
	}
	return at == len(pattern)
}

// glob reports whether one element fits.
func glob(pattern, key string) bool {
	if !strings.ContainsAny(pattern, `*?[\`) {
		return pattern == key
	}
	ok, _ := path.Match(pattern, key)
	return ok
}

// element makes a key fit for path.Match, which takes no wildcard for a slash.
func element(key string) string { return strings.ReplaceAll(strings.ToLower(key), "/", "\x00") }

// leaf makes the embedded scripts of one value, or says what it is. It reports whether a rule was found.
func (s *settings) leaf(l leaf) bool {
	rule, ok := s.find(l.path)
	if !ok {
		return s.script(l)
	}
	where := clip(strings.Join(l.path, "."))
	switch rule.Takes {
	case "text":
		s.one(rule, l, l.text, where)
	case "auto":
		if l.multi {
			s.words(rule, l, l.list, where)
		} else {
			s.one(rule, l, l.text, where)
		}
	case "lines", "splitlines":
		for i, p := range l.lines() {
			if i < len(l.each) {
				l.render = l.each[i]
			}
			if rule.Takes == "lines" {
				s.one(rule, l, p, where)
			} else {
				s.words(rule, l, split(p), where)
			}
		}
	case "script":
		p, spans := l.script()
		if l.each != nil {
			l.render = parts(spans, l.each)
		}
		s.one(rule, l, p, where)
	case "split":
		s.words(rule, l, split(l.text), where)
	case "argv":
		s.words(rule, l, l.list, where)
	case "env", "envs":
		s.env(rule, l)
	case "program":
		words := []piece{l.text}
		if strings.ContainsAny(l.text.text, " \t") && (l.args == nil || len(l.args(rule.Args)) == 0) {
			s.one(rule, l, l.text, where) // a task of VS Code for its shell
			break
		}
		if l.args != nil && rule.Args != "" {
			words = append(words, l.args(rule.Args)...)
		}
		s.words(rule, l, words, where)
	default:
		class := site.Class(rule.Takes)
		reason := "the value of " + where + ", " + meaning(class)
		shape := rule.Takes
		if class == site.Data {
			shape = "value"
		}
		s.Mentions(l.span.Start, l.span.End, class, shape, reason)
		s.Mentions(l.key.Start, l.key.End, class, shape, reason)
	}
	return true
}

// script makes an embedded script of a text that is a whole script, whatever its key: a file that something writes. One that reads as
// a command of the program is not explained away.
func (s *settings) script(l leaf) bool {
	text := strings.TrimLeft(l.text.text, space)
	first, _, _ := strings.Cut(text, "\n") // a list of paths has one on each line
	switch {
	case l.multi:
		return false
	case strings.HasPrefix(text, "#!") && interpreter(strings.SplitN(text[2:], "\n", 2)[0]) == Shell:
		s.one(setting{}, l, l.text, "a script")
		return true
	case strings.ContainsAny(strings.TrimSpace(first), " \t") && s.surelyCommand(text):
		s.Mentions(l.span.Start, l.span.End, site.Unexplained, "unfollowed", "the text reads as a command, under a key that is not known to run anything")
		return true
	}
	return false
}

// meaning says what a value of the class is for.
func meaning(class site.Class) string {
	switch class {
	case site.Requirement:
		return "which names packages"
	case site.Message:
		return "which is shown to people"
	case site.Path:
		return "which is a path or an address"
	case site.Identifier:
		return "which holds names"
	}
	return "which runs nothing"
}

// lines are the value's lines that are not empty, or the elements of its list.
func (l leaf) lines() []piece {
	if l.multi {
		return l.list
	}
	var out []piece
	for at := 0; at < len(l.text.text); {
		row := lineAt(l.text.text, at)
		end, next := row.end, row.next
		for oddBackslashes(l.text.text[at:end]) && next < len(l.text.text) {
			more := lineAt(l.text.text, next)
			end, next = more.end, more.next
		}
		p := l.text.cut(at, end).trim()
		if p.text != "" && !strings.HasPrefix(p.text, "#") {
			out = append(out, p)
		}
		at = next
	}
	return out
}

// script joins the elements of a list by newlines, and says where each stands.
func (l leaf) script() (piece, []source.Span) {
	if !l.multi {
		return l.text, nil
	}
	var b builder
	var spans []source.Span
	for i, p := range l.list {
		if i > 0 {
			b.gap("\n", p.at(0))
		}
		start := b.len()
		b.add(p)
		spans = append(spans, source.Span{Start: start, End: b.len()})
	}
	return b.piece(), spans
}

// one makes an embedded script of shell text.
func (s *settings) one(rule setting, l leaf, p piece, where string) {
	if strings.TrimSpace(p.text) == "" {
		return
	}
	g := &source.Script{Language: "shell", Where: where, Render: l.render}
	g.Text, g.Holes = punch(rule.holes, p)
	g.Map = p.m
	s.run(l, g)
}

// words makes an embedded script of a command without a shell.
func (s *settings) words(rule setting, l leaf, words []piece, where string) {
	if len(words) == 0 {
		return
	}
	if rule.Takes == "splitlines" && words[0].text == "-" {
		words = words[1:]
	}
	g := execForm(words)
	g.Text, g.Holes = punch(rule.holes, piece{g.Text, g.Map})
	g.Where, g.Render = where, l.render
	if strings.HasPrefix(rule.Takes, "split") {
		g.Render = renderThrough(s.wordRender(l.text, g.Map), l.render)
	}
	if l.multi && l.each != nil && rule.Takes != "splitlines" {
		g.Render = parts(g.Argv, l.each)
	}
	s.run(l, g)
}

// punch hides what re matches behind placeholders of the same length. What an escape writes is no expression.
func punch(re *regexp.Regexp, p piece) (string, []source.Hole) {
	text := p.text
	if re == nil {
		return text, nil
	}
	var holes []source.Hole
	out := []byte(text)
	for _, m := range re.FindAllStringIndex(text, -1) {
		if _, ok := p.m.Host(source.Span{Start: m[0], End: m[0] + 1}); m[0] == m[1] || !ok {
			continue
		}
		from := text[m[0]:m[1]]
		copy(out[m[0]:m[1]], placeholder(from))
		holes = append(holes, source.Hole{Span: source.Span{Start: m[0], End: m[1]}, Expr: exprName(from), Source: from})
	}
	return string(out), holes
}

var exprWord = lazyregexp.New(`[A-Za-z_][\w.:-]*`)

// exprName is an expression without what delimits it.
func exprName(text string) string {
	if name := exprWord.FindString(text); name != "" {
		return name
	}
	return text
}

// split cuts a command into words as POSIX shells quote them, without running a shell.
func split(p piece) []piece {
	var out []piece
	var b builder
	inWord, quote := false, byte(0)
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		if quote == 0 && strings.IndexByte(space, c) >= 0 {
			if inWord {
				out = append(out, b.piece().through(p))
			}
			b, inWord = builder{}, false
			continue
		}
		if c == '\\' && quote != '\'' && strings.HasPrefix(p.text[i+1:], "\n") {
			b.skip(i, i+2)
			i++
			continue
		}
		inWord = true
		switch {
		case c == quote && quote != 0, quote == 0 && (c == '"' || c == '\''):
			if quote == 0 {
				quote = c
			} else {
				quote = 0
			}
			b.skip(i, i+1)
		case c == '\\' && quote != '\'' && i+1 < len(p.text):
			b.atom(p.text[i+1:i+2], i, i+2)
			i++
		default:
			b.copy(p.text, i, i+1)
		}
	}
	if inWord {
		out = append(out, b.piece().through(p))
	}
	return out
}

var errComment = errors.New("a # or ; after a blank could begin a comment")

// iniRender writes text in a value that ends with its line.
func iniRender(_ source.Span, text string) (string, error) {
	switch {
	case strings.ContainsAny(text, "\r\n"):
		return "", errNewline
	case strings.Contains(text, " #"), strings.Contains(text, " ;"), strings.HasPrefix(text, "#"), strings.HasPrefix(text, ";"):
		return "", errComment
	case strings.HasPrefix(text, "[") || strings.HasSuffix(text, `\`):
		return "", errors.New("a bracket at the beginning or a backslash at the end means something else here")
	}
	return text, nil
}

// wordRender writes a part of a word where a command is split at blanks, with the quotes that stand around it there. The map
// leads from the words to the host, as the command's own does.
func (s *settings) wordRender(command piece, words source.Map) renderer {
	quotes := quotesOf(command)
	return func(at source.Span, text string) (string, error) {
		host, _ := words.Host(source.Span{Start: at.Start, End: at.Start + 1})
		switch quote := quotes[host.Start]; {
		case s.kind == Systemd && strings.Contains(text, "${"):
			return "", errors.New("systemd would expand ${…} itself")
		case quote == '"':
			return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text), nil
		case quote == '\'' && !strings.ContainsAny(text, `'\`):
			return text, nil
		case strings.ContainsAny(text, " \t\"'\\"):
			return "", errors.New("a blank, quote or backslash cannot be written in a word here")
		}
		return text, nil
	}
}

// quotesOf are the quotes around the bytes of a command that is split as POSIX shells do, by byte of the host.
func quotesOf(p piece) map[int]byte {
	out := map[int]byte{}
	quote := byte(0)
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case c == '\\' && quote != '\'':
			i++
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0:
			if host, ok := p.m.Host(source.Span{Start: i, End: i + 1}); ok {
				out[host.Start] = quote
			}
		}
	}
	return out
}

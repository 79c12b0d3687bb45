package host

import (
	"errors"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// notation is how a language writes comments and strings.
type notation struct {
	line   []string    // what begins a comment up to the line's end
	block  [][2]string // what begins and ends other comments
	quotes []string    // longest first
	multi  string      // quotes of one byte whose strings may hold newlines
	raw    string      // quotes in which a backslash is a backslash
	interp string      // quotes in which ${…} is replaced
	braces bool        // only ${…} is, not $name
}

var (
	cLike     = notation{line: []string{"//"}, block: [][2]string{{"/*", "*/"}}, quotes: []string{`"""`, `"`, `'`}}
	jsLike    = notation{line: []string{"//"}, block: [][2]string{{"/*", "*/"}, {"<!--", "-->"}}, quotes: []string{`"`, `'`, "`"}, multi: "`", interp: "`"}
	groovy    = notation{line: []string{"//", "#!"}, block: [][2]string{{"/*", "*/"}}, quotes: []string{`"""`, `'''`, `"`, `'`}, interp: `"`}
	puppet    = notation{line: []string{"#"}, block: [][2]string{{"/*", "*/"}}, quotes: []string{`"`, `'`}, multi: `"'`, interp: `"`}
	hashLike  = notation{line: []string{"#"}, quotes: []string{`"""`, `'''`, `"`, `'`}, multi: "`", interp: `"`}
	phpLike   = notation{line: []string{"//", "#"}, block: [][2]string{{"/*", "*/"}, {"<!--", "-->"}}, quotes: []string{`"`, `'`}, multi: `"'`, interp: `"`}
	dashLike  = notation{line: []string{"--"}, block: [][2]string{{"/*", "*/"}, {"--[[", "]]"}, {"{-", "-}"}}, quotes: []string{`"`, `'`}, multi: `'`, raw: `'`}
	semiLike  = notation{line: []string{";"}, quotes: []string{`"`}, multi: `"`}
	remLike   = notation{line: []string{"REM ", "rem ", "Rem ", "::", "@REM ", "@rem "}, quotes: []string{`"`}, raw: `"`}
	psLike    = notation{line: []string{"#"}, block: [][2]string{{"<#", "#>"}}, quotes: []string{`"`, `'`}, multi: `"'`, raw: `"'`}
	styleLike = notation{block: [][2]string{{"/*", "*/"}}, line: []string{"//"}, quotes: []string{`"`, `'`}}
	nixLike   = notation{line: []string{"#"}, block: [][2]string{{"/*", "*/"}}, quotes: []string{"''", `"`}, multi: `"`, interp: `'"`, braces: true}
	vimLike   = notation{line: []string{`"`}, quotes: []string{`'`}, raw: `'`}
)

// notationOf is how the language of a kind writes comments and strings, if anything is known of it.
func notationOf(kind Kind) (notation, bool) {
	switch kind {
	case JavaScript:
		return jsLike, true
	case Groovy:
		return groovy, true
	case Puppet:
		return puppet, true
	case "c", "java", "kotlin", "scala", "rust", "csharp", "swift", "dart", "proto", "php", "zig":
		if kind == "php" {
			return phpLike, true
		}
		return cLike, true
	case "nix":
		return nixLike, true
	case "perl", "r", "elixir", "julia", "cmake", "tcl", "awk", "graphql", "nginx", "crystal", "coffeescript":
		return hashLike, true
	case "lua", "sql", "haskell", "ada", "elm":
		return dashLike, true
	case "lisp", "clojure", "scheme", "asm":
		return semiLike, true
	case "batch":
		return remLike, true
	case "powershell":
		return psLike, true
	case "css":
		return styleLike, true
	case "vim":
		return vimLike, true
	}
	return notation{}, false
}

// lexical is the kind of a source file in a language that is known by its comments and strings only.
func lexical(ext string) Kind {
	switch ext {
	case ".c", ".h", ".cc", ".cpp", ".hpp", ".cxx", ".m", ".mm":
		return "c"
	case ".java", ".scala", ".dart", ".swift", ".proto", ".php", ".lua", ".sql", ".css", ".r", ".nix", ".cmake", ".vim", ".tcl", ".awk", ".graphql", ".elm", ".zig":
		return Kind(ext[1:])
	case ".kt", ".kts":
		return "kotlin"
	case ".rs":
		return "rust"
	case ".cs":
		return "csharp"
	case ".pl", ".pm", ".t":
		return "perl"
	case ".ex", ".exs":
		return "elixir"
	case ".jl":
		return "julia"
	case ".cr":
		return "crystal"
	case ".coffee":
		return "coffeescript"
	case ".hs":
		return "haskell"
	case ".el", ".lisp":
		return "lisp"
	case ".clj", ".cljs", ".edn":
		return "clojure"
	case ".scm":
		return "scheme"
	case ".s", ".asm":
		return "asm"
	case ".bat", ".cmd":
		return "batch"
	case ".ps1", ".psm1", ".psd1":
		return "powershell"
	case ".scss", ".sass", ".less":
		return "css"
	}
	return ""
}

// tokens cuts src into comments, strings and code. White space is left out.
func (x notation) tokens(src string) []token {
	var out []token
	for i := 0; i < len(src); {
		c := src[i]
		if strings.IndexByte(space, c) >= 0 {
			i++
			continue
		}
		if end := x.comment(src, i); end > i {
			out = append(out, token{Span: source.Span{Start: i, End: end}, what: commentToken})
			i = end
			continue
		}
		if quote, end := x.string(src, i); end > i {
			out = append(out, token{Span: source.Span{Start: i, End: end}, what: stringToken, quote: quote})
			i = end
			continue
		}
		end := i + 1
		for nameByte(c) && end < len(src) && nameByte(src[end]) {
			end++
		}
		out = append(out, token{Span: source.Span{Start: i, End: end}, text: src[i:end]})
		i = end
	}
	return out
}

func nameByte(c byte) bool {
	return c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// comment is where the comment at i ends, or i.
func (x notation) comment(src string, i int) int {
	for _, b := range x.block {
		if strings.HasPrefix(src[i:], b[0]) {
			n := strings.Index(src[i+len(b[0]):], b[1])
			if n < 0 {
				return len(src)
			}
			return i + len(b[0]) + n + len(b[1])
		}
	}
	for _, mark := range x.line {
		if strings.HasPrefix(src[i:], mark) && (mark != "::" || i == 0 || src[i-1] == '\n') {
			return lineAt(src, i).end
		}
	}
	return i
}

// string is where the string at i ends, or i; one that its line does not close ends with it.
func (x notation) string(src string, i int) (quote string, end int) {
	for _, q := range x.quotes {
		if !strings.HasPrefix(src[i:], q) {
			continue
		}
		if q == "''" {
			if end = nixString(src, i); end == i {
				return "", i
			}
			return q, end
		}
		multi := len(q) > 1 || strings.Contains(x.multi, q)
		for j := i + len(q); j < len(src); j++ {
			switch {
			case x.braces && strings.HasPrefix(src[j:], "${"):
				j += max(1, interpolation(src[j:], false)) - 1
			case src[j] == '\\' && !strings.Contains(x.raw, q):
				j++
			case src[j] == '\n' && !multi:
				return "", i
			case strings.HasPrefix(src[j:], q):
				return q, j + len(q)
			}
		}
		return "", i
	}
	return "", i
}

// decode is the text of a string, with what is put in place of ${…} hidden.
func (x notation) decode(src string, t token) (piece, []source.Hole) {
	var b builder
	var holes []source.Hole
	end := t.End - len(t.quote)
	for i := t.Start + len(t.quote); i < end; {
		if t.quote == "''" {
			if text, n := nixEscape(src[i:end]); n > 0 {
				b.atom(text, i, i+n)
				i += n
				continue
			}
		}
		switch {
		case src[i] == '\\' && i+1 < end && t.quote != "''" && !strings.Contains(x.raw, t.quote):
			text, n := x.escape(src[i:end], t.quote)
			if text == "" {
				b.skip(i, i+n)
			} else {
				b.atom(text, i, i+n)
			}
			i += n
		case src[i] == '$' && t.quote != "" && strings.Contains(x.interp, t.quote[:1]):
			n := interpolation(src[i:end], t.quote != "`" && !x.braces)
			if n == 0 {
				b.copy(src, i, i+1)
				i++
				continue
			}
			from := src[i : i+n]
			start := b.len()
			b.atom(placeholder(from), i, i+n)
			holes = append(holes, source.Hole{Span: source.Span{Start: start, End: b.len()}, Expr: strings.Trim(from, "${}"), Source: braced(from)})
			i += n
		default:
			b.copy(src, i, i+1)
			i++
		}
	}
	return b.piece(), holes
}

// braced is an interpolation with its braces, so that it cannot run into the text after it.
func braced(from string) string {
	if strings.HasPrefix(from, "${") {
		return from
	}
	return "${" + from[1:] + "}"
}

// maxExpression bounds, in bytes, how far the end of an expression in a text is looked for.
const maxExpression = 1 << 14

// interpolation is the length of the ${…}, or $name where bare, at the beginning of s.
func interpolation(s string, bare bool) int {
	if strings.HasPrefix(s, "${") {
		depth := 0
		for i := 1; i < min(len(s), maxExpression); i++ {
			switch s[i] {
			case '{':
				depth++
			case '}':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return 0
	}
	n := 1
	for bare && n < len(s) && (nameByte(s[n]) && s[n] != '$' || s[n] == '.' && n > 1 && n+1 < len(s) && nameByte(s[n+1])) {
		n++
	}
	if n == 1 {
		return 0
	}
	return n
}

// escape decodes the escape at the beginning of s, and says how many bytes it takes.
func (x notation) escape(s, quote string) (string, int) {
	if s[1] == '\n' {
		return "", 2
	}
	if quote == "'" && x.interp == `"` && len(x.line) > 0 && x.line[0] == "#" && s[1] != '\'' && s[1] != '\\' {
		return s[:1], 1
	}
	if text, n := jsonEscape(s); n > 0 {
		return text, n
	}
	return s[1:2], 2
}

// write writes text inside a string with the given quotes.
func (x notation) render(quote string) renderer {
	if quote == "''" {
		return refuse("\r\n'$")
	}
	if quote == "" || strings.Contains(x.raw, quote) {
		return refuse("\r\n" + quote)
	}
	interp := strings.Contains(x.interp, quote[:1])
	multi := len(quote) > 1 || strings.Contains(x.multi, quote)
	return func(_ source.Span, text string) (string, error) {
		if strings.ContainsAny(text, "\r\x00") {
			return "", errors.New("a control character cannot be written here")
		}
		text = strings.ReplaceAll(text, `\`, `\\`)
		text = strings.ReplaceAll(text, quote[:1], `\`+quote[:1])
		if interp {
			text = strings.ReplaceAll(text, "$", `\$`)
		}
		if !multi {
			text = strings.ReplaceAll(text, "\n", `\n`)
		}
		return text, nil
	}
}

package python

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// rendered is the run of characters without white space around the word, inside its literal.
func (r *reader) rendered(str syntax.Node) string {
	s := r.quote(str).body
	lo, hi := r.word.Start, r.word.End
	for lo > s.Start && !blank(r.src[lo-1]) && r.word.Start-lo < maxWord {
		lo--
	}
	for hi < s.End && !blank(r.src[hi]) && hi-r.word.End < maxWord {
		hi++
	}
	return strings.Trim(string(r.src[lo:hi]), "`'\"(),;<>")
}

// maxWord bounds how far on either side a word is looked at.
const maxWord = 256

func blank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// special judges what its own form decides, wherever it stands: requirements and addresses.
func (r *reader) special(str syntax.Node, rendered string) verdict {
	alone := strings.TrimSpace(r.body(str)) == rendered
	switch {
	case strings.Contains(rendered, "git+") || r.requirement(rendered):
		return verdict{site.Requirement, "requirement", "a requirement of the package"}
	case alone && r.required(str):
		return verdict{site.Requirement, "requirement", "in a list of requirements"}
	case alone && strings.Contains(rendered, "://"):
		return data("an address")
	}
	return verdict{}
}

// requirement reports whether a word is the package's name with a version or extras.
func (r *reader) requirement(rendered string) bool {
	i := strings.IndexAny(rendered, "=<>~![")
	if i <= 0 || !slices.Contains(r.pack.Program.Packages, strings.ToLower(rendered[:i])) && !strings.EqualFold(rendered[:i], r.program) {
		return false
	}
	rest := rendered[i:]
	switch {
	case rest[0] == '[':
		return strings.Contains(rest, "]")
	case rest[0] == '<' || rest[0] == '>':
		return len(rest) > 1
	}
	return len(rest) > 2 && rest[1] == '=' // ==, ~=, !=
}

// required reports whether a text stands in a list that a package's setup calls its requirements.
func (r *reader) required(str syntax.Node) bool {
	for p := str.Parent(); p.OK() && !p.Is("block", "module"); p = p.Parent() {
		var label string
		switch p.Kind() {
		case "keyword_argument":
			label = p.Field("name").Text()
		case "assignment":
			label = p.Field("left").Text()
		}
		switch strings.ToLower(label) {
		case "install_requires", "requires", "tests_require", "setup_requires", "extras_require", "requirements", "dependencies":
			return true
		}
	}
	return false
}

// shape judges what a text writes: an address, a module, a file.
func (r *reader) shape(str syntax.Node, rendered string) verdict {
	before, after := byte(0), byte(0)
	if body := r.quote(str).body; r.word.Start > body.Start {
		before = r.src[r.word.Start-1]
	}
	if body := r.quote(str).body; r.word.End < body.End {
		after = r.src[r.word.End]
	}
	switch {
	case query.MatchString(r.body(str)):
		return data("a query of a database")
	case strings.Contains(rendered, "://") || host(rendered) || strings.Contains(rendered, "@") && strings.Contains(rendered, "."):
		return data("an address")
	case before == '/' || after == '/' || before == '~':
		return verdict{site.Path, "path", "part of a file's path"}
	case before == '{' && after == '}':
		return verdict{site.Identifier, "identifier", "the name of a field in a layout"}
	case before == '(' && strings.HasPrefix(string(r.src[r.word.End:]), ")s"):
		return verdict{site.Identifier, "identifier", "the name of a field in a layout"}
	case before == '-' || after == '-':
		return data("part of another name")
	case !dottedName(rendered):
	case file(rendered):
		return verdict{site.Path, "path", "the name of a file"}
	case strings.TrimSpace(r.body(str)) == rendered:
		return verdict{site.Identifier, "module", "names a module or one of its members"}
	}
	return verdict{}
}

var query = lazyregexp.New(`(?is)^\s*(select\s.*\sfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|(create|alter|drop)\s+table)\s`)

func dottedName(s string) bool {
	s, _, _ = strings.Cut(s, ":")
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if !identifierLike(p) {
			return false
		}
	}
	return len(parts) > 1
}

func host(s string) bool {
	s, _, _ = strings.Cut(s, ":")
	switch path.Ext(s) {
	case ".io", ".com", ".org", ".net", ".dev", ".edu", ".local", ".localhost", ".example", ".test", ".svc":
		return true
	}
	return false
}

func file(s string) bool {
	switch path.Ext(s) {
	case ".yml", ".yaml", ".json", ".txt", ".toml", ".cfg", ".conf", ".ini", ".py", ".sh", ".log", ".md", ".rst", ".lock",
		".env", ".sql", ".gz", ".zip", ".tar", ".html", ".css", ".js", ".service", ".pem", ".crt", ".key", ".patch", ".bin", ".db", ".sock", ".pid":
		return true
	}
	return false
}

// commands reports whether the text writes a command of the program where the word stands, or a list of words begins one.
func (r *reader) commands(str syntax.Node) bool {
	return site.ReadsAsCall(r.src, r.word, &r.pack.Program) || r.startsCommand(str) && (r.nextWord(str) || r.nextElement(str))
}

// startsCommand reports whether the word stands where a command's name does: at the start of the text or of a line of
// it, after a shell operator, after assignments, or after a word such as sudo.
func (r *reader) startsCommand(str syntax.Node) bool {
	if r.word.End-r.word.Start != len(r.program) || string(r.src[r.word.Start:r.word.End]) != r.program {
		return false // another case is no command's name
	}
	before := bytes.TrimRight(r.src[max(r.quote(str).body.Start, r.word.Start-maxBody):r.word.Start], " \t")
	if i := bytes.LastIndexAny(before, "\n;&|"); i >= 0 {
		before = before[i+1:]
	}
	if i := bytes.LastIndex(before, []byte("$(")); i >= 0 {
		before = before[i+2:]
	}
	before = bytes.TrimSuffix(bytes.TrimSpace(before), []byte("\\n"))
	for _, w := range bytes.Fields(before) {
		if !leads(string(w)) {
			return false
		}
	}
	return true
}

var assignment = lazyregexp.New(`^[A-Za-z_]\w*=`)

// leads reports whether a word may stand before a command's name.
func leads(w string) bool {
	switch w {
	case "sudo", "exec", "time", "nohup", "env", "command", "$", "then", "do", "!":
		return true
	}
	return assignment.MatchString(w)
}

// nextWord reports whether the word is followed in its text by a subcommand of the program or an option, or by a value
// that is not known.
func (r *reader) nextWord(str syntax.Node) bool {
	rest := r.src[r.word.End:min(r.quote(str).body.End, r.word.End+maxWord)]
	if len(rest) == 0 || rest[0] != ' ' {
		return false
	}
	w := strings.Fields(string(rest))
	return len(w) > 0 && (r.argumentWord(w[0]) || w[0][0] == '{' || w[0][0] == '%')
}

func (r *reader) argumentWord(w string) bool {
	return slices.Contains(r.pack.Program.Commands, w) || len(w) > 1 && w[0] == '-' && w[1] != ' ' && strings.Trim(w, "-") != ""
}

// nextElement reports whether the text is the program's name alone, first in a list or among arguments, and followed by
// a subcommand, an option or a value that is not known.
func (r *reader) nextElement(str syntax.Node) bool {
	p := str.Parent()
	if r.body(str) != r.program || !p.Is("list", "tuple", "argument_list") || first(p) != str && !p.Is("argument_list") {
		return false
	}
	next := str.Next()
	for next.OK() && (!next.Named() || next.Kind() == "comment") {
		next = next.Next()
	}
	switch next.Kind() {
	case "string":
		return !strings.ContainsAny(r.body(next), " \t\n") && r.argumentWord(r.body(next))
	case "list_splat":
		return true
	case "identifier", "attribute", "call":
		return p.Kind() != "argument_list"
	}
	return false
}

// runs reports whether a function's name says that it runs what it is given: run, check_call, runCommand, tox_cmd.
func runs(ident string) bool {
	ident = strings.Trim(ident, "_")
	words := strings.FieldsFunc(snake(ident), func(r rune) bool { return r == '_' })
	if len(words) == 0 {
		return false
	}
	verb := func(w string) bool {
		return slices.Contains([]string{"run", "execute", "exec", "call", "sh", "shell", "spawn", "popen", "system", "launch", "invoke"}, w)
	}
	last := words[len(words)-1]
	return verb(words[0]) || verb(last) || last == "command" || last == "cmd" || last == "subprocess" || words[0] == "check" && len(words) > 1
}

// snake is a name with an underscore before each capital that begins a word, in lower case.
func snake(ident string) string {
	var b strings.Builder
	for i, r := range ident {
		if 'A' <= r && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// suspect is Suspect for the literal that holds the word.
func (r *reader) suspect(str syntax.Node) (reason string, ok bool) {
	if !r.startsCommand(str) || !r.nextWord(str) && !r.nextElement(str) && r.body(str) != r.program {
		return "", false
	}
	alone := r.body(str) == r.program && !r.nextElement(str)
	for child, p := str, str.Parent(); p.OK(); child, p = p, p.Parent() {
		switch p.Kind() {
		case "list", "tuple", "concatenated_string", "binary_operator", "conditional_expression", "parenthesized_expression", "boolean_operator", "keyword_argument", "attribute":
			if p.Is("list", "tuple") && (alone || first(p) != child) {
				return "", false
			}
		case "argument_list":
			if first(p) != child && child.Kind() != "keyword_argument" && alone {
				return "", false
			}
		case "call":
			if child.FieldName() == "function" { // the text's own method: format, split
				continue
			}
			callee := p.Field("function").Text()
			last := callee[strings.LastIndexByte(callee, '.')+1:]
			if !runs(last) || r.idle(callee) || r.shows(callee) || r.defines(last) || alone {
				return "", false
			}
			return fmt.Sprintf("it reads as a command and is given to %s, whose body is not known", callee), true
		default:
			return "", false
		}
	}
	return "", false
}

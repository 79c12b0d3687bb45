package ruby

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Explain says what the program's word at at is when no call that runs it was found: its class, the name of the rule
// that decided, and the reason for a person. The class is never one of a site. Src is the text of tree.
func Classify(tree *syntax.Tree, src []byte, at source.Span, pack *rules.Pack) (class site.Class, rule, reason string) {
	e := newClassifier(tree, at, pack)
	class, rule, reason = e.classify()
	return class, pack.Program.Name + "/ruby-" + rule, reason
}

// Suspect reports whether the word at at begins a text or list that writes a command of the program and is given to a
// method whose name says that it runs what it is given. It is for a word that no known call reaches: such a place is a
// site for a person to decide, and the reason says so.
func Suspect(tree *syntax.Tree, src []byte, at source.Span, pack *rules.Pack) (reason string, ok bool) {
	e := newClassifier(tree, at, pack)
	if !e.lit.OK() || !site.ReadsAsCall(e.src, e.at, &e.pack.Program) {
		return "", false
	}
	for n := e.lit; n.OK(); n = n.Parent() {
		if n.Is("method", "class", "module", "program", "block", "do_block") {
			break
		}
		if !n.Is("call") || n.Start() == e.lit.Start() && n.Field("receiver").OK() && n.Field("receiver").Span().Covers(e.lit.Span()) {
			continue
		}
		name := calleeName(n)
		if e.message(name) || e.listed(e.lang.Inert, name) {
			return "", false
		}
		if last := name[strings.LastIndexByte(name, '.')+1:]; runLike(last) {
			return "the text reads as a command of " + pack.Program.Name + " and is given to " + last + ", which nobody could follow: a person must look", true
		}
	}
	return "", false
}

// runLike reports whether a method's name says that it runs what it is given.
func runLike(name string) bool {
	for _, part := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '!' || r == '?' }) {
		switch part {
		case "run", "runs", "exec", "execute", "system", "sh", "shell", "bash", "spawn", "popen", "cmd", "command", "commands",
			"invoke", "ssh", "capture", "capture2", "capture2e", "capture3", "remote", "script", "sudo", "process", "launch":
			return true
		}
	}
	return false
}

// classifier looks at one occurrence.
type classifier struct {
	tree *syntax.Tree
	src  []byte
	at   source.Span
	pack *rules.Pack
	lang rules.Language
	node syntax.Node // the smallest node that holds the word
	lit  syntax.Node // the literal that holds it; for a here-document its opening
	text source.Span // the bytes of the literal's text
}

func newClassifier(tree *syntax.Tree, at source.Span, pack *rules.Pack) *classifier {
	e := &classifier{tree: tree, src: tree.Src, at: at, pack: pack, lang: pack.Languages["ruby"], node: tree.At(at.Start)}
	for n := e.node; n.OK(); n = n.Parent() {
		switch n.Kind() {
		case "string", "subshell", "delimited_symbol", "regex", "bare_string", "bare_symbol":
			e.lit, e.text = n, n.Span()
			return e
		case "heredoc_body":
			if doc, ok := bodyAt(tree, n, at.Start); ok {
				e.lit, e.text = tree.At(doc.opening.Start), doc.body
				if e.lit.Kind() != "heredoc_beginning" {
					e.lit = e.lit.Ancestor("string", "heredoc_beginning")
				}
			}
			return e
		case "interpolation", "comment", "uninterpreted", "program":
			return e
		}
	}
	return e
}

func (e *classifier) classify() (site.Class, string, string) {
	switch {
	case e.node.Is("comment"):
		return site.Comment, "comment", "a comment"
	case e.node.Is("uninterpreted"):
		return site.Data, "data", "text after __END__, which is read as data"
	case !e.lit.OK():
		return e.classifyCode()
	case e.lit.Is("delimited_symbol", "bare_symbol"):
		return site.Identifier, "name", "a symbol"
	case e.lit.Is("regex"):
		return site.Data, "data", "a pattern that text is compared with"
	}
	return e.classifyText()
}

// classifyCode is for a word outside of any literal.
func (e *classifier) classifyCode() (site.Class, string, string) {
	switch e.node.Kind() {
	case "identifier", "constant", "instance_variable", "class_variable", "global_variable", "hash_key_symbol", "simple_symbol":
		return site.Identifier, "name", "the name " + strings.TrimSpace(e.node.Text())
	case "heredoc_beginning", "heredoc_end":
		return site.Identifier, "name", "the word that ends a here-document"
	}
	if p := e.node.Ancestor("method", "singleton_method"); p.OK() && p.Field("name").Span().Covers(e.at) {
		return site.Identifier, "name", "the name of a method"
	}
	if e.node.Broken() || e.node.Failed() || e.node.Ancestor("ERROR").OK() {
		return site.Unexplained, "unexplained", "the code around it could not be read"
	}
	return site.Identifier, "name", "a name in code"
}

// classifyText is for a word in a string, a here-document or a word list.
func (e *classifier) classifyText() (site.Class, string, string) {
	if class, rule, reason := e.role(); class != "" {
		return class, rule, reason
	}
	token := e.token()
	switch {
	case strings.Contains(token, "://"):
		return site.Data, "data", "a part of the address " + token
	case strings.Contains(token, "/") || strings.HasPrefix(token, "~"):
		return site.Path, "path", "a part of the path " + token
	case site.ReadsAsCall(e.src, e.at, &e.pack.Program):
		return site.Unexplained, "unexplained", "the text reads as a command of " + e.pack.Program.Name + ", but no call that runs it was found"
	case fileName(token):
		return site.Path, "path", "the file name " + token
	case strings.ContainsAny(token, "-=:"):
		return site.Data, "data", "a part of " + token + ", a value that is not run"
	}
	return site.Data, "data", "a value that is neither run nor shown"
}

// role says what the place of the literal makes of it; the class is empty when the place tells nothing.
func (e *classifier) role() (site.Class, string, string) {
	below := e.lit
	for n := e.lit.Parent(); n.OK(); below, n = n, n.Parent() {
		switch n.Kind() {
		case "pair":
			if n.Field("key").Span().Covers(below.Span()) {
				return site.Identifier, "name", "the key of a hash"
			}
			if messageName(symbolName(n.Field("key"))) {
				return site.Message, "message", "the text of " + symbolName(n.Field("key"))
			}
		case "element_reference":
			if !n.Field("object").Span().Covers(below.Span()) {
				return site.Identifier, "name", "a key that is looked up"
			}
		case "binary":
			switch op := n.Field("operator").Kind(); op {
			case "==", "!=", "=~", "!~", "===", "<=>", "eql?":
				return site.Data, "data", "a value that is compared"
			}
		case "pattern", "when", "in_clause":
			if n.Is("pattern") || n.Is("in_clause") && !n.Field("body").Span().Covers(below.Span()) {
				return site.Data, "data", "a value that is compared"
			}
		case "assignment", "operator_assignment":
			if name := n.Field("left").Text(); n.Field("right").Span().Covers(below.Span()) && messageName(name) {
				return site.Message, "message", "the text of " + name
			}
			return "", "", ""
		case "call":
			if class, rule, reason := e.argument(n, below); class != "" {
				return class, rule, reason
			}
		case "block", "do_block":
			if logs(n.Parent()) {
				return site.Message, "message", "text that " + n.Parent().Field("method").Text() + " shows"
			}
			return "", "", ""
		case "program", "method", "singleton_method", "class", "module", "lambda":
			return "", "", ""
		}
	}
	return "", "", ""
}

// logs reports whether a call gives a logger a block that makes its text.
func logs(call syntax.Node) bool {
	switch call.Field("method").Text() {
	case "debug", "info", "warn", "error", "fatal", "unknown":
		return strings.HasSuffix(strings.ToLower(call.Field("receiver").Text()), "log") ||
			strings.HasSuffix(strings.ToLower(call.Field("receiver").Text()), "logger")
	}
	return false
}

// argument says what a call makes of the literal among its arguments, or that it is called on.
func (e *classifier) argument(call, below syntax.Node) (site.Class, string, string) {
	name := calleeName(call)
	last := name[strings.LastIndexByte(name, '.')+1:]
	if recv := call.Field("receiver"); recv.OK() && recv.Span().Covers(below.Span()) {
		if e.compares(last) {
			return site.Data, "data", "a value that is compared"
		}
		return "", "", ""
	}
	switch {
	case last == "require" || last == "require_relative" || last == "load" || last == "autoload" || last == "require_dependency":
		return site.Import, "import", "a library that is loaded"
	case last == "gem" || strings.HasPrefix(last, "add_") && strings.Contains(last, "dependency"):
		return site.Requirement, "requirement", "a library that is required"
	case e.message(name):
		return site.Message, "message", "text that " + last + " shows"
	case last == "super" && ofError(call):
		return site.Message, "message", "the text of an error"
	case ofFile(call, e.at):
		return site.Path, "path", "the name of a file: " + name
	case e.listed(e.lang.Inert, name):
		return site.Data, "data", "an argument of " + last + ", which runs nothing"
	case e.compares(last):
		return site.Data, "data", "a value that is compared"
	case last == "write" || last == "binwrite" || last == "print" || last == "puts":
		return site.Data, "data", "text that is written to a file or a stream"
	case e.node.Ancestor("call").OK() && keyed(last):
		return site.Identifier, "name", "a key that is looked up"
	}
	return "", "", ""
}

// ofError reports whether a place is in a class of errors, by its name or that of what it extends.
func ofError(n syntax.Node) bool {
	class := n.Ancestor("class")
	for _, name := range []string{class.Field("name").Text(), class.Field("superclass").Text()} {
		if strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception") {
			return true
		}
	}
	return false
}

// ofFile reports whether an argument of a call names a file: any of those that take paths, the first of those that write.
func ofFile(call syntax.Node, at source.Span) bool {
	switch call.Field("receiver").Text() {
	case "Dir", "FileUtils", "Pathname":
		return true
	case "File", "IO":
	default:
		return false
	}
	if call.Field("method").Text() == "join" {
		return true
	}
	args := call.Field("arguments").NamedChildren()
	return len(args) > 0 && args[0].Span().Covers(at)
}

func keyed(name string) bool {
	switch name {
	case "fetch", "dig", "key?", "has_key?", "delete", "store", "task", "namespace", "namespaced", "define_method", "send", "public_send", "respond_to?":
		return true
	}
	return false
}

func (e *classifier) compares(name string) bool {
	switch name {
	case "include?", "start_with?", "end_with?", "match", "match?", "eql?", "equal?", "casecmp", "casecmp?", "index", "scan",
		"sub", "gsub", "sub!", "gsub!", "delete_prefix", "delete_suffix", "member?", "exclude?", "count", "tr", "grep", "any?":
		return true
	}
	return false
}

// messageName reports whether a variable, attribute or key of that name holds text for a person.
func messageName(name string) bool {
	name = strings.ToLower(name[strings.LastIndexAny(name, ".@$:")+1:])
	for _, part := range strings.Split(name, "_") {
		switch part {
		case "usage", "banner", "help", "message", "messages", "msg", "description", "desc", "summary", "title", "text", "error",
			"errors", "warning", "hint", "notice", "note", "label", "prompt", "doc", "docs", "header", "footer", "subject", "greeting":
			return true
		}
	}
	return false
}

// calleeName is what a call calls: "puts", "logger.info", "Foo::Bar.baz". Receivers that are calls are left out.
func calleeName(call syntax.Node) string {
	name := call.Field("method").Text()
	recv := call.Field("receiver")
	if recv.Is("call") {
		return recv.Field("method").Text() + "." + name
	}
	if recv.OK() && recv.Span().Len() < 80 {
		return strings.TrimLeft(recv.Text(), "@$:") + "." + name
	}
	return name
}

func (e *classifier) message(name string) bool { return e.listed(e.lang.Messages, name) }

// listed reports whether a call is among patterns such as "puts", "*.info", "logger.*".
func (e *classifier) listed(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(strings.ReplaceAll(p, "/", "."), strings.ReplaceAll(name, "/", ".")); ok && err == nil {
			return true
		}
	}
	return false
}

package python

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

func (f *File) note(imports []flow.Stmt) {
	for _, st := range imports {
		im, ok := st.(*flow.Import)
		if !ok {
			continue
		}
		if im.As != "" {
			f.imports[im.As] = im.Module
		}
		for _, n := range im.Names {
			f.imports[n.As] = Member(im.Module, n.Name)
		}
	}
}

func (f *File) language() rules.Language { return f.pack.Languages["python"] }

// shows reports whether a call's text is shown to a person, idle whether it runs nothing although it may look so.
func (f *File) shows(callee string) bool { return f.listed("shows", f.language().Messages, callee) }
func (f *File) idle(callee string) bool  { return f.listed("idle", f.language().Inert, callee) }

// listed reports whether one of the patterns matches a call's name, as written or in full. List names the patterns.
func (f *File) listed(list string, patterns []string, callee string) bool {
	key := list + " " + callee
	known, ok := f.matches[key]
	if !ok {
		known = f.match(patterns, callee)
		f.matches[key] = known
	}
	return known
}

func (f *File) match(patterns []string, callee string) bool {
	full := f.full(callee)
	for _, p := range patterns {
		for _, ident := range []string{callee, full} {
			if ok, err := path.Match(p, ident); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// role is what a text is to the code around it: the first holder that decides, from the inside out.
func (r *reader) role(str syntax.Node) verdict {
	var weak verdict // decides when nothing further out does
	given := false   // to a call that nothing is known of: what that gives back is another value, but may be shown
	for child, p := str, str.Parent(); p.OK(); child, p = p, p.Parent() {
		var v verdict
		switch p.Kind() {
		case "raise_statement":
			v = message("the text of an error")
		case "assert_statement":
			if first(p) != child {
				v = message("the text of an assertion")
			}
		case "call":
			v = r.argument(p, child)
			given = given || !v.found() && child.FieldName() != "function"
		case "keyword_argument":
			if label := p.Field("name").Text() + "="; slices.Contains(r.language().Messages, label) {
				v = message(fmt.Sprintf("shown to a person: the argument %s", label))
			}
		case "comparison_operator", "case_pattern":
			v = data("it is compared with something")
		case "binary_operator":
			if p.Field("operator").Text() == "/" && child.Kind() == "string" {
				v = verdict{site.Path, "path", "part of a file's path"}
			}
		case "subscript":
			if child.FieldName() == "subscript" {
				v = data("a key")
			}
		case "pair":
			if !given {
				weak = r.entry(weak, child)
			}
		case "print_statement":
			v = message("printed")
		case "assignment", "augmented_assignment", "default_parameter", "typed_default_parameter":
			v = r.assigned(p)
		case "set":
			weak = data("a member of a set")
		case "expression_statement", "block", "module", "function_definition", "class_definition", "lambda":
			return weak
		}
		switch {
		case !v.found() || given && v.class != site.Message:
		case v.class == site.Message || !weak.found():
			return v
		default:
			return weak
		}
	}
	return weak
}

func (r *reader) entry(weak verdict, child syntax.Node) verdict {
	if weak.found() || child.FieldName() != "key" {
		return weak
	}
	return data("a key")
}

// argument judges a text that is given to a call, or whose method is called.
func (r *reader) argument(call, child syntax.Node) verdict {
	if child.FieldName() == "function" {
		return verdict{}
	}
	callee := call.Field("function").Text()
	last := callee[strings.LastIndexByte(callee, '.')+1:]
	switch last {
	case "import_module", "__import__", "importorskip", "find_spec", "distribution", "get_distribution", "entry_points", "resource_filename", "files":
		return verdict{site.Import, "module", fmt.Sprintf("names a module or package: %s", callee)}
	case "startswith", "endswith", "replace", "find", "index", "count", "removeprefix", "removesuffix", "compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "assertIn", "assertEqual", "assertNotIn":
		return data(fmt.Sprintf("it is compared with something: %s", last))
	case "get", "pop", "setdefault", "getattr", "setattr", "hasattr", "delattr", "getlist", "has_key", "add_label", "setenv", "delenv":
		return data(fmt.Sprintf("a key: %s", last))
	case "Path", "PurePath", "PosixPath", "open", "glob", "rglob", "mkdir", "makedirs", "chdir", "rmtree", "copytree", "relpath", "exists", "isdir", "isfile", "joinpath", "with_name":
		return verdict{site.Path, "path", fmt.Sprintf("the name of a file: %s", callee)}
	case "join":
		if strings.HasSuffix(callee, "path.join") {
			return verdict{site.Path, "path", fmt.Sprintf("part of a file's path: %s", callee)}
		}
	case "getLogger", "get_logger":
		return data("the name of a logger")
	}
	if strings.Contains(callee, "patch") && r.word.End < len(r.src) && r.src[r.word.End] == '.' {
		return verdict{site.Identifier, "module", "names what a test replaces"}
	}
	if r.idle(callee) {
		return data(fmt.Sprintf("%s runs nothing", callee))
	}
	if strings.HasSuffix(callee, ".__init__") && ofError(call.Ancestor("class_definition")) {
		return message("the text of an error")
	}
	if r.shows(callee) {
		return message(fmt.Sprintf("shown to a person by %s", callee))
	}
	return verdict{}
}

// assigned judges a text by the name that it is given: one that says so holds a message.
func (r *reader) assigned(n syntax.Node) verdict {
	left := n.Field("left")
	if !left.OK() {
		left = n.Field("name")
	}
	ident := strings.ToLower(left.Text())
	ident = strings.Trim(ident[strings.LastIndexByte(ident, '.')+1:], `"'[]_`)
	for _, word := range strings.Split(ident, "_") {
		switch word {
		case "msg", "message", "messages", "help", "description", "doc", "docs", "title", "error", "errors", "warning", "hint", "usage", "epilog", "banner", "prompt", "notice", "label", "tooltip", "summary":
			return message(fmt.Sprintf("the text of %s", left.Text()))
		}
	}
	if left.Kind() == "identifier" {
		return r.used(n, left.Text())
	}
	return verdict{}
}

// maxNames bounds how many names are followed, one through the other.
const maxNames = 3

// used judges a text by what becomes of the name that it is given, when every use in its block can be judged.
func (r *reader) used(assignment syntax.Node, ident string) verdict {
	// A name can be given a value made from itself, and names can be given values made from each other.
	if r.follows >= maxNames {
		return verdict{}
	}
	r.follows++
	defer func() { r.follows-- }()
	uses, all := within(r.indexed().idents[ident], assignment.Ancestor("block", "module").Span())
	if !all {
		return verdict{}
	}
	var out verdict
	for _, c := range uses {
		if p := c.Parent(); assignment.Span().Covers(c.Span()) || p.Kind() == "attribute" && c.FieldName() == "attribute" || p.Kind() == "keyword_argument" && c.FieldName() == "name" {
			continue
		}
		v := r.role(c)
		if !v.found() || out.found() && out.class != v.class {
			return verdict{}
		}
		out = v
	}
	switch {
	case !out.found():
		return verdict{}
	case out.class == site.Message:
		return message(fmt.Sprintf("%s is shown to a person", ident))
	}
	return data(fmt.Sprintf("%s: %s", ident, out.reason))
}

// ofError reports whether a class is an error or a warning, by its name or that of a base.
func ofError(class syntax.Node) bool {
	names := []syntax.Node{class.Field("name")}
	for _, n := range append(names, class.Field("superclasses").NamedChildren()...) {
		for _, suffix := range []string{"Error", "Exception", "Warning", "Exit"} {
			if strings.HasSuffix(n.Text(), suffix) {
				return true
			}
		}
	}
	return false
}

package commands

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	reader "gitlab.com/opencraft/dev/grove-migrate/scan/python"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// code is the Python of a root as far as it matters to new instances: which functions run the program.
type code struct {
	root      *step.Root
	program   *regexp.Regexp // what is called by the name of the program
	functions []routine
	running   map[string]bool // names of functions that run the program, or call one that does
	lists     map[string]bool // names of lists that hold the name of the configuration
}

// routine is a function of a file.
type routine struct {
	*code
	file string
	src  []byte
	node syntax.Node
	runs []int // bytes of the file at which it runs the program
	made creation
}

// configList is a list of files that holds the name of the configuration, and what the list is called.
var configList = lazyregexp.New(`(?m)^[ \t]*(\w+)(?:[ \t]*:[^=\n]*)?[ \t]*=[ \t]*\w*[(\[{]+[^)\]}]*["']config\.yml["']`)

// creators are the functions of a file that make an instance after which the program is run.
func (c *code) creators(file string) (out []routine) {
	if c.functions == nil {
		c.read()
	}
	for _, f := range c.functions {
		if f.file != file || strings.Contains(f.node.Text(), maker+"(") || f.nested() {
			continue
		}
		if made, ok := f.creation(); ok && c.goesOn(f, made.end, nil) {
			f.made = made
			out = append(out, f)
		}
	}
	return out
}

// nested reports whether the function stands in another one, whose creation it is.
func (f routine) nested() bool { return f.node.Ancestor("function_definition").OK() }

// read reads the functions of the root.
func (c *code) read() {
	c.functions, c.running, c.lists = []routine{}, map[string]bool{}, map[string]bool{}
	var parser syntax.Parser
	defer parser.Close()
	places := c.places()
	for _, file := range c.root.Files {
		src, err := c.root.Read(file)
		if path.Ext(file) != ".py" || isTest(file) || err != nil {
			continue
		}
		tree, err := reader.Parse(&parser, src)
		if err != nil {
			continue
		}
		for _, m := range configList.FindAllSubmatch(src, -1) {
			c.lists[string(m[1])] = true
		}
		for _, n := range all(tree.Root(), "function_definition") {
			f := routine{code: c, file: file, src: src, node: n}
			for _, at := range places[file] {
				if n.Start() <= at && at < n.End() {
					f.runs = append(f.runs, at)
				}
			}
			c.functions = append(c.functions, f)
		}
	}
	for grown := true; grown; {
		grown = false
		for _, f := range c.functions {
			if name := f.name(); !c.running[name] && f.runsBehind(f.node.Start()) {
				c.running[name], grown = true, true
			}
		}
	}
}

// places are the bytes of each file at which the program is run, or a value is used that runs it.
func (c *code) places() map[string][]int {
	out := map[string][]int{}
	for file, all := range c.root.Occurrences {
		for _, o := range all {
			if !o.Class.Site() {
				continue
			}
			out[file] = append(out[file], o.Start)
			for _, use := range o.Uses {
				at := cmp.Or(use.File, file)
				out[at] = append(out[at], use.Start)
			}
		}
	}
	return out
}

func (f routine) name() string { return f.node.Field("name").Text() }

// calls are the calls in a function.
func (f routine) calls() []syntax.Node { return all(f.node.Field("body"), "call") }

// runsBehind reports whether the function runs the program behind a byte, by itself or by another one.
func (f routine) runsBehind(from int) bool {
	if slices.ContainsFunc(f.runs, func(at int) bool { return at >= from }) {
		return true
	}
	return slices.ContainsFunc(f.calls(), func(n syntax.Node) bool {
		called := n.Field("function")
		return n.Start() >= from && (f.program.MatchString(called.Text()) || f.running[last(called)] && !ofLibrary(called))
	})
}

// ofLibrary reports whether a call is one of the standard library's, whatever functions of that name the workspace has.
func ofLibrary(called syntax.Node) bool {
	return called.Kind() == "attribute" && slices.Contains([]string{"subprocess", "os", "shutil", "yaml", "json", "sys", "re", "os.path", "asyncio", "logging"}, called.Field("object").Text())
}

// goesOn reports whether the program is run behind a byte of a function, or when one that calls it goes on.
func (c *code) goesOn(f routine, from int, seen []string) bool {
	if f.runsBehind(from) {
		return true
	}
	if slices.Contains(seen, f.name()) {
		return false
	}
	seen = append(seen, f.name())
	return slices.ContainsFunc(c.functions, func(g routine) bool {
		return slices.ContainsFunc(g.calls(), func(n syntax.Node) bool {
			called := n.Field("function")
			return last(called) == f.name() && !ofLibrary(called) && c.goesOn(g, n.End(), seen)
		})
	})
}

// last is the name that is called: "save" of "self.config.save".
func last(called syntax.Node) string {
	if called.Kind() == "attribute" {
		called = called.Field("attribute")
	}
	return called.Text()
}

// all are the nodes of a kind below a node, and itself, in order.
func all(n syntax.Node, kind string) (out []syntax.Node) {
	if n.Kind() == kind {
		out = append(out, n)
	}
	for c := n.First(); c.OK(); c = c.Next() {
		out = append(out, all(c, kind)...)
	}
	return out
}

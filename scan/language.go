package scan

import (
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/golang"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/python"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// language is one programming language whose values are followed.
type language struct {
	kind    host.Kind
	open    func(p *syntax.Parser, file string, src []byte) (*module, error)
	resolve func(from, module string, files []string, exists func(string) bool) (string, bool)
	imports func(src []byte) []string // what a file may import, without parsing it; nil where files see each other without an import
	whole   bool                      // the files of one directory share one scope
}

// module is one file of a programming language.
type module struct {
	kind     host.Kind
	unit     *flow.Unit
	problem  string // what the parser could not read; empty when it read everything
	classify func(at source.Span) (site.Class, string, string)
	suspect  func(at source.Span) (string, bool)
	names    func(at source.Span) ([]site.Name, string, source.Span)
	bound    func(name string, from, at source.Span) bool // a name that is read at from is bound at at, and is the same there
	old      string                                       // why the file's version of the language does not take what a fix would write; empty when it does
}

// languages are those that are built in.
func languages(pack *rules.Pack) []language {
	return []language{pythonLanguage(pack), rubyLanguage(pack), goLanguage(pack)}
}

func pythonLanguage(pack *rules.Pack) language {
	return language{kind: host.Python, resolve: byName(python.Resolve), imports: python.Imports, open: func(p *syntax.Parser, file string, src []byte) (*module, error) {
		tree, err := python.Parse(p, src)
		if err != nil {
			return nil, err
		}
		words := python.Open(tree, pack)
		return &module{kind: host.Python, bound: words.Bound, unit: python.Lower(file, tree), problem: problemOf(tree), classify: words.Classify, suspect: words.Suspect, names: words.Names, old: python.Old(tree)}, nil
	}}
}

func rubyLanguage(pack *rules.Pack) language {
	return language{kind: host.Ruby, resolve: byName(ruby.Resolve), open: func(p *syntax.Parser, file string, src []byte) (*module, error) {
		tree, err := ruby.Parse(p, src)
		if err != nil {
			return nil, err
		}
		m := &module{
			kind: host.Ruby, unit: ruby.Lower(file, tree), problem: problemOf(tree),
			classify: func(at source.Span) (site.Class, string, string) { return ruby.Classify(tree, src, at, pack) },
			suspect:  func(at source.Span) (string, bool) { return ruby.Suspect(tree, src, at, pack) },
			names:    func(at source.Span) ([]site.Name, string, source.Span) { return ruby.Names(tree, at, pack) },
			bound:    func(name string, from, at source.Span) bool { return ruby.Bound(tree, name, from, at) },
		}
		return m, nil
	}}
}

// byName resolves an import by the names of files alone.
func byName(f func(string, string, func(string) bool) (string, bool)) func(string, string, []string, func(string) bool) (string, bool) {
	return func(from, module string, _ []string, exists func(string) bool) (string, bool) {
		return f(from, module, exists)
	}
}

func goLanguage(pack *rules.Pack) language {
	resolve := func(from, module string, files []string, _ func(string) bool) (string, bool) {
		return golang.Package(from, module, files)
	}
	return language{kind: host.Go, whole: true, resolve: resolve, imports: golang.Imports, open: func(_ *syntax.Parser, file string, src []byte) (*module, error) {
		if syntax.Parts(src, syntax.MaxParts) > syntax.MaxParts {
			return nil, syntax.ErrTooMany
		}
		tree, err := golang.Parse(src)
		if err != nil {
			return nil, err
		}
		return &module{
			kind: host.Go, bound: tree.Bound, unit: tree.Lower(file), problem: tree.Problem,
			classify: func(at source.Span) (site.Class, string, string) { return tree.Classify(at, pack) },
			suspect:  func(at source.Span) (string, bool) { return tree.Suspect(at, pack) },
			names:    func(at source.Span) ([]site.Name, string, source.Span) { return tree.Names(at, pack) },
		}, nil
	}}
}

// problemOf says that a tree is not all of its text; empty when it is.
func problemOf(tree *syntax.Tree) string {
	if tree.Broken() {
		return "has syntax errors: what stands next to them may be misread"
	}
	return ""
}

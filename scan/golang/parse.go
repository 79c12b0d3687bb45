// Package golang reads Go programs: it lowers them for the solver, and says what the occurrences are that no command explains.
package golang

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Tree is one parsed Go file.
type Tree struct {
	Src     []byte
	File    *ast.File
	Problem string // what the parser could not read, with its place; empty when it read everything
	file    *token.File
	folded  []byte // Src in lower case, without underscores
}

// maxDepth bounds the nesting of a file, so that code which walks it recursively cannot exhaust its stack.
const maxDepth = 4000

// Parse reads src. A file with mistakes still gives a tree, whose Problem says so; it errs when nothing could be read or
// the file is nested too deeply.
func Parse(src []byte) (*Tree, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if f == nil {
		return nil, err
	}
	t := &Tree{Src: src, File: f, file: fset.File(f.FileStart), folded: bytes.ReplaceAll(bytes.ToLower(src), []byte("_"), nil)}
	if t.file == nil {
		return nil, errors.New("holds no Go code")
	}
	if err != nil {
		t.Problem = firstMistake(err)
	}
	if tooDeep(f) {
		return nil, errors.New("nested too deeply")
	}
	return t, nil
}

func firstMistake(err error) string {
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return list[0].Error()
	}
	return err.Error()
}

func tooDeep(f *ast.File) bool {
	depth, deep := 0, false
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			depth--
			return true
		}
		depth++
		deep = deep || depth > maxDepth
		if deep {
			depth-- // the closing call is left out
		}
		return !deep
	})
	return deep
}

// Span is the place of a node in bytes of the file.
func (t *Tree) Span(n ast.Node) source.Span {
	return source.Span{Start: t.offset(n.Pos()), End: t.offset(n.End())}
}

func (t *Tree) offset(p token.Pos) int {
	if !p.IsValid() {
		return 0
	}
	off := int(p) - t.file.Base()
	return max(0, min(off, len(t.Src)))
}

// path are the nodes that hold the byte at off, the outermost first. Comments are left out.
func (t *Tree) path(off int) []ast.Node {
	out := []ast.Node{t.File}
	decls := t.File.Decls
	i := sort.Search(len(decls), func(i int) bool { return t.offset(decls[i].End()) > off })
	if i == len(decls) || !t.Span(decls[i]).Contains(off) {
		if name := t.File.Name; name != nil && t.Span(name).Contains(off) {
			return append(out, name)
		}
		return out
	}
	if gen, ok := decls[i].(*ast.GenDecl); ok {
		out = append(out, gen)
		j := sort.Search(len(gen.Specs), func(j int) bool { return t.offset(gen.Specs[j].End()) > off })
		if j == len(gen.Specs) {
			return out
		}
		return t.inside(gen.Specs[j], off, out)
	}
	return t.inside(decls[i], off, out)
}

func (t *Tree) inside(root ast.Node, off int, out []ast.Node) []ast.Node {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		if _, isComment := n.(*ast.CommentGroup); isComment || !t.Span(n).Contains(off) {
			return false
		}
		// A function's type begins before its name, which holds the byte already.
		if last := out[len(out)-1]; len(out) > 1 && !t.Span(last).Covers(t.Span(n)) {
			return false
		}
		out = append(out, n)
		return true
	})
	return out
}

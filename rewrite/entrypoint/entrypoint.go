// Package entrypoint lets scripts that run what they are given, and ask whether it is the program, take its path for it too.
package entrypoint

import (
	"bytes"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Plan widens the tests of every script of the workspace that ends with "$@": a caller that was rewritten passes the path
// of an instance's program where it passed the name, and both have to be met.
func Plan(in step.Input) step.Output {
	var out step.Output
	for _, root := range in.Roots {
		for _, file := range root.Files {
			if !asks(root.Occurrences[file]) {
				continue
			}
			src, err := root.Read(file)
			if err != nil {
				continue // the scan has told that it cannot be read
			}
			edits := widen(src, in.Pack.Program.Name)
			if len(edits) == 0 {
				continue
			}
			at := edit.File{Root: root.Key, Path: file}
			line := 1 + bytes.Count(src[:edits[0].Start], []byte("\n"))
			program := in.Pack.Program.Name
			place := edit.Place{File: at, Offset: edits[0].Start, Line: line}
			out.Fix(program+"/entry-point", "take the path of "+program+" for its name", place, edit.Change{File: at, Edits: edits})
			out.Note(step.Invocations, step.Did, at, line, "its test of the command's name is met by the path of an instance's "+program+" too")
		}
	}
	return out
}

// asks reports whether shell text of the file compares something with the program's name.
func asks(occurrences []site.Occurrence) bool {
	for _, occ := range occurrences {
		if occ.Class == site.Data && occ.Language == "shell" && occ.Host == "" {
			return true
		}
	}
	return false
}

// widen are the edits of a script whose tests of its first argument are for the program's bare name only. There are none
// where the script does not run its arguments.
func widen(src []byte, program string) []edit.Edit {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(bytes.NewReader(src), "")
	if err != nil || !runsArguments(file) {
		return nil
	}
	w := &widener{src: src, program: program}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			w.test(n)
		case *syntax.BinaryTest:
			if n.Op == syntax.TsMatch || n.Op == syntax.TsMatchShort || n.Op == syntax.TsNoMatch {
				w.compared(n.X, n.Y)
			}
		case *syntax.CaseClause:
			w.cases(n)
		case *syntax.FuncDecl:
			return false // its first argument is another one
		}
		return true
	})
	return w.edits
}

// runsArguments reports whether a script runs all of "$@" outside of its functions. One that shifts the name away does
// something of its own with the rest.
func runsArguments(file *syntax.File) bool {
	found, shifted := false, false
	syntax.Walk(file, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok {
			shifted = shifted || len(call.Args) > 0 && call.Args[0].Lit() == "shift"
			for _, word := range call.Args[:min(len(call.Args), 4)] { // exec, and a wrapper before it: exec gosu USER "$@"
				found = found || parameter(word) == "@"
			}
			return true
		}
		_, function := n.(*syntax.FuncDecl)
		return !function
	})
	return found && !shifted
}

type widener struct {
	src     []byte
	program string
	edits   []edit.Edit
}

// test is [ "$1" = tutor ].
func (w *widener) test(call *syntax.CallExpr) {
	if len(call.Args) == 0 || call.Args[0].Lit() != "[" && call.Args[0].Lit() != "test" {
		return
	}
	for i := 2; i+1 < len(call.Args); i++ {
		if op := call.Args[i].Lit(); op == "=" || op == "==" || op == "!=" {
			w.compared(call.Args[i-1], call.Args[i+1])
		}
	}
}

// compared widens one side of a comparison when the other is the program's name.
func (w *widener) compared(x, y syntax.TestExpr) {
	a, aOK := x.(*syntax.Word)
	b, bOK := y.(*syntax.Word)
	switch {
	case !aOK || !bOK:
	case w.named(b) && parameter(a) == "1":
		w.base(a)
	case w.named(a) && parameter(b) == "1":
		w.base(b)
	}
}

// base puts the last element of the first argument in its place. Where it may be unset a command is needed: no one
// expansion has both a default and a cut.
func (w *widener) base(word *syntax.Word) {
	start, end := int(word.Pos().Offset()), int(word.End().Offset())
	text := `"${1##*/}"`
	if strings.Contains(string(w.src[start:end]), "-") {
		text = `"$(basename -- "${1:-}")"`
	}
	w.edits = append(w.edits, edit.Edit{Start: start, End: end, New: text})
}

// cases adds the path to the pattern of the name.
func (w *widener) cases(clause *syntax.CaseClause) {
	if parameter(clause.Word) != "1" {
		return
	}
	for _, item := range clause.Items {
		if slices.ContainsFunc(item.Patterns, func(p *syntax.Word) bool { return strings.HasSuffix(literal(p), "/"+w.program) }) {
			continue // met already
		}
		if i := slices.IndexFunc(item.Patterns, w.named); i >= 0 {
			end := int(item.Patterns[i].End().Offset())
			w.edits = append(w.edits, edit.Edit{Start: end, End: end, New: " | */" + w.program})
		}
	}
}

func (w *widener) named(word *syntax.Word) bool { return literal(word) == w.program }

// literal is the text of a word in which nothing is expanded, without its quotes; empty for any other.
func literal(word *syntax.Word) string {
	if len(word.Parts) != 1 {
		return word.Lit()
	}
	switch part := word.Parts[0].(type) {
	case *syntax.SglQuoted:
		return part.Value
	case *syntax.DblQuoted:
		if len(part.Parts) == 1 {
			if lit, ok := part.Parts[0].(*syntax.Lit); ok {
				return lit.Value
			}
		}
	}
	return word.Lit()
}

// parameter is the name of the parameter that a word expands, alone or with an empty default: "$1", "${1:-}"; empty for
// any other word.
func parameter(word *syntax.Word) string {
	if word == nil || len(word.Parts) != 1 {
		return ""
	}
	part := word.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
		part = q.Parts[0]
	}
	p, ok := part.(*syntax.ParamExp)
	if !ok || p.Excl || p.Length || p.Index != nil || p.Slice != nil || p.Repl != nil {
		return ""
	}
	if p.Exp != nil && (p.Exp.Op != syntax.DefaultUnset && p.Exp.Op != syntax.DefaultUnsetOrNull || p.Exp.Word != nil && len(p.Exp.Word.Parts) > 0) {
		return ""
	}
	return p.Param.Value
}

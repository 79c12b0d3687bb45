package install

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Edit replaces the bytes [Start, End) of the script's text.
type Edit struct {
	source.Span
	New string
}

// Cut is what taking packages out of a script's commands needs.
type Cut struct {
	Edits []Edit
	Gone  bool  // nothing is left of the script but comments
	Left  []int // commands, by index, that install nothing else and stand where they cannot be taken out
}

// Cut takes out the packages that gone picks, by the index of the command and of the package in it. A command that then
// installs nothing disappears; in a place where a command has to stand, `true` stands in for it.
func (s *Script) Cut(gone func(command, pkg int) bool) Cut {
	c := &cutter{script: s, dead: map[*syntax.Stmt]bool{}, reached: map[*syntax.Stmt]bool{}}
	for i, cmd := range s.Commands {
		var picked []int
		for j := range cmd.Packages {
			if gone(i, j) {
				picked = append(picked, j)
			}
		}
		if len(picked) > 0 {
			c.command(cmd, picked)
		}
	}
	whole := c.list(s.file.Stmts)
	for i, cmd := range s.Commands {
		if c.dead[cmd.stmt] && !c.reached[cmd.stmt] {
			c.out.Left = append(c.out.Left, i)
		}
	}
	c.out.Edits = join(c.out.Edits)
	c.out.Gone = whole && len(s.file.Stmts) > 0
	return c.out
}

// join sorts edits and makes one of deletions that overlap.
func join(edits []Edit) []Edit {
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start - b.Start })
	var out []Edit
	for _, e := range edits {
		if n := len(out); n > 0 && e.Start < out[n-1].End && e.New == "" && out[n-1].New == "" {
			out[n-1].End = max(out[n-1].End, e.End)
			continue
		}
		out = append(out, e)
	}
	return out
}

type cutter struct {
	script  *Script
	dead    map[*syntax.Stmt]bool // statements that go whole
	reached map[*syntax.Stmt]bool // those of them that the walk came by
	out     Cut
}

// command takes words out of a command, or marks its statement when nothing would be left to install.
func (c *cutter) command(cmd Command, picked []int) {
	if len(picked) == len(cmd.Packages) && len(cmd.Files) == len(cmd.Constraints) {
		c.dead[cmd.stmt] = true
		return
	}
	for _, j := range picked {
		p := cmd.Packages[j]
		before := p.Start
		for _, w := range cmd.words {
			if w.End <= p.Start {
				before = w.End
			}
		}
		c.out.Edits = append(c.out.Edits, Edit{Span: source.Span{Start: before, End: p.End}})
	}
}

func at(p syntax.Pos) int { return int(p.Offset()) }

func (c *cutter) edit(start, end int, text string) {
	c.out.Edits = append(c.out.Edits, Edit{source.Span{Start: start, End: end}, text})
}

// stmt reports whether a statement goes whole. What goes inside it is edited here.
func (c *cutter) stmt(s *syntax.Stmt) bool {
	if s == nil {
		return false
	}
	if c.dead[s] {
		if s.Background || s.Coprocess || s.Negated || heredoc(s) {
			return false
		}
		c.reached[s] = true
		return true
	}
	switch cmd := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		return c.binary(cmd)
	case *syntax.Block:
		c.body(cmd.Stmts)
	case *syntax.Subshell:
		c.body(cmd.Stmts)
	case *syntax.FuncDecl:
		c.only(cmd.Body)
	case *syntax.IfClause:
		for i := cmd; i != nil; i = i.Else {
			c.body(i.Cond)
			c.body(i.Then)
		}
	case *syntax.WhileClause:
		c.body(cmd.Cond)
		c.body(cmd.Do)
	case *syntax.ForClause:
		c.body(cmd.Do)
	case *syntax.CaseClause:
		for _, item := range cmd.Items {
			c.body(item.Stmts)
		}
	case *syntax.TimeClause:
		c.only(cmd.Stmt)
	}
	return false
}

func heredoc(s *syntax.Stmt) bool {
	for _, r := range s.Redirs {
		if r.Hdoc != nil {
			return true
		}
	}
	return false
}

// only is a statement that something has to stand in place of.
func (c *cutter) only(s *syntax.Stmt) {
	if c.stmt(s) {
		c.edit(at(s.Pos()), at(s.End()), "true")
	}
}

// binary edits a chain. Of a && b the dead side goes with the operator; a || b lost its meaning when a is dead, and a
// dead b becomes true. A pipe holds on to both of its sides.
func (c *cutter) binary(b *syntax.BinaryCmd) bool {
	if b.Op != syntax.AndStmt && b.Op != syntax.OrStmt {
		return false
	}
	before := len(c.out.Edits)
	x, y := c.stmt(b.X), c.stmt(b.Y)
	switch {
	case x && (y || b.Op == syntax.OrStmt && !c.installs(b.Y)):
		c.out.Edits = c.out.Edits[:before]
		return true
	case x && b.Op == syntax.OrStmt:
		c.reached[b.X] = false
	case x:
		c.edit(at(b.X.Pos()), at(b.Y.Pos()), "")
	case y && b.Op == syntax.AndStmt && !asks(b.X):
		c.edit(at(b.X.End()), at(b.Y.End()), "")
	case y:
		c.edit(at(b.Y.Pos()), at(b.Y.End()), "true")
	}
	return false
}

// asks reports whether a statement is a question, whose answer must not end a script under set -e: what follows it by &&
// becomes true instead of going away.
func asks(s *syntax.Stmt) bool {
	if s.Negated {
		return true
	}
	switch cmd := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		return asks(cmd.Y)
	case *syntax.TestClause, *syntax.ArithmCmd:
		return true
	case *syntax.CallExpr:
		if len(cmd.Args) > 0 {
			switch cmd.Args[0].Lit() {
			case "[", "test", "grep", "egrep", "command", "which", "type", "hash", "cmp", "diff", "false":
				return true
			}
		}
	}
	return false
}

// installs reports whether a command inside a statement installs something.
func (c *cutter) installs(s *syntax.Stmt) bool {
	for _, cmd := range c.script.Commands {
		if at(s.Pos()) <= cmd.Start && cmd.End <= at(s.End()) {
			return true
		}
	}
	return false
}

// body edits statements of which one has to stay.
func (c *cutter) body(stmts []*syntax.Stmt) {
	before := len(c.out.Edits)
	if !c.list(stmts) || len(stmts) == 0 {
		return
	}
	c.out.Edits = c.out.Edits[:before]
	c.edit(at(stmts[0].Pos()), c.end(stmts[len(stmts)-1], false), "true")
}

// list edits statements one after the other, and reports whether all of them go.
func (c *cutter) list(stmts []*syntax.Stmt) bool {
	all := len(stmts) > 0
	alive := -1 // the last statement that stays
	dead := make([]bool, len(stmts))
	for i, s := range stmts {
		dead[i] = c.stmt(s)
		all = all && dead[i]
	}
	for i, s := range stmts {
		if !dead[i] {
			alive = i
			continue
		}
		start, end := at(s.Pos()), c.end(s, true)
		switch {
		case c.lineStart(start) && c.lineEnd(end):
			start, end = c.lines(start, end)
		case (c.lineEnd(end) || c.script.Text[end] == ')') && alive >= 0 && !strings.Contains(c.script.Text[at(stmts[alive].Pos()):start], "\n"):
			start = c.end(stmts[alive], false)
		}
		c.edit(start, end, "")
	}
	return all
}

// end is where a statement ends, with the semicolon after it and the white space that follows that.
func (c *cutter) end(s *syntax.Stmt, semicolon bool) int {
	end := at(s.End())
	if s.Semicolon.IsValid() {
		end = at(s.Semicolon)
		if semicolon {
			end++
			for end < len(c.script.Text) && (c.script.Text[end] == ' ' || c.script.Text[end] == '\t') {
				end++
			}
		}
	}
	return end
}

// lineStart reports whether nothing but white space stands before on its line.
func (c *cutter) lineStart(i int) bool {
	line := c.script.Text[strings.LastIndexByte(c.script.Text[:i], '\n')+1 : i]
	return strings.Trim(line, " \t") == ""
}

// lineEnd reports whether nothing but white space or a comment stands after on its line.
func (c *cutter) lineEnd(i int) bool {
	line, _, _ := strings.Cut(c.script.Text[i:], "\n")
	line = strings.TrimLeft(line, " \t\r")
	return line == "" || line[0] == '#'
}

// lines widens a span to whole lines.
func (c *cutter) lines(start, end int) (int, int) {
	start = strings.LastIndexByte(c.script.Text[:start], '\n') + 1
	if i := strings.IndexByte(c.script.Text[end:], '\n'); i >= 0 {
		return start, end + i + 1
	}
	return start, len(c.script.Text)
}

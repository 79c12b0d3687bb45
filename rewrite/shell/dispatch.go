package shell

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// dispatched is the edit that gives the variable which holds the name that the script was called by the path of the
// instance's program, when that is the name, before the command that runs it:
//
//	if [ "$command" = tutor ]; then
//	    command="$root/.venv/bin/tutor"
//	fi
func (p *project) dispatched(pl *plan) ([]edit.Edit, error) {
	d, err := p.docs.Open(pl.site.File)
	if err != nil {
		return nil, err
	}
	slot := pl.site.Occurrence.Slot
	name := strings.Trim(string(d.Src[slot.Span.Start:slot.Span.End]), `"${}`)
	at, err := d.before(slot)
	if err != nil {
		return nil, err
	}
	line := string(d.Src[at:])
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	nl := d.Newline
	text := indent + `if [ "$` + name + `" = ` + p.program + " ]; then" + nl +
		indent + d.indent() + name + `="` + pl.word.text + `"` + nl +
		indent + "fi" + nl
	list := []edit.Edit{{Start: at, End: at, New: text}}
	if pl.word.function {
		list = append(list, p.homes[d.File].edits...)
	}
	return list, p.parses(d, list)
}

// before is the beginning of the line of the statement that runs the slot's word, where another statement can stand.
func (d *document) before(slot *site.Slot) (int, error) {
	f, err := d.parsed()
	if err != nil {
		return 0, err
	}
	best := source.Span{}
	syntax.Walk(f, func(n syntax.Node) bool {
		for _, s := range sequence(n) {
			start := int(s.Pos().Offset())
			from := d.LineStart(start)
			if covers(s, slot.Span) && strings.TrimSpace(string(d.Src[from:start])) == "" {
				best = source.Span{Start: from, End: int(s.End().Offset())}
			}
		}
		return true
	})
	if best.Len() == 0 {
		return 0, fmt.Errorf("there is no line of its own before which the path could be chosen")
	}
	return best.Start, nil
}

// sequence are the statements that a node runs one after the other.
func sequence(n syntax.Node) []*syntax.Stmt {
	switch n := n.(type) {
	case *syntax.File:
		return n.Stmts
	case *syntax.Block:
		return n.Stmts
	case *syntax.Subshell:
		return n.Stmts
	case *syntax.IfClause:
		return n.Then
	case *syntax.WhileClause:
		return n.Do
	case *syntax.ForClause:
		return n.Do
	case *syntax.CaseItem:
		return n.Stmts
	}
	return nil
}

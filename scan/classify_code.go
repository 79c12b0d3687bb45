package scan

import (
	"fmt"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// explain says what every place of a source file is that no command was found at.
func (c *codebase) classify(t *text, r flow.Result) {
	m := c.modules[t.path]
	if m == nil {
		return // unreadable: the file is skipped, its occurrences are unexplained
	}
	have := map[source.Span]bool{}
	for _, occ := range c.out[t.path] {
		have[occ.Span] = true
	}
	uses := usesIn(t.path, r.Commands)
	for _, at := range site.Find(t.src, c.s.pack.Program.Name) {
		switch {
		case have[at]:
		case holds(r.Told, t.path, at):
			c.out[t.path] = append(c.out[t.path], site.Occurrence{
				Span: at, Language: string(c.lang.kind), Class: site.Data, Shown: true,
				Rule: c.s.pack.Program.Name + "/" + string(c.lang.kind) + "-data", Reason: "the name that a program is told to have, beside the one that is run",
			})
		default:
			c.out[t.path] = append(c.out[t.path], c.followed(t, c.plain(t, m, at, uses), r))
		}
	}
}

// followed explains a command-like text that no reader could explain by where its value went.
func (c *codebase) followed(t *text, occ site.Occurrence, r flow.Result) site.Occurrence {
	if occ.Class != site.Unexplained || r.Bounded {
		return occ
	}
	name := c.s.pack.Program.Name + "/" + string(c.lang.kind)
	switch {
	case holds(r.Escaped, t.path, occ.Span):
	case holds(r.Shown, t.path, occ.Span):
		occ.Class, occ.Rule, occ.Reason = site.Message, name+"-message", "it reads as a command, and every call that gets it only shows it"
	default:
		occ.Class, occ.Rule, occ.Reason = site.Data, name+"-data", "it reads as a command, but the value was followed and nothing runs it"
	}
	return occ
}

// holds reports whether one of the literals holds the word at a span.
func holds(literals map[flow.Place]bool, file string, at source.Span) bool {
	for p := range literals {
		if p.File == file && p.Span.Covers(at) {
			return true
		}
	}
	return false
}

// plain is an occurrence that no command was found at.
func (c *codebase) plain(t *text, m *module, at source.Span, uses []use) site.Occurrence {
	occ := site.Occurrence{Span: at, Language: string(c.lang.kind)}
	occ.Class, occ.Rule, occ.Reason = m.classify(at)
	occ.Shown = occ.Class != site.Path || quoted(t.src, at) // the readers of languages hold texts against what reads as a call themselves
	program := c.s.pack.Program.Name
	if reason, ok := m.suspect(at); ok {
		occ.Class, occ.Action, occ.Kind, occ.Rule, occ.Reason = site.Invocation, site.Review, "suspected-command", program+"/suspect", reason
		return occ
	}
	if occ.Class != site.Identifier {
		return occ
	}
	for _, u := range uses {
		if u.at.Covers(at) {
			occ.Class, occ.Action, occ.Kind, occ.Rule = site.Invocation, site.Keep, "use-of-value", program+"/use-of-value"
			occ.Reason = fmt.Sprintf("runs the value that is defined at %s", c.describe(t.path, u.origin))
			return occ
		}
	}
	return occ
}

// quoted reports whether a word is the whole of a literal, as a part of a path that a call joins is.
func quoted(src []byte, at source.Span) bool {
	return at.Start > 0 && at.End < len(src) && src[at.Start-1] == src[at.End] && (src[at.End] == '"' || src[at.End] == '\'')
}

// use is a place where a name that reads as the program's is used in a command that is run.
type use struct {
	at     source.Span
	origin flow.Place
}

// usesIn are the uses in a file of a program that is written elsewhere.
func usesIn(file string, commands []flow.Command) []use {
	var out []use
	for i := range commands {
		for j := range commands[i].From {
			o := &commands[i].From[j]
			for _, st := range o.Steps {
				if st.What == flow.UsedHere && st.File == file && o.Literal != nil {
					out = append(out, use{st.Span, flow.Place{File: o.File, Span: o.Literal.Literal}})
				}
			}
		}
	}
	return out
}

func (c *codebase) describe(from string, p flow.Place) string {
	line, col := source.NewLines(c.src[p.File]).Position(p.Start)
	if p.File == from {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, line, col)
}

// dispatch makes an occurrence one of a script that runs the name it was called by.
func (c *codebase) dispatch(occ *site.Occurrence) {
	program := c.s.pack.Program.Name
	occ.Action, occ.Kind, occ.Rule = site.Review, site.DispatchByName, program+"/dispatch-by-name"
	occ.Reason = fmt.Sprintf("the script runs the name that it was called by, and a link called %s leads to it: run an instance's %s when that is the name", program, program)
	occ.Suggestion = c.s.suggestion()
}

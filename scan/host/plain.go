package host

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// plain explains the files that hold no guests.
func (r *reader) plain() {
	end := len(r.src)
	switch r.kind {
	case Text:
		r.prose(0, end)
	case HTML:
		r.prose(0, end)
		r.comments(0)
	case XML:
		r.mark(0, end, site.Data, "value", "the content of a data file")
		r.comments(0)
		r.addresses()
	case CSV:
		r.mark(0, end, site.Data, "value", "the content of a table")
	case PO:
		r.po()
	case Patch:
		r.mark(0, end, site.Data, "patch", "a line of a patch, which changes another file")
	case Lock:
		r.mark(0, end, site.Requirement, "lock", "what an installer wrote down of the packages it chose")
	case Requirements:
		r.requirements()
	case Ignore:
		r.mark(0, end, site.Path, "pattern", "a pattern of paths")
		r.hashComments()
	case CodeOwners:
		r.codeOwners()
	default:
		r.other()
	}
}

// hashComments marks the lines, and the ends of lines after a blank, that begin with a #.
func (r *reader) hashComments() {
	for _, w := range r.words {
		before, _ := r.around(w.Start, w.End)
		trimmed := strings.TrimLeft(before, " \t")
		if strings.HasPrefix(trimmed, "#") || strings.Contains(before, " #") || strings.Contains(before, "\t#") {
			r.mark(w.Start, w.End, site.Comment, "comment", "a comment")
		}
	}
}

// addresses marks the mentions inside URLs and paths.
func (r *reader) addresses() {
	for _, w := range r.words {
		before, after := r.around(w.Start, w.End)
		if linkTarget(before) || strings.HasSuffix(before, "/") || strings.HasPrefix(after, "/") && !strings.HasPrefix(after, "/>") {
			r.mark(w.Start, w.End, site.Path, "path", "a path or an address")
		}
	}
}

// po reads a translation catalogue.
func (r *reader) po() {
	r.mark(0, len(r.src), site.Message, "message", "a text for people and its translation")
	for _, w := range r.words {
		before, _ := r.around(w.Start, w.End)
		switch {
		case strings.HasPrefix(before, "#:"):
			r.mark(w.Start, w.End, site.Path, "path", "where a text comes from")
		case strings.HasPrefix(before, "#"):
			r.mark(w.Start, w.End, site.Comment, "comment", "a comment")
		}
	}
}

// requirements reads a file that names packages, for pip or for Go.
func (r *reader) requirements() {
	r.mark(0, len(r.src), site.Requirement, "requirement", "names a package to install")
	r.hashComments()
	if path.Ext(r.in.Path) == ".mod" {
		for _, w := range r.words {
			if before, _ := r.around(w.Start, w.End); strings.Contains(before, "//") {
				r.mark(w.Start, w.End, site.Comment, "comment", "a comment")
			}
		}
	}
}

// codeOwners reads patterns of paths with the people who look after them.
func (r *reader) codeOwners() {
	r.mark(0, len(r.src), site.Path, "pattern", "a pattern of paths")
	for _, w := range r.words {
		before, _ := r.around(w.Start, w.End)
		if i := strings.LastIndexByte(before, '@'); i >= 0 && !strings.ContainsAny(before[i:], " \t") {
			r.mark(w.Start, w.End, site.Identifier, "owner", "the name of a person or a team")
		}
	}
	r.hashComments()
}

const maxCommandHead = 100 // bytes that may stand before the program's name in a command: an environment, sudo

// other explains what it can in a file of which nothing is known. A line that spells a command is not explained away.
func (r *reader) other() {
	if strings.IndexByte(r.src[:min(len(r.src), 8000)], 0) >= 0 {
		r.mark(0, len(r.src), site.Data, "value", "the content of a binary file")
		return
	}
	r.prose(0, len(r.src))
	for _, w := range r.words {
		before, after := r.around(w.Start, w.End)
		line := strings.TrimSpace(before + r.src[w.Start:w.End] + after)
		trimmed := strings.TrimSpace(before)
		switch {
		case strings.HasPrefix(trimmed, "#"), strings.HasPrefix(trimmed, "//"), strings.HasPrefix(trimmed, ";"), strings.HasPrefix(trimmed, "--"), strings.HasPrefix(trimmed, "*"):
			r.mark(w.Start, w.End, site.Comment, "comment", "a line that is a comment in most formats")
		case len(trimmed) < maxCommandHead && r.surelyCommand(line) && strings.ContainsAny(line, " \t"):
			r.mark(w.Start, w.End, site.Unexplained, "unread", "the line spells a command, and what reads this file is not known")
		case strings.HasSuffix(before, "/") || strings.HasPrefix(after, "/"):
			r.mark(w.Start, w.End, site.Path, "path", "a part of a path")
		}
	}
}

// notebook reads the cells of a Jupyter notebook: `!command` and `%%bash` are shell, the rest of the code is Python.
func (r *reader) notebook() {
	r.mark(0, len(r.src), site.Data, "value", "a value that nothing known runs")
	j := &jsonReader{src: r.src}
	v, err := j.value(0)
	if err != nil {
		r.problem(0, len(r.src), "no JSON")
		r.mark(0, len(r.src), site.Unexplained, "unread", "the file is no JSON")
		return
	}
	for _, cell := range v.get("cells").list {
		l := leaf{text: cell.get("source").str}
		if source := cell.get("source"); source.isList {
			l.multi = true
			source.strings(&l)
		}
		var b builder
		for _, p := range append([]piece{l.text}, l.list...) {
			b.add(p)
		}
		if cell.get("cell_type").str.text == "code" {
			r.cell(b.piece())
			for _, out := range cell.get("outputs").list {
				r.mentions(out.Start, out.End, site.Message, "output", "output of a cell")
			}
		} else {
			s := b.piece().span()
			r.mentions(s.Start, s.End, site.Prose, "prose", "running text of a notebook")
		}
	}
}

// get is the value at a key of an object; the zero value when there is none.
func (v value) get(key string) value {
	for i, k := range v.keys {
		if k.str.text == key {
			return v.list[i]
		}
	}
	return value{}
}

// cell makes the guests of one code cell.
func (r *reader) cell(p piece) {
	magic := strings.TrimLeft(p.text, space)
	if strings.HasPrefix(magic, "%%") {
		word := strings.Fields(magic + " .")[0][2:]
		if kind, _ := blockKind(word); kind == Shell || word == "!" {
			at := lineAt(p.text, len(p.text)-len(magic)).next
			body := p.cut(at, len(p.text))
			r.guest(&source.Guest{Text: body.text, Map: body.m, Language: "shell", Where: "cell", Spell: jsonSpell})
			return
		}
	}
	var python builder
	for at := 0; at < len(p.text); {
		l := lineAt(p.text, at)
		text := l.text(p.text)
		bang := strings.TrimLeft(text, " \t")
		indent := len(text) - len(bang)
		if strings.HasPrefix(bang, "!") || strings.HasPrefix(bang, "%sx ") {
			n := indent + 1
			if bang[0] == '%' {
				n = indent + 4
			}
			shell := p.cut(l.start+n, l.end)
			r.guest(&source.Guest{Text: shell.text, Map: shell.m, Language: "shell", Where: "cell", Spell: spellThrough(oneLine, jsonSpell)})
			python.add(p.cut(l.start, l.start+indent))
			python.gap("pass\n", p.at(l.start))
		} else {
			python.add(p.cut(l.start, l.next))
		}
		at = l.next
	}
	if body := python.piece(); len(site.Find([]byte(body.text), r.program)) > 0 {
		r.guest(&source.Guest{Text: body.text, Map: body.m, Language: "python", Where: "cell", Spell: jsonSpell})
	}
}

package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// notebook reads the cells of a Jupyter notebook: `!command` and `%%bash` are shell, the rest of the code is Python.
func (r *reader) notebook() {
	r.Mark(0, len(r.src), site.Data, "value", "a value that nothing known runs")
	j := &jsonReader{src: r.src}
	v, err := j.value(0)
	if err != nil {
		r.Problem(0, len(r.src), "no JSON")
		r.Mark(0, len(r.src), site.Unexplained, "unread", "the file is no JSON")
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
				r.Mentions(out.Start, out.End, site.Message, "output", "output of a cell")
			}
		} else {
			s := b.piece().span()
			r.Mentions(s.Start, s.End, site.Prose, "prose", "running text of a notebook")
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

// cell makes the embedded scripts of one code cell.
func (r *reader) cell(p piece) {
	magic := strings.TrimLeft(p.text, space)
	if strings.HasPrefix(magic, "%%") {
		word := strings.Fields(magic + " .")[0][2:]
		if kind, _ := blockKind(word); kind == Shell || word == "!" {
			at := lineAt(p.text, len(p.text)-len(magic)).next
			body := p.cut(at, len(p.text))
			r.embedded(&source.Script{Text: body.text, Map: body.m, Language: "shell", Where: "cell", Render: jsonRender})
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
			r.embedded(&source.Script{Text: shell.text, Map: shell.m, Language: "shell", Where: "cell", Render: renderThrough(OneLine, jsonRender)})
			python.add(p.cut(l.start, l.start+indent))
			python.gap("pass\n", p.at(l.start))
		} else {
			python.add(p.cut(l.start, l.next))
		}
		at = l.next
	}
	if body := python.piece(); len(site.Find([]byte(body.text), r.Program)) > 0 {
		r.embedded(&source.Script{Text: body.text, Map: body.m, Language: "python", Where: "cell", Render: jsonRender})
	}
}

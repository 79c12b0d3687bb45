package host

import (
	"cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// reader collects what is found in one file.
type reader struct {
	*reading.Marks
	kind   Kind
	in     reading.Input
	pack   *rules.Pack
	src    string
	depth  int  // of files inside files
	masked bool // the template blocks are hidden already
}

func newReader(kind Kind, in reading.Input) *reader {
	return &reader{Marks: reading.NewMarks(in), kind: kind, in: in, pack: in.Pack, src: string(in.Src)}
}

func (r *reader) embedded(g *source.Script) {
	g.Host = cmp.Or(g.Host, string(r.kind))
	r.Scripts = append(r.Scripts, g)
}

// whole makes the file itself an embedded script, for the package that reads its language.
func (r *reader) whole(language string) {
	r.embedded(&source.Script{Text: r.src, Map: source.Identity(0, len(r.src)), Language: language, Where: "the file"})
}

func (r *reader) occurrence(at source.Span, m reading.Mark) site.Occurrence {
	if m.Class == "" {
		m = reading.Mark{Class: site.Unexplained, Shape: "unread", Reason: "this part of the file could not be read as " + string(r.kind)}
	}
	occ := site.Occurrence{Span: at, Language: cmp.Or(m.Language, string(r.kind)), Class: m.Class, Kind: m.Shape, Reason: m.Reason}
	if occ.Language != string(r.kind) {
		occ.Host = string(r.kind)
	}
	if m.Class.Site() {
		occ.Action = site.Review
	}
	occ.Rule = r.Program + "/" + family(Kind(occ.Language)) + "-" + m.Shape
	return occ
}

// family is the group of kinds whose rules are documented together.
func family(kind Kind) string {
	switch kind {
	case Dockerfile, Makefile:
		return string(kind)
	case Markdown, RST, Text, HTML, PO, Notebook:
		return "document"
	case INI, TOML, JSON, Systemd, HCL, Env, CSV, XML:
		return "data"
	case Crontab, Procfile, Justfile:
		return "job"
	case Jinja, ERB:
		return "template"
	case Requirements, Lock:
		return "package"
	}
	if _, ok := notationOf(kind); ok {
		return "code"
	}
	return "file"
}

package scan

import (
	"bytes"
	"cmp"
	"iter"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/shell"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// seenFrom is the finding with its steps in a file named as the file itself names them: without its key.
func seenFrom(file string, occ site.Occurrence) site.Occurrence {
	occ.Uses, occ.Trace = own(occ.Uses, file), own(occ.Trace, file)
	occ.Takes = slices.Clone(occ.Takes)
	for i := range occ.Takes {
		if occ.Takes[i].File == file {
			occ.Takes[i].File = ""
		}
	}
	return occ
}

func own(steps []site.Step, file string) []site.Step {
	out := slices.Clone(steps)
	for i := range out {
		if out[i].File == file {
			out[i].File = ""
		}
	}
	return out
}

// reader reads files one after the other, with one parser.
type reader struct {
	s      *scanner
	parser *syntax.Parser
}

func newReader(s *scanner) *reader { return &reader{s: s, parser: &syntax.Parser{}} }

func (r *reader) close() { r.parser.Close() }

// maxNesting bounds embedded scripts inside embedded scripts.
const maxNesting = 6

// file reads a shell script, or a file that holds embedded scripts.
func (r *reader) file(t *text) reading.Result {
	var out reading.Result
	if t.kind == host.Shell {
		g := &source.Script{Text: string(t.src), Map: source.Identity(0, len(t.src)), Language: "shell", Dialect: dialect(t.path)}
		r.embedded(g, t, &out, 0)
		return out
	}
	r.hosts(t.kind, t.path, t.src, nil, t, &out, 0)
	return out
}

// directives reads the comments of a programming language whose rest a tool runs.
func (r *reader) directives(t *text) reading.Result {
	var out reading.Result
	for _, begin := range r.s.pack.Languages[string(t.kind)].Directives {
		for at := range lineStarts(t.src) {
			line, _, _ := bytes.Cut(t.src[at:], []byte("\n"))
			rest, ok := bytes.CutPrefix(line, []byte(begin))
			if !ok || len(rest) == 0 || rest[0] != ' ' && rest[0] != '\t' {
				continue
			}
			start := at + len(begin)
			g := &source.Script{
				Text: string(rest), Map: source.Identity(start, len(rest)), Language: string(host.Shell),
				Host: string(t.kind), Where: begin, Render: host.OneLine,
			}
			r.embedded(g, t, &out, 0)
		}
	}
	return out
}

// lineStarts are the bytes at which the lines of a text begin.
func lineStarts(src []byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; at < len(src) && yield(at); {
			n := bytes.IndexByte(src[at:], '\n')
			if n < 0 {
				return
			}
			at += n + 1
		}
	}
}

// dialect is the shell that a file's name tells; empty when only its first line can.
func dialect(name string) string {
	switch path.Ext(name) {
	case ".fish":
		return "fish"
	case ".zsh":
		return "zsh"
	case ".bash", ".bats":
		return "bash"
	}
	return ""
}

// hosts reads a file, or an embedded script, that holds embedded scripts of its own. Outer is the script; nil for a file.
func (r *reader) hosts(kind host.Kind, name string, src []byte, outer *source.Script, t *text, out *reading.Result, depth int) {
	document := outer != nil && outer.Document
	got := host.Read(kind, reading.Input{Path: name, Src: src, Pack: r.s.pack, Load: r.s.loadFile, Document: document})
	if !document { // an example need not be whole
		out.Problems = append(out.Problems, got.Problems...)
	}
	for _, occ := range got.Occurrences {
		if outer != nil {
			lift(&occ, outer)
		}
		out.Occurrences = append(out.Occurrences, occ)
	}
	for _, g := range got.Scripts {
		if outer != nil {
			g = g.Within(outer)
		}
		r.embedded(g, t, out, depth+1)
	}
}

// script reads an embedded script in whatever language it is in.
func (r *reader) embedded(g *source.Script, t *text, out *reading.Result, depth int) {
	if r.s.ctx.Err() != nil {
		return
	}
	if depth > maxNesting {
		out.Problems = append(out.Problems, reading.Problem{Text: "files inside files are nested too deeply"})
		return
	}
	switch kind := host.Kind(g.Language); {
	case kind == host.Shell:
		r.shell(g, t, out)
	case isLanguage(kind):
		r.s.readCode(r.parser, g, t, out)
	default:
		inner := *g
		r.hosts(kind, t.path, []byte(g.Text), &inner, t, out, depth)
	}
}

// shell reads shell text.
func (r *reader) shell(g *source.Script, t *text, out *reading.Result) {
	got := shell.Read(g, shell.Options{
		Pack: r.s.pack, Parser: r.parser, Links: r.s.links[t.path], Names: r.s.templated(g, t),
		Load:  func(p string) (string, []byte, bool) { return r.s.sourced(t.path, p) },
		Roots: r.s.placeRoots(t),
	})
	for _, occ := range got.Occurrences {
		if g.Document && (occ.Class == site.Unexplained || blank(g.Text, occ.Span)) {
			occ.Class, occ.Rule, occ.Reason = site.Prose, r.s.pack.Program.Name+"/document-code-text", "text of a code block that is no shell"
		}
		if g.Document && occ.Class.Site() && r.s.history(t.path) {
			occ.Action, occ.Reason = site.Keep, "a decision record is history: it stays as it was written"
		}
		r.s.referred(&occ, g, t, out)
		r.s.place(&occ, g, out)
	}
	for _, f := range got.Foreign {
		occ := f.Occurrence
		occ.Uses, occ.Trace = fromHere(occ.Uses, g, t.path), fromHere(occ.Trace, g, t.path)
		for i := range occ.Takes {
			occ.Takes[i].File = cmp.Or(occ.Takes[i].File, t.path)
		}
		if f.Var != nil {
			r.s.place(&occ, f.Var.Value, out)
			continue
		}
		out.Foreign = append(out.Foreign, reading.Foreign{File: f.File, Occurrence: occ})
	}
	out.Exports = append(out.Exports, got.Exports...)
	if !g.Document { // an example in a document need not be whole
		out.Problems = append(out.Problems, got.Problems...)
	}
}

// history reports whether a document stands in a directory of decision records.
func (s *scanner) history(file string) bool {
	return slices.ContainsFunc(strings.Split(strings.ToLower(path.Dir(file)), "/"), func(dir string) bool {
		return slices.Contains(s.pack.Hosts.Documents.History, dir)
	})
}

// blank reports whether a word of an example stands in a blank that the reader of the document is to fill: `<a name>`.
func blank(text string, s source.Span) bool {
	const near = 200 // bytes: a name to be filled in is short
	before := text[max(0, s.Start-near):s.Start]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	rest, _, _ := strings.Cut(text[s.End:min(len(text), s.End+near)], "\n")
	open, end := strings.LastIndexByte(line, '<'), strings.IndexByte(rest, '>')
	if open < 0 || end < 0 || strings.HasPrefix(line[open:], "<(") {
		return false
	}
	return !strings.ContainsAny(line[open+1:]+rest[:end], "<>|&;()$")
}

// referred notes the places where the host refers, by a name that is the program's, to the definition that a site stands in.
func (s *scanner) referred(occ *site.Occurrence, g *source.Script, t *text, out *reading.Result) {
	for _, ref := range g.Refs {
		if ref.At.File != "" || !occ.Class.Site() || !ref.Covers(occ.Span) || len(site.Find(t.src[ref.At.Start:ref.At.End], s.pack.Program.Name)) == 0 {
			continue
		}
		out.Occurrences = append(out.Occurrences, site.Occurrence{
			Span: ref.At.Span, Host: g.Host, Language: occ.Language, Class: occ.Class, Kind: "use-of-value", Action: site.Keep,
			Rule: s.pack.Program.Name + "/use-of-value", Reason: "runs a value that is defined elsewhere; the definition has a row of its own",
		})
	}
}

// templated are the expressions of a script's host that hold the instance, as names for its commands: template expressions
// that stand in the script, and the variables of a makefile.
func (s *scanner) templated(g *source.Script, t *text) []site.Name {
	var out []site.Name
	for _, h := range g.Holes {
		if s.pack.Instance.Holds(strings.TrimSpace(h.Expr)) {
			out = append(out, site.Name{Expr: h.Source, How: "template"})
		}
	}
	if g.Host == string(host.Makefile) {
		out = append(out, s.makeNames(g, t)...)
	}
	return out
}

// place puts an occurrence of an embedded script where it stands: in the script's host, or in the file that its bytes come from.
func (s *scanner) place(occ *site.Occurrence, g *source.Script, out *reading.Result) {
	where, ok := g.Map.Host(occ.Span)
	if !ok {
		where = g.Map.At(occ.Start)
	}
	lift(occ, g)
	if where.File != "" {
		out.Foreign = append(out.Foreign, reading.Foreign{File: where.File, Occurrence: *occ})
		return
	}
	out.Occurrences = append(out.Occurrences, *occ)
}

// lift changes an occurrence's places from bytes of an embedded script to bytes of its host.
func lift(occ *site.Occurrence, g *source.Script) {
	inScript := occ.Span
	where, ok := g.Map.Host(occ.Span)
	if !ok {
		where = spread(g.Map, occ.Span)
		occ.Slot = nil
	}
	occ.Span = where.Span
	if occ.Host == "" {
		occ.Host = g.Host
	}
	if g.Document && occ.Class.Site() {
		occ.Kind = "document-command"
	}
	if occ.Kind == site.DispatchByName && occ.Slot != nil { // where the value is run, not where it is written
		inScript, where.Span = occ.Slot.At, occ.Slot.Span
	}
	if occ.Slot != nil {
		slot := *occ.Slot
		if slot.Script == nil {
			slot.Script = g
			if !slot.At.Covers(inScript) {
				slot.At = inScript
			}
		} else if slot.Script != g {
			slot.Script = slot.Script.Within(g)
		}
		if !slot.Span.Covers(where.Span) { // it may be more than the name: the path that ends with it
			slot.Span = where.Span
		}
		occ.Slot = &slot
	}
	occ.Uses, occ.Trace = liftSteps(occ.Uses, g), liftSteps(occ.Trace, g)
	for _, ref := range g.Refs {
		if occ.Class.Site() && ref.Covers(inScript) {
			occ.Uses = append(occ.Uses, site.Step{File: ref.At.File, Span: ref.At.Span, What: "run here"})
			if ref.Span == inScript {
				occ.Takes = append(occ.Takes, takenBy(ref, occ, g))
			}
		}
	}
}

// takenBy is the host's reference to a value that is the program's name, as a place where a path can stand in its stead.
func takenBy(ref source.Ref, occ *site.Occurrence, g *source.Script) site.Take {
	slot := site.Slot{UnsafeReason: "the value is run in text inside the script: give this call its instance's path by hand"}
	if occ.Slot != nil {
		slot = *occ.Slot
	}
	slot.Span = ref.At.Span
	switch {
	case slot.Script != g:
	case ref.Shared:
		slot.UnsafeReason = "the variable holds something else as well at times: give this call its instance's path by hand"
	default:
		there := *g
		there.Refs, there.Map = nil, source.Map{}
		for _, part := range []source.Span{{End: ref.Start}, {Start: ref.End, End: len(g.Text)}} {
			if part.Start == ref.End {
				there.Map.Append(source.Segment{Len: ref.Len(), Host: ref.At.Start, HostLen: ref.At.Len(), Atomic: true, File: ref.At.File})
			}
			for _, seg := range g.Map.Slice(part).Segments {
				there.Map.Append(seg)
			}
		}
		slot.Script = &there
	}
	return site.Take{File: ref.At.File, Slot: &slot, Class: occ.Class, Argv: occ.Argv}
}

// fromHere are steps of which those that stand in the script say so, for a definition that another place holds.
func fromHere(steps []site.Step, g *source.Script, file string) []site.Step {
	out := liftSteps(steps, g)
	for i := range out {
		out[i].File = cmp.Or(out[i].File, file)
	}
	return out
}

// spread is the host place from the first to the last byte of a span that is not written in one piece.
func spread(m source.Map, s source.Span) source.Place {
	first, last := m.At(s.Start), m.At(max(s.Start, s.End-1))
	if last.File == first.File && last.End > first.Start {
		first.End = last.End
	}
	return first
}

func liftSteps(steps []site.Step, g *source.Script) []site.Step {
	out := make([]site.Step, len(steps))
	for i, st := range steps {
		if st.File == "" {
			p := spread(g.Map, st.Span)
			st.File, st.Span = p.File, p.Span
		}
		out[i] = st
	}
	return out
}

// loadFile is another file of the root, for includes.
func (s *scanner) loadFile(name string) ([]byte, bool) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if !s.known[name] {
		return nil, false
	}
	if t := s.byPath[name]; t != nil {
		return t.src, true
	}
	src, err := s.root.Tree.Read(name)
	return src, err == nil
}

// take adds what a reader found in a file, and the definitions in other files that it runs.
func (s *scanner) take(t *text, r reading.Result) {
	t.findings = append(t.findings, r.Occurrences...)
	for _, f := range r.Foreign {
		if other := s.byPath[f.File]; other != nil {
			other.findings = append(other.findings, seenFrom(f.File, f.Occurrence))
		}
	}
	for _, p := range r.Problems {
		s.skipped = append(s.skipped, Skip{s.root, walk.Skip{Path: t.path, Reason: p.Text, Minor: !p.Total}})
	}
}

package scan

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/shell"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// codebase is one language's part of a root while its values are followed.
type codebase struct {
	s       *scanner
	lang    language
	parser  *syntax.Parser
	modules map[string]*module // nil for a file that cannot be read
	src     map[string][]byte
	texts   []*text // the files that hold the word
	out     map[string][]site.Occurrence
	skipped []walk.Skip
	alone   bool                 // the code stands inside another file: no other file is looked at
	dirs    map[string][]string  // the language's files, by directory; nil before they are asked for
	imports map[string][]string  // the files that each may import, as far as they were asked for
	means   map[[2]string]string // the file that an import in a file means, empty for none, as far as it was asked for
	asked   map[flow.Export]bool

	rootOption *regexp.Regexp // as rootOption makes it
}

// readLanguages follows the values of every programming language, the languages side by side.
func (s *scanner) readLanguages() error {
	var g errgroup.Group
	var mu sync.Mutex
	for _, lang := range languages(s.pack) {
		c := s.codebase(lang, &syntax.Parser{}, s.held)
		if len(c.texts) == 0 {
			continue
		}
		g.Go(func() error {
			defer c.parser.Close()
			c.solve()
			mu.Lock()
			defer mu.Unlock()
			c.hand()
			return s.ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("scan %s: %w", s.root.Key, err)
	}
	return nil
}

// codebase is the files of one language, each with what was read of it.
func (s *scanner) codebase(lang language, parser *syntax.Parser, texts []*text) *codebase {
	c := &codebase{
		s: s, lang: lang, parser: parser, modules: map[string]*module{}, src: map[string][]byte{}, out: map[string][]site.Occurrence{},
		imports: map[string][]string{}, means: map[[2]string]string{}, asked: map[flow.Export]bool{}, rootOption: rootOption(s.pack.Instance.RootOptions),
	}
	for _, t := range texts {
		if t.kind == lang.kind {
			c.texts = append(c.texts, t)
			c.src[t.path] = t.src
		}
	}
	return c
}

// hand gives what was found to the scanner's texts.
func (c *codebase) hand() {
	for _, t := range c.texts {
		t.findings = append(t.findings, c.out[t.path]...)
		delete(c.out, t.path)
	}
	for file, found := range c.out { // literals of files that do not hold the word: joined from parts
		if t := c.s.byPath[file]; t != nil {
			t.findings = append(t.findings, found...)
		}
	}
	for file, m := range c.modules {
		if m != nil {
			c.s.names[file] = m.named
		}
	}
	for _, sk := range c.skipped {
		c.s.skipped = append(c.s.skipped, Skip{c.s.root, sk})
	}
}

// maxSpread bounds how often files are added because they use a name that holds the program.
const maxSpread = 4

// solve follows the values until no further file uses a name that holds the program.
func (c *codebase) solve() {
	files := make([]string, len(c.texts))
	for i, t := range c.texts {
		files[i] = t.path
	}
	var result flow.Result
	for range maxSpread {
		result = flow.Solve(c.s.ctx, flow.Input{
			Pack: c.s.pack, Language: string(c.lang.kind), Files: files,
			Load: c.load, Resolve: c.resolve, Siblings: c.siblings,
			Linked: func(file string) bool { return !c.alone && len(c.s.links[file]) > 0 },
		})
		more := c.users(result, files)
		if len(more) == 0 {
			break
		}
		files = append(files, more...)
	}
	if result.Bounded {
		c.skipped = append(c.skipped, walk.Skip{Path: ".", Reason: "the " + string(c.lang.kind) + " code builds more values, or calls itself in more ways, than are followed: commands may be missing"})
	}
	c.report(result)
}

func (c *codebase) open(file string) *module {
	if m, ok := c.modules[file]; ok {
		return m
	}
	c.modules[file] = nil
	src, ok := c.src[file]
	if !ok {
		if src, ok = c.s.loadFile(file); !ok {
			return nil
		}
		c.src[file] = src
	}
	m, err := c.lang.open(c.parser, file, src)
	if err != nil {
		reason := err.Error()
		if errors.Is(err, syntax.ErrTooDeep) {
			reason = "is nested too deeply to be read"
		}
		c.skipped = append(c.skipped, walk.Skip{Path: file, Reason: reason})
		return nil
	}
	if m.problem != "" {
		c.skipped = append(c.skipped, walk.Skip{Path: file, Reason: m.problem})
	}
	c.modules[file] = m
	return m
}

func (c *codebase) load(file string) (*flow.Unit, bool) {
	if m := c.open(file); m != nil {
		return m.unit, true
	}
	return nil, false
}

func (c *codebase) resolve(from, module string) (string, bool) {
	if c.alone {
		return "", false
	}
	key := [2]string{from, module}
	file, ok := c.means[key]
	if !ok {
		if file, ok = c.lang.resolve(from, module, c.s.root.Tree.Files, func(p string) bool { return c.s.known[p] }); !ok {
			file = ""
		}
		c.means[key] = file
	}
	return file, file != ""
}

// report turns the commands into occurrences, and explains every other place where the word stands.
func (c *codebase) report(r flow.Result) {
	for i := range r.Commands {
		if c.s.ctx.Err() != nil {
			return
		}
		c.command(&r.Commands[i])
	}
	for _, t := range c.texts {
		t.callers = func(fn source.Span) []flow.Place { return r.Callers[flow.Place{File: t.path, Span: fn}] }
		c.classify(t, r)
	}
}

// command reads one command as the shell would and notes what of it is the program.
func (c *codebase) command(cmd *flow.Command) {
	c.reveal(cmd)
	got := shell.Read(cmd.Script, shell.Options{Pack: c.s.pack, Parser: c.parser, Roots: c.roots(cmd)})
	for _, occ := range got.Occurrences {
		c.found(cmd, occ)
	}
}

// roots are the expressions in a command that give an instance's directory: the root directory of its environment, and
// what a function that is named after the program makes the program's path from.
func (c *codebase) roots(cmd *flow.Command) []string {
	var out []string
	if cmd.Root.Expr != "" {
		out = append(out, cmd.Root.Expr)
	}
	if cmd.Way != nil {
		for _, env := range cmd.Way.Envs {
			out = append(out, c.rendered(env)+`["`+cmd.Way.Variable+`"]`)
		}
	}
	for _, h := range cmd.Script.Holes {
		m := c.modules[placeOf(cmd.Script, h).File]
		if m == nil {
			continue
		}
		if _, owner, _ := m.names(placeOf(cmd.Script, h).Span); strings.Contains(strings.ToLower(owner[strings.LastIndexByte(owner, '.')+1:]), c.s.pack.Program.Name) {
			out = append(out, h.Expr)
		}
	}
	return out
}

// reveal gives the holes of a command the expressions that they stand for.
func (c *codebase) reveal(cmd *flow.Command) {
	c.revealHoles(cmd.Script)
	if cmd.Root.Len() > 0 {
		cmd.Root.Expr = c.rendered(flow.Place{File: cmd.RootFile, Span: cmd.Root.Span})
	}
	if cmd.Given != nil {
		c.revealHoles(cmd.Given)
	}
}

func (c *codebase) revealHoles(g *source.Script) {
	for i := range g.Holes {
		h := &g.Holes[i]
		where := g.Map.At(h.Start)
		h.Expr = c.rendered(flow.Place{File: where.File, Span: where.Span})
		h.Source = "{" + h.Expr + "}"
	}
}

func (c *codebase) rendered(p flow.Place) string {
	src := c.src[p.File]
	if p.End > len(src) || p.Start < 0 || p.Start >= p.End {
		return "…"
	}
	return string(src[p.Start:p.End])
}

// found notes one occurrence in a command's text at the literal that writes it.
func (c *codebase) found(cmd *flow.Command, occ site.Occurrence) {
	inScript := occ.Span
	where, ok := cmd.Script.Map.Host(occ.Span)
	if !ok {
		where = spread(cmd.Script.Map, occ.Span)
	}
	src := c.src[where.File]
	if where.End > len(src) || where.Len() == 0 {
		return
	}
	occ.Span = where.Span
	occ.Language = string(c.lang.kind)
	occ.Uses, occ.Trace = nil, nil
	if !occ.Class.Site() {
		occ.Slot = nil
		c.out[where.File] = append(c.out[where.File], occ)
		return
	}
	origin := originAt(cmd, inScript.Start)
	if c.replaced(cmd, origin) {
		c.out[where.File] = append(c.out[where.File], site.Occurrence{
			Span: occ.Span, Language: occ.Language, Class: site.Data, Shown: true,
			Rule: c.s.pack.Program.Name + "/" + string(c.lang.kind) + "-data", Reason: "a test hands it to code whose calls it replaces",
		})
		return
	}
	if cmd.Find {
		occ.Class = site.Lookup
	}
	occ.Trace = c.trace(cmd, origin)
	call := site.Step{File: cmd.Call.File, Span: cmd.Call.Span, What: "run by " + cmd.Sink.Call}
	if cmd.Find {
		call.What = "looked up by " + cmd.Sink.Call
	}
	occ.Uses = c.uses(origin, call)
	occ.Rule = c.rule(occ)
	occ.Kind = kindOf(cmd, origin)
	if occ.Action != site.Review || occ.Reason == "" { // the shell's reader says why a person has to decide
		occ.Reason = reasonOf(cmd, occ, c.lang)
	}
	given := occ.Slot
	occ.Slot = c.slot(cmd, occ, origin, where, ok)
	occ.Takes = c.takes(cmd, origin, given)
	if origin.Own {
		c.dispatch(&occ)
	}
	c.out[where.File] = append(c.out[where.File], occ)
}

// replaces is how a test says that a call does something else while it runs.
var replaces = lazyregexp.New(`\bpatch\b|[Mm]ock\b|\bmonkeypatch\.setattr\b|\bmocker\.|\band_return\b|\bto receive\b`)

// replaced reports whether a test hands a command to code in another file, and replaces calls there.
func (c *codebase) replaced(cmd *flow.Command, origin *flow.Origin) bool {
	name := path.Base(origin.File)
	test := strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py") || strings.HasSuffix(name, "_spec.rb") || strings.HasSuffix(name, "_test.rb") || name == "conftest.py"
	return test && origin.File != cmd.Call.File && replaces.Match(c.src[origin.File])
}

// uses are the places where a command's program is taken to be run: where the function that writes it hands it on, or the
// first place on its way inside another function; the call itself when there is neither.
func (c *codebase) uses(origin *flow.Origin, call site.Step) []site.Step {
	last := call
	for _, st := range origin.Steps {
		if st.What == flow.Taken {
			continue
		}
		if st.What == flow.UsedHere {
			last = site.Step{File: st.File, Span: st.Span, What: call.What}
		}
		m := c.modules[st.File]
		if m == nil || origin.Literal == nil {
			continue
		}
		_, _, owner := m.names(st.Span)
		outside := st.File != origin.File || !owner.Covers(origin.Literal.Literal)
		if owner.Len() > 0 && (outside || strings.HasPrefix(st.What, flow.PassedTo)) {
			return []site.Step{{File: st.File, Span: st.Span, What: call.What}}
		}
	}
	return []site.Step{last}
}

func (c *codebase) rule(occ site.Occurrence) string {
	name := c.s.pack.Program.Name + "/" + string(c.lang.kind)
	if occ.Class == site.Lookup {
		return name + "-lookup"
	}
	return name + "-command"
}

func originAt(cmd *flow.Command, off int) *flow.Origin {
	for i := range cmd.From {
		if cmd.From[i].Contains(off) {
			return &cmd.From[i]
		}
	}
	return &flow.Origin{}
}

func (c *codebase) trace(cmd *flow.Command, origin *flow.Origin) []site.Step {
	var out []site.Step
	if origin.Literal != nil {
		out = append(out, site.Step{File: origin.File, Span: origin.Literal.Literal, What: "written here"})
	}
	for _, st := range origin.Steps {
		if st.What == flow.Taken {
			continue
		}
		out = append(out, site.Step{File: st.File, Span: st.Span, What: st.What})
	}
	what := "run by " + cmd.Sink.Call
	if cmd.Find {
		what = "looked up by " + cmd.Sink.Call
	}
	return append(out, site.Step{File: cmd.Call.File, Span: cmd.Call.Span, What: what})
}

// kindOf names the shape in which a command is given to the call that runs it.
func kindOf(cmd *flow.Command, origin *flow.Origin) string {
	switch {
	case cmd.Find:
		return "lookup"
	case len(cmd.Script.Argv) > 0:
		return "argv-list"
	case origin.Literal != nil && origin.Literal.Kind != "" && strings.Contains(origin.Literal.Kind, "f"):
		return "fstring-command"
	case len(cmd.Script.Holes) > 0:
		return "built-command"
	}
	return "shell-text"
}

func reasonOf(cmd *flow.Command, occ site.Occurrence, lang language) string {
	verb := "runs"
	if cmd.Find {
		verb = "looks up"
	}
	how := cmd.Sink.Call
	if how == "backtick" {
		how = "backticks"
	}
	if len(occ.Trace) > 2 {
		return fmt.Sprintf("defines what %s %s", how, verb)
	}
	return fmt.Sprintf("%s %s it", how, verb)
}

// readEmbedded reads source code that stands inside another file, on its own.
func (s *scanner) readEmbedded(parser *syntax.Parser, g *source.Script, t *text, out *reading.Result) {
	for _, lang := range languages(s.pack) {
		if string(lang.kind) != g.Language {
			continue
		}
		inner := &text{path: t.path, src: []byte(g.Text), kind: lang.kind}
		c := s.codebase(lang, parser, []*text{inner})
		c.alone = true
		c.solve()
		for _, occ := range c.out[t.path] {
			occ.Slot = nil
			s.place(&occ, g, out)
		}
		for _, sk := range c.skipped {
			if !g.Document {
				out.Problems = append(out.Problems, reading.Problem{Text: g.Language + " code inside: " + sk.Reason})
			}
		}
		return
	}
}

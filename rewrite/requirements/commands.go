package requirements

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements/install"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// script is a shell text of a file, with what it installs.
type embedded struct {
	*source.Script
	script *install.Script
	pins   []*pin
	at     map[*pin][2]int // index of the pin's command and of its package
}

// collectCommands reads the shell text of a file for commands that install.
func (s *survey) collectCommands(root *step.Root, file string, src []byte) {
	if isDocument(file) || !bytes.Contains(src, []byte("install")) && !bytes.Contains(src, []byte("pip")) {
		return
	}
	h := &hosted{survey: s, root: root, file: edit.File{Root: root.Key, Path: file}, src: src, kind: host.Detect(file, src)}
	out := &origin{file: h.file, kind: inScript, runs: true}
	if h.kind == host.Dockerfile {
		out.kind, out.runs = inDockerfile, false
	}
	for _, g := range s.scripts(h) {
		script, err := install.Parse(g.Text)
		if err != nil {
			continue // the scan reports it, and unreadIn what is in it
		}
		known := &embedded{Script: g, script: script, at: map[*pin][2]int{}}
		for i, c := range script.Commands {
			s.collectCommand(h, out, known, i, c)
		}
		if len(known.pins) > 0 {
			h.scripts = append(h.scripts, known)
		}
	}
	s.collectTasks(h, out)
	out.cut = h.cut
	s.add(out, src)
}

// embedded scripts are the shell texts that the file runs, not those that it shows.
func (s *survey) scripts(h *hosted) []*source.Script {
	load := func(p string) ([]byte, bool) {
		if !h.root.Has(p) {
			return nil, false
		}
		src, err := h.root.Read(p)
		return src, err == nil
	}
	if h.kind == host.Shell {
		return []*source.Script{{Text: string(h.src), Map: source.Identity(0, len(h.src)), Language: "shell"}}
	}
	all := host.Read(h.kind, reading.Input{Path: h.file.Path, Src: h.src, Pack: s.in.Pack, Load: load}).Scripts
	return slices.DeleteFunc(all, func(g *source.Script) bool {
		return g.Language != "shell" || g.Document || len(g.Argv) > 0 || !strings.Contains(g.Text, "install")
	})
}

// collectCommand reads what one command installs.
func (s *survey) collectCommand(h *hosted, out *origin, g *embedded, index int, c install.Command) {
	for j, pkg := range c.Packages {
		r, text := pkg.Requirement, g.Reveal(pkg.Span)
		if !s.moves(r.Key()) && (pkg.Kind != requirement.Local || !s.movesPath(r.Path)) {
			continue
		}
		place, ok := g.Map.Host(pkg.Span)
		if !ok || place.File != "" {
			place = g.Map.At(pkg.Start)
		}
		if slices.ContainsFunc(out.pins, func(p *pin) bool { return p.start == place.Start }) {
			continue // the same bytes, by way of an anchor
		}
		p := &pin{Requirement: r, Text: r.String(), Line: 1 + bytes.Count(h.src[:place.Start], []byte("\n")), start: place.Start, end: place.End, source: out}
		p.Indexes = s.indexes(p, c.Indexes)
		s.constrain(h.root, p, h.besides(c.Constraints))
		switch {
		case place.File != "":
			p.kept, p.silent = "it stands in "+place.File, true
		case strings.Contains(c.Program, s.in.Pack.Instance.Env+"/"):
			p.kept, p.silent = "it is installed into an instance's own environment", true
		case c.Elsewhere != "" && !h.copies(c.Elsewhere):
			p.kept, p.silent = "it is installed into a directory of its own", true
			s.note(step.Kept, h.file, p.Line, "`"+text+"` is installed into a directory of its own, not for everybody: it stays")
		case h.undecided(place.Start):
			p.kept = reviewReason
			s.note(step.Kept, h.file, p.Line, "`"+text+"` stays: its job runs "+s.in.Pack.Program.Name+" in no environment that is known")
		case pkg.Kind == requirement.Local:
			p.kept, p.silent = "it is a path", true
			s.note(step.Decide, h.file, p.Line, "`"+text+"` is a path, which instances do not have: publish the plugin, or write its git URL to the requirements of the instances, and take it out here")
		case len(pkg.Vars) > 0 || text != g.Text[pkg.Start:pkg.End]:
			s.resolve(h, p, pkg, text)
		}
		p.Above = h.above(g, place.Start, j == 0)
		if len(c.Packages) == 1 {
			p.Note = trailing(g.Text, c.End)
		}
		g.pins = append(g.pins, p)
		g.at[p] = [2]int{index, j}
		out.pins = append(out.pins, p)
	}
}

// copies reports whether an image takes a directory of one of its stages over: what is installed there is for everybody.
func (h *hosted) copies(dir string) bool {
	return h.kind == host.Dockerfile && regexp.MustCompile(`(?mi)^[ \t]*COPY[ \t]+--from=\S+[ \t]+`+regexp.QuoteMeta(strings.TrimSuffix(dir, "/"))+`(?:/\S*)?[ \t]`).Match(h.src)
}

// undecided reports whether the job of a pipeline or a workflow that holds a byte has a call that is left for review: it goes on
// to run what the job installs.
func (h *hosted) undecided(at int) bool {
	if h.kind != host.YAML || !isPipeline(h.file.Path) {
		return false
	}
	tree := yaml.Parse(string(h.src))
	for _, doc := range tree.Docs {
		way := find(doc, source.Span{Start: at, End: at + 1}, nil)
		depth := 1 // of a job among the nodes that hold the byte, outermost first
		if jobs := tree.Get(doc, "jobs"); jobs != nil && slices.Contains(way, jobs) {
			depth = 2
		}
		if len(way) <= depth {
			continue
		}
		job := way[depth].Span
		return slices.ContainsFunc(h.root.Occurrences[h.file.Path], func(o site.Occurrence) bool {
			return o.Class.Site() && o.Action == site.Review && job.Covers(o.Span)
		})
	}
	return false
}

// trailing is the comment behind a command, on its line.
func trailing(text string, at int) string {
	line, _, _ := strings.Cut(text[at:], "\n")
	if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
		return line
	}
	return ""
}

var variables = lazyregexp.New(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

// versioned is a specifier with a version in it: a tag such as latest is none.
var versioned = lazyregexp.New(`[=<>~]\s*v?\d`)

// resolve puts the values of variables into a pin's text when the file sets each of them once. Otherwise the pin stays:
// what it installs is only known when it runs.
func (s *survey) resolve(h *hosted, p *pin, pkg install.Package, shown string) {
	known := true
	text := variables.ReplaceAllStringFunc(pkg.Text, func(m string) string {
		name := strings.Trim(m, "${}")
		value, ok := h.valueOf(name)
		if !ok {
			value, ok = s.valueIn(h.root, name)
		}
		known = known && ok
		return value
	})
	r, kind, err := requirement.ParseRequirement(text)
	if !known || err != nil || r.Specifier != "" && !versioned.MatchString(r.Specifier) || kind == requirement.Local || strings.ContainsAny(text, "$`{}") {
		p.kept, p.silent = "its version is only known when it runs", true
		s.note(step.Decide, h.file, p.Line, "what `"+shown+"` installs is only known when it runs: write the pin to the requirements of the instances and take it out here")
		return
	}
	r.Editable = p.Editable
	p.Requirement, p.Text, p.vars = r, r.String(), pkg.Vars
}

// valueOf is the value that a file gives a name, if it gives it one and only one.
func (h *hosted) valueOf(name string) (string, bool) {
	assign := regexp.MustCompile(`(?m)(?:^|[\s{;])(?:export\s+)?` + regexp.QuoteMeta(name) + `\s*[:=]\s*["']?([A-Za-z0-9._+!-]+)["']?\s*(?:$|[\s;,}#])`)
	value := ""
	for _, m := range assign.FindAllSubmatch(h.src, -1) {
		if value != "" && value != string(m[1]) {
			return "", false
		}
		value = string(m[1])
	}
	return value, value != ""
}

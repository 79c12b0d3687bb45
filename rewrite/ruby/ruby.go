// Package ruby writes the fixes of sites in Ruby programs: an instance's executable takes the place of the program's name.
package ruby

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Fixes writes the fix of every site of in whose word stands in Ruby. Together they add the methods that make the path
// once: to a file of their own that the fixed files require, or to the one file that holds all sites. A site that cannot be
// written safely is refused, with the reason and what could be written there. A constant that is used with and without an
// instance in scope gives both: the fix of the uses that have one, and the refusal of the rest.
func Fixes(in render.Input) (fixes []edit.Fix, refused []render.Refusal) {
	p := &project{in: in, files: map[string]*document{}, names: namesFor(in.Pack.Program.Name)}
	defer p.parser.Close()
	type rendered struct {
		site  render.Site
		edits byFile
		alone bool // the edits need no method
	}
	var done []rendered
	for _, s := range in.Sites {
		d, err := p.document(s.File)
		if err != nil {
			refused = append(refused, render.Refusal{Site: s, Reason: err.Error()})
			continue
		}
		if s.Occurrence.Kind == site.DispatchByName {
			edits, methods, err := p.dispatched(d, s)
			if err != nil {
				refused = append(refused, render.Refusal{Site: s})
				continue
			}
			done = append(done, rendered{s, edits, !methods})
			if methods {
				p.need(s, edits)
			}
			continue
		}
		s.Instance.Expr = d.expression(s.Instance)
		edits, err := p.site(d, s)
		if err != nil {
			refused = append(refused, p.refusal(s, err))
		}
		if len(edits) == 0 {
			continue
		}
		done = append(done, rendered{s, edits, false})
		p.need(s, edits)
	}
	p.settle()
	for _, s := range done {
		d := p.files[s.site.File]
		f := edit.Fix{Rule: s.site.Occurrence.Rule, Message: "run the instance's " + in.Pack.Program.Name, Applicability: edit.Safe, Site: d.place(s.site.Occurrence.Start)}
		if slot := s.site.Occurrence.Slot; slot.Safe != "" && s.site.Occurrence.Kind != site.DispatchByName {
			f.Applicability = edit.Unsafe
		}
		if s.alone {
			f.Changes = alone(s.edits)
		} else {
			f.Changes = p.changes(s.edits)
		}
		fixes = append(fixes, f)
	}
	return fixes, refused
}

// refusal is a site that is not fixed, or not everywhere.
func (p *project) refusal(s render.Site, err error) render.Refusal {
	r := render.Refusal{Site: s, Reason: err.Error()}
	var kept *keptError
	switch r.Kept = errors.As(err, &kept); {
	case r.Kept:
	case errors.Is(err, errNothingMore):
		r.Reason = ""
	default:
		r.Suggestion = p.call(s)
	}
	return r
}

// project is the Ruby part of one root while its sites are written.
type project struct {
	in     render.Input
	parser syntax.Parser
	files  map[string]*document
	names  names
	home   home
	byName bool            // a site needs the path for an instance's name
	byRoot bool            // a site needs the path for an instance's directory
	sites  map[string]bool // the files with a site that is written
}

// fromDecision is the source of the resolution order on which a person has decided.
const fromDecision = "decision"

// names are the methods that the migration adds.
type names struct{ byName, byRoot string }

func namesFor(program string) names {
	word := strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' {
			return r
		}
		return '_'
	}, program)
	return names{"instance_" + word, word + "_in"}
}

// document is one file as it was read.
type document struct {
	file    string
	src     []byte
	tree    *syntax.Tree
	newline string
	quote   string // the quotes that the file prefers for plain strings
}

func (p *project) document(file string) (*document, error) {
	if d := p.files[file]; d != nil {
		return d, nil
	}
	src, err := p.in.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	tree, err := ruby.Parse(&p.parser, src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d := &document{file: file, src: src, tree: tree, newline: "\n", quote: "'"}
	if i := bytes.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		d.newline = "\r\n"
	}
	if bytes.Count(src, []byte(`"`)) > 0 && bytes.Count(src, []byte(`'`)) == 0 {
		d.quote = `"`
	}
	p.files[file] = d
	return d, nil
}

func (d *document) place(off int) edit.Place {
	before := d.src[:off]
	return edit.Place{File: edit.File{Path: d.file}, Offset: off, Line: 1 + bytes.Count(before, []byte("\n")), Column: off - bytes.LastIndexByte(before, '\n')}
}

// byFile are edits by the file that they are made in.
type byFile map[string][]edit.Edit

// need notes which files call which method.
func (p *project) need(s render.Site, edits byFile) {
	if p.sites == nil {
		p.sites = map[string]bool{}
	}
	for file := range edits {
		p.sites[file] = true
	}
	p.byRoot = p.byRoot || s.ByRoot
	p.byName = p.byName || !s.ByRoot
}

var plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// expression is how the file writes an instance. A decision that is a plain name, and no name of the file, is an
// instance's own name.
func (d *document) expression(n site.Name) string {
	if n.How != fromDecision || !plainName.MatchString(n.Expr) {
		return n.Expr
	}
	word := regexp.MustCompile(`(^|[^\w.@$:'"-])` + regexp.QuoteMeta(n.Expr) + `($|[^\w:'"-])`)
	if !strings.Contains(n.Expr, "-") && word.Match(d.src) {
		return n.Expr
	}
	return d.quote + n.Expr + d.quote
}

// call is the expression that gives the path for a site.
func (p *project) call(s render.Site) string {
	if s.Instance.Expr == "" {
		s.Instance.Expr = "INSTANCE"
	}
	if s.ByRoot {
		return p.names.byRoot + "(" + plainRoot(s.Instance.Expr) + ")"
	}
	return p.names.byName + "(" + s.Instance.Expr + ")"
}

// plainRoot is a directory's expression without the quoting for a shell that its own place needs.
func plainRoot(expr string) string {
	expr = strings.TrimSpace(expr)
	for _, suffix := range []string{".shellescape", ".to_s"} {
		expr = strings.TrimSuffix(expr, suffix)
	}
	for _, call := range []string{"Shellwords.escape(", "Shellwords.shellescape("} {
		if inner, ok := strings.CutPrefix(expr, call); ok && strings.HasSuffix(inner, ")") {
			return strings.TrimSuffix(inner, ")")
		}
	}
	return expr
}

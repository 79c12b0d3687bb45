// Package shell writes the fixes of shell text: commands that ran one program for all now run that of their instance.
package shell

import (
	"fmt"
	"maps"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Fixes are the fixes of the sites that shell writes, one for each site that can be moved to its instance's environment,
// and the refusals of the others, both in the order of the sites. File.Root is left empty in places and changes.
//
// In a script, the path is made by a function that takes the instance's name, and a call reads
//
//	"$(instance_tutor "$INSTANCE_NAME")" config save
//
// which holds wherever a word stands: under set -e, behind sudo, timeout and xargs, in an array or an assignment. The
// function stands in a small library beside the scripts when several of one directory need it, and else near the top of
// the script. Where the call names its own root directory, that is the instance's directory, and the path is written
// from it: "$TUTOR_ROOT/.venv/bin/tutor". Text that no library can reach (an embedded script in another file, a document, shell
// text that another shell reads) has the path in its place.
//
// Fixes of one file repeat the edits that they share, so that any of them can be left out.
func Fixes(in render.Input) (fixes []edit.Fix, refused []render.Refusal) {
	p := &project{in: in, program: in.Pack.Program.Name, docs: render.NewDocuments(in.Read, openDocument), homes: map[string]home{}}
	var plans []*plan
	for _, s := range in.Sites {
		if s.Occurrence == nil || s.Occurrence.Slot == nil || s.Occurrence.Slot.Language != "shell" {
			continue
		}
		plans = append(plans, &plan{site: s, order: len(plans)})
	}
	for _, pl := range plans {
		p.draft(pl)
	}
	p.settle(plans)
	plans = p.values(plans)
	for _, pl := range plans {
		if pl.err == nil && pl.edits == nil {
			write := p.edits
			if pl.site.Occurrence.Kind == site.DispatchByName {
				write = p.dispatched
			}
			var list []edit.Edit
			list, pl.err = write(pl)
			pl.edits = map[string][]edit.Edit{pl.site.File: list}
		}
		if pl.err != nil {
			refused = append(refused, p.refusal(pl))
			continue
		}
		fixes = append(fixes, p.fix(pl))
	}
	return fixes, refused
}

// project is one call of Fixes.
type project struct {
	in      render.Input
	program string
	docs    render.Documents[document]
	homes   map[string]home // by script: where its function is defined
	library library

	templates map[string]bool // the files that Terraform renders; nil before they were asked for
}

// document is one file as it was read.
type document struct{ render.Text }

// plan is what becomes of one site.
type plan struct {
	site     render.Site
	order    int // among the sites
	word     word
	uses     []*plan                // of a value: the places that run it
	override string                 // what stands before the path in the expansion of another variable: "TUTOR_BIN:-"
	edits    map[string][]edit.Edit // by file
	err      error
}

// draft writes the words of a site, or those of the places that run its value.
func (p *project) draft(pl *plan) {
	if !ofValue(pl.site) {
		pl.word, pl.err = p.render(pl)
		return
	}
	for _, t := range pl.site.Occurrence.Takes {
		use := &plan{site: useOf(pl.site, t)}
		use.word, use.err = p.render(use)
		pl.uses = append(pl.uses, use)
	}
}

// openDocument is a file for Documents: words are placed by their bytes, so that nothing is parsed.
func openDocument(file string, src []byte) (*document, error) {
	return &document{render.NewText(file, src)}, nil
}

// script reports whether the site stands in a script itself, not in text inside it or in another file. A scan gives the
// whole script as an embedded script without a host.
func script(s *site.Slot) bool {
	if g := s.Script; g != nil {
		m := g.Map.Segments
		if g.Host != "" || len(m) != 1 || m[0].Host != 0 || m[0].HostLen != len(g.Text) || g.Render != nil {
			return false
		}
	}
	return s.Form == site.ShellWord
}

// inScript reports whether the site stands in a script, be it in text inside the script.
func inScript(s *site.Slot) bool {
	return s.Form == site.ShellWord && (s.Script == nil || s.Script.Host == "")
}

// edits are the bytes that change in the site's own file, and in the script for the function.
func (p *project) edits(pl *plan) ([]edit.Edit, error) {
	slot, file := pl.site.Occurrence.Slot, pl.site.File
	d, err := p.docs.Open(file)
	if err != nil {
		return nil, err
	}
	list, err := p.replacement(pl, d)
	if err != nil {
		return nil, err
	}
	if at := list[0]; at.Start < 0 || at.End > len(d.Src) || at.Start > at.End {
		return nil, fmt.Errorf("the place of the command in the file is not known")
	}
	if pl.word.function {
		list = append(list, p.homes[file].edits...)
	}
	if inScript(slot) && !p.fish(pl.site) {
		return list, p.parses(d, list)
	}
	return list, nil
}

// replacement are the bytes of the file that change with the word, its own first.
func (p *project) replacement(pl *plan, d *document) ([]edit.Edit, error) {
	slot, text := pl.site.Occurrence.Slot, pl.word.text
	if pl.override != "" {
		text = "${" + pl.override + text + "}"
	}
	if slot.Env && (slot.Quote != 0 || slot.Form == site.Element) {
		return nil, fmt.Errorf("what xargs reads is not filled in in the name of the command that it runs: put env before it")
	}
	if script(slot) {
		at, text := around(string(d.Src), slot.Span, slot.Quote, text)
		return []edit.Edit{{Start: at.Start, End: at.End, New: behindEnv(slot, text)}}, nil
	}
	g, at := slot.Script, slot.At
	if slot.Form != site.Element { // no shell reads the words of a list, nor takes quotes off them
		at, text = around(g.Text, at, slot.Quote, text)
	}
	text = behindEnv(slot, text)
	if err := intended(g, at, text, slot.Form); err != nil {
		return nil, err
	}
	if host, q, ok := g.Quoted(at, text); ok {
		return []edit.Edit{{Start: host.Start, End: host.End, New: q.Text}, {Start: q.End, End: q.End, New: q.Close}}, nil
	}
	host, rendered, err := g.Replace(at, text)
	if err != nil && at != slot.At { // the quotes around the word may not be written in one piece with it
		host, rendered, err = g.Replace(slot.At, text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s", err)
	}
	if host.File != "" && host.File != pl.site.File {
		return nil, fmt.Errorf("the command is written in %s", host.File)
	}
	return []edit.Edit{{Start: host.Start, End: host.End, New: rendered}}, nil
}

// behindEnv has env run a path in which a part is still to be filled in.
func behindEnv(s *site.Slot, text string) string {
	if s.Env {
		return "env " + text
	}
	return text
}

func (p *project) refusal(pl *plan) render.Refusal {
	s := pl.site
	if s.Instance.Expr == "" {
		s.Instance.Expr, s.ByRoot = "INSTANCE", false
	}
	return render.Refusal{Site: pl.site, Reason: pl.err.Error(), Suggestion: p.path(s, false)}
}

// fix is the fix of a plan.
func (p *project) fix(pl *plan) edit.Fix {
	f := edit.Fix{
		Rule:          pl.site.Occurrence.Rule,
		Message:       "run the " + p.program + " of the instance's environment",
		Applicability: edit.Safe,
		Site:          p.in.Place(pl.site.File, pl.site.Occurrence.Start),
	}
	for _, file := range slices.Sorted(maps.Keys(pl.edits)) {
		f.Changes = append(f.Changes, edit.Change{File: edit.File{Path: file}, Edits: pl.edits[file]})
	}
	if pl.site.Occurrence.Class == site.Lookup {
		f.Message = "find the " + p.program + " of the instance's environment"
	}
	inLibrary := func(file string) bool { return p.homes[file].library }
	calls := pl.word.function || slices.ContainsFunc(pl.uses, func(use *plan) bool { return use.word.function })
	if calls && p.library.create && slices.ContainsFunc(slices.Collect(maps.Keys(pl.edits)), inLibrary) {
		f.Changes = append(f.Changes, edit.Change{File: edit.File{Path: p.library.file}, Create: &edit.Creation{Content: p.library.content}})
	}
	return f
}

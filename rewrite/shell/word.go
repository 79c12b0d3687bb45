package shell

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// word is what takes the place of the program's name.
type word struct {
	text     string // as it is written between double quotes; complete for a word where nothing is quoted or expanded
	function bool   // it calls the function, which has to be at hand
}

// write is the word that runs the instance's environment at a site, or why there is none.
func (p *project) render(pl *plan) (word, error) {
	s := pl.site
	slot := s.Occurrence.Slot
	switch {
	case s.Instance.Expr == "":
		return word{}, fmt.Errorf("no instance is in scope here")
	case slot.UnsafeReason != "":
		return word{}, fmt.Errorf("%s", slot.UnsafeReason)
	case strings.ContainsAny(s.Instance.Expr, "\n\x00"):
		return word{}, fmt.Errorf("the instance is named by an expression of several lines")
	}
	if slot.Form == site.Element {
		return p.element(s)
	}
	if script(slot) && !s.ByRoot && !p.fish(s) && !p.terraform(s.File) {
		return word{text: "$(" + p.function() + ` "` + s.Instance.Expr + `")`, function: true}, nil
	}
	return word{text: p.path(s, true)}, nil
}

// element is the word of a list in a data file, where no shell expands anything.
func (p *project) element(s render.Site) (word, error) {
	if !s.ByRoot {
		return word{}, fmt.Errorf("the command is a list of words, which no shell reads, and only a shell finds the directory of %s: write it out with --root", s.Instance.Expr)
	}
	if expands(s.Occurrence.Slot.Script.Literal(s.Instance.Expr)) {
		return word{}, fmt.Errorf("the command is a list of words, which no shell reads: nothing expands %s there", s.Instance.Expr)
	}
	return word{text: p.path(s, true)}, nil
}

// expands reports whether a text between double quotes is more than itself.
func expands(s string) bool { return strings.ContainsAny(s, "$`\\") }

// function is the name of the function that makes the path.
func (p *project) function() string {
	return "instance_" + render.Word(p.program)
}

// path is the executable's path, as it is written between double quotes; with quotes when it stands alone.
func (p *project) path(s render.Site, bare bool) string {
	in := p.in.Pack.Instance
	out := s.Instance.Expr + "/" + p.in.Pack.Executable()
	if !s.ByRoot {
		out = p.workspace(s) + in.Dir + "/" + out
	}
	if bare {
		return out
	}
	return `"` + out + `"`
}

// workspace is the beginning of the path up to the directory of the instances.
func (p *project) workspace(s render.Site) string {
	v := p.in.Pack.Instance.Workspace
	g := s.Occurrence.Slot.Script
	switch {
	case v.Name == "":
		return ""
	case g != nil && (g.Document || g.Host == "markdown" || g.Host == "rst"):
		return "" // a reader types it in the workspace
	case p.onGitHub(s.File):
		return "$GITHUB_WORKSPACE/" // it holds wherever a step goes
	case g != nil && g.Host == "yaml":
		return "$" + v.Name + "/"
	case p.fish(s):
		return "$" + v.Name + "/"
	}
	if p.terraform(s.File) {
		return "$" + rooted(v.Name, v.Default)
	}
	return rooted(v.Name, v.Default)
}

// onGitHub reports whether a file is a workflow or an action of GitHub, which may lie anywhere.
func (p *project) onGitHub(file string) bool {
	if strings.HasPrefix(file, ".github/") || strings.Contains(file, "/.github/") {
		return true
	}
	base := path.Base(file)
	if base != "action.yml" && base != "action.yaml" {
		return false
	}
	d, err := p.docs.Open(file)
	return err == nil && actionRuns.Match(d.Src)
}

var actionRuns = lazyregexp.New(`(?m)^runs:[ \t]*\r?$(?:[^\n]*\n)+?[ \t]+using:`)

// terraform reports whether Terraform renders a file before a shell reads it: what it would fill in has to be escaped.
func (p *project) terraform(file string) bool {
	if path.Ext(file) == ".tftpl" {
		return true
	}
	if p.templates == nil {
		p.templates = map[string]bool{}
		for _, f := range p.in.Files {
			if path.Ext(f) != ".tf" {
				continue
			}
			d, err := p.docs.Open(f)
			if err != nil {
				continue
			}
			for _, m := range templateCall.FindAllSubmatch(d.Src, -1) {
				p.templates[path.Join(path.Dir(f), strings.TrimPrefix(string(m[1]), "/"))] = true
			}
		}
	}
	return p.templates[file]
}

// templateCall is a file that Terraform renders, by its path from the module: templatefile, and the file of a template_file.
var templateCall = lazyregexp.New(`(?:templatefile\(|template\s*=\s*file\()\s*"(?:\$\{path\.(?:module|root)\})?([^"$]+)"`)

// fish reports whether the site stands in text for fish, which has neither the shell's functions nor its ${name:-word}.
func (p *project) fish(s render.Site) bool {
	if g := s.Occurrence.Slot.Script; g != nil && (g.Host != "" || g.Dialect != "") {
		return g.Dialect == "fish"
	}
	d, err := p.docs.Open(s.File)
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(d.Src), "\n")
	return path.Ext(s.File) == ".fish" || strings.HasPrefix(first, "#!") && strings.Contains(first, "fish")
}

// rooted is a variable with its default, as the beginning of a path.
func rooted(name, value string) string {
	if value == "" {
		return "$" + name + "/"
	}
	return "${" + name + ":-" + value + "}/"
}

// around is the span of the text to replace, and the text that stands there then, so that what is written between double
// quotes is one word: quotes are added, or those that are there are used or broken.
func around(src string, at source.Span, quote byte, text string) (source.Span, string) {
	if at.Start < 0 || at.End > len(src) || at.Start > at.End {
		return at, text
	}
	switch quote {
	case '"':
		return at, text
	case '\'':
		if !expands(text) && !strings.ContainsAny(text, `'"`) {
			return at, text
		}
		return broken(src, at, text)
	}
	if plain.MatchString(text) {
		return at, text
	}
	// A backslash that keeps an alias from being used goes away with the name.
	if at.Start > 0 && src[at.Start-1] == '\\' {
		at.Start--
	}
	return at, `"` + text + `"`
}

// broken leaves the single quotes around a word and comes back to them behind it; a pair that would hold nothing is left out.
func broken(src string, at source.Span, text string) (source.Span, string) {
	text = `"` + text + `"`
	if at.Start > 0 && src[at.Start-1] == '\'' {
		at.Start--
	} else {
		text = "'" + text
	}
	if at.End < len(src) && src[at.End] == '\'' {
		at.End++
	} else {
		text += "'"
	}
	return at, text
}

// plain is a text that is the same word without quotes.
var plain = lazyregexp.New(`^[\w./-]+$`)

// intended checks that the script's text parses with the replacement when it did before.
func intended(g *source.Script, at source.Span, text string, form site.Form) error {
	if form == site.Element || g.Dialect == "fish" {
		return nil
	}
	if at.Start < 0 || at.End > len(g.Text) || at.Start > at.End {
		return fmt.Errorf("the place of the command in its text is not known")
	}
	for _, h := range g.Holes { // an expression of the host is no shell
		if h.Source != "" {
			text = strings.ReplaceAll(text, h.Source, strings.Repeat("_", len(h.Source)))
		}
	}
	if parse(g.Text, g.Dialect) == nil && parse(g.Text[:at.Start]+text+g.Text[at.End:], g.Dialect) != nil {
		return fmt.Errorf("the text around the command would not parse with the new path in it")
	}
	return nil
}

// parses checks that a script parses with the edits when it did before.
func (p *project) parses(d *document, edits []edit.Edit) error {
	after, err := edit.Apply(d.Src, edits)
	if err != nil {
		return fmt.Errorf("%s", err)
	}
	if parse(string(d.Src), "") == nil && parse(string(after), "") != nil {
		return fmt.Errorf("the script would not parse with the new path in it")
	}
	return nil
}

// parse errs when no dialect that a text may be in reads it.
func parse(src, dialect string) error {
	variants := []syntax.LangVariant{syntax.LangBash, syntax.LangZsh, syntax.LangMirBSDKorn}
	if dialect == "zsh" {
		variants = []syntax.LangVariant{syntax.LangZsh}
	}
	if strings.Contains(src, "{{") || strings.Contains(src, "{%") || strings.Contains(src, "<%") || strings.Contains(src, "$[[") {
		src, _ = mask.Text(src, mask.Actions, mask.Jinja, mask.ERB, mask.GitLab)
	}
	var errs []error
	for _, v := range variants {
		_, err := syntax.NewParser(syntax.Variant(v)).Parse(strings.NewReader(src), "")
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

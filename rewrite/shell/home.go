package shell

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// libraryName is the file that holds the function when several scripts of a directory need it.
const libraryName = "instance-venv.sh"

// home is where a script's function is defined, and what has to be added for that.
type home struct {
	library bool // in the library, which the script sources
	edits   []edit.Edit
}

// library is the file that defines the function for several scripts.
type library struct {
	file    string
	content string
	create  bool
}

// settle decides where the function is defined: in a library when several scripts of one directory, or of directories
// below it, need it; else in the script itself.
func (p *project) settle(plans []*plan) {
	count := map[string]int{}
	for _, pl := range plans {
		for _, one := range append(pl.uses, pl) {
			if one.err == nil && one.word.function {
				count[one.site.File]++
			}
		}
	}
	scripts := slices.Sorted(maps.Keys(count))
	p.choose(scripts)
	for _, file := range scripts {
		d, err := p.docs.Open(file)
		if err != nil {
			continue // reported where the site's own edits are made
		}
		p.homes[file] = p.home(d)
	}
}

// choose finds the directory of the library: the one in which most scripts need the function and can source a file.
func (p *project) choose(scripts []string) {
	count := map[string]int{}
	for _, file := range scripts {
		if d, err := p.docs.Open(file); err == nil && d.sources() != "" && !d.defines(p.function()) {
			count[path.Dir(file)]++
		}
	}
	best := ""
	for _, file := range scripts {
		if n := count[path.Dir(file)]; n > 1 && (best == "" || n > count[best]) {
			best = path.Dir(file)
		}
	}
	if best == "" {
		return
	}
	p.library = library{file: path.Join(best, libraryName), create: true, content: p.libraryText()}
	if slices.Contains(p.in.Files, p.library.file) {
		p.library.create = false
		if d, err := p.docs.Open(p.library.file); err != nil || !d.defines(p.function()) {
			p.library = library{} // a file of somebody else's
		}
	}
}

// home is where a script's function is defined.
func (p *project) home(d *document) home {
	if d.defines(p.function()) {
		return home{}
	}
	nl := d.Newline
	at := d.top()
	before, after := "", ""
	if at > 0 && !strings.HasSuffix(string(d.Src[:at]), nl+nl) {
		before = nl
	}
	if at > 0 && d.Src[at-1] != '\n' {
		before = nl + nl
	}
	if rest := string(d.Src[at:]); rest != "" && !strings.HasPrefix(rest, nl) {
		after = nl
	}
	if from, ok := p.sourced(d); ok {
		line := "# shellcheck source=" + from + libraryName + nl + `. "$(dirname "` + d.sources() + `")/` + from + libraryName + `"` + nl
		return home{library: true, edits: []edit.Edit{{Start: at, End: at, New: before + line + after}}}
	}
	text := strings.ReplaceAll(p.definition(d.indent()), "\n", nl)
	return home{edits: []edit.Edit{{Start: at, End: at, New: before + text + after}}}
}

// sourced is the path from a script's directory to the library's, with a slash at its end, and whether the script can
// source it.
func (p *project) sourced(d *document) (string, bool) {
	if p.library.file == "" || d.sources() == "" {
		return "", false
	}
	lib, own := path.Dir(p.library.file), path.Dir(d.File)
	if own == lib {
		return "", true
	}
	if rest, ok := strings.CutPrefix(own, lib+"/"); ok && lib != "." {
		return strings.Repeat("../", strings.Count(rest, "/")+1), true
	}
	return "", false
}

// sources is the expression for the script's own path: empty for a file that may be run in a way that does not tell it.
func (d *document) sources() string {
	first, _, _ := strings.Cut(string(d.Src), "\n")
	first = strings.TrimSpace(first)
	switch {
	case !strings.HasPrefix(first, "#!"):
		return "" // it may be sourced, and then $0 is somebody else
	case strings.HasSuffix(first, "bash"), strings.Contains(first, "bash "):
		return "${BASH_SOURCE[0]}"
	case strings.HasSuffix(first, "/sh"), strings.HasSuffix(first, "dash"), strings.HasSuffix(first, "ksh"), strings.HasSuffix(first, " sh"):
		return "$0"
	}
	return ""
}

// defines reports whether the file defines the function already.
func (d *document) defines(function string) bool {
	return regexp.MustCompile(`(?m)^ *` + function + ` *\( *\)`).Match(d.Src)
}

// top is the offset behind the script's first line, its first comment, and the options that it sets.
func (d *document) top() int {
	at, offset, header := 0, 0, true
	for _, line := range strings.SplitAfter(string(d.Src), "\n") {
		text := strings.TrimSpace(line)
		offset += len(line)
		switch {
		case text == "" && at > 0:
			header = false
		case strings.HasPrefix(text, "#") && (header || strings.HasPrefix(text, "#!")):
			at = offset
		case strings.HasPrefix(text, "#"), text == "" && line != "":
		case strings.HasPrefix(text, "set -"), strings.HasPrefix(text, "set +"), strings.HasPrefix(text, "shopt "):
			at, header = offset, false
		default:
			return at
		}
	}
	return at
}

// indented is a line with an indentation that can be one level: a tab, two spaces or four.
var indented = lazyregexp.New(`(?m)^(?:(\t)[ \t]*|(  |    ))[^ \t\n]`)

// indent is the indentation that the script uses, four spaces when it has none.
func (d *document) indent() string {
	if m := indented.FindSubmatch(d.Src); m != nil {
		return string(m[1]) + string(m[2])
	}
	return "    "
}

// definition is the function's text.
func (p *project) definition(indent string) string {
	in := p.in.Pack.Instance
	root := ""
	if v := in.Workspace; v.Name != "" {
		root = rooted(v.Name, v.Default)
	}
	return fmt.Sprintf(`# %[1]s INSTANCE: the %[2]s of that instance's own environment.
%[1]s() {
%[3]sprintf '%%s\n' "%[4]s%[5]s/$1/%[6]s/bin/%[2]s"
}
`, p.function(), p.program, indent, root, in.Dir, in.Env)
}

// libraryText is the content of the library.
func (p *project) libraryText() string {
	return "# shellcheck shell=sh\n# Sourced by the scripts that run " + p.program + ": each instance has an environment of its own.\n\n" + p.definition("    ")
}

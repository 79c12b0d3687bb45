package requirements

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// use is one import of the program as a library, by code that stays outside the environments.
type use struct {
	file   edit.File
	line   int      // 1-based
	module string   // "tutor.config"
	name   string   // what the file calls it
	places []string // "33: tutor_config.load_full"
}

// findUses finds the imports of the program in a root's Python files.
func (s *survey) findUses(root *step.Root) {
	for _, file := range root.Files {
		if inEnvironment(file, s.in.Pack.Instance.Env) {
			continue
		}
		src, ok := s.python(root, file)
		if !ok || s.loaded(root, file) {
			continue
		}
		s.readUses(root, file, src)
	}
}

// python is the text of a file that is Python and names the program.
func (s *survey) python(root *step.Root, file string) ([]byte, bool) {
	imports := slices.ContainsFunc(root.Occurrences[file], func(o site.Occurrence) bool { return o.Class == site.Import && o.Host == "" })
	if !imports && path.Ext(file) != ".py" {
		return nil, false
	}
	src, err := root.Read(file)
	if err != nil || !s.mentions(src) || host.Detect(file, src) != host.Python {
		return nil, false
	}
	return src, true
}

// loaded reports whether Tutor itself loads the file, in an environment: a plugin in a single file, or one of a package
// that declares itself a plugin.
func (s *survey) loaded(root *step.Root, file string) bool {
	if path.Base(path.Dir(file)) == "plugins" && (strings.HasPrefix(file, s.in.Pack.Instance.Dir+"/") || strings.HasPrefix(file, DefaultsDir+"/")) {
		return true
	}
	return path.Ext(file) == ".py" && up(file, func(dir string) bool {
		return slices.ContainsFunc([]string{"setup.py", "setup.cfg", "pyproject.toml"}, func(name string) bool {
			if name = path.Join(dir, name); !root.Has(name) {
				return false
			}
			src, err := root.Read(name)
			return err == nil && bytes.Contains(src, []byte(s.in.Pack.Program.Name+".plugin.v"))
		})
	})
}

// readUses reads the imports of one file.
func (s *survey) readUses(root *step.Root, file string, src []byte) {
	program := regexp.QuoteMeta(s.in.Pack.Program.Name)
	imports := regexp.MustCompile(`(?m)^[ \t]*(?:from[ \t]+(` + program + `(?:\.[\w.]+)?)[ \t]+import[ \t]+(\([^)]*\)|[^#\r\n]*)|import[ \t]+(` + program + `(?:\.[\w.]+)?)(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:$|[#,;\r]))`)
	occurrences, scanned := root.Occurrences[file]
	for _, m := range imports.FindAllSubmatchIndex(src, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return string(src[m[2*i]:m[2*i+1]])
		}
		at := max(m[2], m[6])
		if scanned && !slices.ContainsFunc(occurrences, func(o site.Occurrence) bool { return o.Class == site.Import && o.Start == at }) {
			continue // text that only reads like one
		}
		u := use{file: edit.File{Root: root.Key, Path: file}, line: 1 + bytes.Count(src[:at], []byte("\n"))}
		if module := group(3); module != "" {
			u.module, u.name = module, module
			if as := group(4); as != "" {
				u.name = as
			}
			s.addUse(u, src, m[1])
			continue
		}
		for name := range strings.SplitSeq(strings.Trim(group(2), "() \t\r\n"), ",") {
			name, as, ok := strings.Cut(strings.TrimSpace(name), " as ")
			if name == "" {
				continue
			}
			u.module, u.name = group(1)+"."+name, name
			if ok {
				u.name = strings.TrimSpace(as)
			}
			s.addUse(u, src, m[1])
		}
	}
}

// addUse adds an import, with the places after it that use its name.
func (s *survey) addUse(u use, src []byte, after int) {
	word := regexp.MustCompile(`(?:^|[^\w.])(` + regexp.QuoteMeta(u.name) + `(?:\.\w+)*)\b`)
	for _, m := range word.FindAllSubmatchIndex(src[after:], -1) {
		line := 1 + bytes.Count(src[:after+m[2]], []byte("\n"))
		u.places = append(u.places, fmt.Sprintf("%d: %s", line, src[after+m[2]:after+m[3]]))
	}
	s.uses = append(s.uses, u)
}

// guard keeps what installs the program where code outside the environments imports it: the metadata of the package that
// holds the code, and the installation that is nearest to it.
func (s *survey) guard() {
	kept := map[*pin]bool{}
	for _, u := range s.uses {
		var holders []string
		for _, p := range s.holding(u) {
			if p.kept == "" && !kept[p] {
				kept[p] = true
				p.kept = guardReason
				s.note(step.Kept, p.source.file, p.Line, fmt.Sprintf("%s stays, because %v:%d imports %s: it has a place in the environments as well", p.Text, u.file, u.line, u.module))
			}
			if p.guarded() {
				holders = append(holders, p.place())
			}
		}
		s.noteUse(u, holders)
	}
}

func (s *survey) noteUse(u use, holders []string) {
	text := fmt.Sprintf("imports %s outside the environments", u.module)
	if len(u.places) > 0 {
		text += " (used in line " + list(u.places) + ")"
	}
	switch {
	case len(holders) > 0:
		text += ", so what installs " + s.in.Pack.Program.Name + " at " + list(holders) + " stays"
	default:
		text += ", and nothing beside it declares " + s.in.Pack.Program.Name
	}
	s.note(step.Decide, u.file, u.line, text+". To end that: "+s.plugins.Advice(u.module))
}

// holding are the pins of the program that the code of an import relies on.
func (s *survey) holding(u use) []*pin {
	var out, near []*pin
	deepest := -1
	for _, p := range s.pinned() {
		dir := path.Dir(p.source.file.Path)
		if p.source.file.Root != u.file.Root || !s.isProgram(p.Key()) || !within(u.file.Path, dir) {
			continue
		}
		depth := strings.Count(strings.TrimPrefix("/"+dir, "/."), "/")
		switch {
		case p.source.kind == inManifest:
			out = append(out, p)
		case p.source.kind == inScript:
		case depth > deepest:
			near, deepest = []*pin{p}, depth
		case depth == deepest && p.source.kind == near[0].source.kind:
			near = append(near, p)
		}
	}
	return append(out, near...)
}

// within reports whether a file stands in a directory or below it.
func within(file, dir string) bool { return dir == "." || strings.HasPrefix(file, dir+"/") }

package scan

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var (
	valueHead = lazyregexp.New(`([A-Za-z_]\w*)["']?\s*[:=]\s*["']?(?:[^\s"'{]*/)?$`)
	valueTail = lazyregexp.New(`^["']?(?:\s*[,}#].*|\s+\w+=.*)?\s*$`)
	taken     = lazyregexp.New(`\{\{-?\s*(?:[\w.\[\]'"]+\.)?(\w+)\s*(?:\|[^}]*)?-?\}\}|\$\{\s*(?:local|var)\.(\w+)\s*\}`)
	variable  = lazyregexp.New(`variable\s+"(\w+)"\s*\{[^}]*$`)
	shownKey  = lazyregexp.New(`(?:^|[\s{-])(?:name|title|description|(?:\w+_)?msg|debug)\s*[:=][^\n]*$`)
)

// followTemplateValues finds the values in files of variables that tasks and templates of Ansible run (facts that are set,
// defaults of roles, variables of groups and hosts), and locals and variables that commands of Terraform run. Which one counts
// is known when they run only, so each is for review.
func (s *scanner) followTemplateValues() error {
	ansible := s.usesAnsible()
	values := map[string][]templateValue{}
	var names []string
	for _, t := range s.held {
		if t.kind != host.HCL && (!ansible || t.kind != host.YAML && t.kind != host.INI) {
			continue
		}
		for _, occ := range t.findings {
			if name := valueName(t.src, occ); name != "" {
				values[name] = append(values[name], templateValue{t, occ.Span})
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	wanted := newNameSet(names)
	files := s.root.Tree.Files
	uses := make([]map[string]site.Step, len(files))
	err := s.each(func() (func(int), func()) {
		var memory []byte
		return func(i int) {
			if !s.root.Config.Ignored(files[i]) && couldTakeValues(files[i]) {
				uses[i] = s.templateUses(files[i], wanted, &memory)
			}
		}, func() {}
	}, len(files))
	if err != nil {
		return err
	}
	for i := range files {
		for name, step := range uses[i] {
			for _, v := range values[name] {
				s.runByTemplate(v, name, step)
			}
		}
	}
	return nil
}

// templateValue is a place where a variable is given the program.
type templateValue struct {
	text *text
	at   source.Span
}

// usesAnsible reports whether the root has the folders that Ansible reads variables and tasks from, or a file that sets facts.
func (s *scanner) usesAnsible() bool {
	for _, file := range s.root.Tree.Files {
		dir := "/" + path.Dir(file) + "/"
		if path.Base(file) == "ansible.cfg" || strings.Contains(dir, "/group_vars/") || strings.Contains(dir, "/host_vars/") || strings.Contains(dir, "/tasks/") {
			return true
		}
	}
	for _, t := range s.held {
		if t.kind == host.YAML && bytes.Contains(t.src, []byte("set_fact")) {
			return true
		}
	}
	return false
}

// valueName is the name of the variable whose whole value an occurrence is, or the last part of a path that is.
func valueName(src []byte, occ site.Occurrence) string {
	if occ.Class != site.Data && occ.Class != site.Path {
		return ""
	}
	line := bytes.LastIndexByte(src[:occ.Start], '\n') + 1
	head := valueHead.FindSubmatch(src[max(line, occ.Start-300):occ.Start])
	tail, _, _ := bytes.Cut(src[occ.End:min(len(src), occ.End+300)], []byte("\n"))
	if head == nil || !valueTail.Match(tail) {
		return ""
	}
	if block := variable.FindSubmatch(src[max(0, occ.Start-1000):line]); block != nil && string(head[1]) == "default" {
		return string(block[1])
	}
	return string(head[1])
}

// couldTakeValues reports whether a file's name allows that its expressions are filled in by Ansible or Terraform.
func couldTakeValues(file string) bool {
	switch path.Ext(file) {
	case ".yml", ".yaml", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".tf", ".hcl":
		return true
	}
	return false
}

// templateUses are the names among those wanted that a file takes where the program begins a command, each with one place.
func (s *scanner) templateUses(file string, wanted *nameSet, memory *[]byte) map[string]site.Step {
	src, err := s.readInto(file, memory)
	if err != nil || !bytes.Contains(src, []byte("{{")) && !bytes.Contains(src, []byte("${")) || !wanted.in(src) {
		return nil
	}
	var out map[string]site.Step
	for _, m := range taken.FindAllSubmatchIndex(src, -1) {
		named := m[2:4]
		if named[0] < 0 {
			named = m[4:6]
		}
		name := string(src[named[0]:named[1]])
		if _, have := out[name]; have || !wanted.plain[name] || !s.runs(src, m[0], m[1]) {
			continue
		}
		if out == nil {
			out = map[string]site.Step{}
		}
		out[name] = site.Step{File: file, Span: source.Span{Start: m[0], End: m[1]}, What: "run here"}
	}
	return out
}

// runs reports whether a text reads as a call when the program stands in the place of the expression from start to end.
func (s *scanner) runs(src []byte, start, end int) bool {
	const around = 300
	program := s.pack.Program.Name
	before, after := string(src[max(0, start-around):start]), string(src[end:min(len(src), end+around)])
	if shownKey.MatchString(before) {
		return false
	}
	if rest := strings.TrimLeft(after, " \t"); rest != after && (strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "${")) {
		after = " $@" // arguments that an expression holds
	}
	at := source.Span{Start: len(before), End: len(before) + len(program)}
	return site.ReadsAsCall([]byte(before+program+after), at, &s.pack.Program)
}

// runByTemplate makes the value of a variable a site.
func (s *scanner) runByTemplate(v templateValue, name string, step site.Step) {
	where := step.File
	if step.File == v.text.path {
		step.File = ""
	}
	v.text.findings = append(v.text.findings, site.Occurrence{
		Span: v.at, Language: string(v.text.kind), Class: site.Invocation, Kind: "template-value", Action: site.Review, Uses: []site.Step{step},
		Rule:   s.pack.Program.Name + "/template-value",
		Reason: fmt.Sprintf("%s runs the value of %s, which may be another one at each use", where, name),
	})
}

// Package gitignore keeps the environments of instances, and what stands beside them, out of git.
package gitignore

import (
	"fmt"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/requirements"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// name is the file that git reads.
const name = ".gitignore"

// probe is a path that has to be ignored, and the line that does it.
type probe struct {
	path string // relative to the root
	dir  bool
	line string // relative to the root, anchored
}

// probes are the environment, and what docs/environments.md says stands beside it.
func probes(dir, env string) []probe {
	at := path.Join(dir, "some-instance")
	return []probe{
		{at + "/" + env, true, "/" + dir + "/*/" + env + "/"},
		{at + "/" + env + ".lock", false, "/" + dir + "/*/" + env + ".*"},
		{at + "/" + env + ".log", false, "/" + dir + "/*/" + env + ".*"},
		{at + "/" + env + ".new-0123abcd", true, "/" + dir + "/*/" + env + ".*"},
	}
}

// Plan adds what is missing to the .gitignore of every template and cluster.
func Plan(in step.Input) step.Output {
	var out step.Output
	for _, root := range in.Roots {
		if root.Role == "template" || root.Role == "cluster" {
			plan(in, root, &out)
		}
	}
	return out
}

func plan(in step.Input, root *step.Root, out *step.Output) {
	file := edit.File{Root: root.Key, Path: name}
	note := func(kind step.NoteKind, text string) {
		out.Notes = append(out.Notes, step.Note{Step: step.GitIgnore, Kind: kind, File: file, Text: text})
	}
	if _, ok := root.Links[name]; ok {
		note(step.Decide, "it is a link, which is never written through: add "+in.Pack.Instance.Env+" where it leads to")
		return
	}
	text, err := read(root, name)
	if err != nil {
		note(step.Decide, fmt.Sprintf("it cannot be read: %v", err))
		return
	}
	inner, _ := read(root, path.Join(in.Pack.Instance.Dir, name))
	covered := func(text, file string, dir bool) bool {
		return ignores(text, file, dir) || ignores(inner, strings.TrimPrefix(file, in.Pack.Instance.Dir+"/"), dir)
	}
	var lines []string
	pins := root.Config.RequirementsFile()
	tracked := []string{path.Join(in.Pack.Instance.Dir, "*", pins), path.Join(in.Pack.Instance.Dir, "*", strings.TrimSuffix(pins, path.Ext(pins))+".lock")}
	if root.Holds(requirements.DefaultsDir) {
		tracked = append(tracked, path.Join(requirements.DefaultsDir, pins))
	}
	for _, tracked := range tracked {
		file := strings.Replace(tracked, "*", "some-instance", 1)
		line := "!/" + tracked
		switch {
		case !covered(text, file, false):
		case covered(text+"\n"+line+"\n", file, false):
			// Nothing below an ignored directory comes back, and a file of its own in instances/ has the last word.
			note(step.Decide, fmt.Sprintf("it ignores %s, which has to be tracked: make the pattern narrower, so that it ignores no whole directory", tracked))
		default:
			lines = append(lines, line)
		}
	}
	for _, p := range probes(in.Pack.Instance.Dir, in.Pack.Instance.Env) {
		if !covered(text, p.path, p.dir) && (len(lines) == 0 || lines[len(lines)-1] != p.line) {
			lines = append(lines, p.line)
		}
	}
	if len(lines) == 0 {
		return
	}
	said := "ignores the environments of instances"
	if lines[0][0] == '!' {
		said = "tracks the requirements of instances, and ignores their environments"
	}
	change := edit.Change{File: file, Create: &edit.Creation{Content: strings.Join(lines, "\n") + "\n"}}
	if root.Has(name) {
		change = edit.Change{File: file, Edits: []edit.Edit{add(text, lines, in)}}
	}
	out.Fix(in.Pack.Program.Name+"/gitignore", "ignore the instances' environments", edit.Place{File: file}, change)
	note(step.Did, said)
}

// read is the text of a file, or nothing when there is none.
func read(root *step.Root, file string) (string, error) {
	if !root.Has(file) {
		return "", nil
	}
	src, err := root.Read(file)
	return string(src), err
}

// add is the insertion of lines: behind the last one about instances, in its style, or at the end. Where a later line
// would undo them they go to the end as well.
func add(text string, lines []string, in step.Input) edit.Edit {
	nl := source.Newline([]byte(text))
	at, anchored := -1, true
	for start := 0; start < len(text); {
		end := start + len(text[start:])
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			end = start + i + 1
		}
		if line := strings.TrimPrefix(text[start:end], "!"); strings.HasPrefix(strings.TrimPrefix(line, "/"), in.Pack.Instance.Dir+"/") {
			at, anchored = end, line[0] == '/'
		}
		start = end
	}
	if !anchored {
		for i := range lines {
			lines[i] = strings.Replace(lines[i], "/", "", 1)
		}
	}
	block := strings.Join(lines, nl) + nl
	if at >= 0 && at < len(text) && holds(text[:at]+block+text[at:], lines, in) {
		return edit.Edit{Start: at, End: at, New: block}
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		block = nl + strings.TrimSuffix(block, nl)
	}
	return edit.Edit{Start: len(text), End: len(text), New: block}
}

// holds reports whether a text ignores everything that has to be, and tracks what its new lines take back.
func holds(text string, lines []string, in step.Input) bool {
	for _, line := range lines {
		if back, ok := strings.CutPrefix(line, "!"); ok && ignores(text, strings.Replace(strings.TrimPrefix(back, "/"), "*", "some-instance", 1), false) {
			return false
		}
	}
	for _, p := range probes(in.Pack.Instance.Dir, in.Pack.Instance.Env) {
		if !ignores(text, p.path, p.dir) {
			return false
		}
	}
	return true
}

// ignores reports whether the lines of a .gitignore ignore a path that is relative to its directory. Lines that git does not
// understand say nothing.
func ignores(text, file string, dir bool) bool {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if !strings.HasSuffix(line, `\ `) {
			line = strings.TrimRight(line, " ")
		}
		if _, err := rules.ParsePatterns([]string{line}); err == nil && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	patterns, err := rules.ParsePatterns(lines)
	if dir {
		file += "/"
	}
	return err == nil && patterns.Match(file)
}

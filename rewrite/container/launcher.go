package container

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// launcherDir is where the image has the launcher: nothing else is there, so it can come first on the path.
const launcherDir = "/usr/local/libexec/grove-launcher"

// launcher puts a script in the place of the program that the image had: it runs the instance's one, or fails.
// It reports whether it was put there.
func (p *planner) launcher(root *step.Root, at edit.File, src []byte) bool {
	program := p.in.Pack.Program.Name
	if p.in.Options.NoLauncher || root.Config != nil && root.Config.Container.NoLauncher || launcherThere(src, program) {
		return false
	}
	list := host.Instructions(src)
	last := lastStage(list)
	if last < 0 {
		p.note(step.Decide, at, 0, "it has no FROM, so the launcher `"+program+"` was not put into the image: copy it to a directory that comes first on the path")
		return false
	}
	text, err := rules.File(program, "launcher.sh.txt")
	if err != nil {
		return false // The pack has none.
	}
	text = strings.NewReplacer("{keep}", p.in.Keeper(), "{env}", p.in.Pack.Instance.Env).Replace(text)
	context := contextOf(root, at.Path, list)
	home := edit.File{Root: root.Key, Path: path.Join(scriptsOf(root, context, list, path.Dir(at.Path)), program+"-launcher.sh")}
	change := edit.Change{File: home, Create: &edit.Creation{Content: text, Mode: 0o755}}
	from := home.Path
	if context != "." {
		from = strings.TrimPrefix(from, context+"/")
	}
	newline := source.Newline([]byte(src))
	lines := []string{
		"", "# In place of a " + program + " for all instances: runs the one of the instance that is named.",
		"COPY " + from + " " + launcherDir + "/" + program, "ENV PATH=" + launcherDir + ":$PATH",
	}
	added := strings.Join(lines, newline) + newline
	offset := list[settled(list, last)].End
	if offset > 0 && src[offset-1] != '\n' {
		added = newline + strings.TrimSuffix(added, newline)
	}
	changes := []edit.Change{{File: at, Edits: []edit.Edit{{Start: offset, End: offset, New: added}}}}
	if !root.Has(home.Path) {
		changes = append(changes, change)
	}
	line := 1 + strings.Count(string(src[:offset]), "\n")
	p.out.Fix(program+"/container", "let a launcher stand where the program was", edit.Place{File: at, Line: line, Offset: offset}, changes...)
	p.note(step.Did, at, line, fmt.Sprintf("has a launcher `%s` (%s) first on its path: a call that nobody moved runs the %s of the instance that --root or %s names, or fails and says so; --no-launcher leaves it out",
		program, home.Path, program, strings.Join(p.in.Pack.Instance.RootEnv, ", ")))
	return true
}

// launcherThere reports whether a Dockerfile puts a script in the program's place already.
func launcherThere(src []byte, program string) bool {
	return regexp.MustCompile(`(?mi)^[ \t]*(?:COPY|ADD)[ \t][^\n]*-launcher[\w.-]*[ \t]+\S*/` + regexp.QuoteMeta(program) + `[ \t\r]*$`).Match(src)
}

// lastStage is the index of the last FROM, or -1.
func lastStage(list []host.Instruction) int {
	for i, in := range slices.Backward(list) {
		if in.Name == "FROM" {
			return i
		}
	}
	return -1
}

// settled is the last instruction that has to do with what is in the image; behind it stands how the image is started.
func settled(list []host.Instruction, stage int) int {
	at := len(list) - 1
	for at > stage && slices.Contains([]string{"WORKDIR", "HEALTHCHECK", "ENTRYPOINT", "CMD", "EXPOSE", "VOLUME", "STOPSIGNAL", "LABEL", "USER", "ONBUILD", "SHELL"}, list[at].Name) {
		at--
	}
	return at
}

// sources are what a COPY or ADD takes from the context.
func sources(in host.Instruction) []string {
	words := strings.Fields(in.Rest)
	if in.Name != "COPY" && in.Name != "ADD" || strings.Contains(strings.Join(in.Flags, " "), "--from") || len(words) < 2 {
		return nil
	}
	return words[:len(words)-1]
}

// contextOf is the directory that an image is built from, as the paths of the Dockerfile show it: its own, or one above.
func contextOf(root *step.Root, file string, list []host.Instruction) string {
	own := path.Dir(file)
	for dir := own; ; dir = path.Dir(dir) {
		for _, in := range list {
			if slices.ContainsFunc(sources(in), func(s string) bool { return root.Holds(path.Join(dir, s)) && path.Clean(s) != "." }) {
				return dir
			}
		}
		if dir == "." {
			return own
		}
	}
}

// scriptsOf is a directory of scripts that the image gets already, or the one of the Dockerfile.
func scriptsOf(root *step.Root, context string, list []host.Instruction, own string) string {
	for _, in := range list {
		for _, s := range sources(in) {
			if dir := path.Join(context, s); path.Base(dir) == "scripts" && root.Holds(dir) && !root.Has(dir) {
				return dir
			}
		}
	}
	return own
}

package rehearse

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
)

// Call is one call of the program, without what differs between the copies.
type Call struct {
	Program   string            `json:"program"`             // the instance whose program it was, or "global"
	Arguments []string          `json:"arguments"`           // without those that name the root directory
	Root      string            `json:"root,omitempty"`      // the root directory; empty when none was named
	Instance  string            `json:"instance,omitempty"`  // of the root directory
	Directory string            `json:"directory"`           // where it was started
	Variables map[string]string `json:"variables,omitempty"` // that the program reads, but for the root directory
	Started   string            `json:"started,omitempty"`   // the file of the workspace that started it, where the system tells
	Job       string            `json:"job,omitempty"`       // of a pipeline
	Launched  bool              `json:"launched,omitempty"`  // by the launcher of the container
	Tripped   bool              `json:"tripped,omitempty"`   // it failed as a program does that is not there
	traced    bool              // the system tells what started it
	contained bool              // a stand-in for a container started it
	language  string            // of what started it: the ending of its files
}

// call is a recorded call without the places of this run.
func (a *attempt) call(c record.Call) Call {
	pack := a.Workspace.Pack
	out := Call{
		Program: c.Program, Root: a.neutral(c.Root), Instance: record.Instance(c.Root), Directory: a.neutral(c.Directory),
		Variables: map[string]string{}, Job: c.Environment["CI_JOB_NAME"], Launched: c.Launched && c.Program != record.Global, Tripped: c.Tripped,
		Arguments: []string{},
	}
	for _, word := range c.Words {
		out.Arguments = append(out.Arguments, random.ReplaceAllString(a.neutral(word), "…"))
	}
	prefix := strings.ToUpper(pack.Program.Name) + "_"
	for name, value := range c.Environment {
		if strings.HasPrefix(name, prefix) && !slices.Contains(pack.Instance.RootEnv, name) {
			out.Variables[name] = a.neutral(value)
		}
	}
	out.Started, out.traced = a.started(c.Parents), c.Traced
	out.language = path.Ext(out.Started)
	if out.language == "" {
		out.language = language(c.Parents)
	}
	out.contained = slices.ContainsFunc(c.Parents, func(p record.Process) bool { return slices.Contains(p.Arguments, a.runDir()) })
	return out
}

// started is the nearest file of the workspace on the way to a call.
func (a *attempt) started(parents []record.Process) string {
	for _, p := range parents {
		if len(p.Arguments) == 0 {
			continue
		}
		words := p.Arguments[:min(len(p.Arguments), 4)]
		for _, word := range append(slices.Clone(words), read[filepath.Base(p.Arguments[0])]...) {
			if strings.HasPrefix(word, "-") || word == "" {
				continue
			}
			if !filepath.IsAbs(word) {
				word = filepath.Join(p.Directory, word)
			}
			if file := a.file(a.neutral(word)); file != "" {
				return file
			}
		}
	}
	return ""
}

// read are the files that programs read when none is named.
var read = map[string][]string{
	"make": {"GNUmakefile", "makefile", "Makefile"}, "just": {"justfile", "Justfile", ".justfile"}, "task": {"Taskfile.yml", "Taskfile.yaml"}, "rake": {"Rakefile"},
}

// language is the ending of the files that the nearest interpreter on the way to a call reads.
func language(parents []record.Process) string {
	for _, p := range parents {
		for name, ending := range map[string]string{"python": ".py", "ruby": ".rb"} {
			if len(p.Arguments) > 0 && strings.HasPrefix(filepath.Base(p.Arguments[0]), name) {
				return ending
			}
		}
	}
	return ""
}

// file is the path of a file from the top of the workspace, for its place as commands see it; empty when it is none.
func (a *attempt) file(place string) string {
	top := strings.TrimSuffix(a.places.top, "/") + "/"
	candidates := []string{}
	if rest, ok := strings.CutPrefix(place, top); ok {
		candidates = append(candidates, rest)
	}
	if img := a.state.image; img != nil {
		if rest, ok := strings.CutPrefix(place, strings.TrimSuffix(img.Workdir, "/")+"/"); ok {
			candidates = append(candidates, filepath.Join(relative(a.places.top, a.cluster().Dir), rest))
		}
		if file := a.copied(place); file != "" {
			return file
		}
	}
	for _, c := range candidates {
		full, err := filepath.EvalSymlinks(filepath.Join(a.state.source, c))
		if err != nil || !regular(full) {
			continue
		}
		if rel, err := filepath.Rel(a.state.source, full); err == nil && !strings.HasPrefix(rel, "..") {
			return filepath.ToSlash(rel)
		}
	}
	return ""
}

// copied is the file of the workspace that the image has at a place: the only one with that name beside its Dockerfile.
func (a *attempt) copied(place string) string {
	if !regular(filepath.Join(a.state.image.Dir, place)) {
		return ""
	}
	found := ""
	for _, root := range a.Workspace.Roots {
		for _, file := range root.Tree.Files {
			if filepath.Base(file) == filepath.Base(place) && strings.Contains(file, a.state.word) {
				if found != "" {
					return ""
				}
				found = filepath.Join(relative(a.places.top, root.Dir), file)
			}
		}
	}
	return filepath.ToSlash(found)
}

var (
	temporary = lazyregexp.New(`\$TMPDIR/[^/\s:'"]+`)
	random    = lazyregexp.New(`[0-9a-f]{24,}`) // a secret or a number that is another one each time
)

// neutral is text without the places of this run.
func (a *attempt) neutral(text string) string {
	top := strings.TrimSuffix(a.places.top, "/")
	text = strings.ReplaceAll(text, filepath.Join(a.runDir(), "tmp"), "$TMPDIR")
	text = strings.ReplaceAll(text, filepath.Join(a.runDir(), "home"), "$HOME")
	text = strings.ReplaceAll(text, a.ws(), top)
	text = strings.ReplaceAll(text, filepath.Join(a.rehearsal.dir, a.state.name), "$REHEARSAL")
	return temporary.ReplaceAllString(text, "$$TMPDIR/…")
}

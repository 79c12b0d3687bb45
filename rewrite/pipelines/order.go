package pipelines

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// require makes a job wait for the one called name, which builds its environment, and take the environment over. A job that
// goes by its stage does so already, but takes over the environments of all instances, and waits for all: where its stage is
// the first, and the other job is there whenever it is, it needs the environment of its own instance and nothing else.
func (p *planner) require(j *job, name string, files []*file, alike bool) {
	if _, trigger := j.get("trigger"); trigger != nil {
		return // runs nothing here
	}
	listed := false
	for _, at := range []string{"needs", "dependencies"} {
		key, list := j.get(at)
		if list != nil {
			listed = true
			if list.Target != nil && slices.Contains(p.extended, list.Target) {
				continue // another job's list, which has the name already
			}
			if j.file.prepend(key, list, `"`+name+`"`) {
				p.extended = append(p.extended, list)
			} else {
				p.note(step.Decide, j.file, j.file.line(key.Span.Start), "the job "+j.name+" takes its list `"+at+"` from elsewhere: add "+name+" to it")
			}
			continue
		}
		if f, base := inherited(files, j, at); base != nil {
			listed = true
			p.override(j, at, name, f.tree.Follow(base), f)
		}
	}
	if !listed && alike && leads(j, files) {
		j.add(`needs: ["` + name + `"]`)
	}
}

// override gives a job a list of its own in place of the one that it inherits from file f, with one more name.
func (p *planner) override(j *job, key, name string, list *yaml.Node, f *file) {
	names := []string{name}
	plain := list != nil && list.Kind == yaml.Sequence
	if plain {
		names = append(names, f.names(list)...)
		plain = !slices.Contains(names, "")
	}
	if !plain || !j.add(key+`: ["`+strings.Join(names, `", "`)+`"]`) {
		p.note(step.Decide, j.file, j.file.line(j.key.Span.Start), "the job "+j.name+" inherits its list `"+key+"`: give it one of its own that has "+name+" as well")
	}
}

// add adds a line to a job: behind its stage, or behind what it extends, or else in front, where no condition of a template
// holds but those of the job itself. It reports whether it could.
func (j *job) add(line string) bool {
	f := j.file
	if len(j.node.Keys) == 0 || j.node.Keys[0] == nil {
		return false
	}
	if start := j.node.Span.Start; f.src[start] == '{' {
		f.insert(start+1, line+", ")
		return true
	}
	first := j.node.Keys[0].Span.Start
	indent := string(f.src[f.lineStart(first):first])
	if strings.TrimSpace(indent) != "" {
		return false
	}
	at := f.lineEnd(j.key.Span.End)
	for _, name := range []string{"extends", "stage"} {
		if key, value := j.get(name); value != nil && f.line(value.Span.End) == f.line(key.Span.Start) &&
			maps.Equal(f.branches(key.Span.Start), f.branches(j.key.Span.Start)) {
			at = f.lineEnd(value.Span.End)
		}
	}
	f.insert(at, indent+line+f.newline())
	return true
}

// leads reports whether no job of the files comes before a job by its stage.
func leads(j *job, files []*file) bool {
	order := []string{"build", "test", "deploy"} // what GitLab has when nothing lists stages
	for _, f := range files {
		if list := f.tree.Follow(f.tree.Get(f.top, "stages")); list != nil && list.Kind == yaml.Sequence {
			order = f.names(list)
			break
		}
	}
	order = slices.Concat([]string{".pre"}, order, []string{".post"})
	mine := slices.Index(order, stageOf(j, files))
	if mine < 0 {
		return false
	}
	for _, f := range files {
		for _, other := range f.jobs {
			if other == j || strings.HasPrefix(other.name, ".") {
				continue
			}
			if f == j.file && exclusive(f.branches(j.key.Span.Start), f.branches(other.key.Span.Start)) {
				continue
			}
			if slices.Index(order, stageOf(other, files)) < mine {
				return false
			}
		}
	}
	return true
}

// stageOf is the stage of a job, as the file writes it.
func stageOf(j *job, files []*file) string {
	if stage := j.text("stage"); stage != "" {
		return stage
	}
	if f, stage := inherited(files, j, "stage"); stage != nil && stage.Kind == yaml.Scalar {
		return f.raw(stage)
	}
	return "test"
}

var condition = regexp.MustCompile(`\{%[-+]?\s*(if|elif|else|endif|for|endfor)\b`)

// branches are the conditions of a template that a byte stands in: the offset of each to the number of its branch.
func (f *file) branches(at int) map[int]int {
	out := map[int]int{}
	var open []int
	for _, m := range condition.FindAllSubmatchIndex(f.src[:at], -1) {
		switch word := string(f.src[m[2]:m[3]]); {
		case word == "if" || word == "for":
			open = append(open, m[0])
			out[m[0]] = 0
		case len(open) == 0:
		case strings.HasPrefix(word, "end"):
			delete(out, open[len(open)-1])
			open = open[:len(open)-1]
		default:
			out[open[len(open)-1]]++
		}
	}
	return out
}

// exclusive reports whether two places stand in different branches of one condition, so that no pipeline has both.
func exclusive(a, b map[int]int) bool {
	for at, branch := range a {
		if other, both := b[at]; both && other != branch {
			return true
		}
	}
	return false
}

package pipelines

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// need is a job that runs in the environments of instances, and nobody builds them for it.
type need struct {
	*job
	target
	runs  []run
	rules []string // names of the jobs that say when it runs, nothing when it always does
	alone string   // why no other job can build the environments for it; empty when one can
}

// run is one item of a script that needs an environment.
type run struct {
	part
	sites   []site.Occurrence // in it
	command string            // the words of the command of the workspace that runs the program; empty when there are sites
}

var (
	// workspaceScript is a script of the workspace as the first word of a command.
	workspaceScript = lazyregexp.New(`(?m)(?:^|[;&|(]|\bthen|\bdo)[ \t]*(?:(?:bash|sh|ruby|python3?|source|\.)[ \t]+)?"?((?:\$\{?CI_PROJECT_DIR\}?/)?(?:\.?[\w.-]*/)+[\w.-]+\.(?:sh|bash|rb|py))"?((?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|[^\s;&|"']+))*)`)
	// applies is Terraform making its changes, of which provisioners are a part.
	applies = lazyregexp.New(`(?m)(?:^|[\s;&|(])(?:terraform|tofu|terragrunt)\b[^;&|\n]*[ \t](?:apply|destroy)\b`)
)

// outside are the commands of Grove that run no program in the environment of an instance there is.
var outside = []string{"new", "create", "venv", "pipeline", "list", "terraform", "tofu", "run-job", "build-tools-container"}

// needs are the jobs of a pipeline that need environments, in the order of the files. Those of which it cannot be told whose
// environments they need are refused.
func (l *pipeline) needs() []*need {
	var out []*need
	for _, f := range l.main {
		var idle []*job
		before := len(out)
		for _, j := range f.jobs {
			if j.hidden() || j.builds(l) {
				continue
			}
			l.made = nil
			for _, m := range creation.FindAllStringSubmatch(l.whole(j), -1) {
				l.made = append(l.made, m[1])
			}
			n := &need{job: j, runs: l.runs(j)}
			if len(n.runs) == 0 {
				idle = append(idle, j)
				continue
			}
			why := l.aim(n)
			if why != "" {
				l.refuse(n, why)
			}
			if why != "" || len(n.names) == 0 && n.kind != every {
				continue
			}
			l.when(n)
			l.escaped(n)
			if !l.served(n) {
				out = append(out, n)
			}
		}
		if len(out) > before && out[before].kind == variable && l.origin == written && appends(f.root) {
			for _, j := range idle {
				out = append(out, &need{job: j, target: out[before].target})
			}
		}
	}
	return out
}

// appends reports whether a program of a repository adds calls to the scripts of jobs, any of which may need an environment then.
func appends(root *step.Root) bool {
	for _, occurrences := range root.Occurrences {
		if slices.ContainsFunc(occurrences, func(o site.Occurrence) bool { return o.Slot != nil && o.Slot.Place == render.JobPlace }) {
			return true
		}
	}
	return false
}

// escaped refuses the calls of a template in which a dollar sign is written twice, where only the shell's variable says which
// directory is meant.
func (l *pipeline) escaped(n *need) {
	for _, r := range n.runs {
		for _, o := range r.sites {
			if name, is := variableOf(o.Instance); is && name != "" && r.file.dollars() && o.Action != site.Review {
				l.out.Refused = append(l.out.Refused, step.Refusal{File: r.file.key(), Offset: o.Start, Reason: "a dollar sign is written twice in this template: put `$$" + name + "/" + l.in.Pack.Executable() + "` there by hand"})
			}
		}
	}
}

// runs are the items of a job's script that need an environment.
func (l *pipeline) runs(j *job) []run {
	var out []run
	for _, p := range l.scripts(j) {
		r := run{part: p, sites: p.file.within(p.node)}
		if len(r.sites) == 0 {
			r.command = l.reaches(p)
		}
		if len(r.sites) > 0 || r.command != "" {
			out = append(out, r)
		}
	}
	return out
}

// reaches is the command of the workspace in a script by which it runs the program; empty when it has none.
func (l *pipeline) reaches(p part) string {
	text := p.raw()
	for _, m := range step.WorkspaceCommand.FindAllStringSubmatch(text, -1) {
		if l.origin == foreign && !strings.Contains(m[1], "cli.py") {
			continue
		}
		switch words := strings.Fields(m[3]); {
		case m[2] == "terraform" || m[2] == "tofu":
			if (slices.Contains(words, "apply") || slices.Contains(words, "destroy")) && l.provisions() {
				return "terraform " + m[3]
			}
		case !slices.Contains(outside, m[2]) && len(l.targetsIn(m[3])) > 0:
			return strings.TrimSpace(m[3])
		}
	}
	if applies.MatchString(text) && l.provisions() {
		return "terraform"
	}
	for _, m := range workspaceScript.FindAllStringSubmatch(text, -1) {
		if l.origin != foreign && l.scriptRuns(m[1]) {
			return strings.TrimSpace("script " + m[2])
		}
	}
	return ""
}

// provisions reports whether Terraform of the workspace runs the program.
func (p *planner) provisions() bool {
	for _, root := range p.in.Roots {
		for name, occurrences := range root.Occurrences {
			if path.Ext(name) == ".tf" && slices.ContainsFunc(occurrences, isSite) {
				return true
			}
		}
	}
	return false
}

// scriptRuns reports whether a script of the workspace, as a job names it, runs the program.
func (p *planner) scriptRuns(name string) bool {
	name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "${CI_PROJECT_DIR}/"), "$CI_PROJECT_DIR/"), "./")
	for _, root := range p.in.Roots {
		at := name
		if root.Role == "grove" {
			at = strings.TrimPrefix(name, "grove/")
		}
		if slices.ContainsFunc(root.Occurrences[at], isSite) {
			return true
		}
	}
	return false
}

func isSite(o site.Occurrence) bool { return o.Class.Site() }

// builds reports whether a job builds environments already.
func (j *job) builds(l *pipeline) bool {
	return slices.ContainsFunc(l.scripts(j), func(p part) bool { return builder.MatchString(p.raw()) })
}

// builder is a command that builds environments.
var builder = lazyregexp.New(`\bvenv +(?:update|reset)\b|-m venv\b`)

// when fills in the rules of a job. One whose rules name the job itself hold for no other.
func (l *pipeline) when(n *need) {
	for _, old := range []string{"only", "except"} {
		if _, v := l.value(n.job, old); v != nil {
			n.alone = "`" + old + "` says when it runs"
		}
	}
	if c, rules := l.value(n.job, "rules"); rules != nil {
		if strings.Contains(c.file.source(rules), "CI_JOB_NAME") {
			n.alone = "its rules name the job itself"
		}
		n.rules = []string{c.name}
	}
}

// served reports whether jobs build the environments of a need already.
func (l *pipeline) served(n *need) bool {
	builders := slices.DeleteFunc(l.jobs(), func(j *job) bool { return l.artifacts(j) == "" || !j.builds(l) })
	if len(n.names) == 0 {
		return slices.ContainsFunc(builders, func(j *job) bool { return l.keeps(j, l.artifacts(j), "*") })
	}
	return !slices.ContainsFunc(n.names, func(name string) bool {
		return !slices.ContainsFunc(builders, func(j *job) bool { return l.keeps(j, l.artifacts(j), name) })
	})
}

func (l *pipeline) artifacts(j *job) string {
	if c, v := l.value(j, "artifacts"); v != nil {
		return c.file.source(v)
	}
	return ""
}

// keeps reports whether the artifacts of a job hold the environment of an instance.
func (l *pipeline) keeps(j *job, artifacts, name string) bool {
	for _, each := range []string{name, "*"} {
		if strings.Contains(artifacts, l.environmentDir(each)) {
			return true
		}
	}
	if l.handsOn(j, name) {
		return true
	}
	variable := "$" + l.variable()
	if !strings.Contains(artifacts, l.environmentDir(variable)) {
		return false
	}
	if value, _ := l.variableOf(j, l.variable()); value == name {
		return true
	}
	c, parallel := l.value(j, "parallel")
	return parallel != nil &&
		regexp.MustCompile(`[\s\[,"'-]`+regexp.QuoteMeta(name)+`[\s\],"']`).MatchString(c.file.source(parallel)+" ")
}

package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sections are the keys at the top that are no jobs.
const sections = "stages variables default include workflow image services before_script after_script cache spec pages"

// inherited are the keys of a job that the defaults give it.
const inherited = "image services before_script after_script cache artifacts retry timeout interruptible tags hooks id_tokens"

// silent are the keys of a job that change nothing that a rehearsal sees.
const silent = "stage script before_script after_script variables rules only except needs dependencies artifacts cache extends when allow_failure trigger " +
	"parallel environment tags image services retry timeout interruptible resource_group coverage inherit manual_confirmation start_in"

// Job is a job as it would run.
type Job struct {
	Name  string
	Stage string
	order int // of its stage
	spec  table
}

// jobs are the jobs of the document in the order of their stages.
func (d *document) jobs() ([]*Job, error) {
	stages := []string{"build", "test", "deploy"}
	if s := texts(d.all["stages"]); len(s) > 0 {
		stages = s
	}
	stages = append(append([]string{".pre"}, stages...), ".post")
	var out []*Job
	for _, name := range d.keys {
		if _, ok := d.all[name].(table); !ok || strings.HasPrefix(name, ".") || slices.Contains(strings.Fields(sections), name) {
			continue
		}
		spec, err := d.resolve(name, nil)
		if err != nil {
			return nil, err
		}
		spec = d.withDefaults(spec)
		settled, err := d.settle(spec, 0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		spec = settled.(table)
		for _, key := range slices.Sorted(maps.Keys(spec)) {
			if !slices.Contains(strings.Fields(silent), key) {
				d.not = append(d.not, name+": "+key)
			}
		}
		for _, c := range choices(spec["parallel"]) {
			j := &Job{Name: name + c.suffix, Stage: "test", spec: merge(spec, table{"variables": c.variables})}
			if s := text(spec["stage"]); s != "" {
				j.Stage = s
			}
			if j.order = slices.Index(stages, j.Stage); j.order < 0 {
				return nil, fmt.Errorf("%s: there is no stage %s", name, j.Stage)
			}
			out = append(out, j)
		}
	}
	slices.SortStableFunc(out, func(a, b *Job) int { return a.order - b.order })
	return out, nil
}

func (d *document) withDefaults(spec table) table {
	defaults := table{}
	for _, key := range strings.Fields(inherited) {
		if v, ok := d.all[key]; ok {
			defaults[key] = v
		}
	}
	if more, ok := d.all["default"].(table); ok {
		defaults = merge(defaults, more)
	}
	out := maps.Clone(spec)
	inherit, _ := spec["inherit"].(table)
	for key, v := range defaults {
		if _, set := spec[key]; set || !slices.Contains(strings.Fields(inherited), key) {
			continue
		}
		if inherit != nil && inherit["default"] != nil && inherit["default"] != true && !slices.Contains(texts(inherit["default"]), key) {
			continue
		}
		out[key] = v
	}
	return out
}

// choice is one of the jobs that a parallel one is.
type choice struct {
	suffix    string
	variables table
}

func choices(parallel any) []choice {
	spec, ok := parallel.(table)
	if !ok {
		n, err := strconv.Atoi(text(parallel))
		if err != nil || n < 2 {
			return []choice{{"", table{}}}
		}
		var out []choice
		for i := range n {
			out = append(out, choice{fmt.Sprintf(" %d/%d", i+1, n), table{"CI_NODE_INDEX": strconv.Itoa(i + 1), "CI_NODE_TOTAL": strconv.Itoa(n)}})
		}
		return out
	}
	var out []choice
	for _, block := range list(spec["matrix"]) {
		block, ok := block.(table)
		if !ok {
			continue
		}
		all := []choice{{"", table{}}}
		for _, key := range slices.Sorted(maps.Keys(block)) {
			var more []choice
			for _, c := range all {
				for _, v := range texts(block[key]) {
					more = append(more, choice{c.suffix + ", " + v, merge(c.variables, table{key: v})})
				}
			}
			all = more
		}
		for _, c := range all {
			out = append(out, choice{": [" + strings.TrimPrefix(c.suffix, ", ") + "]", c.variables})
		}
	}
	return out
}

// variables are a table of variables as text.
func variables(v any) map[string]string {
	out := map[string]string{}
	if t, ok := v.(table); ok {
		for name, value := range t {
			out[name] = text(value)
		}
	}
	return out
}

// expand puts the values of variables into text.
func expand(s string, env map[string]string) string {
	for range 5 { // a value may name others
		next := variable.ReplaceAllStringFunc(s, func(m string) string {
			g := variable.FindStringSubmatch(m)
			return env[g[1]+g[2]]
		})
		if next == s {
			break
		}
		s = next
	}
	return strings.ReplaceAll(s, "$$", "$")
}

// takes reports whether the job runs with these variables, and which more it gets.
func (j *Job) takes(env map[string]string) (bool, table, error) {
	when := text(j.spec["when"])
	rules, ruled := j.spec["rules"].([]any)
	if !ruled {
		ok, err := j.only(env)
		return ok && when != "manual" && when != "never", nil, err
	}
	for _, item := range rules {
		rule, ok := item.(table)
		if !ok {
			continue
		}
		if rule["if"] != nil {
			holds, err := condition(text(rule["if"]), env)
			if err != nil {
				return false, nil, fmt.Errorf("%s: %w", j.Name, err)
			}
			if !holds {
				continue
			}
		}
		w := when
		if rule["when"] != nil {
			w = text(rule["when"])
		}
		more, _ := rule["variables"].(table)
		return w != "never" && w != "manual", more, nil
	}
	return false, nil, nil
}

// only is the older form of rules.
func (j *Job) only(env map[string]string) (bool, error) {
	holds := func(v any) (bool, error) {
		items := v
		if t, ok := v.(table); ok {
			items = t["variables"]
			if t["refs"] != nil && items == nil {
				items = t["refs"]
			}
		}
		for _, item := range texts(items) {
			if item == env["CI_COMMIT_BRANCH"] || item == "branches" || item == env["CI_PIPELINE_SOURCE"]+"s" || item == "merge_requests" && env["CI_PIPELINE_SOURCE"] == "merge_request_event" {
				return true, nil
			}
			if strings.HasPrefix(item, "$") {
				if ok, err := condition(item, env); ok || err != nil {
					return ok, err
				}
			}
		}
		return false, nil
	}
	if j.spec["only"] != nil {
		if ok, err := holds(j.spec["only"]); !ok || err != nil {
			return false, err
		}
	}
	if j.spec["except"] != nil {
		if ok, err := holds(j.spec["except"]); ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

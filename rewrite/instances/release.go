package instances

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// release is one name of an Open edX release and the program's major version that deploys it.
type release struct {
	name  string
	major int
}

// readReleases reads the names and majors of the built-in table.
func readReleases(program string) ([]release, error) {
	src, err := rules.Releases(program)
	if err != nil {
		return nil, err
	}
	var table struct {
		Releases []struct {
			From string `yaml:"from"`
			Name string `yaml:"name"`
		} `yaml:"releases"`
	}
	if err := yaml.Unmarshal(src, &table); err != nil {
		return nil, fmt.Errorf("the table of releases: %w", err)
	}
	var out []release
	for _, r := range table.Releases {
		if n := (release{r.Name, requirement.Major(r.From)}); len(out) == 0 || out[len(out)-1] != n {
			out = append(out, n)
		}
	}
	return out, nil
}

// config is what the files of an instance say.
type config struct {
	plugins []string
	version string // of the program, where a file states it
	clues   []clue
}

// clue is one setting that tells the release.
type clue struct {
	file  string // "config.yml"
	key   string
	value string
	image bool // a Docker image, whose tag tells it
	own   bool // the program's version itself
}

// config reads an instance's config.yml and grove.yml. The second result is false when nothing can be planned from them.
func (p *planner) config(i instance) (config, bool) {
	var c config
	values, ok := p.yaml(i, "config.yml")
	switch {
	case !ok:
		return c, false
	case values == nil:
		p.note(step.Decide, edit.File{Root: i.root.Key, Path: i.dir}, 0, fmt.Sprintf("there is no config.yml, so nobody can tell which %s and which plugins the instance needs: add it, or delete the directory", p.in.Pack.Program.Name))
		return c, false
	}
	list, isList := values["PLUGINS"].([]any)
	if values["PLUGINS"] != nil && !isList {
		p.note(step.Decide, p.at(i, "config.yml"), 0, "PLUGINS is no list: write one plugin a line below it; until then no plugin is required")
	}
	for _, name := range list {
		if s, ok := name.(string); ok && !slices.Contains(c.plugins, s) {
			c.plugins = append(c.plugins, s)
		}
	}
	c.state("config.yml", p.versionKey(), values[p.versionKey()])
	if text, _ := values[p.versionKey()].(string); text != "" && c.version == "" {
		p.note(step.Decide, p.at(i, "config.yml"), 0, fmt.Sprintf("%s is %s, which is no version: write what is meant to %s", p.versionKey(), text, path.Base(i.file.Path)))
	}
	c.add("config.yml", "OPENEDX_COMMON_VERSION", values["OPENEDX_COMMON_VERSION"], false)
	c.add("config.yml", "DOCKER_IMAGE_OPENEDX", values["DOCKER_IMAGE_OPENEDX"], true)
	if values, _ = p.yaml(i, "grove.yml"); values != nil {
		c.state("grove.yml", p.versionKey(), search(values, p.versionKey(), 6))
		c.add("grove.yml", "OPENEDX_COMMON_VERSION", values["OPENEDX_COMMON_VERSION"], false)
		c.add("grove.yml", "EDX_PLATFORM_VERSION", search(values, "EDX_PLATFORM_VERSION", 6), false)
		c.add("grove.yml", "DOCKER_IMAGE_OPENEDX", search(values, "DOCKER_IMAGE_OPENEDX", 6), true)
	}
	return c, true
}

func (c *config) add(file, key string, value any, image bool) {
	if s, ok := value.(string); ok && s != "" && !strings.Contains(s, "{{") {
		c.clues = append(c.clues, clue{file: file, key: key, value: s, image: image})
	}
}

// versionKey is the variable that states the program's version.
func (p *planner) versionKey() string { return strings.ToUpper(p.in.Pack.Program.Name) + "_VERSION" }

var plainVersion = lazyregexp.New(`^v?(\d+(?:\.\d+)+)$`)

// state takes a version that a file states; a tag or a branch that is none says nothing.
func (c *config) state(file, key string, value any) {
	text, ok := value.(string)
	if m := plainVersion.FindStringSubmatch(text); ok && m != nil && c.version == "" {
		c.version = m[1]
		c.clues = append([]clue{{file: file, key: key, value: m[1], own: true}}, c.clues...)
	}
}

// stateShared takes the version that the files of a whole cluster state, where it is of the major that the instance needs.
func (p *planner) stateShared(c *config, root *step.Root, major int) int {
	for _, name := range []string{"cluster.yml", "cluster.yaml", ".gitlab-ci.yml"} {
		values, ok := p.yaml(instance{root: root}, name)
		if !ok || values == nil || c.version != "" {
			continue
		}
		var shared config
		shared.state(name, p.versionKey(), search(values, p.versionKey(), 6))
		if n := requirement.Major(shared.version); shared.version != "" && (major == 0 || major == n) {
			c.version = shared.version
			return n
		}
	}
	return major
}

// search is the value of a key anywhere in a tree.
func search(tree map[string]any, key string, fuel int) any {
	if v, ok := tree[key]; ok || fuel == 0 {
		return v
	}
	for _, v := range tree {
		if inner, ok := v.(map[string]any); ok {
			if found := search(inner, key, fuel-1); found != nil {
				return found
			}
		}
	}
	return nil
}

func (p *planner) at(i instance, name string) edit.File {
	return edit.File{Root: i.root.Key, Path: path.Join(i.dir, name)}
}

// yaml reads a mapping of an instance: nil when there is no such file, and false when it is no mapping.
func (p *planner) yaml(i instance, name string) (map[string]any, bool) {
	file := path.Join(i.dir, name)
	if !i.root.Has(file) {
		return nil, true
	}
	src, err := i.root.Read(file)
	values := map[string]any{}
	if err == nil {
		err = yaml.Unmarshal(src, &values)
	}
	if err != nil {
		p.note(step.Decide, p.at(i, name), 0, fmt.Sprintf("it cannot be read as YAML (%s): mend it, then run this step again; the instance is left alone", strings.Join(strings.Fields(err.Error()), " ")))
		return nil, false
	}
	if values == nil {
		values = map[string]any{}
	}
	return values, true
}

// major is the program's major version that an instance needs, or 0 when its files leave that open. The second result is
// false when they name something unknown.
func (p *planner) major(i instance, c config, legacy *requirement.File) (int, bool) {
	if legacy != nil {
		for _, l := range legacy.Lines {
			if n := p.majorOf(l.Requirement); l.Wanted() && p.isProgram(l.Key()) && n > 0 {
				return n, true
			}
		}
	}
	found, from := 0, clue{}
	for _, k := range c.clues {
		n := p.read(k)
		switch {
		case n < 0 && found == 0 && !k.image:
			p.note(step.Decide, p.at(i, k.file), 0, fmt.Sprintf("%s is %s, a release that is not known (known are %s): write %s by hand", k.key, k.value, p.known(), path.Base(i.file.Path)))
			return 0, false
		case n <= 0:
		case found == 0:
			found, from = n, k
		case n != found:
			p.note(step.Decide, p.at(i, k.file), 0, fmt.Sprintf("%s is %s (%s %d), but %s in %s is %s (%s %d): the latter holds; make them agree",
				k.key, k.value, p.in.Pack.Program.Name, n, from.key, from.file, from.value, p.in.Pack.Program.Name, found))
		}
	}
	return found, true
}

var imageTag = lazyregexp.New(`:(v?\d+)(?:\.\d+)+[^/:]*$`)

// read is the major that a setting means: 0 when it tells none, -1 when it names a release that is not known.
func (p *planner) read(k clue) int {
	if k.own {
		return requirement.Major(k.value)
	}
	if k.image {
		m := imageTag.FindStringSubmatch(k.value)
		if m == nil {
			tag := k.value[strings.LastIndexByte(k.value, '/')+1:]
			_, tag, _ = strings.Cut(tag, ":")
			return max(p.named(tag), 0)
		}
		for _, r := range p.releases {
			if r.major == requirement.Major(m[1]) {
				return r.major
			}
		}
		return 0
	}
	return p.named(k.value)
}

// named is the major of the release whose name is a word of the text, or -1.
func (p *planner) named(text string) int {
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		for _, r := range p.releases {
			if w == r.name {
				return r.major
			}
		}
	}
	return -1
}

func (p *planner) known() string {
	var out []string
	for _, r := range p.releases {
		if len(out) == 0 || out[len(out)-1] != r.name {
			out = append(out, r.name)
		}
	}
	return strings.Join(out, ", ")
}

var refVersion = lazyregexp.New(`^v?(\d+)\.\d+`)

// majorOf is the major version that a requirement asks for, by its versions or by the tag or branch of its URL, or -1 when
// it does not say.
func (p *planner) majorOf(r requirement.Requirement) int {
	if r.URL != "" {
		_, ref := requirement.Ref(r.URL)
		if m := refVersion.FindStringSubmatch(ref); m != nil {
			return requirement.Major(m[1])
		}
		return p.named(ref)
	}
	if low := requirement.Lowest(r.Specifier); low != "" {
		return requirement.Major(low)
	}
	return -1
}

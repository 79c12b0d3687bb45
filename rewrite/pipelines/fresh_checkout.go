package pipelines

import (
	"path"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// fresh refuses the calls of pipelines whose runs begin with a fresh checkout, in systems for which no step is written here:
// before each of them the file has to build environments by itself.
func (p *planner) fresh() {
	for _, root := range p.in.Roots {
		for _, name := range root.Files {
			occurrences := root.Occurrences[name]
			if !slices.ContainsFunc(occurrences, func(o site.Occurrence) bool { return o.Action == site.Rewrite }) {
				continue
			}
			src, err := root.Read(name)
			if err != nil || !p.startsFresh(name, src, occurrences) {
				continue
			}
			f := &file{root: root, path: name, src: src}
			for _, o := range occurrences {
				if o.Action == site.Rewrite && !builder.Match(f.src[:o.Start]) {
					p.out.Refused = append(p.out.Refused, step.Refusal{File: f.key(), Offset: o.Start, Reason: "each run of " + path.Base(name) +
						" begins with a fresh checkout, and no step before this one builds the environment: let one run `" + p.in.Pack.Instance.Build + "`"})
				}
			}
		}
	}
}

// startsFresh reports whether a file is a pipeline of a system that starts each run with a fresh checkout.
func (p *planner) startsFresh(name string, src []byte, occurrences []site.Occurrence) bool {
	if slices.ContainsFunc(occurrences, func(o site.Occurrence) bool { return o.Host == "groovy" }) {
		return path.Ext(name) != ".gradle"
	}
	return isYAML(name) && yaml.StartsFresh(name, src, p.in.Pack)
}

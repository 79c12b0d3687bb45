package step

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

var (
	// A value that ends in a path below the workspace: $CI_PROJECT_DIR/defaults/plugins, /workspace/plugins, "#{INSIDE}/plugins".
	pluginsPath = lazyregexp.New(`PLUGINS_(?:ROOT|DIR)\b["']?]?\s*(?:=>|:=|:-|[=:,])[^\n]*?(?:/workspace|\$\(?\w+\)?|\})/((?:[\w.-]+/)*[\w.-]+)`)
	// A value that is put together from a directory and a name: DEFAULTS_DIR / "plugins", os.path.join(BASE, "plugins").
	pluginsName = lazyregexp.New(`PLUGINS_(?:ROOT|DIR)\b["']?]?\s*(?:=>|[=:,])[^\n]*?[/,]\s*["']((?:[\w.-]+/)*[\w.-]+)["']`)
)

// PluginRoots are the directories of the workspace in which it lets the program look for plugins that are single files, as far
// as its files say so: by variables of pipelines and images, and by constants. Each is the end of a path.
func PluginRoots(in Input) []string {
	var out []string
	for _, root := range in.Roots {
		for _, file := range root.Files {
			src, err := root.Read(file)
			if err != nil || !bytes.Contains(src, []byte("PLUGINS_")) {
				continue
			}
			for _, form := range []*lazyregexp.Regexp{pluginsPath, pluginsName} {
				for _, m := range form.FindAllSubmatch(src, -1) {
					if found := path.Clean(string(m[1])); !slices.Contains(out, found) {
						out = append(out, found)
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return strings.Count(b, "/") - strings.Count(a, "/") })
	return out
}

// PluginFile reports whether a root holds a plugin as a single file, in one of the directories that the workspace names or
// in one called plugins.
func PluginFile(root *Root, roots []string, name string) bool {
	return slices.ContainsFunc(root.Files, func(f string) bool {
		if base := path.Base(f); base != name+".py" && base != name+".yml" {
			return false
		}
		dir := path.Dir(f)
		return path.Base(dir) == "plugins" || slices.ContainsFunc(roots, func(r string) bool { return dir == r || strings.HasSuffix(dir, "/"+r) })
	})
}

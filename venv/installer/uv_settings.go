package installer

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// UVSettings reads the variables and the files of uv, but none of a project: an environment's requirements are no project's.
func UVSettings(environ []string) Settings {
	t, s := uvTool(), Settings{}
	var held []entry
	for _, file := range slices.Backward(uvFiles(environ)) {
		text, _ := os.ReadFile(file) // There is none where it cannot be read, as for uv.
		var here []entry
		for _, e := range tomlEntries(string(text)) {
			switch name := e.setting(); {
			case name == "require-hashes":
				s.RequireHashes = strings.Contains(e.text, "true")
			case name == "" || s.keep(t, name, name+" in "+file):
				e.text = located(e, filepath.Dir(file))
				here = append(here, e)
			}
		}
		held = append(here, held...)
	}
	s.config = joined(held)
	s.read(t, environ)
	return s
}

// uvFiles are the files that uv reads: the person's and the first of the system's, or the one that is named.
func uvFiles(environ []string) []string {
	if Truthy(Variable(environ, "UV_NO_CONFIG")) {
		return nil
	}
	if own := Variable(environ, "UV_CONFIG_FILE"); own != "" {
		return []string{own}
	}
	home := cmp.Or(Variable(environ, "XDG_CONFIG_HOME"), filepath.Join(Variable(environ, "HOME"), ".config"))
	files := []string{filepath.Join(home, "uv", "uv.toml")}
	system := append(filepath.SplitList(cmp.Or(Variable(environ, "XDG_CONFIG_DIRS"), "/etc/xdg")), "/etc")
	if at := slices.IndexFunc(system, func(dir string) bool { return exists(filepath.Join(dir, "uv", "uv.toml")) }); at >= 0 {
		files = append(files, filepath.Join(system[at], "uv", "uv.toml"))
	}
	return files
}

// entry is a key with its value, or the head of a table, which has no key.
type entry struct{ table, key, text string }

// setting is how the entry is called: a table of its own is one setting.
func (e entry) setting() string {
	if e.table != "" && e.table != "pip" {
		name, _, _ := strings.Cut(strings.TrimPrefix(e.table, "pip."), ".")
		return name
	}
	return e.key
}

var tomlKey = lazyregexp.New(`^\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.]`)

// joined is the text of what several files hold, the strongest first, as uv joins them: the first value holds, of lists of
// words all do, and so does each [[index]].
func joined(entries []entry) string {
	type table struct {
		lines []string
		at    map[string]int // by key
	}
	top := &table{at: map[string]int{}}
	tables, named := []*table{top}, map[string]*table{"": top}
	for _, e := range entries {
		in := named[e.table]
		if in == nil || strings.HasPrefix(e.text, "[[") {
			in = &table{at: map[string]int{}}
			tables, named[e.table] = append(tables, in), in
		}
		key, value, _ := strings.Cut(e.text, "=")
		key = strings.Trim(key, "\"' ")
		at, there := in.at[key]
		switch {
		case !there:
			in.at[key] = len(in.lines)
			in.lines = append(in.lines, e.text)
		case isWords(in.lines[at]) && isWords(e.text):
			_, first, _ := strings.Cut(in.lines[at], "=")
			in.lines[at] = key + " = [" + strings.Join(tomlString.FindAllString(first+value, -1), ", ") + "]\n"
		}
	}
	text := ""
	for _, t := range tables {
		text += strings.Join(t.lines, "")
	}
	return text
}

// isWords tells whether an entry is a list of texts.
func isWords(text string) bool {
	_, value, _ := strings.Cut(tomlString.ReplaceAllString(text, ""), "=")
	return strings.Trim(value, "[], \n") == "" && strings.Contains(value, "[")
}

// tomlEntries parts a TOML text into its entries; comments are dropped with blank lines.
func tomlEntries(text string) []entry {
	var out []entry
	table, open := "", 0
	for line := range strings.Lines(text) {
		bare := tomlBare(line)
		line = strings.TrimRight(line[:len(bare)], " \t\r\n") + "\n"
		m := tomlKey.FindStringSubmatch(line)
		switch head := strings.TrimSpace(bare); {
		case open > 0:
			out[len(out)-1].text += line
			open += depth(bare)
		case strings.HasPrefix(head, "["):
			table = strings.Trim(head, "[] ")
			out = append(out, entry{table, "", strings.TrimSpace(head) + "\n"})
		case m != nil:
			out = append(out, entry{table, m[1], line})
			open = depth(bare)
		}
	}
	return out
}

var tomlString = lazyregexp.New(`"(?:[^"\\]|\\.)*"|'[^']*'`)

// tomlBare is a line with other words in place of its strings, and without its comment.
func tomlBare(line string) string {
	bare := tomlString.ReplaceAllStringFunc(line, func(s string) string { return strings.Repeat("x", len(s)) })
	bare, _, _ = strings.Cut(bare, "#")
	return bare
}

func depth(bare string) int {
	return strings.Count(bare, "[") + strings.Count(bare, "{") - strings.Count(bare, "]") - strings.Count(bare, "}")
}

// located is an entry with the directories that it names made absolute, as they are relative to its file.
func located(e entry, dir string) string {
	switch e.setting() {
	case "find-links", "index-url", "extra-index-url", "index", "cache-dir":
	default:
		return e.text
	}
	return tomlString.ReplaceAllStringFunc(e.text, func(quoted string) string {
		value := quoted[1 : len(quoted)-1]
		if value == "" || strings.Contains(value, ":") || filepath.IsAbs(value) {
			return quoted
		}
		if path := filepath.Join(dir, value); exists(path) {
			return quoted[:1] + path + quoted[:1]
		}
		return quoted
	})
}

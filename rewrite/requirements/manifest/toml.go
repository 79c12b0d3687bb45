package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

var (
	tomlTable = lazyregexp.New(`^\s*\[([^\[\]]+)\]\s*(#.*)?$`)
	tomlKey   = lazyregexp.New(`^\s*("[^"]+"|'[^']+'|[A-Za-z0-9_-]+)\s*=\s*`)
	tomlField = lazyregexp.New(`([A-Za-z_-]+)\s*=\s*("[^"]*"|'[^']*'|\[[^\]]*\])`)
)

// readTOML reads the arrays of requirements and the tables of packages of pyproject.toml and Pipfile.
func readTOML(src []byte) []Dependency {
	s := &scanner{src: src}
	table := ""
	for at := 0; at < len(src); {
		end := lineEnd(src, at)
		line := strings.TrimRight(string(src[at:end]), "\r\n")
		if m := tomlTable.FindStringSubmatch(line); m != nil {
			table = strings.TrimSpace(m[1])
			at = end
			continue
		}
		m := tomlKey.FindStringSubmatch(line)
		if m == nil {
			at = end
			continue
		}
		key := strings.Trim(m[1], `"'`)
		value := at + len(m[0])
		s.where = "[" + table + "] " + key
		switch {
		case value < len(src) && src[value] == '[':
			if !arrayOf(table, key) {
				s.where = ""
			}
			before := len(s.out)
			end = max(end, lineEnd(src, s.list(value)-1))
			if s.where == "" {
				s.out = s.out[:before]
			}
		case packagesIn(table):
			s.pair(at, line, key, line[len(m[0]):])
		}
		at = end
	}
	return s.out
}

// arrayOf reports whether an array of strings holds requirements.
func arrayOf(table, key string) bool {
	switch table {
	case "project":
		return key == "dependencies"
	case "build-system":
		return key == "requires"
	case "tool.uv":
		return key == "dev-dependencies"
	}
	return table == "project.optional-dependencies" || table == "dependency-groups" || table == "tool.pdm.dev-dependencies"
}

// packagesIn reports whether the keys of a table are names of packages: Poetry's and Pipenv's.
func packagesIn(table string) bool {
	switch table {
	case "packages", "dev-packages", "tool.poetry.dependencies", "tool.poetry.dev-dependencies":
		return true
	}
	return strings.HasPrefix(table, "tool.poetry.group.") && strings.HasSuffix(table, ".dependencies")
}

// pair reads `name = "version"` or `name = {…}` on one line.
func (s *scanner) pair(at int, line, name, value string) {
	start := at + len(line) - len(strings.TrimLeft(line, " \t"))
	d := Dependency{Start: start, Where: s.where, group: -1}
	if strings.HasPrefix(value, "{") {
		end := strings.LastIndexByte(value, '}')
		if end < 0 {
			return
		}
		d.End = at + len(line) - len(value) + end + 1
		fields := map[string]string{}
		for _, m := range tomlField.FindAllStringSubmatch(value[:end], -1) {
			fields[m[1]] = m[2]
		}
		s.out = add(s.out, inline(name, fields), d)
		return
	}
	if value == "" || value[0] != '"' && value[0] != '\'' {
		return
	}
	text, end := s.text(at + len(line) - len(value))
	d.End = end
	s.out = add(s.out, name+versions(text), d)
}

// inline is the requirement that an inline table writes.
func inline(name string, fields map[string]string) string {
	get := func(key string) string { return strings.Trim(fields[key], `"'`) }
	var extras []string
	for e := range strings.SplitSeq(strings.Trim(fields["extras"], "[]"), ",") {
		if e = strings.Trim(strings.TrimSpace(e), `"'`); e != "" {
			extras = append(extras, e)
		}
	}
	if len(extras) > 0 {
		name += "[" + strings.Join(extras, ",") + "]"
	}
	if git := get("git"); git != "" {
		address := git
		if !strings.HasPrefix(address, "git+") {
			address = "git+" + address
		}
		for _, key := range []string{"ref", "rev", "tag", "branch"} {
			if ref := get(key); ref != "" {
				address += "@" + ref
				break
			}
		}
		if dir := get("subdirectory"); dir != "" {
			address += "#subdirectory=" + dir
		}
		return name + " @ " + address
	}
	if get("path") != "" || get("file") != "" || get("url") != "" {
		return ""
	}
	text := name + versions(get("version"))
	if m := get("markers"); m != "" {
		text += " ; " + m
	}
	return text
}

// versions is the range that Poetry and Pipenv write with ^, ~ or nothing, as pip writes it.
func versions(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || text == "*":
		return ""
	case text[0] == '^':
		return caret(text[1:], 1)
	case text[0] == '~' && !strings.HasPrefix(text, "~="):
		return caret(text[1:], 2)
	case text[0] >= '0' && text[0] <= '9':
		return "==" + text
	}
	return text
}

// caret is the range from a version up to the next one of its first numbers.
func caret(version string, keep int) string {
	version = strings.TrimSpace(version)
	parts := strings.Split(version, ".")
	parts = parts[:min(keep, len(parts))]
	last, err := strconv.Atoi(parts[len(parts)-1])
	if err != nil || last == 0 && keep == 1 {
		return "==" + version
	}
	parts[len(parts)-1] = strconv.Itoa(last + 1)
	return fmt.Sprintf(">=%s,<%s", version, strings.Join(parts, "."))
}

// Keys are the normalised names of all dependencies.
func Keys(deps []Dependency) map[string]bool {
	out := map[string]bool{}
	for _, d := range deps {
		out[requirement.Normalise(d.Key())] = true
	}
	return out
}

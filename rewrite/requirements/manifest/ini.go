package manifest

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

var (
	iniSection = lazyregexp.New(`^\[([^\]]+)\]`)
	iniKey     = lazyregexp.New(`^([A-Za-z0-9_.-]+)\s*[=:]\s*`)
	toxFactor  = lazyregexp.New(`^[\w,{}!.-]+:\s+`)
)

// readINI reads the lists of setup.cfg and tox.ini: a requirement a line, below the key or beside it.
func readINI(src []byte) []Dependency {
	var out []Dependency
	section, key := "", ""
	for at := 0; at < len(src); at = lineEnd(src, at) {
		line := strings.TrimRight(string(src[at:lineEnd(src, at)]), "\r\n")
		trimmed := strings.TrimLeft(line, " \t")
		start := at + len(line) - len(trimmed)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case start == at && iniSection.MatchString(line):
			section, key = iniSection.FindStringSubmatch(line)[1], ""
			continue
		case start == at:
			m := iniKey.FindStringSubmatch(line)
			if m == nil {
				key = ""
				continue
			}
			key = m[1]
			start += len(m[0])
			trimmed = line[len(m[0]):]
		}
		if !iniList(section, key) || trimmed == "" {
			continue
		}
		text, _, _ := strings.Cut(trimmed, " #")
		text = strings.TrimRight(text, " \t")
		d := Dependency{Start: start, End: start + len(text), Where: key, group: -1}
		if key == "deps" {
			text = text[len(toxFactor.FindString(text)):]
		}
		out = add(out, text, d)
	}
	return out
}

// iniList reports whether a key holds requirements.
func iniList(section, key string) bool {
	switch key {
	case "":
		return false
	case "install_requires", "setup_requires", "tests_require":
		return section == "options" || section == "metadata"
	case "deps":
		return strings.HasPrefix(section, "testenv")
	}
	return section == "options.extras_require"
}

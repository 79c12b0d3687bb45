package requirement

import (
	"fmt"
	"slices"
	"strings"
)

// readRequirement fills the line from the text of a requirement.
func (l *Line) readRequirement(text string) {
	r, kind, err := ParseRequirement(text)
	if err != nil {
		l.foreign(err)
		return
	}
	l.Requirement, l.Kind = r, kind
}

// foreign marks a line that is of another format, with advice for the one that people paste most.
func (l *Line) foreign(err error) {
	l.Kind = Foreign
	switch first, _, _ := strings.Cut(l.Text, " "); {
	case isInstaller(first):
		l.Problem = fmt.Sprintf("`%s` is a command, not a requirement: write the packages alone, one a line, such as tutor==14.2.2", l.Text)
	case strings.HasPrefix(l.Text, "tutor "), strings.HasPrefix(l.Text, "./tutor "):
		l.Problem = fmt.Sprintf("`%s` is a command, not a requirement: a plugin is enabled under PLUGINS in config.yml", l.Text)
	default:
		l.Problem = fmt.Sprintf("`%s` is no requirement: %v; a line names one package (tutor-mfe==14.0.1), one URL or one option of pip", l.Text, err)
	}
}

func isInstaller(word string) bool {
	return slices.Contains([]string{"pip", "pip3", "uv", "python", "python3", "poetry", "pipenv", "conda", "RUN", "$"}, word)
}

// valued are pip's options for whole requirement files, and whether a value follows.
func valued(flag string) (value, known bool) {
	switch flag {
	case "-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-binary", "--only-binary", "--trusted-host", "--use-feature":
		return true, true
	case "--no-index", "--pre", "--prefer-binary", "--require-hashes":
		return false, true
	}
	return false, false
}

// readOption fills the line from an option. Short ones may stand without a space before their value, and long ones with
// an equals sign.
func (l *Line) readOption() {
	flag, value := splitFlag(l.Text)
	l.Flag, l.Value = flag, strings.Trim(value, `"'`)
	switch flag {
	case "-r", "--requirement":
		l.Kind = Include
	case "-c", "--constraint":
		l.Kind = Constraint
	case "-e", "--editable":
		l.Flag, l.Value = "", ""
		value = strings.Trim(value, `"'`)
		if (strings.HasPrefix(value, ".") || strings.HasPrefix(value, "/")) && strings.ContainsAny(value, blanks) {
			l.Kind, l.Path = Local, value // A path with a space needs quotes, which no other form has.
		} else {
			l.readRequirement(value)
		}
		l.Editable = true
		if l.Kind == Named && l.URL == "" {
			l.foreign(fmt.Errorf("-e takes a path or a URL"))
		}
		return
	default:
		l.Kind = Option
		if _, known := valued(flag); !known {
			l.foreign(fmt.Errorf("%s has no place in a requirements file", flag))
			return
		}
	}
	if takes, _ := valued(flag); l.Value == "" && (takes || l.Kind != Option) {
		l.foreign(fmt.Errorf("%s needs a value", flag))
	}
}

// splitFlag parts an option from its value.
func splitFlag(text string) (flag, value string) {
	if i := strings.IndexAny(text, "= \t"); strings.HasPrefix(text, "--") || i <= 2 && i > 0 {
		if i < 0 {
			return text, ""
		}
		if i < 2 {
			return text, "" // a dash alone
		}
		return text[:i], strings.TrimSpace(text[i+1:])
	}
	if len(text) > 2 {
		return text[:2], strings.TrimSpace(text[2:])
	}
	return text, ""
}

package installer

import "strings"

// listener hears in an installer's output what it is doing. What it passes on
// is a verb and a package's name, never a URL.
type listener struct {
	phase func(verb, detail string)
	held  string
}

func (l *listener) Write(p []byte) (int, error) {
	l.held += string(p)
	for {
		line, rest, found := strings.Cut(l.held, "\n")
		if !found {
			return len(p), nil
		}
		l.held = rest
		l.line(strings.Fields(line))
	}
}

func (l *listener) line(words []string) {
	if len(words) < 2 {
		return
	}
	detail := strings.TrimRight(words[1], ",:;")
	if strings.ContainsAny(detail, "/@") {
		return
	}
	switch words[0] {
	case "Collecting", "Downloading", "Building":
		l.phase(strings.ToLower(words[0]), detail)
	case "Installing":
		l.phase("installing", "")
	case "+":
		l.phase("installed", detail)
	}
}

package host

import (
	"bytes"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Instruction is one instruction of a Dockerfile.
type Instruction struct {
	source.Span          // its lines, with those of its here-documents
	Name        string   // in capitals
	Flags       []string // --from=stage
	Rest        string   // what follows them, continuation lines joined
	Documents   []string // its here-documents
}

var (
	hereDocument = lazyregexp.New(`<<-?\s*["']?([A-Za-z_]\w*)["']?`)
	otherEscape  = lazyregexp.New("(?i)^\ufeff?(?:#.*\n)*?#\\s*escape\\s*=\\s*`")
)

// Instructions are those of a Dockerfile. What is not known of one stays in it as it is.
func Instructions(src []byte) []Instruction {
	escape := `\`
	if otherEscape.Match(src) {
		escape = "`"
	}
	var out []Instruction
	lines := bytes.SplitAfter(src, []byte("\n"))
	for at, i := 0, 0; i < len(lines); {
		in, text, goes := Instruction{Span: source.Span{Start: at}}, "", true
		for ; i < len(lines) && goes; i++ {
			at += len(lines[i])
			line := strings.TrimSpace(strings.TrimPrefix(string(lines[i]), "\ufeff"))
			if strings.HasPrefix(line, "#") || line == "" {
				if text == "" {
					in.Start = at
				}
				continue
			}
			line, goes = strings.CutSuffix(line, escape)
			text, in.End = text+line, at
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
		if in.Name = strings.ToUpper(name); name == "" {
			continue
		}
		rest = strings.TrimSpace(rest)
		for strings.HasPrefix(rest, "--") {
			flag, more, _ := strings.Cut(rest, " ")
			in.Flags, rest = append(in.Flags, flag), strings.TrimSpace(more)
		}
		in.Rest = rest
		if slices.Contains([]string{"RUN", "COPY", "ADD"}, in.Name) {
			for _, m := range hereDocument.FindAllStringSubmatch(rest, -1) {
				body := ""
				for end := false; i < len(lines) && !end; i++ {
					at += len(lines[i])
					if end = strings.TrimSpace(string(lines[i])) == m[1]; !end {
						body += strings.ReplaceAll(string(lines[i]), "\r\n", "\n")
					}
				}
				in.Documents, in.End = append(in.Documents, body), at
			}
		}
		out = append(out, in)
	}
	return out
}

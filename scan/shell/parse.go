package shell

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/mask"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

const (
	maxBytes   = 8 << 20 // a longer text is not parsed
	maxParts   = 250_000 // words and signs of a text that is parsed
	maxBroken  = 32_000  // bytes of a text with mistakes that the second parser reads: it may take the square of them, and of memory
	maxAgain   = 4 << 20 // bytes that are parsed again because of mistakes
	maxParens  = 2_000   // nested brackets: the parser is recursive, and a stack that overflows cannot be caught
	maxOpeners = 20_000  // nested compound commands, words in quotes and comments counted as if they were commands
	maxRetries = 60      // statements that are given up before the rest of the text is
)

// masked is a text with its templates and its byte order mark hidden, byte for byte, and its unknown parts in order.
func masked(src string, holes []source.Hole) (string, []source.Hole) {
	const bom = "\ufeff"
	if strings.HasPrefix(src, bom) {
		src = "   " + src[len(bom):]
	}
	if len(holes) > 0 || !strings.Contains(src, "{{") && !strings.Contains(src, "{%") && !strings.Contains(src, "<%") && !strings.Contains(src, "$[[") {
		return src, holes
	}
	dialects := []mask.Dialect{mask.Actions, mask.ERB, mask.GitLab}
	if strings.Contains(src, "{{") || strings.Contains(src, "{%") {
		dialects = append(dialects, mask.Jinja)
	}
	return mask.Text(src, dialects...)
}

// parse reads a text into statements. A statement that cannot be read is given up, line by line, and the rest is read.
// Each problem is one place where that happened.
func parse(src, dialect string) ([]*syntax.Stmt, []syntax.Comment, []reading.Problem) {
	if err := bounds(src); err != nil {
		return nil, nil, []reading.Problem{{Span: source.Span{End: len(src)}, Text: err.Error()}}
	}
	variant := syntax.LangBash
	switch dialect {
	case "zsh":
		variant = syntax.LangZsh
	case "mksh", "ksh":
		variant = syntax.LangMirBSDKorn
	case "bats":
		variant = syntax.LangBats
	}
	p := syntax.NewParser(syntax.KeepComments(true), syntax.Variant(variant))
	file, err := p.Parse(strings.NewReader(src), "")
	if err == nil {
		return file.Stmts, file.Last, nil
	}
	for _, v := range []syntax.LangVariant{syntax.LangBash, syntax.LangZsh, syntax.LangMirBSDKorn, syntax.LangBats} {
		if v == variant {
			continue
		}
		p := syntax.NewParser(syntax.KeepComments(true), syntax.Variant(v))
		if file, err := p.Parse(strings.NewReader(src), ""); err == nil {
			return file.Stmts, file.Last, nil
		}
	}
	return recovered(src, variant)
}

// recovered reads what can be read of a text with mistakes.
func recovered(src string, variant syntax.LangVariant) ([]*syntax.Stmt, []syntax.Comment, []reading.Problem) {
	var stmts []*syntax.Stmt
	var problems []reading.Problem
	at := 0
	for try := 0; try < min(maxRetries, 1+maxAgain/len(src)) && at < len(src); try++ {
		p := syntax.NewParser(syntax.KeepComments(true), syntax.Variant(variant))
		text := blanked(src, at)
		good := at
		var err error
		for s, e := range p.StmtsSeq(strings.NewReader(text)) {
			if e != nil || err != nil {
				err = cmp.Or(err, e) // the parser goes on after a mistake, so the loop must as well
				continue
			}
			stmts = append(stmts, s)
			good = max(good, int(s.End().Offset()))
			for _, c := range s.Comments {
				good = max(good, min(len(src), int(c.End().Offset())))
			}
		}
		if err == nil {
			return stmts, nil, problems
		}
		start := good + len(src[good:]) - len(strings.TrimLeft(src[good:], " \t\r\n;&"))
		line := start
		if n := strings.IndexByte(src[start:], '\n'); n >= 0 {
			line = start + n + 1
		} else {
			line = len(src)
		}
		problems = append(problems, reading.Problem{Span: source.Span{Start: start, End: line}, Text: message(err)})
		at = line
	}
	if at < len(src) {
		problems = append(problems, reading.Problem{Span: source.Span{Start: at, End: len(src)}, Text: "too many mistakes; the rest is not read"})
	}
	return stmts, nil, problems
}

// blanked is the text with its first n bytes hidden, so that the rest keeps its place.
func blanked(src string, n int) string { return strings.Repeat(" ", n) + src[n:] }

// message is what a parser says, without the place.
func message(err error) string {
	var pe syntax.ParseError
	if errors.As(err, &pe) {
		return pe.Text
	}
	var le syntax.LangError
	if errors.As(err, &le) {
		return le.Feature + " is not known in this shell"
	}
	return err.Error()
}

// bounds errs when a text is too long, or nested too deeply, to be parsed.
func bounds(src string) error {
	if len(src) > maxBytes {
		return fmt.Errorf("%d bytes of shell text are more than the %d that are read", len(src), maxBytes)
	}
	if parts(src) > maxParts {
		return fmt.Errorf("more than %d words and signs in one shell text: it looks generated and is not read, so move its commands to a script of their own", maxParts)
	}
	depth, most, openers, words := 0, 0, 0, 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '(' || c == '{':
			depth++
			most = max(most, depth)
		case (c == ')' || c == '}') && depth > 0:
			depth--
		case c == '!' || c == '-' || c == '~' || c == '+':
			words++
		case c == '\n':
			words = 0
		case 'a' <= c && c <= 'z':
			j := i
			for j < len(src) && 'a' <= src[j] && src[j] <= 'z' {
				j++
			}
			switch src[i:j] {
			case "if", "while", "until", "for", "case", "select", "do", "then", "else", "elif", "function":
				openers++
			case "fi", "done", "esac":
				openers = max(0, openers-2)
			case "time", "coproc":
				words++
			}
			i = j - 1
		}
		if most > maxParens || openers > maxOpeners || words > maxOpeners {
			return errors.New("shell text that is nested too deeply to be read")
		}
	}
	return nil
}

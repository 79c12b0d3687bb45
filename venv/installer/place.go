package installer

import (
	"io"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// placer passes an installer's output on, a line at a time, with the places that people know instead of those of the
// streams that the installer reads.
type placer struct {
	out            io.Writer
	wanted, bounds []string // by line of standard input, and of the first file
	held           string
}

var streamPlace = lazyregexp.New(`-[rc] /dev/(stdin|fd/3) \(line (\d+)\)`)

func (p *placer) Write(text []byte) (int, error) {
	p.held += string(text)
	end := strings.LastIndexByte(p.held, '\n') + 1
	whole := p.held[:end]
	p.held = p.held[end:]
	if _, err := io.WriteString(p.out, streamPlace.ReplaceAllStringFunc(whole, p.place)); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (p *placer) place(found string) string {
	m := streamPlace.FindStringSubmatch(found)
	places := p.wanted
	if m[1] != "stdin" {
		places = p.bounds
	}
	if n, err := strconv.Atoi(m[2]); err == nil && n >= 1 && n <= len(places) {
		return places[n-1]
	}
	return found
}

// flush passes on what has no line break after it.
func (p *placer) flush() { io.WriteString(p.out, p.held) }

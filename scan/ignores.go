package scan

import (
	"bytes"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// ignores are the comments of a file that keep a site.
type ignores struct {
	byLine map[int]*ignore
	all    []*ignore
}

type ignore struct {
	span   source.Span
	reason string
	used   bool
}

var ignoreComment = lazyregexp.New(`grove-migrate: *ignore\b[ \t]*([^\n\r]*)`)

// ignoresIn are the comments of a file, which several values may ask for.
func (s *scanner) ignoresIn(f *File) ignores {
	if _, ok := s.ignores[f.Path]; !ok {
		s.ignores[f.Path] = ignoresOf(f.Src, f.Lines)
	}
	return s.ignores[f.Path]
}

// ignoresOf finds the comments. One holds for its own line and, when nothing but the comment stands there, for the next.
func ignoresOf(src []byte, lines source.Lines) ignores {
	out := ignores{byLine: map[int]*ignore{}}
	for _, m := range ignoreComment.FindAllSubmatchIndex(src, -1) {
		reason := strings.TrimSpace(string(src[m[2]:m[3]]))
		for _, end := range []string{"-->", "*/", "#}", "--%>"} {
			reason = strings.TrimSpace(strings.TrimSuffix(reason, end))
		}
		ig := &ignore{span: source.Span{Start: m[0], End: m[1]}, reason: reason}
		if reason == "" {
			ig.reason = "no reason given"
		}
		out.all = append(out.all, ig)
		line, _ := lines.Position(m[0])
		out.byLine[line] = ig
		before := bytes.TrimLeft(lineAt(src, m[0])[:m[0]-(bytes.LastIndexByte(src[:m[0]], '\n')+1)], " \t")
		if len(bytes.Trim(before, " \t#/*<!-;{%.")) == 0 {
			out.byLine[line+1] = ig
		}
	}
	return out
}

func (ig ignores) reason(line int) (string, bool) {
	if i := ig.byLine[line]; i != nil {
		i.used = true
		return i.reason, true
	}
	return "", false
}

func (ig ignores) stale() []Stale {
	var out []Stale
	for _, i := range ig.all {
		if !i.used {
			out = append(out, Stale{i.span, i.reason})
		}
	}
	return out
}

func lineAt(src []byte, off int) []byte {
	start := bytes.LastIndexByte(src[:off], '\n') + 1
	end := bytes.IndexByte(src[off:], '\n')
	if end < 0 {
		return src[start:]
	}
	return src[start : off+end]
}

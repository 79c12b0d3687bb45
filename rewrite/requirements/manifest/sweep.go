package manifest

import (
	"bytes"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// empty are a list in brackets with nothing in it, a key with nothing behind it, and a header, each with its line.
var (
	emptyList   = lazyregexp.New(`(?m)^[ \t]*(?:"[^"\n]*"|'[^'\n]*'|[\w.-]+)[ \t]*[=:][ \t]*\[\s*\],?[ \t]*(?:\r?\n|\z)`)
	emptyKey    = lazyregexp.New(`(?m)^[\w.-]+[ \t]*[=:][ \t]*(?:\r?\n|\z)`)
	emptyHeader = lazyregexp.New(`(?m)^\[[^\]\n]+\][ \t]*(?:\r?\n|\z)(?:[ \t]*\r?\n)*`)
	// always is a list that stays when it is empty: readers look for it.
	always = lazyregexp.New(`^\s*["']?(?:dependencies|requires|install_requires)["']?\s*[=:]\s*\[`)
)

// sweep adds to deletions what they leave empty: lists, keys and tables.
func sweep(src []byte, edits []edit.Edit) []edit.Edit {
	for _, empty := range []*lazyregexp.Regexp{emptyList, emptyKey, emptyHeader} {
		text, err := edit.Apply(src, edits)
		if err != nil {
			return edits
		}
		var more []edit.Edit
		for _, m := range empty.FindAllIndex(text, -1) {
			next := bytes.TrimLeft(text[m[1]:], "\r\n")
			switch {
			case empty == emptyList && always.Match(text[m[0]:m[1]]),
				empty == emptyKey && len(next) > 0 && (next[0] == ' ' || next[0] == '\t'),
				empty == emptyHeader && len(next) > 0 && next[0] != '[':
				continue
			}
			for empty == emptyHeader && len(next) == 0 && bytes.HasSuffix(text[:m[0]], []byte("\n\n")) {
				m[0]-- // the blank line before the last table
			}
			e := edit.Edit{Start: place(edits, m[0]), End: place(edits, m[1])}
			for _, cut := range edits {
				if e.Start <= cut.Start && cut.End <= e.End {
					more = append(more, e)
					break
				}
			}
		}
		edits = join(append(edits, more...))
	}
	return edits
}

// place is the offset in the source of one in the text that deletions leave, behind those that meet there.
func place(edits []edit.Edit, at int) int {
	for _, e := range edits {
		if e.Start > at {
			break
		}
		at += e.End - e.Start
	}
	return at
}

package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// filled adds a literal part of a word to each alternative. An expression of the host in it that names one of the host's
// variables has that variable's value: {{.TOOL}} in a Taskfile, ${TOOL} in a string of Groovy.
func (r *reader) filled(alts []partial, l *syntax.Lit, quote byte) []partial {
	f := r.literal(l, quote)
	at := 0
	for _, h := range f.Holes {
		options := r.hostValue(h)
		if len(options) == 0 || h.Start < at {
			continue
		}
		if h.Start > at {
			alts = literal(alts, f.cut(source.Span{Start: at, End: h.Start}))
		}
		alts = combine(alts, options, quote)
		at = h.End
	}
	if at == 0 || at < len(f.Text) {
		alts = literal(alts, f.cut(source.Span{Start: at, End: len(f.Text)}))
	}
	return alts
}

// hostValue is the value of the host's variable that an expression names.
func (r *reader) hostValue(h source.Hole) []option {
	if len(r.guest.Env) == 0 {
		return nil
	}
	name := strings.TrimLeft(strings.Trim(h.Expr, "{}$ \t"), ".")
	if name == "" || strings.ContainsAny(name, " \t()|.\"'") {
		return nil
	}
	options, _ := r.hostVariable(name)
	return options
}

// filledWords are the words that a word of a list becomes: an expression that is all of it may have a value of several.
func (r *reader) filledWords(f field) []field {
	if len(f.Holes) != 1 || !covered(f.Word) {
		return []field{f}
	}
	options := r.hostValue(f.Holes[0])
	if len(options) == 0 {
		return []field{f}
	}
	var out []field
	for _, v := range options[0].fields[0].split() {
		v.text, v.at, v.first = f.text, f.at, f.first
		out = append(out, v)
	}
	return out
}

package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// filled adds a literal part of a word to each alternative. An expression of the host in it that names one of the host's
// variables has that variable's value: {{.TOOL}} in a Taskfile, ${TOOL} in a string of Groovy.
func (r *reader) filled(alts []partial, l *syntax.Lit, quote byte) []partial {
	f := r.literal(l, quote)
	at := 0
	for _, h := range f.Holes {
		options := r.hostValue(f, h)
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

// byDefault is the text that an expression of Jinja gives when its variable is not set: {{ tool | default('tool') }}.
var byDefault = lazyregexp.New(`\|\s*default\(\s*(?:'([^'\\]*)'|"([^"\\]*)")`)

// hostValue is the value of the host's variable that an expression in the field names, or the expression's own default.
func (r *reader) hostValue(f field, h source.Hole) []option {
	var options []option
	if name := hostName(h); name != "" {
		options, _ = r.hostVariable(name)
	}
	m := byDefault.FindStringSubmatchIndex(h.Source)
	place, ok := f.Map.Host(h.Span)
	if m == nil || !ok || place.Len() != len(h.Source) {
		return options
	}
	at := source.Span{Start: max(m[2], m[4]), End: max(m[3], m[5])}
	given := field{Word: Word{Text: h.Source[at.Start:at.End]}}
	given.Map.Append(source.Segment{Len: at.Len(), Host: place.Start + at.Start, HostLen: at.Len(), File: place.File})
	return append(slices.Clip(options), option{fields: []field{given}})
}

// hostName is the host's variable that an expression names, or empty.
func hostName(h source.Hole) string {
	name, _, _ := strings.Cut(strings.Trim(h.Expr, "{}$ \t"), "|")
	name = strings.TrimPrefix(strings.TrimLeft(strings.TrimSpace(name), "."), "env.")
	if !variableName(strings.ReplaceAll(name, "-", "_")) {
		return ""
	}
	return name
}

// filledWords are the words that a word of a list becomes: an expression that is all of it may have a value of several.
func (r *reader) filledWords(f field) []field {
	if len(f.Holes) != 1 || !covered(f.Word) {
		return []field{f}
	}
	options := r.hostValue(f, f.Holes[0])
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

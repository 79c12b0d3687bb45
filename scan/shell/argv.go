package shell

import "gitlab.com/opencraft/dev/grove-migrate/scan/source"

// argv follows a command that a host gives as a list of words: no shell reads it.
func (r *reader) argv(t *text) {
	r.t, r.statement = t, source.Span{End: len(t.src)}
	var fields []field
	for _, s := range r.embedded.Argv {
		if s.Start < 0 || s.End > len(t.src) || s.Start > s.End {
			continue
		}
		r.visit(s, 'e')
		f := t.piece(s)
		f.text, f.at, f.first = t, s, &rendered{text: t, at: s}
		fields = append(fields, r.filledWords(f)...)
	}
	if len(fields) > 0 {
		r.command(invocation{fields: fields})
	}
}

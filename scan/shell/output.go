package shell

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// print is what a command prints, where somebody reads it: a command substitution, the next command of a pipe, a file.
func (r *reader) print(in invocation) {
	head, _ := lastElement(in.fields[0])
	args := in.fields[1:]
	var out field
	switch head {
	case "echo", "print":
		expanded := false
		for len(args) > 0 && strings.HasPrefix(args[0].Text, "-") {
			expanded = expanded || strings.Contains(args[0].Text, "e")
			args = args[1:]
		}
		// Whether echo expands escapes by itself depends on the shell; a script's first line says that it is meant to.
		if out = joined(args); expanded || strings.HasPrefix(out.Text, "#!") {
			out = out.newlines()
		}
	case "printf":
		out = formatted(args)
	case "basename", "realpath", "readlink":
		for len(args) > 0 && strings.HasPrefix(args[0].Text, "-") {
			args = args[1:]
		}
		if len(args) == 0 {
			return
		}
		out = args[0]
		if head == "basename" {
			out = r.basename(args[0], in)
		}
	case "which", "command", "type", "whence":
		if len(args) == 0 {
			return
		}
		out = args[len(args)-1]
		if !slices.ContainsFunc(r.occurrences(out), func(s source.Span) bool { return s.End == len(out.Text) }) {
			return
		}
		out.found = true
	case "cat", "tee":
		r.copied(in)
		return
	default:
		return
	}
	r.printed(out, in)
}

// copied passes on what a command that copies its input reads.
func (r *reader) copied(in invocation) {
	for _, d := range r.redirs {
		if d.Hdoc != nil {
			for _, f := range r.body(d) {
				r.printed(f, in)
			}
		} else if d.Op == syntax.WordHdoc {
			for _, f := range r.single(d.Word) {
				r.printed(f, in)
			}
		}
	}
	if len(in.fields) == 1 {
		for _, f := range r.stdin {
			r.printed(f, in)
		}
	}
}

func lastElement(f field) (string, int) {
	at := strings.LastIndexByte(f.Text, '/') + 1
	return f.Text[at:], at
}

// newlines is the field with each \n in it replaced by a newline.
func (f field) newlines() field {
	out := f
	out.Word, out.refs = Word{}, nil
	from := 0
	for i := 0; i+1 < len(f.Text); i++ {
		if f.Text[i] != '\\' {
			continue
		}
		if f.Text[i+1] == 'n' {
			out.add(f.cut(source.Span{Start: from, End: i}))
			end := field{Word: Word{Text: "\n"}}
			end.Map.Append(source.Segment{Len: 1})
			out.add(end)
			from = i + 2
		}
		i++
	}
	out.add(f.cut(source.Span{Start: from, End: len(f.Text)}))
	return out
}

// formatted is what printf prints: the layout with its arguments where it holds %s.
func formatted(args []field) field {
	if len(args) == 0 {
		return field{}
	}
	layout := args[0]
	if layout.Text == "-v" || strings.HasPrefix(layout.Text, "--") {
		args = args[1:]
	}
	if len(args) == 0 {
		return field{}
	}
	layout, args = args[0], args[1:]
	out := field{text: layout.text, at: layout.at, word: layout.word}
	from := 0
	for i := 0; i+1 < len(layout.Text); i++ {
		switch {
		case layout.Text[i] == '\\' && layout.Text[i+1] == 'n' && i+2 == len(layout.Text):
			out.add(layout.cut(source.Span{Start: from, End: i}))
			from = len(layout.Text)
		case layout.Text[i] == '%' && (layout.Text[i+1] == 's' || layout.Text[i+1] == 'q' || layout.Text[i+1] == 'b') && len(args) > 0:
			out.add(layout.cut(source.Span{Start: from, End: i}))
			out.add(args[0])
			args = args[1:]
			from = i + 2
			i++
		}
	}
	if from < len(layout.Text) {
		out.add(layout.cut(source.Span{Start: from, End: len(layout.Text)}))
	}
	return out
}

// basename is the last element of a path; of the script's own path it is the name that the script was called by.
func (r *reader) basename(f field, in invocation) field {
	if f.self && len(r.opt.Links) > 0 {
		options := r.selfAt(in.fields[0].at)
		for _, o := range options[1:] {
			r.printed(o.fields[0], in)
		}
		return options[0].fields[0]
	}
	if f.blank() {
		return f
	}
	if name := strings.TrimRight(f.Text, "/"); name != "" {
		f = f.cut(source.Span{End: len(name)})
	}
	_, at := lastElement(f)
	return f.cut(source.Span{Start: at, End: len(f.Text)})
}

// printed hands a text to whoever reads it.
func (r *reader) printed(f field, in invocation) {
	target, written := r.target(in)
	switch {
	case slices.ContainsFunc(r.redirs, toErrors): // nobody reads it
	case written:
		r.written(f, target)
	case r.out != nil && len(*r.out) < 4*maxAlternatives:
		*r.out = append(*r.out, f)
	}
}

// toErrors reports whether a redirection sends what a command prints to standard error.
func toErrors(d *syntax.Redirect) bool {
	return d.Op == syntax.DplOut && (d.N == nil || d.N.Value == "1") && d.Word.Lit() == "2"
}

// target is the file that a command writes what it prints into, if there is one.
func (r *reader) target(in invocation) (field, bool) {
	for _, d := range r.redirs {
		switch d.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if d.N != nil && d.N.Value != "1" {
				continue
			}
			if alts := r.single(d.Word); len(alts) > 0 {
				return alts[0], !strings.HasPrefix(alts[0].Text, "/dev/")
			}
		}
	}
	return r.writer(in)
}

// writer is the file that a command which copies its input writes it into: tee, sudo tee.
func (r *reader) writer(in invocation) (field, bool) {
	for i, f := range in.fields {
		name, _ := lastElement(f)
		if !slices.Contains(r.pack.Shell.Writers, name) {
			continue
		}
		for _, a := range in.fields[i+1:] {
			if !strings.HasPrefix(a.Text, "-") {
				return a, true
			}
		}
	}
	return field{}, false
}

// written explains a text that goes into a file: a script is read as one.
func (r *reader) written(f field, target field) {
	name := path.Base(target.Text)
	if len(r.occurrences(f)) == 0 {
		return
	}
	switch {
	case scriptName(name), strings.HasPrefix(strings.TrimLeft(f.Text, " \t\n"), "#!"):
		if !strings.HasPrefix(f.Text, "#!") || shebangShell(f.Text, r.pack.Shell.Shells) {
			r.nested(f, nested{by: "the file " + target.Text + ", which it is written into", kind: "shell-written", written: true})
			return
		}
	case strings.Contains(name, "requirements") && strings.HasSuffix(name, ".txt"):
		r.note(f, note{site.Requirement, "shell-install", "a requirement that is written into " + target.Text, 70, false})
		return
	}
	if slices.Contains(r.pack.Shell.Texts, path.Ext(name)) || documentName(name) {
		r.note(f, note{site.Message, "shell-message", "text that is written into " + target.Text, 62, false})
		return
	}
	for _, s := range r.occurrences(f) {
		if r.commandLike(f.Text, s) {
			r.noteAt(f, s, note{site.Invocation, "shell-written", "a command in text that is written into " + target.Text + ", which may run it later", 70, false})
		} else {
			r.noteAt(f, s, note{site.Data, "shell-data", "text that is written into " + target.Text, 62, false})
		}
	}
}

// documentName reports whether a file's name is that of a text for people: README, NOTICE.
func documentName(name string) bool {
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == "" && len(name) > 3
}

// scriptName reports whether a file's name is that of a shell script or of a shell's own start file.
func scriptName(name string) bool {
	switch path.Ext(name) {
	case ".sh", ".bash", ".zsh", ".ksh":
		return true
	}
	switch strings.TrimPrefix(name, ".") {
	case "bashrc", "profile", "bash_profile", "bash_login", "bash_aliases", "zshrc", "zprofile", "zshenv", "envrc", "bash.bashrc", "kshrc":
		return true
	}
	return false
}

// shebangShell reports whether the first line names a shell.
func shebangShell(text string, shells []string) bool {
	first, _, _ := strings.Cut(text, "\n")
	for _, word := range strings.Fields(strings.TrimPrefix(first, "#!")) {
		if slices.Contains(shells, path.Base(word)) {
			return true
		}
	}
	return false
}

// commandLike reports whether the program's word in a text is followed by one of its subcommands.
func (r *reader) commandLike(text string, s source.Span) bool {
	rest := strings.TrimLeft(text[s.End:], " \t")
	if len(rest) == len(text[s.End:]) {
		return false
	}
	word := rest
	if i := strings.IndexAny(rest, " \t\n;&|\"'"); i >= 0 {
		word = rest[:i]
	}
	if word == "--version" || slices.Contains(r.pack.Instance.RootOptions, word) {
		return true
	}
	return slices.Contains(r.pack.Program.Commands, word)
}

// inputs are the texts that redirections give the command.
func (r *reader) inputs() []field {
	var texts []field
	for _, d := range r.redirs {
		switch {
		case d.Hdoc != nil:
			texts = append(texts, r.body(d)...)
		case d.Op == syntax.WordHdoc:
			texts = append(texts, r.single(d.Word)...)
		}
	}
	return texts
}

// input follows what a command reads: shell text for a shell, a message or data for others.
func (r *reader) input(l *line, in invocation, texts []field) {
	if len(texts) == 0 {
		if head, _ := lastElement(in.fields[0]); slices.Contains(r.pack.Shell.Jobs, head) {
			for _, f := range r.stdin {
				r.written(f, field{Word: Word{Text: head}})
			}
		}
		if target, ok := r.target(in); ok && len(r.stdin) > 0 {
			for _, f := range r.stdin {
				r.written(f, target)
			}
		}
		if name, _ := lastElement(in.fields[0]); r.out == nil && slices.Contains(r.pack.Shell.Filters, name) {
			for _, f := range r.stdin {
				r.note(f, messageNote)
			}
		}
		if l.stdin {
			for _, f := range r.stdin {
				r.nested(f, nested{by: "the shell that reads it", place: cmp.Or(l.place, r.t.place), cleared: l.cleared})
			}
		}
		return
	}
	name, _ := lastElement(in.fields[0])
	_, written := r.target(in)
	target, copied := r.writer(in)
	if !copied && slices.Contains(r.pack.Shell.Jobs, name) {
		target, copied = field{Word: Word{Text: name}}, true
	}
	for _, f := range texts {
		switch {
		case copied:
			r.written(f, target)
		case l.stdin:
			r.nested(f, nested{by: "the shell that reads it", place: cmp.Or(l.place, r.t.place), cleared: l.cleared})
		case r.codeInput(f, in):
		case written || r.out != nil:
			r.note(f, inputNote)
		case slices.Contains(r.pack.Shell.Filters, name), like(name, r.pack.Shell.Messages):
			r.note(f, messageNote)
		case like(name, r.pack.Shell.Patterns):
			r.note(f, patternNote)
		default:
			r.note(f, inputNote)
		}
	}
}

// codeInput explains code that an interpreter of another language reads.
func (r *reader) codeInput(f field, in invocation) bool {
	l := &line{words: []Word{f.Word}, pack: r.pack}
	for _, w := range in.fields {
		name, _ := lastElement(w)
		for _, k := range r.pack.Shell.Runners {
			if like(name, k.Names) {
				l.code(k, 0)
				r.apply(l, []field{f})
				return true
			}
		}
	}
	return false
}

package shell

import "strings"

// rootVariable is how the root directory that the variable holds is written at the present point: the variable, or its
// value when that is known and is no instance's directory, which a person has to know.
func (r *reader) rootVariable(name string, v *variable) string {
	for _, a := range v.alts {
		if len(a.fields) == 1 && r.strange(a.fields[0]) {
			return a.fields[0].Text
		}
	}
	return "$" + name
}

// strange reports whether all of a directory is known, and it is no instance's.
func (r *reader) strange(f field) bool {
	if len(f.Holes) > 0 || f.Text == "" {
		return false
	}
	w := Word{Text: f.Text + "/" + r.pack.Instance.Env + "/bin/"}
	l := &line{words: []Word{w}, pack: r.pack}
	return l.environment(0, len(w.Text)) != instanceEnv
}

// strangeRoot is the root directory that a use names, when it is known and is no instance's: nothing otherwise.
func (r *reader) strangeRoot(u Use, fields []field) string {
	if u.Root == nil || u.Root.Word >= len(fields) || u.Root.At.End > len(fields[u.Root.Word].Text) {
		return ""
	}
	f := fields[u.Root.Word]
	for _, h := range f.Holes {
		if h.Start < u.Root.At.End && u.Root.At.Start < h.End {
			return ""
		}
	}
	if root := f.cut(u.Root.At); r.strange(root) {
		return root.Text
	}
	return ""
}

// homely reports whether a directory is written with a tilde where it is used: what that stands for is not known.
func homely(rendered, known string) bool {
	return strings.HasPrefix(known, "~") && rendered == "$HOME"+known[1:]
}

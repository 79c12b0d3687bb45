package shell

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// where says what environment a path leads into.
type where int

const (
	globalPath where = iota
	instanceEnv
	otherEnv
)

// environment says what the directory before the byte at of word i is.
func (l *line) environment(i, at int) where {
	dir := l.text(i)[:at]
	switch dir {
	case "", "/bin/", "/usr/bin/", "/usr/local/bin/":
		return globalPath
	}
	in := l.pack.Instance
	bin := "/" + in.Env + "/bin/"
	if in.Env == "" || !strings.HasSuffix(dir, bin) {
		return otherEnv
	}
	if l.instanceDir(i, len(dir)-len(bin)) {
		return instanceEnv
	}
	return otherEnv
}

// instanceDir reports whether the directory that the first bytes of word i write is known to be an instance's: it lies in
// the directory of the instances, its name is a value that names an instance or a root directory, or the command itself
// has it for its root directory.
func (l *line) instanceDir(i, end int) bool {
	w, in := l.words[i], l.pack.Instance
	parts := strings.Split(w.Text[:end], "/")
	if slices.Contains(parts[:len(parts)-1], in.Dir) {
		return true
	}
	last := strings.LastIndexByte(strings.TrimRight(w.Text[:end], "/"), '/') + 1
	parent := strings.LastIndexByte(w.Text[:max(last-1, 0)], '/') + 1
	for _, h := range w.Holes {
		switch {
		case h.End > end:
		case h.Start >= last && namesInstance(h.Expr, in), h.Start >= parent && h.End == last-1 && namesDir(h.Expr, in):
			return true
		}
	}
	if l.raw != nil && i < l.given {
		if dir, _, ok := strings.Cut(l.raw(i), "/"+in.Env+"/bin"); ok && namesInstance(lastOf(dir), in) {
			return true
		}
	}
	own := l.revealed(i, source.Span{End: end})
	if l.root != nil && own == l.revealed(l.root.Word, l.root.At) {
		return true
	}
	return slices.ContainsFunc(l.roots, func(root string) bool { return own == bare(root) })
}

// lastOf is the last part of a path as a text writes it, where an expansion may hold slashes.
func lastOf(dir string) string {
	depth := 0
	for i := len(dir) - 1; i >= 0; i-- {
		switch dir[i] {
		case '}', ')':
			depth++
		case '{', '(':
			depth--
		case '/':
			if depth <= 0 {
				return dir[i+1:]
			}
		}
	}
	return dir
}

// revealed is a part of a word as its source writes it, without quotes and the slash at its end.
func (l *line) revealed(i int, s source.Span) string {
	g := source.Script{Text: l.text(i), Holes: l.words[i].Holes}
	return bare(g.Reveal(s))
}

// bare is a directory as two texts that quote it differently both write it.
func bare(dir string) string {
	dir = strings.NewReplacer(`"`, "", `'`, "", "{", "", "}", "").Replace(dir)
	if len(dir) > 1 {
		dir = strings.TrimRight(dir, "/")
	}
	return dir
}

// identifier is a name in an expression of any language.
var identifier = lazyregexp.New(`[A-Za-z_]\w*`)

// namesInstance reports whether an expression uses a name that holds an instance, or its root directory.
func namesInstance(expr string, in rules.Instance) bool {
	return slices.ContainsFunc(identifier.FindAllString(expr, -1), func(name string) bool {
		return in.Holds(name) || slices.ContainsFunc(in.RootEnv, func(root string) bool { return strings.EqualFold(root, name) })
	})
}

// namesDir reports whether an expression is named after the directory that holds the instances: ${INSTANCES_DIR}.
func namesDir(expr string, in rules.Instance) bool {
	return slices.ContainsFunc(identifier.FindAllString(expr, -1), func(name string) bool {
		first, _, _ := strings.Cut(strings.ToLower(name), "_")
		return first == in.Dir
	})
}

// roots are the root directories that commands have at the present point, as the text writes them: own is the one that
// the command's assignments name.
func (r *reader) roots(own string) []string {
	root, value := r.rootHere()
	return slices.DeleteFunc([]string{own, root, value}, func(s string) bool { return s == "" || s == elsewhere })
}

package yaml

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// element is one element of a key path pattern.
type element struct {
	any    bool     // **
	item   bool     // []
	names  []string // a|b, each as path.Match takes it
	single bool     // * : any key
}

// pattern is a key path pattern of the pack.
type pattern []element

func parsePattern(s string) pattern {
	var p pattern
	for _, e := range strings.Split(strings.Trim(s, "/"), "/") {
		switch e {
		case "":
		case "**":
			p = append(p, element{any: true})
		case "[]":
			p = append(p, element{item: true})
		case "*":
			p = append(p, element{single: true})
		default:
			p = append(p, element{names: strings.Split(e, "|")})
		}
	}
	return p
}

// step is one element of the path to a node: a key, or an item of a list.
type step struct {
	key  string
	item bool
}

func (e element) fits(s step) bool {
	if e.item || s.item {
		return e.item && s.item
	}
	if e.single {
		return true
	}
	for _, n := range e.names {
		if n == s.key {
			return true
		}
		if strings.ContainsAny(n, "*?[") {
			if ok, err := path.Match(n, s.key); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// match reports whether the path fits, and gives the keys that wildcards stood for.
func (p pattern) match(steps []step) ([]string, bool) {
	if len(p) == 0 {
		return nil, len(steps) == 0
	}
	if p[0].any {
		for i := 0; i <= len(steps); i++ {
			if keys, ok := p[1:].match(steps[i:]); ok {
				return keys, true
			}
		}
		return nil, false
	}
	if len(steps) == 0 || !p[0].fits(steps[0]) {
		return nil, false
	}
	keys, ok := p[1:].match(steps[1:])
	if ok && (p[0].single || len(p[0].names) == 1 && strings.Contains(p[0].names[0], "*")) {
		keys = append([]string{steps[0].key}, keys...)
	}
	return keys, ok
}

// last reports whether the pattern's last element could fit s, which is cheap to ask first.
func (p pattern) last(s step) bool {
	return len(p) == 0 || p[len(p)-1].any || p[len(p)-1].fits(s)
}

// command and value are the pack's entries with their patterns read.
type command struct {
	rules.YAMLCommand
	pattern pattern
}

type value struct {
	rules.YAMLValue
	pattern pattern
}

// kind is one kind of file of the pack, ready for use.
type kind struct {
	rules.YAMLKind
	commands []command
	values   []value
	jobs     pattern
	known    bool // by its name or content; else it is the kind of files of which nothing is known
}

func newKind(k rules.YAMLKind, known bool) *kind {
	out := &kind{YAMLKind: k, jobs: parsePattern(k.Jobs), known: known}
	for _, c := range k.Commands {
		out.commands = append(out.commands, command{c, parsePattern(c.Key)})
	}
	for _, v := range k.Values {
		out.values = append(out.values, value{v, parsePattern(v.Key)})
	}
	return out
}

// detect is the kind of the file: by its path, else by its content. The kind that has neither files nor hints serves
// for all others, and its values for all kinds; it is nil when the pack has none.
func detect(f *file, pack *rules.Pack) *kind {
	var rest *rules.YAMLKind
	found := -1
	kinds := pack.Hosts.YAML
	for i := range kinds {
		if len(kinds[i].Files)+len(kinds[i].Hints) == 0 {
			if rest == nil {
				rest = &kinds[i]
			}
		} else if found < 0 && fitsPath(kinds[i].Files, f.path) {
			found = i
		}
	}
	for i := 0; i < len(kinds) && found < 0; i++ {
		for _, h := range kinds[i].Hints {
			if f.fitsHint(h) {
				found = i
				break
			}
		}
	}
	switch {
	case found < 0 && rest == nil:
		return &kind{}
	case found < 0:
		return newKind(*rest, false)
	}
	k := kinds[found]
	if rest != nil {
		k.Values = append(append([]rules.YAMLValue(nil), k.Values...), rest.Values...)
	}
	return newKind(k, true)
}

// fitsPath reports whether a file pattern fits the slash path.
func fitsPath(patterns []string, file string) bool {
	file = strings.ToLower(file)
	for _, p := range patterns {
		if !strings.Contains(p, "/") {
			if ok, _ := path.Match(p, path.Base(file)); ok {
				return true
			}
		} else if fitsElements(strings.Split(p, "/"), strings.Split(file, "/")) {
			return true
		}
	}
	return false
}

func fitsElements(p, f []string) bool {
	if len(p) == 0 {
		return len(f) == 0
	}
	if p[0] == "**" {
		for i := 0; i <= len(f); i++ {
			if fitsElements(p[1:], f[i:]) {
				return true
			}
		}
		return false
	}
	if len(f) == 0 {
		return false
	}
	ok, _ := path.Match(p[0], f[0])
	return ok && fitsElements(p[1:], f[1:])
}

// fitsHint reports whether a document of the file has all the key paths of a hint.
func (f *file) fitsHint(hint string) bool {
	for _, doc := range f.tree.Docs {
		all := true
		for _, one := range strings.Split(hint, "&") {
			at, want, _ := strings.Cut(one, "=")
			all = all && f.has(doc, parsePattern(strings.TrimSpace(at)), strings.TrimSpace(want))
		}
		if all {
			return true
		}
	}
	return false
}

// has reports whether n has the path p, with the value want unless that is empty. Only the first entries of long
// lists are looked at.
func (f *file) has(n *Node, p pattern, want string) bool {
	n = f.tree.Follow(n)
	if len(p) == 0 {
		return n != nil && (want == "" || fitsWord(want, f.tree.Text(n)))
	}
	if n == nil || p[0].any {
		return false
	}
	for i, item := range n.Items {
		if i == 64 {
			break
		}
		s := step{item: n.Kind == Sequence}
		if !s.item {
			s.key = f.tree.Text(n.Keys[i])
		}
		if p[0].fits(s) && f.has(item, p[1:], want) {
			return true
		}
	}
	return false
}

func fitsWord(pattern, s string) bool {
	ok, err := path.Match(pattern, s)
	return ok && err == nil
}

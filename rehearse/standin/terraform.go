package standin

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// terraform runs, for `apply` and `destroy`, the commands that local-exec provisioners give for it, for each key of their resource.
func (p process) terraform(args []string) int {
	dir, verb := ".", ""
	for _, a := range args {
		if rest, ok := strings.CutPrefix(a, "-chdir="); ok {
			dir = rest
		} else if verb == "" && !strings.HasPrefix(a, "-") {
			verb = a
		}
	}
	switch verb {
	case "output":
		fmt.Fprintln(p.out, strings.ReplaceAll(args[len(args)-1], "_", "-")+".internal")
	case "apply", "destroy":
		root, err := filepath.Abs(dir)
		if err != nil {
			return 1
		}
		return p.module(root, root, verb == "destroy" || slices.Contains(args, "-destroy"), nil, 0)
	}
	return 0
}

// block is a block of a configuration: its labels and what stands in it.
type block struct {
	labels []string
	body   string
}

// module applies or destroys a module: the resources of its files, and the modules that they call.
func (p process) module(dir, root string, destroy bool, given map[string]string, depth int) int {
	names, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil || depth > 5 {
		return 0
	}
	text := ""
	for _, name := range names {
		if src, err := os.ReadFile(name); err == nil {
			text += string(src) + "\n"
		}
	}
	known := map[string]string{"path.module": dir, "path.root": root, "path.cwd": root}
	for _, b := range blocks(text, "variable") {
		if v := attribute(b.body, "default"); len(b.labels) > 0 {
			known["var."+b.labels[0]] = v
		}
	}
	for name, v := range given {
		known["var."+name] = v
	}
	for _, b := range blocks(text, "locals") {
		for _, m := range assigned.FindAllStringSubmatch(b.body, -1) {
			known["local."+m[1]] = fill(attribute(b.body, m[1]), known)
		}
	}
	for _, b := range blocks(text, "module") {
		inner := values(b.body, known)
		if strings.HasPrefix(inner["source"], ".") {
			if status := p.module(filepath.Join(dir, inner["source"]), root, destroy, inner, depth+1); status != 0 {
				return status
			}
		}
	}
	for _, b := range blocks(text, "resource") {
		if status := p.provision(b, known, root, destroy); status != 0 {
			return status
		}
	}
	return 0
}

// provision runs the commands that one resource gives for when it is made, or for when it is destroyed.
func (p process) provision(b block, known map[string]string, root string, destroy bool) int {
	keys := []string{""}
	if each := attribute(b.body, "for_each"); each != "" {
		keys = elements(fill(each, known))
		slices.Sort(keys)
	}
	for _, key := range keys {
		own := maps.Clone(known)
		own["each.key"], own["each.value"] = key, key
		for name, v := range values(strings.Trim(attribute(b.body, "triggers"), "{}"), own) {
			own["self.triggers."+name] = v
		}
		for _, exec := range blocks(b.body, "provisioner") {
			if len(exec.labels) == 0 || exec.labels[0] != "local-exec" || strings.Contains(attribute(exec.body, "when"), "destroy") != destroy {
				continue
			}
			env := os.Environ()
			for name, v := range values(strings.Trim(attribute(exec.body, "environment"), "{}"), own) {
				env = append(env, name+"="+v)
			}
			interpreter := elements(attribute(exec.body, "interpreter"))
			if len(interpreter) == 0 {
				interpreter = []string{"/bin/sh", "-c"}
			}
			command := fill(attribute(exec.body, "command"), own)
			if m := unknown.FindStringSubmatch(command); m != nil {
				fmt.Fprintf(p.err, "terraform: not rehearsed: a command made by %s\n", m[1])
				return 1
			}
			if p.run(append(interpreter, command), env, cmp.Or(fill(attribute(exec.body, "working_dir"), own), root)) != 0 {
				fmt.Fprintf(p.err, "terraform: local-exec for %q failed\n", key)
				return 1
			}
		}
	}
	return 0
}

var (
	assigned = lazyregexp.New(`(?m)^\s*(\w+)\s*=[^=]`)
	label    = lazyregexp.New(`"([^"]*)"`)
	heredoc  = lazyregexp.New(`^<<(-?)(\w+)[^\n]*\n`)
	quoted   = lazyregexp.New(`^"(?:\\.|\$\{[^}]*\}|[^"\\])*"`)
	inserted = lazyregexp.New(`\$\{([^${}]*)\}`) // the innermost
	unknown  = lazyregexp.New(`^\$\{(\w+)\(`)
	call     = lazyregexp.New(`^(?:toset|abspath|tolist|tostring|trimspace)\((.*)\)$`)
)

// blocks are the blocks of a kind in a text, wherever they stand.
func blocks(text, kind string) []block {
	var out []block
	for _, m := range regexp.MustCompile(`(?m)^\s*`+kind+`((?:\s+"[^"]*")*)\s*\{`).FindAllStringSubmatchIndex(text, -1) {
		end := closing(text, m[1]-1)
		out = append(out, block{labels: elements(text[m[2]:m[3]]), body: text[m[1]:max(end-1, m[1])]})
	}
	return out
}

// closing is where the bracket that opens at a place is closed; strings, here-documents and comments are passed over.
func closing(text string, at int) int {
	depth := 0
	for at < len(text) {
		rest := text[at:]
		switch {
		case heredoc.MatchString(rest):
			m := heredoc.FindStringSubmatch(rest)
			end := regexp.MustCompile(`(?m)^\s*` + m[2] + `\s*$`).FindStringIndex(rest[len(m[0]):])
			if end == nil {
				return len(text)
			}
			at += len(m[0]) + end[1]
			continue
		case rest[0] == '"':
			at += max(len(quoted.FindString(rest)), 1)
			continue
		case rest[0] == '#' || strings.HasPrefix(rest, "//"):
			at += max(strings.IndexByte(rest, '\n'), 1)
			continue
		case strings.ContainsRune("{[(", rune(rest[0])):
			depth++
		case strings.ContainsRune("}])", rune(rest[0])):
			depth--
		}
		at++
		if depth == 0 {
			return at
		}
	}
	return len(text)
}

// attribute is the value of an attribute: the content of a string or a here-document, or an expression as it is written.
func attribute(body, name string) string {
	m := regexp.MustCompile(`(?m)^\s*` + name + `\s*=\s*`).FindStringIndex(body)
	if m == nil {
		return ""
	}
	rest := body[m[1]:]
	if h := heredoc.FindStringSubmatch(rest); h != nil {
		content := rest[len(h[0]):]
		if end := regexp.MustCompile(`(?m)^\s*` + h[2] + `\s*$`).FindStringIndex(content); end != nil {
			content = content[:end[0]]
		}
		return unindent(content, h[1] == "-")
	}
	if q := quoted.FindString(rest); q != "" {
		return strings.NewReplacer(`\n`, "\n", `\"`, `"`, `\\`, `\`, `\t`, "\t").Replace(q[1 : len(q)-1])
	}
	if rest != "" && strings.ContainsRune("[{(", rune(rest[0])) {
		return rest[:closing(rest, 0)]
	}
	line, _, _ := strings.Cut(rest, "\n")
	return "${" + strings.TrimSpace(line) + "}"
}

// values are the attributes in a body, with the values of the expressions in them.
func values(body string, known map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range assigned.FindAllStringSubmatch(body, -1) {
		out[m[1]] = fill(attribute(body, m[1]), known)
	}
	return out
}

func unindent(text string, on bool) string {
	lines := strings.Split(text, "\n")
	indent := -1
	for _, l := range lines {
		if trimmed := strings.TrimLeft(l, " \t"); trimmed != "" && (indent < 0 || len(l)-len(trimmed) < indent) {
			indent = len(l) - len(trimmed)
		}
	}
	if !on || indent <= 0 {
		return text
	}
	for i, l := range lines {
		lines[i] = l[min(indent, len(l)):]
	}
	return strings.Join(lines, "\n")
}

// elements are the strings of a list.
func elements(list string) []string {
	var out []string
	for _, m := range label.FindAllStringSubmatch(list, -1) {
		out = append(out, m[1])
	}
	return out
}

// fill puts the values of expressions into text, and ${ in the place of $${.
func fill(text string, known map[string]string) string {
	text = strings.ReplaceAll(text, "$${", "\x00{")
	for range 6 {
		text = inserted.ReplaceAllStringFunc(text, func(m string) string {
			expression := strings.TrimSpace(inserted.FindStringSubmatch(m)[1])
			for inner := call.FindStringSubmatch(expression); inner != nil; inner = call.FindStringSubmatch(expression) {
				expression = strings.Trim(inner[1], `"`)
			}
			if v, ok := known[expression]; ok {
				return v
			}
			if strings.HasPrefix(expression, "/") {
				return filepath.Clean(expression)
			}
			if strings.ContainsAny(expression, `["/`) {
				return expression // a list, or a text that a function was given
			}
			return ""
		})
	}
	return strings.ReplaceAll(text, "\x00{", "${")
}

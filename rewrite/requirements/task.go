package requirements

import (
	"bytes"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// task is one of Ansible's, whose module installs packages.
type task struct {
	list, node *yaml.Node   // the tasks, and this one
	names      []*yaml.Node // the scalars that name packages
	holder     *yaml.Node   // the list of names; nil for a single one
	version    string       // of a single one
	removes    bool
	pins       []*pin
	at         map[*pin]int // index in names
}

// collectTasks reads the tasks of a YAML file that install packages without a shell.
func (s *survey) collectTasks(h *hosted, out *origin) {
	if h.kind != host.YAML || !bytes.Contains(h.src, []byte("pip:")) {
		return
	}
	tree := yaml.Parse(string(h.src))
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n == nil {
			return
		}
		for _, item := range n.Items {
			if n.Kind == yaml.Sequence && item != nil && item.Kind == yaml.Mapping {
				if t := readTask(tree, n, item); t != nil {
					s.collectTask(h, out, tree, t)
				}
			}
			walk(item)
		}
	}
	for _, doc := range tree.Docs {
		walk(doc)
	}
}

// readTask is the task that a mapping is, when its module is pip.
func readTask(tree *yaml.Tree, list, node *yaml.Node) *task {
	for _, module := range []string{"ansible.builtin.pip", "pip"} {
		args := tree.Get(node, module)
		if args == nil || args.Kind != yaml.Mapping {
			continue
		}
		t := &task{list: list, node: node, at: map[*pin]int{}, removes: tree.Text(tree.Get(args, "state")) == "absent"}
		switch names := tree.Get(args, "name"); {
		case names == nil:
		case names.Kind == yaml.Scalar:
			t.names = []*yaml.Node{names}
			if v := tree.Text(tree.Get(args, "version")); v != "" {
				t.version = "==" + v
			}
		case names.Kind == yaml.Sequence:
			t.names, t.holder = names.Items, names
		}
		return t
	}
	return nil
}

// collectTask makes pins of the packages that a task names.
func (s *survey) collectTask(h *hosted, out *origin, tree *yaml.Tree, t *task) {
	for i, n := range t.names {
		text := tree.Text(n) + t.version
		shown, known := s.expand(h.root, text)
		r, kind, err := requirement.ParseRequirement(shown)
		if err != nil || kind == requirement.Local || !s.moves(r.Key()) {
			continue
		}
		p := &pin{Requirement: r, Text: r.String(), Line: 1 + bytes.Count(h.src[:n.Span.Start], []byte("\n")), start: n.Span.Start, end: n.Span.End, source: out}
		switch {
		case t.removes:
			p.kept, p.silent = "it is removed there", true
		case !known:
			p.kept, p.silent = "its version is only known when it runs", true
			s.note(step.Decide, h.file, p.Line, "what `"+text+"` installs is only known when it runs: write the pin to the requirements of the instances and take it out here")
		}
		t.pins, t.at[p] = append(t.pins, p), i
		out.pins = append(out.pins, p)
	}
	if len(t.pins) > 0 {
		h.tasks = append(h.tasks, t)
	}
}

var expression = lazyregexp.New(`\{\{\s*(\w+)\s*\}\}`)

// expand puts the values of variables into a text when the YAML files of the root set each of them once. A value that is
// not known becomes 0.
func (s *survey) expand(root *step.Root, text string) (string, bool) {
	known := true
	return expression.ReplaceAllStringFunc(text, func(m string) string {
		value, ok := s.valueIn(root, expression.FindStringSubmatch(m)[1])
		if !ok {
			known = false
			return "0"
		}
		return value
	}), known
}

// valueIn is the value that the YAML files of a root give a name, pipelines among them, if they give it one and only one.
func (s *survey) valueIn(root *step.Root, name string) (value string, ok bool) {
	for _, file := range root.Files {
		if host.Detect(file, nil) != host.YAML {
			continue
		}
		src, err := root.Read(file)
		if err != nil || !bytes.Contains(src, []byte(name)) {
			continue
		}
		if v, ok := (&hosted{src: src}).valueOf(name); ok && value != "" && v != value {
			return "", false
		} else if ok {
			value = v
		}
	}
	return value, value != ""
}

// cutTask takes packages out of a task, or the whole task when it installs nothing else.
func (h *hosted) cutTask(t *task, want map[*pin]bool, left map[*pin]string) (edits []edit.Edit) {
	var gone []*pin
	for _, p := range t.pins {
		if want[p] {
			gone = append(gone, p)
		}
	}
	if len(gone) == len(t.names) {
		if e, ok := h.item(t.list, t.node); ok {
			return []edit.Edit{e}
		}
	}
	for _, p := range gone {
		e, ok := edit.Edit{}, false
		if t.holder != nil {
			e, ok = h.item(t.holder, t.names[t.at[p]])
		}
		if !ok || len(gone) == len(t.names) {
			left[p] = "its task is the only one of its list, or names it on one line with others"
			continue
		}
		edits = append(edits, e)
	}
	return edits
}

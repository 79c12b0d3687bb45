package yaml

import (
	"slices"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// walker goes through the documents of a file and collects its commands.
type walker struct {
	*reading.Marks
	*file
	kind    *kind
	in      reading.Input
	doc     *Node
	steps   []step  // the path to the node
	nodes   []*Node // the node itself last, those that hold it before
	jobs    jobs
	found   []*found
	sets    map[*Node][]source.Var // scalar: the variables that its lines set
	owner   map[*Node]*found       // scalar: the script that has its text
	foreign []use                  // scalars that a command takes from elsewhere
	tops    map[string][]place     // what paths from the top of the documents name
	values  map[variable]*source.Script
	others  []place        // what beside answered
	crowded bool           // a command sees more variables than are followed
	visits  map[*Node]bool // scalars of env maps, so that they are known to be values of variables
}

// found is one command.
type found struct {
	embedded *source.Script
	job      *job
	hidden   bool // nothing runs it but what takes it from there
	users    [][]source.Var
}

// use is a scalar that a command runs but that stands elsewhere: behind an alias, in a job that is extended.
type use struct {
	line
	by  *found
	env []source.Var
}

// walk visits n and what it holds.
func (w *walker) walk(n *Node) {
	w.nodes = append(w.nodes, n)
	switch n.Kind {
	case Sequence:
		for _, item := range n.Items {
			w.steps = append(w.steps, step{item: true})
			w.visit(n, item)
			w.steps = w.steps[:len(w.steps)-1]
		}
	case Mapping:
		for i, item := range n.Items {
			w.steps = append(w.steps, step{key: w.tree.Text(n.Keys[i])})
			w.visit(n, item)
			w.steps = w.steps[:len(w.steps)-1]
		}
	}
	w.nodes = w.nodes[:len(w.nodes)-1]
}

// visit looks whether the value at the path is a command, and goes on inside it.
func (w *walker) visit(holder, n *Node) {
	if n == nil {
		return
	}
	last, ran := w.steps[len(w.steps)-1], false
	for i := range w.kind.commands {
		c := &w.kind.commands[i]
		if !c.pattern.last(last) {
			continue
		}
		if keys, ok := c.pattern.match(w.steps); ok && w.applies(c, holder, keys) && w.command(c, holder, n, keys) {
			ran = true
			break
		}
	}
	if !ran {
		w.whole(n)
	}
	w.walk(n)
}

// firstLine is the first line of a script for a shell, or for Python.
var firstLine = lazyregexp.New(`^#!\s*\S*(?:/|env\s+(?:-S\s+)?)(?:(?:ba|da|z|k|a)?sh|(python)[\d.]*)(?:\s|$)`)

// whole makes an embedded script of a scalar that is a script: a file that something writes.
func (w *walker) whole(n *Node) {
	if n.Kind != Scalar || w.owner[n] != nil {
		return
	}
	m := firstLine.FindStringSubmatch(w.tree.Text(n))
	if m == nil && !w.listed() {
		return
	}
	fd := &found{embedded: w.script([]*Node{n})}
	fd.embedded.Where = "a script"
	if m != nil && m[1] != "" {
		fd.embedded.Language = "python"
	}
	w.owner[n] = fd
	w.found = append(w.found, fd)
}

// listed reports whether the value at the path is an item of a list of commands in a document: one of its items reads as a call.
func (w *walker) listed() bool {
	if !w.in.Document || w.kind.known || !w.steps[len(w.steps)-1].item {
		return false
	}
	return slices.ContainsFunc(w.nodes[len(w.nodes)-1].Items, func(n *Node) bool {
		text := []byte(w.tree.Text(n))
		calls := func(at source.Span) bool { return site.ReadsAsCall(text, at, &w.in.Pack.Program) }
		return slices.ContainsFunc(site.Find(text, w.Program), calls)
	})
}

// applies reports whether the keys beside a command let it be one.
func (w *walker) applies(c *command, holder *Node, keys []string) bool {
	if len(w.steps) > 1 && len(w.kind.NotJobs) > 0 && !w.steps[0].item { // a script at the top is a command itself
		for _, k := range w.kind.NotJobs {
			if k == w.steps[0].key {
				return false
			}
		}
	}
	for _, k := range c.Needs {
		if w.tree.Get(holder, k) == nil {
			return false
		}
	}
	for _, k := range c.Without {
		if w.own(holder, k) != nil {
			return false
		}
	}
	return true
}

// command makes an embedded script of the value n of a command; false when the value is nothing that can run.
func (w *walker) command(c *command, holder, n *Node, keys []string) bool {
	j := w.jobs.at(holder)
	fd := &found{job: j, hidden: j != nil && strings.HasPrefix(j.name, ".")}
	env := w.env(c, holder, j)
	where := w.where(c, holder, keys)
	switch c.Takes {
	case "each":
		for _, one := range w.each(n) {
			w.add(&found{embedded: w.script([]*Node{one})}, c, holder, env, where)
		}
		return true
	case "argv", "words", "shell":
		if g := w.words(c, holder, n); g != nil {
			fd.embedded = g
			w.add(fd, c, holder, env, where)
			return true
		}
	}
	var own []*Node
	for _, key := range append(append([]string(nil), c.First...), "") {
		v := n
		if key != "" {
			v = w.own(holder, key)
		}
		for _, s := range w.flatten(v, 0) {
			if s.foreign() {
				w.foreign = append(w.foreign, use{s, fd, env})
			} else if w.owner[s.node] == nil {
				own = append(own, s.node)
			}
		}
	}
	if len(own) == 0 {
		return n.Kind != Mapping
	}
	fd.embedded = w.script(own)
	if len(c.First) > 0 {
		env = append(w.prelude(c, holder, j), env...)
	}
	for _, s := range own {
		w.owner[s] = fd
	}
	w.add(fd, c, holder, env, where)
	return true
}

// add completes an embedded script and keeps it.
func (w *walker) add(fd *found, c *command, holder *Node, env []source.Var, where string) {
	if !w.kind.known && !w.runs(fd.embedded) {
		for n, o := range w.owner {
			if o == fd {
				delete(w.owner, n)
			}
		}
		return
	}
	if w.kind.Dollars {
		dollars(fd.embedded)
	}
	fd.embedded.Env = env
	fd.embedded.Where = where
	if w.kind.Mounts == "" || holder == nil || w.tree.Get(holder, w.kind.Mounts) == nil {
		fd.embedded.Place = w.kind.Place
	}
	dialect, language := w.shell(c, holder)
	fd.embedded.Dialect = dialect
	if language != "" {
		fd.embedded.Language = language
	}
	w.found = append(w.found, fd)
}

// each are the scalars of a text, or of a list of texts.
func (w *walker) each(n *Node) []*Node {
	items := []*Node{n}
	if n.Kind == Sequence {
		items = n.Items
	}
	var out []*Node
	for _, one := range items {
		if one != nil && one.Kind == Scalar && w.owner[one] == nil {
			w.owner[one] = &found{}
			out = append(out, one)
		}
	}
	return out
}

// words is the script of a command given as a list of words, or as a text that is split without a shell; nil when n is
// neither, or when a part of the text is quoted.
func (w *walker) words(c *command, holder, n *Node) *source.Script {
	if c.Takes == "words" && n.Kind == Scalar && w.owner[n] == nil {
		g := w.script([]*Node{n})
		if g.Argv = apart(g); g.Argv == nil {
			return nil
		}
		w.owner[n] = &found{}
		return g
	}
	if n.Kind != Sequence || len(n.Items) == 0 {
		return nil
	}
	items := n.Items
	if c.With != "" {
		if more := w.own(holder, c.With); more != nil && more.Kind == Sequence {
			items = append(append([]*Node(nil), items...), more.Items...)
		}
	}
	var words []*Node
	for _, item := range items {
		if item == nil || item.Kind != Scalar || w.owner[item] != nil {
			return nil
		}
		words = append(words, item)
	}
	if c.Takes == "shell" {
		switch first := w.tree.Text(words[0]); {
		case first == "CMD-SHELL" && len(words) > 1:
			w.owner[words[1]] = &found{}
			return w.script(words[1:2])
		case first == "CMD" && len(words) > 1:
			words = words[1:]
		default:
			return nil
		}
	}
	for _, n := range words {
		w.owner[n] = &found{}
	}
	return w.list(words)
}

// apart are the words of a text that no shell reads; nil when quotes or line ends stand in it.
func apart(g *source.Script) []source.Span {
	text := strings.TrimRight(g.Text, "\n")
	if strings.ContainsAny(text, "\"'\\\n") {
		return nil
	}
	var out []source.Span
	start := -1
	for i := 0; i <= len(text); i++ {
		hole, in := g.HoleAt(i)
		switch blank := !in && (i == len(text) || text[i] == ' ' || text[i] == '\t'); {
		case blank && start >= 0:
			out, start = append(out, source.Span{Start: start, End: i}), -1
		case !blank && start < 0:
			start = i
		}
		if in {
			i = hole.End - 1
		}
	}
	return out
}

// own is the value of key in the mapping itself, nothing followed or merged.
func (w *walker) own(m *Node, key string) *Node {
	if m == nil || m.Kind != Mapping {
		return nil
	}
	for i, k := range m.Keys {
		if w.tree.is(k, key) {
			return m.Items[i]
		}
	}
	return nil
}

// line is a scalar of a script.
type line struct {
	node  *Node
	group *Node // elsewhere: what an alias or a reference named; nil when it stands in the script's own lists
}

func (l line) foreign() bool { return l.group != nil }

// flatten are the scalars of a text or of a list of texts, nested lists, aliases and references followed.
func (w *walker) flatten(n *Node, depth int) []line {
	if n == nil || depth > maxFollow {
		return nil
	}
	var out []line
	switch {
	case n.Kind == Sequence && n.Tag == "!reference":
		return w.elsewhere(w.reference(n), depth)
	case n.Kind == Scalar:
		return []line{{node: n}}
	case n.Kind == Alias:
		return w.elsewhere(w.tree.Follow(n), depth)
	case n.Kind == Sequence:
		for _, item := range n.Items {
			out = append(out, w.flatten(item, depth+1)...)
			if len(out) > maxLines {
				return out[:maxLines]
			}
		}
	}
	return out
}

// elsewhere are the scalars of what an alias or a reference names.
func (w *walker) elsewhere(n *Node, depth int) []line {
	out := w.flatten(n, depth+1)
	for i := range out {
		if out[i].group == nil {
			out[i].group = n
		}
	}
	return out
}

// maxLines bounds the lines of a script that aliases multiply.
const maxLines = 4096

// reference is what !reference [key, key, …] names in this file.
func (w *walker) reference(n *Node) *Node {
	at := w.doc
	for i, item := range n.Items {
		if item == nil || item.Kind != Scalar || at == nil {
			return nil
		}
		key := w.tree.Text(item)
		if j := w.jobs.byName[key]; i == 0 && j != nil {
			at = j.node
		} else {
			at = w.tree.Get(at, key)
		}
	}
	return at
}

// where says the place in words.
func (w *walker) where(c *command, holder *Node, keys []string) string {
	text := c.Where
	if text == "" {
		text = w.path()
	}
	for i, k := range keys {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i+1)+"}", strconv.Quote(w.reveal(k)))
	}
	for i := len(w.steps) - 1; i >= 0 && strings.Contains(text, "{key}"); i-- {
		if !w.steps[i].item {
			text = strings.ReplaceAll(text, "{key}", w.steps[i].key)
		}
	}
	if strings.Contains(text, "{name}") {
		name := w.name(holder)
		if name == "" {
			name = "without a name"
		} else {
			name = strconv.Quote(name)
		}
		text = strings.ReplaceAll(text, "{name}", name)
	}
	if !w.kind.known {
		text += " in a YAML file of unknown kind"
	}
	return text
}

// name is the nearest `name` beside or above the command.
func (w *walker) name(holder *Node) string {
	if n := w.own(holder, "name"); n != nil && n.Kind == Scalar {
		return w.rawText(n)
	}
	for i := len(w.nodes) - 1; i >= 0 && i >= len(w.nodes)-3; i-- {
		if n := w.own(w.nodes[i], "name"); n != nil && n.Kind == Scalar {
			return w.rawText(n)
		}
	}
	return ""
}

// rawText is the text of a scalar with template blocks as they stand.
func (w *walker) rawText(n *Node) string {
	p := w.part(n)
	g := source.Script{Text: p.text, Map: p.m, Holes: p.holes}
	return g.Reveal(source.Span{End: len(p.text)})
}

// reveal is a key with the placeholders of the file's expressions replaced by what they stand for.
func (w *walker) reveal(key string) string {
	if len(w.blocks) == 0 {
		return key
	}
	for _, n := range w.nodes {
		if n.Kind != Mapping {
			continue
		}
		for _, k := range n.Keys {
			if k != nil && len(w.blocksIn(k.Span)) > 0 && w.tree.Text(k) == key {
				return w.rawText(k)
			}
		}
	}
	return key
}

// path is the path to the command as keys and item numbers would be written.
func (w *walker) path() string {
	var b strings.Builder
	for _, s := range w.steps {
		switch {
		case s.item:
			b.WriteString("[]")
		case b.Len() > 0:
			b.WriteString("." + s.key)
		default:
			b.WriteString(s.key)
		}
	}
	return b.String()
}

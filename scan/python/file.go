package python

import (
	"bytes"
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// File answers questions about the words of one file. What it looks up is kept, so that many questions about a long file
// take little more than one. It must not be used by two goroutines at once.
type File struct {
	tree     *syntax.Tree
	pack     *rules.Pack
	program  string
	asked    int                      // how many places were looked up
	nodes    []syntax.Node            // all of them, each before those below it
	idents   map[string][]syntax.Node // names, by their text
	attrs    map[string][]syntax.Node // attributes, by the text of the object
	held     []syntax.Node            // attributes whose own name holds an instance
	environ  []syntax.Node            // reads of the environment variables that hold an instance
	imports  map[string]string        // local name to full name; nil until it was asked for
	classes  map[string]syntax.Node   // at the top level; nil until it was asked for
	defined  map[string]bool          // whether the file defines a function of the name
	matches  map[string]bool          // which calls the pack's lists name
	quotes   map[syntax.Node]quote
	assigns  map[syntax.Node][]syntax.Node // by block: the assignments that may name an instance
	declared map[syntax.Node][]attribute   // by class
}

// Open is the file that was parsed to tree, for questions about the pack's program.
func Open(tree *syntax.Tree, pack *rules.Pack) *File {
	return &File{
		tree: tree, pack: pack, program: pack.Program.Name,
		idents: map[string][]syntax.Node{}, attrs: map[string][]syntax.Node{}, defined: map[string]bool{}, matches: map[string]bool{},
		quotes: map[syntax.Node]quote{}, assigns: map[syntax.Node][]syntax.Node{}, declared: map[syntax.Node][]attribute{},
	}
}

// indexed is f after its nodes were listed.
func (f *File) indexed() *File {
	if f.nodes == nil {
		f.index(f.tree.Root())
	}
	return f
}

func (f *File) index(n syntax.Node) {
	f.nodes = append(f.nodes, n)
	switch n.Kind() {
	case "identifier":
		f.idents[n.Text()] = append(f.idents[n.Text()], n)
	case "attribute":
		object := n.Field("object").Text()
		f.attrs[object] = append(f.attrs[object], n)
		if f.pack.Instance.Holds(n.Field("attribute").Text()) {
			f.held = append(f.held, n)
		}
	case "subscript":
		if f.readsEnvironment(n) {
			f.environ = append(f.environ, n)
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		f.index(c)
	}
}

// fewQuestions is for how many places a list of the nodes is not worth its making.
const fewQuestions = 4

// at is the smallest node that covers the byte at off.
func (f *File) at(off int) syntax.Node {
	if f.asked++; f.asked <= fewQuestions && f.nodes == nil {
		return f.tree.At(off)
	}
	f.indexed()
	i := sort.Search(len(f.nodes), func(i int) bool { return f.nodes[i].Start() > off })
	if i == 0 {
		return f.tree.Root()
	}
	n := f.nodes[i-1]
	for n.Parent().OK() && !n.Span().Contains(off) {
		n = n.Parent()
	}
	return n
}

// maxWithin bounds how many nodes of a list are looked at for one question.
const maxWithin = 2000

// within are the nodes of a list in order that begin inside a span, and whether that is all of them.
func within(nodes []syntax.Node, s source.Span) (in []syntax.Node, all bool) {
	lo := sort.Search(len(nodes), func(i int) bool { return nodes[i].Start() >= s.Start })
	hi := sort.Search(len(nodes), func(i int) bool { return nodes[i].Start() >= s.End })
	if hi-lo > maxWithin {
		return nodes[lo : lo+maxWithin], false
	}
	return nodes[lo:hi], true
}

// quote is how a string token of the file is written.
func (f *File) quote(str syntax.Node) quote {
	q, ok := f.quotes[str]
	if !ok {
		q = readQuote(f.tree.Src, str)
		f.quotes[str] = q
	}
	return q
}

// defines reports whether the file defines a function of the name, which was followed then.
func (f *File) defines(ident string) bool {
	known, ok := f.defined[ident]
	if !ok {
		known = bytes.Contains(f.tree.Src, []byte("def "+ident+"("))
		f.defined[ident] = known
	}
	return known
}

// Explain says what the program's word at at is when no call that runs it was found: its class, the name of the rule
// that decided, and the reason for a person. The class is never one of a site.
//
// A text is judged first by the code that holds it (a message, a key, an operand of a comparison), then by what it
// writes (an address, a path, a requirement, a module). It is unexplained only when it writes a command of the program
// and nothing shows what becomes of it.
func (f *File) Classify(at source.Span) (class site.Class, rule, reason string) {
	r := &reader{File: f, src: f.tree.Src, word: at}
	v := r.judge(f.at(at.Start))
	return v.class, f.program + "/python-" + v.rule, v.reason
}

// Suspect reports whether the word at at begins a text or list that writes a command of the program and is given to a
// function whose name says that it runs what it is given. It is for a word that no known call reaches: such a place is a
// site for a person to decide, and the reason says so.
func (f *File) Suspect(at source.Span) (reason string, ok bool) {
	r := &reader{File: f, src: f.tree.Src, word: at}
	for p := f.at(at.Start); p.OK(); p = p.Parent() {
		switch p.Kind() {
		case "string":
			if r.alone(p) {
				return "", false
			}
			return r.suspect(p)
		case "comment", "interpolation":
			return "", false
		}
	}
	return "", false
}

// Names are the expressions in scope at at that hold an instance's name, as the pack's names and environment variables
// tell them, nearest first. Owner is the function that holds the place, as "Class.method" or "function", and ownerAt its
// bytes; they are empty at the top level.
//
// A name counts when it is bound for certain where at stands: a parameter, the target of a loop or comprehension around
// at, an assignment above it in a block that holds it, an attribute that the class sets in its constructor or declares,
// an attribute of a parameter that the same function uses. A parameter that may be None or empty counts only where the
// code has made sure that it is not. A name that holds an object, not a text, gives way to the object's attribute.
func (f *File) Names(at source.Span) (names []site.Name, owner string, ownerAt source.Span) {
	s := &scope{File: f, word: at}
	s.resolve(f.at(at.Start))
	owner, ownerAt = s.owner()
	return s.names, owner, ownerAt
}

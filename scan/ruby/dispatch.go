package ruby

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Dispatch finds the places where a script's own name becomes the command that is run: expressions that hold the base
// name of $0, $PROGRAM_NAME or __FILE__, directly or through a variable or constant, as an argument of a call that runs
// something or as an element of a list of words. Places that show or compare it are none. The caller knows by which
// names the script is called.
func Dispatch(tree *syntax.Tree) []source.Span {
	d := &dispatcher{holders: map[string]bool{}}
	// A name may be handed on from variable to variable; each round follows one more.
	for range 4 {
		before := len(d.holders)
		d.bind(tree.Root())
		if len(d.holders) == before {
			break
		}
	}
	d.find(tree.Root())
	return d.out
}

type dispatcher struct {
	holders map[string]bool // variables and constants that hold the script's name
	out     []source.Span
}

// own reports whether n is the script's own name.
func (d *dispatcher) own(n syntax.Node) bool {
	switch n.Kind() {
	case "call":
		recv, method := n.Field("receiver"), n.Field("method").Text()
		switch {
		case recv.Text() == "File" && method == "basename" || recv.Text() == "Pathname" && method == "new":
			args := n.Field("arguments").NamedChildren()
			return len(args) > 0 && ownPath(args[0])
		case method == "basename" || method == "to_s" || method == "to_sym" || method == "freeze" || method == "dup" || method == "strip" || method == "downcase" || method == "shellescape":
			return d.own(recv)
		case method == "last" && recv.Is("call") && recv.Field("method").Text() == "split":
			return ownPath(recv.Field("receiver"))
		}
	case "identifier", "constant", "instance_variable", "global_variable":
		return d.holders[n.Text()]
	case "parenthesized_statements":
		kids := n.NamedChildren()
		return len(kids) == 1 && d.own(kids[0])
	}
	return false
}

// ownPath reports whether n is the path that the script was started by.
func ownPath(n syntax.Node) bool {
	switch n.Text() {
	case "$0", "$PROGRAM_NAME", "__FILE__":
		return true
	}
	if n.Is("call") && n.Field("receiver").Text() == "File" && n.Field("method").Text() == "expand_path" {
		args := n.Field("arguments").NamedChildren()
		return len(args) == 1 && ownPath(args[0])
	}
	return false
}

func (d *dispatcher) bind(n syntax.Node) {
	if n.Is("assignment") && d.own(n.Field("right")) {
		if left := n.Field("left"); left.Is("identifier", "constant", "instance_variable", "global_variable") {
			d.holders[left.Text()] = true
		}
	}
	for c := n.First(); c.OK(); c = c.Next() {
		d.bind(c)
	}
}

func (d *dispatcher) find(n syntax.Node) {
	if d.own(n) {
		if d.runs(n) {
			d.out = append(d.out, n.Span())
		}
		return
	}
	for c := n.First(); c.OK(); c = c.Next() {
		d.find(c)
	}
}

// runs reports whether the script's name at n becomes a word of a command.
func (d *dispatcher) runs(n syntax.Node) bool {
	for p := n.Parent(); p.OK(); p = p.Parent() {
		switch p.Kind() {
		case "array":
			return !p.Parent().Is("call") || p.Parent().Field("method").Text() != "include?"
		case "argument_list":
			call := p.Parent()
			return runsWords(call.Field("method").Text())
		case "subshell":
			return true
		case "string", "interpolation", "splat_argument", "parenthesized_statements", "conditional":
		case "binary":
			switch p.Field("operator").Kind() {
			case "+", "<<", "||", "or":
			default:
				return false
			}
			if p.Field("operator").Kind() == "<<" && !p.Field("left").Is("string") {
				return true
			}
		default:
			return false
		}
	}
	return false
}

func runsWords(method string) bool {
	if strings.HasPrefix(method, "capture") || strings.HasPrefix(method, "popen") || strings.HasPrefix(method, "pipeline") {
		return true
	}
	switch method {
	case "system", "exec", "spawn", "sh", "push", "append", "unshift", "concat", "<<":
		return true
	}
	return runLike(method) && method != "script"
}

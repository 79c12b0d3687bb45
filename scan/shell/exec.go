package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// stmts follows statements in order.
func (r *reader) stmts(list []*syntax.Stmt) {
	for _, s := range list {
		r.comments(s.Comments)
		r.stmt(s)
	}
}

// stmt follows one statement. Chains of && and || lean to the left and may be long, so they are walked without recursion.
func (r *reader) stmt(s *syntax.Stmt) {
	if r.spent() {
		return
	}
	var chain []*syntax.BinaryCmd
	first := s
	for {
		b, ok := first.Cmd.(*syntax.BinaryCmd)
		if !ok || len(first.Redirs) > 0 {
			break
		}
		chain = append(chain, b)
		first = b.X
	}
	if len(chain) == 0 {
		r.plain(s)
		return
	}
	slices.Reverse(chain)
	r.chain(first, chain)
}

// chain follows the first statement and those behind it, in the order in which they stand.
func (r *reader) chain(first *syntax.Stmt, rest []*syntax.BinaryCmd) {
	run := func(s *syntax.Stmt, from, into bool) {
		out, stdin, st := r.out, r.stdin, r.st
		var printed []field
		if into {
			r.out = &printed
		}
		if from || into {
			r.st = r.fork(st)
		}
		r.stmt(s)
		if from || into {
			r.st = st
		}
		r.out, r.stdin = out, stdin
		if into {
			r.stdin = printed
		}
	}
	stdin := r.stdin
	pipe := func(b *syntax.BinaryCmd) bool { return b.Op == syntax.Pipe || b.Op == syntax.PipeAll }
	run(first, false, pipe(rest[0]))
	if !pipe(rest[0]) {
		r.stdin = stdin
	}
	for i, b := range rest {
		into := i+1 < len(rest) && pipe(rest[i+1])
		switch {
		case pipe(b):
			run(b.Y, true, into)
		default:
			before := r.fork(r.st)
			run(b.Y, false, into)
			r.st.join(before)
		}
		if !into {
			r.stdin = stdin
		}
	}
}

// plain follows a statement that is no chain.
func (r *reader) plain(s *syntax.Stmt) {
	outer := r.redirs
	r.redirs = s.Redirs
	previous := r.statement
	r.statement = span(s)
	defer func() { r.redirs, r.statement = outer, previous }()
	if s.Background {
		st := r.st
		r.st = r.fork(st)
		defer func() { r.st = st }()
	}
	if c, ok := s.Cmd.(*syntax.CallExpr); ok {
		r.call(c)
		return
	}
	stdin := r.stdin
	if input := r.redirects(s.Redirs); len(input) > 0 {
		r.stdin = input
	}
	r.compound(s.Cmd)
	r.stdin = stdin
}

// compound follows a command that is made of others.
func (r *reader) compound(c syntax.Command) {
	switch c := c.(type) {
	case *syntax.Block:
		r.stmts(c.Stmts)
		r.comments(c.Last)
	case *syntax.Subshell:
		st := r.st
		r.st = r.fork(st)
		r.stmts(c.Stmts)
		r.comments(c.Last)
		r.st = st
	case *syntax.IfClause:
		r.branch(c)
	case *syntax.WhileClause:
		r.loop(func() {
			r.stmts(c.Cond)
			r.stmts(c.Do)
		})
		r.comments(c.CondLast)
		r.comments(c.DoLast)
	case *syntax.ForClause:
		r.forEach(c)
	case *syntax.CaseClause:
		r.cases(c)
	case *syntax.FuncDecl:
		r.define(c)
	case *syntax.DeclClause:
		r.declare(c)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			r.stmt(c.Stmt)
		}
	case *syntax.CoprocClause:
		r.coprocess(c)
	case *syntax.TestClause:
		r.test(c.X)
	case *syntax.TestDecl:
		for _, f := range r.single(c.Description) {
			r.note(f, messageNote)
		}
		r.subshell([]*syntax.Stmt{c.Body})
	case *syntax.ArithmCmd:
		r.inside(c.X)
	case *syntax.LetClause:
		for _, x := range c.Exprs {
			r.inside(x)
		}
	case *syntax.BinaryCmd: // with redirections of its own
		r.stmt(c.X)
		r.stmt(c.Y)
	}
}

// coprocess follows a command that runs beside the script. Only a compound command can have a name: in front of another
// one the word is the command itself.
func (r *reader) coprocess(c *syntax.CoprocClause) {
	if d, ok := c.Stmt.Cmd.(*syntax.DeclClause); ok && c.Name != nil {
		st := r.st
		r.st = r.fork(st)
		r.call(&syntax.CallExpr{Args: []*syntax.Word{c.Name, {Parts: []syntax.WordPart{d.Variant}}}})
		r.st = st
		return
	}
	r.subshell([]*syntax.Stmt{c.Stmt})
}

// branch follows each arm from the state before it; elif chains may be long.
func (r *reader) branch(c *syntax.IfClause) {
	var after []*state
	total := false
	for ; c != nil; c = c.Else {
		r.comments(c.CondLast)
		r.comments(c.ThenLast)
		r.comments(c.Last)
		r.stmts(c.Cond)
		before := r.fork(r.st)
		r.stmts(c.Then)
		after = append(after, r.st)
		r.st = before
		r.differ(c.Cond)
		total = len(c.Cond) == 0 && c.Else == nil
	}
	r.merge(after, total)
}

// differ takes the program out of the names that the script may have been called by where a test has told it apart: behind
// if [ "$command" = tutor ] and in its else.
func (r *reader) differ(cond []*syntax.Stmt) {
	if len(cond) != 1 || cond[0].Negated {
		return
	}
	var x, y *syntax.Word
	switch c := cond[0].Cmd.(type) {
	case *syntax.CallExpr:
		words := c.Args
		if len(words) == 5 && words[0].Lit() == "[" {
			words = words[1:4]
		} else if len(words) == 4 && words[0].Lit() == "test" {
			words = words[1:]
		}
		if len(words) == 3 && (words[1].Lit() == "=" || words[1].Lit() == "==") {
			x, y = words[0], words[2]
		}
	case *syntax.TestClause:
		if b, ok := c.X.(*syntax.BinaryTest); ok && (b.Op == syntax.TsMatch || b.Op == syntax.TsMatchShort) {
			x, _ = b.X.(*syntax.Word)
			y, _ = b.Y.(*syntax.Word)
		}
	}
	if x == nil || y == nil || strings.Trim(r.t.raw(span(y)), `"'`) != r.program {
		return
	}
	name, whole := field{text: r.t, at: span(x)}.variable()
	if !whole {
		return
	}
	old := r.st.vars[name]
	if old == nil {
		return
	}
	v := *old
	v.alts = slices.DeleteFunc(slices.Clone(old.alts), func(a alternative) bool {
		return len(a.fields) == 1 && a.fields[0].self && a.fields[0].Text == r.program
	})
	v.open = v.open || len(v.alts) < len(old.alts)
	r.st.vars[name] = &v
}

// merge is the state after one of several ways, the present one among them unless the ways are all there are.
func (r *reader) merge(after []*state, total bool) {
	if total && len(after) > 0 {
		r.st = after[0]
		after = after[1:]
	}
	for _, s := range after {
		r.st.join(s)
	}
}

// loop follows a body that may run any number of times.
func (r *reader) loop(body func()) {
	before := r.fork(r.st)
	body()
	r.st.join(before)
}

func (r *reader) forEach(c *syntax.ForClause) {
	r.comments(c.DoLast)
	switch l := c.Loop.(type) {
	case *syntax.CStyleLoop:
		for _, x := range []syntax.ArithmExpr{l.Init, l.Cond, l.Post} {
			if x != nil {
				r.inside(x)
			}
		}
		r.loop(func() { r.stmts(c.Do) })
	case *syntax.WordIter:
		v := variable{how: "loop variable"}
		if r.st.owner != nil {
			v.local = r.st.owner
		}
		r.name(l.Name, "the name of a variable")
		for _, w := range l.Items {
			for _, fields := range r.expand(w) {
				for _, f := range fields {
					r.note(f, listNote)
					v.open = v.open || f.blank()
					f.Many = false // one of them at a time
					v.alts = union(v.alts, []alternative{{fields: []field{f}}})
				}
			}
		}
		if !l.InPos.IsValid() {
			for _, f := range r.st.args {
				f.Many = false
				v.alts = union(v.alts, []alternative{{fields: []field{f}}})
			}
			v.open = r.st.argsOpen
		}
		r.loop(func() {
			r.assign(l.Name.Value, v)
			r.stmts(c.Do)
		})
		if after := r.st.vars[l.Name.Value]; after != nil {
			v := *after
			v.how = leftover
			r.st.vars[l.Name.Value] = &v
		}
	}
}

func (r *reader) cases(c *syntax.CaseClause) {
	for _, f := range r.single(c.Word) {
		r.note(f, patternNote)
	}
	r.comments(c.Last)
	var after []*state
	total := false
	for _, item := range c.Items {
		r.comments(item.Comments)
		r.comments(item.Last)
		for _, p := range item.Patterns {
			for _, f := range r.single(p) {
				r.note(f, patternNote)
				total = total || f.Text == "*"
			}
		}
		before := r.fork(r.st)
		r.stmts(item.Stmts)
		after = append(after, r.st)
		r.st = before
	}
	r.merge(after, total)
}

// test follows the words of [[ … ]].
func (r *reader) test(x syntax.TestExpr) {
	switch x := x.(type) {
	case *syntax.BinaryTest:
		r.test(x.X)
		r.test(x.Y)
	case *syntax.UnaryTest:
		if w, ok := x.X.(*syntax.Word); ok {
			r.testFile(x.Op == syntax.TsExec, r.single(w))
			return
		}
		r.test(x.X)
	case *syntax.ParenTest:
		r.test(x.X)
	case *syntax.Word:
		for _, f := range r.single(x) {
			r.note(f, patternNote)
		}
	}
}

// testFile follows the operand of a test of one file: whether it can be run is a way to find an executable.
func (r *reader) testFile(executable bool, operand []field) {
	for _, f := range operand {
		if executable {
			l := &line{words: []Word{f.Word}, pack: r.pack, active: r.st.active, other: r.st.other, inert: "a test", kind: found}
			l.find(0, "a test whether it can be run")
			r.apply(l, []field{f})
		}
		r.note(f, patternNote)
	}
}

// define remembers a function; its body is followed where it is called, and once on its own.
func (r *reader) define(c *syntax.FuncDecl) {
	names := c.Names
	if c.Name != nil {
		names = []*syntax.Lit{c.Name}
	}
	if len(names) == 0 {
		r.subshell([]*syntax.Stmt{c.Body})
		return
	}
	for _, n := range names {
		r.name(n, "the name of a function")
		f := &function{name: n.Value, text: r.t, body: c.Body, at: span(c), seen: map[string]int{}}
		r.st.funcs[n.Value] = []*function{f}
		r.functions = append(r.functions, f)
	}
}

// redirects notes what the files are that a statement reads and writes, and gives the texts that it reads.
func (r *reader) redirects(list []*syntax.Redirect) []field {
	var input []field
	for _, d := range list {
		r.redirect(d)
		switch {
		case d.Hdoc != nil:
			input = append(input, r.body(d)...)
		case d.Op == syntax.WordHdoc:
			input = append(input, r.single(d.Word)...)
		}
	}
	for _, f := range input {
		r.note(f, inputNote)
	}
	return input
}

func (r *reader) redirect(d *syntax.Redirect) {
	if d.Hdoc != nil || d.Word == nil || d.Op == syntax.WordHdoc {
		return // the word is where a here-document ends, or text that the command reads
	}
	for _, f := range r.single(d.Word) {
		r.note(f, pathNote)
	}
}

// body is the text of a here-document; what it holds is expanded unless the word that ends it is quoted.
func (r *reader) body(d *syntax.Redirect) []field {
	if d.Hdoc == nil || len(d.Hdoc.Parts) == 0 {
		return nil
	}
	s := span(d.Hdoc)
	s.End = s.Start + strings.LastIndexByte(r.t.raw(s), '\n') + 1 // the parser counts the line that ends it
	outer := r.bodyEnd
	r.bodyEnd = s.End
	defer func() { r.bodyEnd = outer }()
	var out []field
	if literalEnd(d.Word) {
		for _, a := range r.parts(d.Hdoc.Parts, []partial{{}}, 'h') {
			a.cur.text, a.cur.at, a.cur.body = r.t, s, 'h'
			out = append(out, a.cur)
		}
		return out
	}
	r.visit(s, 'H')
	f := r.t.piece(source.Span{Start: max(s.Start, 0), End: min(s.End, len(r.t.src))})
	f.text, f.at, f.body = r.t, s, 'H'
	return []field{f}
}

// literalEnd reports whether the word that ends a here-document is not quoted, so that its body is expanded.
func literalEnd(w *syntax.Word) bool {
	for _, p := range w.Parts {
		l, ok := p.(*syntax.Lit)
		if !ok {
			return false
		}
		for i := range len(l.Value) {
			if l.Value[i] == '\\' {
				return false
			}
		}
	}
	return true
}

package python

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// check fails the test when a span or a map of the program lies outside the file, or a map disagrees with its text.
func check(t *testing.T, src []byte, u *flow.Unit) {
	t.Helper()
	w := walker{seen: map[any]bool{}, visit: func(x flow.Expr) { checkExpr(t, src, x) }}
	w.block(u.Body)
}

func checkExpr(t *testing.T, src []byte, x flow.Expr) {
	t.Helper()
	whole := source.Span{End: len(src)}
	if s := x.At(); s.Start > s.End || !whole.Covers(s) {
		t.Fatalf("%T at %v, but the file has %d bytes", x, s, len(src))
	}
	lit, ok := x.(*flow.Lit)
	if !ok || lit.Kind == "name" {
		return
	}
	if lit.Map.Len() != len(lit.Text) || !whole.Covers(lit.Literal) || !lit.Literal.Covers(lit.Span) {
		t.Fatalf("literal %q: map of %d bytes, literal %v, piece %v", lit.Text, lit.Map.Len(), lit.Literal, lit.Span)
	}
	at := lit.Start
	for _, seg := range lit.Map.Segments {
		if seg.Host != at {
			t.Fatalf("literal %q: segment %+v does not begin at %d", lit.Text, seg, at)
		}
		if at += seg.HostLen; !seg.Atomic && string(src[seg.Host:at]) != lit.Text[seg.Script:seg.Script+seg.Len] {
			t.Fatalf("literal %q: segment %+v is no copy of %q", lit.Text, seg, src[seg.Host:at])
		}
	}
	if at != lit.End {
		t.Fatalf("literal %q: the map ends at %d, the piece at %d", lit.Text, at, lit.End)
	}
}

// walker visits every expression of a program once.
type walker struct {
	seen  map[any]bool
	visit func(flow.Expr)
}

func (w *walker) block(body []flow.Stmt) {
	for _, st := range body {
		if w.seen[st] {
			continue
		}
		w.seen[st] = true
		switch st := st.(type) {
		case *flow.Do:
			w.expr(st.X)
		case *flow.Assign:
			w.all(st.Targets)
			w.expr(st.Value)
			w.expr(st.Type)
		case *flow.Augment:
			w.expr(st.Target)
			w.expr(st.Value)
		case *flow.Return:
			w.expr(st.Value)
		case *flow.Branch:
			w.all(st.Tests)
			for _, arm := range st.Arms {
				w.block(arm)
			}
		case *flow.Loop:
			w.expr(st.Target)
			w.expr(st.Iter)
			w.block(st.Body)
		case *flow.Define:
			w.expr(st.Func)
		case *flow.DefineClass:
			w.expr(st.Class)
		case *flow.Block:
			w.block(st.Body)
		}
	}
}

func (w *walker) all(xs []flow.Expr) {
	for _, x := range xs {
		w.expr(x)
	}
}

func (w *walker) args(as []flow.Arg) {
	for _, a := range as {
		w.expr(a.Value)
	}
}

func (w *walker) params(ps []flow.Param) {
	for _, p := range ps {
		w.expr(p.Type)
		w.expr(p.Default)
	}
}

func (w *walker) expr(x flow.Expr) {
	if x == nil || w.seen[x] {
		return
	}
	w.seen[x] = true
	w.visit(x)
	switch x := x.(type) {
	case *flow.Join:
		w.all(x.Parts)
	case *flow.List:
		w.all(x.Elems)
	case *flow.Splat:
		w.expr(x.X)
	case *flow.Dict:
		w.all(x.Keys)
		w.all(x.Vals)
	case *flow.Attr:
		w.expr(x.X)
	case *flow.Index:
		w.all([]flow.Expr{x.X, x.Key, x.From, x.To})
	case *flow.Add:
		w.all([]flow.Expr{x.X, x.Y})
	case *flow.Format:
		w.expr(x.Layout)
		w.all(x.Args)
		w.args(x.Named)
	case *flow.Call:
		w.expr(x.Fn)
		w.args(x.Args)
	case *flow.Alt:
		w.all(x.Options)
		w.expr(x.Test)
	case *flow.Func:
		w.params(x.Params)
		w.all(x.Decorators)
		w.expr(x.Value)
		w.block(x.Body)
	case *flow.Class:
		w.all(x.Bases)
		w.block(x.Body)
	case *flow.Opaque:
		w.all(x.Parts)
	}
}

package source_test

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// escaped maps the text a"b, written "a\"b" from host offset 10 on: the quotes stand at 10 and 15.
func escaped() source.Map {
	var m source.Map
	m.Append(source.Segment{Len: 1, Host: 11, HostLen: 1})
	m.Append(source.Segment{Len: 1, Host: 12, HostLen: 2, Atomic: true})
	m.Append(source.Segment{Len: 1, Host: 14, HostLen: 1})
	return m
}

func TestHost(t *testing.T) {
	for _, tc := range []struct {
		name string
		m    source.Map
		at   source.Span
		want source.Span
		ok   bool
	}{
		{"identity", source.Identity(5, 10), source.Span{Start: 2, End: 4}, source.Span{Start: 7, End: 9}, true},
		{"empty span", source.Identity(5, 10), source.Span{Start: 3, End: 3}, source.Span{Start: 8, End: 8}, true},
		{"whole", escaped(), source.Span{Start: 0, End: 3}, source.Span{Start: 11, End: 15}, true},
		{"the escape", escaped(), source.Span{Start: 1, End: 2}, source.Span{Start: 12, End: 14}, true},
		{"after the escape", escaped(), source.Span{Start: 2, End: 3}, source.Span{Start: 14, End: 15}, true},
		{"beyond the end", escaped(), source.Span{Start: 2, End: 9}, source.Span{}, false},
		{"backwards", escaped(), source.Span{Start: 2, End: 1}, source.Span{}, false},
		{"nothing", source.Map{}, source.Span{Start: 0, End: 1}, source.Span{}, false},
	} {
		got, ok := tc.m.Host(tc.at)
		if ok != tc.ok || got.Span != tc.want && ok {
			t.Errorf("%s: %v, %v; want %v, %v", tc.name, got.Span, ok, tc.want, tc.ok)
		}
	}
}

func TestHostRefusesTwoFilesAndBytesThatNothingRenders(t *testing.T) {
	var m source.Map
	m.Append(source.Segment{Len: 3, Host: 0, HostLen: 3, File: "a"})
	m.Append(source.Segment{Len: 1})
	m.Append(source.Segment{Len: 3, Host: 7, HostLen: 3, File: "b"})
	if _, ok := m.Host(source.Span{Start: 1, End: 6}); ok {
		t.Error("a span over two files has a place")
	}
	if _, ok := m.Host(source.Span{Start: 3, End: 4}); ok {
		t.Error("a byte that stands nowhere has a place")
	}
	if p, ok := m.Host(source.Span{Start: 4, End: 7}); !ok || p.File != "b" || p.Start != 7 {
		t.Errorf("the second file: %v, %v", p, ok)
	}
}

func TestThrough(t *testing.T) {
	inner := source.Identity(1, 2) // the bytes 1 and 2 of a"b
	m := inner.Through(escaped())
	if p, ok := m.Host(source.Span{Start: 0, End: 2}); !ok || p.Start != 12 || p.End != 15 {
		t.Errorf("composed: %v, %v", p, ok)
	}
	if m.Len() != 2 {
		t.Errorf("composed length %d", m.Len())
	}
}

func TestSliceKeepsEscapesWhole(t *testing.T) {
	part := escaped().Slice(source.Span{Start: 1, End: 3})
	if part.Len() != 2 {
		t.Fatalf("length %d", part.Len())
	}
	if p, ok := part.Host(source.Span{Start: 0, End: 1}); !ok || p.Span != (source.Span{Start: 12, End: 14}) {
		t.Errorf("the escape: %v, %v", p, ok)
	}
}

func TestReplaceLeavesHolesToTheHost(t *testing.T) {
	g := &source.Script{Text: "run xxxxx now", Map: source.Identity(0, 13), Holes: []source.Hole{{Span: source.Span{Start: 4, End: 9}, Expr: "CLUSTER", Source: "$(CLUSTER)"}}}
	g.Render = func(_ source.Span, text string) (string, error) { return strings.ReplaceAll(text, "$", "$$"), nil }
	_, got, err := g.Replace(source.Span{Start: 0, End: 3}, "$PWD/$(CLUSTER)/bin")
	if err != nil || got != "$$PWD/$(CLUSTER)/bin" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReveal(t *testing.T) {
	g := &source.Script{Text: "a xxxx b", Holes: []source.Hole{{Span: source.Span{Start: 2, End: 6}, Source: "{{ v }}"}}}
	if got := g.Reveal(source.Span{Start: 0, End: 8}); got != "a {{ v }} b" {
		t.Errorf("got %q", got)
	}
}

func TestLines(t *testing.T) {
	l := source.NewLines([]byte("ab\ncd\n\ne"))
	for off, want := range map[int][2]int{0: {1, 1}, 2: {1, 3}, 3: {2, 1}, 6: {3, 1}, 7: {4, 1}, 8: {4, 2}} {
		if line, col := l.Position(off); line != want[0] || col != want[1] {
			t.Errorf("offset %d is %d:%d, want %v", off, line, col, want)
		}
	}
}

// FuzzThrough holds a composed map to what its parts say, byte for byte.
func FuzzThrough(f *testing.F) {
	f.Add(uint8(0), uint8(3))
	f.Fuzz(func(t *testing.T, from, n uint8) {
		outer := escaped()
		inner := source.Identity(int(from)%3, int(n)%3)
		if inner.Len()+int(from)%3 > outer.Len() {
			return
		}
		m := inner.Through(outer)
		if m.Len() != inner.Len() {
			t.Fatalf("length %d, want %d", m.Len(), inner.Len())
		}
		for i := 0; i < m.Len(); i++ {
			if got, want := m.At(i).Span, outer.At(int(from)%3+i).Span; got != want {
				t.Errorf("byte %d at %v, want %v", i, got, want)
			}
		}
	})
}

func TestSliceKeepsWhatStandsInside(t *testing.T) {
	var m source.Map
	m.Append(source.Segment{Len: 2, Host: 0, HostLen: 2})
	m.Append(source.Segment{Host: 2, HostLen: 3})
	m.Append(source.Segment{Len: 3, Host: 5, HostLen: 3})
	for _, tt := range []struct {
		span source.Span
		want int
	}{{source.Span{Start: 0, End: 5}, 3}, {source.Span{Start: 1, End: 3}, 3}, {source.Span{Start: 2, End: 5}, 1}, {source.Span{Start: 0, End: 2}, 1}} {
		if got := m.Slice(tt.span).Segments; len(got) != tt.want {
			t.Errorf("%v: %v", tt.span, got)
		}
	}
}

func TestHoleAt(t *testing.T) {
	g := source.Script{Holes: []source.Hole{{Span: source.Span{Start: 2, End: 4}}, {Span: source.Span{Start: 6, End: 7}}}}
	for off, want := range []bool{false, false, true, true, false, false, true, false} {
		if _, ok := g.HoleAt(off); ok != want {
			t.Errorf("at %d: %t", off, ok)
		}
	}
}

func TestNewline(t *testing.T) {
	for src, want := range map[string]string{"": "\n", "a": "\n", "a\n": "\n", "a\r\n": "\r\n", "a\r": "\n", "\n": "\n", "\r\nb\n": "\r\n", "a\nb\r\n": "\n"} {
		if got := source.Newline([]byte(src)); got != want {
			t.Errorf("%q: %q, want %q", src, got, want)
		}
	}
}

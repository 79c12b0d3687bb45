package edit

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fix builds a fix called name that makes the edits in the file a, which has
// 100 bytes in every test here.
func fix(name string, edits ...Edit) *Fix {
	return &Fix{Rule: name, Applicability: Safe, Changes: []Change{{File: File{Path: "a"}, Edits: edits}}}
}

func change(name string, c ...Change) *Fix { return &Fix{Rule: name, Applicability: Safe, Changes: c} }

func create(name, path, content string, mode fs.FileMode) *Fix {
	return change(name, Change{File: File{Path: path}, Create: &Creation{content, mode}})
}

func size(f File) (int, bool) {
	switch f.Path {
	case "a", "b", "d/a":
		return 100, true
	}
	return 0, false
}

func ins(at int, text string) Edit { return Edit{at, at, text, false} }

func add(at int, text string) Edit { return Edit{at, at, text, true} }

func rep(start, end int, text string) Edit { return Edit{start, end, text, false} }

func mode(name string, m fs.FileMode) *Fix {
	return change(name, Change{File: File{Path: "a"}, Mode: m})
}

func remove(name, path string) *Fix {
	return change(name, Change{File: File{Path: path}, Delete: true})
}

type mergeCase struct {
	name    string
	fixes   []*Fix
	kept    string   // names
	dropped []string // "name reason other"
	edits   string   // of the file a
}

// together returns cases of fixes that can all be kept.
func together() []mergeCase {
	return []mergeCase{
		{"apart", []*Fix{fix("1", rep(0, 2, "x")), fix("2", rep(4, 5, "y"))}, "1 2", nil, `[[0,2)→"x" [4,5)→"y"]`},
		{"any order of places", []*Fix{fix("1", rep(4, 5, "y")), fix("2", rep(0, 2, "x"))}, "1 2", nil, `[[0,2)→"x" [4,5)→"y"]`},
		{"touching", []*Fix{fix("1", rep(0, 2, "x")), fix("2", rep(2, 5, "y"))}, "1 2", nil, `[[0,2)→"x" [2,5)→"y"]`},
		{
			"a shared edit counts once",
			[]*Fix{fix("1", ins(0, "import"), rep(4, 5, "x")), fix("2", ins(0, "import"), rep(6, 7, "y"))},
			"1 2", nil, `[[0,0)→"import" [4,5)→"x" [6,7)→"y"]`,
		},
		{"a shared replacement counts once", []*Fix{fix("1", rep(0, 9, "x")), fix("2", rep(0, 9, "x"))}, "1 2", nil, `[[0,9)→"x"]`},
		{
			"additive insertions stand in order",
			[]*Fix{fix("1", add(0, "z")), fix("2", add(0, "a")), fix("3", add(0, "z"))},
			"1 2 3", nil, `[[0,0)→"z" [0,0)→"a"]`,
		},
		{
			"insertions at the borders",
			[]*Fix{fix("1", rep(3, 6, "x")), fix("2", ins(3, "<")), fix("3", ins(6, ">"))},
			"1 2 3", nil, `[[3,3)→"<" [3,6)→"x" [6,6)→">"]`,
		},
		{"own insertions at one point", []*Fix{fix("1", ins(3, "b"), ins(3, "a")), fix("2", ins(3, "b"))}, "1 2", nil, `[[3,3)→"b" [3,3)→"a"]`},
	}
}

// conflicting returns cases of edits that exclude each other.
func conflicting() []mergeCase {
	return []mergeCase{
		{"overlap", []*Fix{fix("1", rep(0, 5, "x")), fix("2", rep(4, 8, "y"))}, "1", []string{"2 conflict 1"}, `[[0,5)→"x"]`},
		{"overlap from the left", []*Fix{fix("1", rep(4, 8, "y")), fix("2", rep(0, 5, "x"))}, "1", []string{"2 conflict 1"}, `[[4,8)→"y"]`},
		{"inside", []*Fix{fix("1", rep(0, 50, "x")), fix("2", rep(4, 8, "y"))}, "1", []string{"2 conflict 1"}, `[[0,50)→"x"]`},
		{"around", []*Fix{fix("1", rep(4, 8, "y")), fix("2", rep(0, 50, "x"))}, "1", []string{"2 conflict 1"}, `[[4,8)→"y"]`},
		{"insertion inside", []*Fix{fix("1", rep(4, 8, "y")), fix("2", ins(5, "x"))}, "1", []string{"2 conflict 1"}, `[[4,8)→"y"]`},
		{"same range, other text", []*Fix{fix("1", rep(4, 8, "y")), fix("2", rep(4, 8, "x"))}, "1", []string{"2 conflict 1"}, `[[4,8)→"y"]`},
		{"different insertions", []*Fix{fix("1", ins(4, "y")), fix("2", ins(4, "x"))}, "1", []string{"2 conflict 1"}, `[[4,4)→"y"]`},
		{"only one is additive", []*Fix{fix("1", add(4, "y")), fix("2", ins(4, "x"))}, "1", []string{"2 conflict 1"}, `[[4,4)→"y"]`},
		{
			"dropped whole",
			[]*Fix{fix("1", rep(4, 8, "y")), fix("2", rep(4, 5, "x"), rep(20, 21, "z")), fix("3", rep(20, 22, ""))},
			"1 3",
			[]string{"2 conflict 1"},
			`[[4,8)→"y" [20,22)→""]`,
		},
		{
			"dropped whole over files",
			[]*Fix{fix("1", rep(4, 8, "y")), change("2", Change{File: File{Path: "b"}, Delete: true}, Change{File: File{Path: "a"}, Edits: []Edit{rep(4, 5, "x")}})},
			"1",
			[]string{"2 conflict 1"},
			`[[4,8)→"y"]`,
		},
		{
			"the other is the one that overlaps",
			[]*Fix{fix("1", rep(0, 1, "a")), fix("2", rep(4, 8, "y")), fix("3", rep(5, 9, "z"))},
			"1 2",
			[]string{"3 conflict 2"},
			`[[0,1)→"a" [4,8)→"y"]`,
		},
	}
}

// wholeFiles returns cases of files that are created, deleted or get a mode.
func wholeFiles() []mergeCase {
	return []mergeCase{
		{"mode and edits", []*Fix{mode("1", 0o755), fix("2", ins(0, "x")), mode("3", 0o755)}, "1 2 3", nil, `[[0,0)→"x"]`},
		{"two modes", []*Fix{fix("0", ins(0, "x")), mode("1", 0o755), mode("2", 0o700)}, "0 1", []string{"2 conflict 1"}, `[[0,0)→"x"]`},
		{"edit and delete", []*Fix{fix("1", ins(0, "x")), remove("2", "a")}, "1", []string{"2 conflict 1"}, `[[0,0)→"x"]`},
		{"delete and edit", []*Fix{remove("1", "a"), fix("2", ins(0, "x")), mode("3", 0o755), remove("4", "a")}, "1 4", []string{"2 conflict 1", "3 conflict 1"}, `[]`},
		{"create twice alike", []*Fix{create("1", "n", "x", 0), create("2", "n", "x", 0o644)}, "1 2", nil, `[]`},
		{"create twice", []*Fix{create("1", "n", "x", 0), create("2", "n", "y", 0), create("3", "n", "x", 0o755)}, "1", []string{"2 conflict 1", "3 conflict 1"}, `[]`},
		{"file where a directory is needed", []*Fix{create("1", "n/m/o", "x", 0), create("2", "n", "y", 0), create("3", "n/m", "y", 0), create("4", "n/m/p", "", 0)}, "1 4", []string{"2 conflict 1", "3 conflict 1"}, `[]`},
		{"directory where a file is created", []*Fix{create("1", "n", "x", 0), create("2", "n/m/o", "y", 0), create("3", "nn/m", "", 0)}, "1 3", []string{"2 conflict 1"}, `[]`},
	}
}

// invalid returns cases of fixes that are wrong by themselves.
func invalid() []mergeCase {
	return []mergeCase{
		{"edit outside", []*Fix{fix("1", rep(90, 101, "x"))}, "", []string{"1 invalid "}, `[]`},
		{"edits that overlap themselves", []*Fix{fix("1", rep(0, 5, "x"), rep(4, 6, "x"))}, "", []string{"1 invalid "}, `[]`},
		{"nothing", []*Fix{fix("1"), fix("2", ins(4, "")), change("3")}, "", []string{"1 invalid ", "2 invalid ", "3 invalid "}, `[]`},
		{"no such file", []*Fix{remove("1", "zzz"), change("2", Change{File: File{Path: "zzz"}, Edits: []Edit{ins(0, "x")}})}, "", []string{"1 invalid ", "2 invalid "}, `[]`},
		{"exists", []*Fix{create("1", "a", "x", 0)}, "", []string{"1 invalid "}, `[]`},
		{"create and edit in one", []*Fix{change("1", Change{File: File{Path: "n"}, Create: &Creation{}, Edits: []Edit{ins(0, "x")}})}, "", []string{"1 invalid "}, `[]`},
		{"delete and mode in two", []*Fix{change("1", Change{File: File{Path: "a"}, Delete: true}, Change{File: File{Path: "a"}, Mode: 0o755})}, "", []string{"1 invalid "}, `[]`},
		{"bits that are not permissions", []*Fix{mode("1", 0o755|fs.ModeSetuid), create("2", "n", "", fs.ModeSymlink)}, "", []string{"1 invalid ", "2 invalid "}, `[]`},
		{
			"paths",
			[]*Fix{create("1", "../n", "", 0), create("2", "/n", "", 0), create("3", "", "", 0), create("4", "d/../n", "", 0), create("5", "n/", "", 0), create("6", "n\x00", "", 0), create("7", "..", "", 0), create("8", "..n", "", 0)},
			"8",
			[]string{"1 invalid ", "2 invalid ", "3 invalid ", "4 invalid ", "5 invalid ", "6 invalid ", "7 invalid "},
			`[]`,
		},
	}
}

func TestMerge(t *testing.T) {
	for _, tc := range slices.Concat(together(), conflicting(), wholeFiles(), invalid()) {
		t.Run(tc.name, func(t *testing.T) {
			got := Merge(tc.fixes, size)
			var kept, dropped []string
			for _, f := range got.Kept {
				kept = append(kept, f.Rule)
			}
			for _, d := range got.Dropped {
				other := ""
				if d.Other != nil {
					other = d.Other.Rule
				}
				dropped = append(dropped, fmt.Sprintf("%s %s %s", d.Fix.Rule, d.Reason, other))
				if d.Detail == "" {
					t.Errorf("%s is dropped without a word", d.Fix.Rule)
				}
			}
			if diff := cmp.Diff(tc.kept, strings.Join(kept, " ")); diff != "" {
				t.Errorf("kept: %s", diff)
			}
			if diff := cmp.Diff(tc.dropped, dropped); diff != "" {
				t.Errorf("dropped: %s", diff)
			}
			var edits []Edit
			for _, c := range got.Changes {
				if c.File.Path == "a" {
					edits = c.Edits
				}
				if c.File.Path == "b" {
					t.Error("a part of a dropped fix was kept")
				}
			}
			if diff := cmp.Diff(tc.edits, fmt.Sprint(edits)); diff != "" {
				t.Errorf("edits: %s", diff)
			}
		})
	}
}

func TestConflictsClassifyThemselves(t *testing.T) {
	at := func(f *Fix, line int) *Fix { f.Site = Place{File{"r", "a"}, 0, line, 1}; return f }
	got := Merge([]*Fix{at(fix("tutor/one", rep(4, 8, strings.Repeat("y", 1000)), ins(20, "z")), 3), fix("tutor/two", rep(6, 10, "x")), fix("tutor/three", ins(20, "x")), fix("tutor/four", rep(0, 5, "x"))}, nil)
	var all []string
	for _, d := range got.Dropped {
		all = append(all, d.Detail)
	}
	want := []string{
		"a: bytes 6 to 8, which are replaced by r/a:3:1: tutor/one, which comes first",
		"a: byte 20, where something else is inserted by r/a:3:1: tutor/one, which comes first",
		"a: bytes 4 to 5, which are replaced by r/a:3:1: tutor/one, which comes first",
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
}

// Two roots may hold the same path.
func TestMergeRoots(t *testing.T) {
	one := change("1", Change{File: File{"x", "n"}, Create: &Creation{Content: "x"}})
	two := change("2", Change{File: File{"y", "n"}, Create: &Creation{Content: "y"}})
	got := Merge([]*Fix{two, one}, nil)
	if len(got.Kept) != 2 || len(got.Changes) != 2 || got.Changes[0].File.Root != "x" {
		t.Errorf("%+v", got)
	}
}

func TestSelect(t *testing.T) {
	fixes := []*Fix{{Rule: "d", Applicability: Display}, {Rule: "u", Applicability: Unsafe}, {Rule: "s", Applicability: Safe}}
	for bar, want := range map[Applicability]int{Safe: 1, Unsafe: 2, Display: 2} {
		selected, dropped := Select(fixes, bar)
		if len(selected) != want || len(dropped) != 3-want || dropped[0].Reason != BelowBar {
			t.Errorf("%v: %d selected, %v", bar, len(selected), dropped)
		}
	}
}

// Whatever fixes are merged, the outcome is what applying the kept ones alone
// would be: every edit of a kept fix is there, none of a dropped one that no
// kept one shares, and the edits can be applied.
func TestMergeProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	src := []byte(strings.Repeat("0123456789", 10))
	for range 3000 {
		var fixes []*Fix
		for i := range 1 + r.IntN(12) {
			var edits []Edit
			for range 1 + r.IntN(3) {
				start := r.IntN(30)
				edits = append(edits, Edit{start, start + r.IntN(4), string(rune('a' + r.IntN(3))), r.IntN(2) == 0})
			}
			fixes = append(fixes, fix(fmt.Sprint(i), edits...))
		}
		got := Merge(fixes, size)
		if len(got.Kept)+len(got.Dropped) != len(fixes) {
			t.Fatal("a fix was lost")
		}
		if len(got.Changes) == 0 {
			continue
		}
		all := got.Changes[0].Edits
		if normal, err := Normal(all, len(src)); err != nil || !slices.Equal(normal, all) {
			t.Fatalf("%v, %v, want %v", normal, err, all)
		}
		wanted := 0
		for _, e := range all {
			if slices.ContainsFunc(got.Kept, func(f *Fix) bool { return slices.ContainsFunc(f.Changes[0].Edits, e.same) }) {
				wanted++
			}
		}
		for _, f := range got.Kept {
			for _, e := range f.Changes[0].Edits {
				if !slices.ContainsFunc(all, e.same) {
					t.Fatalf("%v of %s is missing in %v", e, f.Rule, all)
				}
			}
		}
		if wanted != len(all) {
			t.Fatalf("%v holds an edit that no kept fix asked for", all)
		}
		again := Merge(got.Kept, size)
		if len(again.Dropped) > 0 || !slices.Equal(again.Changes[0].Edits, all) {
			t.Fatalf("merging the kept fixes again gives %v, not %v", again.Changes[0].Edits, all)
		}
	}
}

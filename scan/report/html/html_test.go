package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// fileOf is a file of a report. Each occurrence is at the next "tutor" of its text.
func fileOf(root *scan.Root, path, src string, found ...site.Occurrence) *scan.File {
	at := 0
	for i := range found {
		start := at + strings.Index(src[at:], "tutor")
		found[i].Span = source.Span{Start: start, End: start + len("tutor")}
		at = found[i].End
	}
	return &scan.File{Root: root, Path: path, Src: []byte(src), Lines: source.NewLines([]byte(src)), Occurrences: found}
}

func rootOf(key string) *scan.Root {
	return &scan.Root{Key: key, Role: "other", Config: &rules.Config{}, Tree: scan.Tree{Read: func(p string) ([]byte, error) {
		if p == "run.py" {
			return []byte("import subprocess\nsubprocess.run(c)\n"), nil
		}
		return nil, fmt.Errorf("%s is gone", p)
	}}}
}

// hostile is code that would end the page's data, or run, if any of it were taken as markup.
const hostile = `echo "</script><script>document.title='owned'</script><!-- <img src=x onerror=\"document.title='owned'\">"; tutor {{data}} local`

// sample has sites to rewrite and to decide in two repositories, names and texts that are hard to write down, and mentions.
func sample() *scan.Report {
	grove, box := rootOf("../grove"), rootOf("box")
	review := site.Occurrence{Class: site.Invocation, Action: site.Review, Rule: "tutor/shell-command", Reason: "no instance is known here", Suggestion: `instances/<name>/.venv/bin/tutor`, Argv: []string{"tutor", "local"}}
	rewrite := site.Occurrence{
		Class: site.Invocation, Action: site.Rewrite, Rule: "tutor/python-command", Reason: "is run", Instance: "self.name", InstanceFrom: "name-in-scope", Language: "python",
		Uses:  []site.Step{{File: "run.py", Span: source.Span{Start: 18, End: 22}, What: "run by subprocess.run"}, {File: "gone.py", What: "used here"}},
		Trace: []site.Step{{Span: source.Span{Start: 4, End: 5}, What: "defined here"}},
	}
	return &scan.Report{
		Roots: []*scan.Root{grove, box}, Read: 4,
		Skipped: []scan.Skip{{Root: box, Skip: walk.Skip{Path: "big.sql", Reason: "larger than <16 MiB>"}}},
		Unused:  []scan.Unused{{Root: box, Decision: rules.Decision{Path: "gone.sh", Keep: "x"}}},
		Files: []*scan.File{
			fileOf(grove, "a.py", "one\nC = ['tutor']\nthree\n# about tutor\n", rewrite, site.Occurrence{Class: site.Comment, Rule: "tutor/comment", Reason: "a comment"}),
			fileOf(grove, "ci/[a]*.yml", hostile+"\n", review),
			fileOf(box, "top.sh", "set -e\ntutor local; tutor stop\n", review, review),
			fileOf(box, "odd.bin", "tutor\n", site.Occurrence{Class: site.Unexplained, Rule: "tutor/unread", Reason: "no reader could say what it is"}),
		},
	}
}

func written(t *testing.T, r *scan.Report, changes []Change, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, changes, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

// dataOf is the data of a page as a browser takes it: up to the first end of a script element.
func dataOf(t *testing.T, page string) (d struct {
	Report  struct{ Occurrences []map[string]any }
	Code    []excerpt
	Changes []Change
},
) {
	t.Helper()
	if err := json.Unmarshal([]byte(dataElement.FindStringSubmatch(page)[1]), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestData(t *testing.T) {
	change := Change{"box", "top.sh", "@@ -1 +1 @@\n-</script>\n+x\n"}
	page := written(t, sample(), []Change{change}, report.Options{Version: "1"})
	d := dataOf(t, page)
	if len(d.Report.Occurrences) != 6 || len(d.Code) != 6 || !cmp.Equal(d.Changes, []Change{change}) {
		t.Fatalf("%d occurrences, %d excerpts, %v", len(d.Report.Occurrences), len(d.Code), d.Changes)
	}
	want := excerpt{
		Line: [3]string{"C = ['", "tutor", "']"}, Before: []string{"one"}, After: []string{"three", "# about tutor"},
		Uses: []string{"subprocess.run(c)", ""}, Trace: []string{"C = ['tutor']"},
	}
	if diff := cmp.Diff(want, d.Code[0]); diff != "" {
		t.Error(diff)
	}
	if got := strings.Join(d.Code[2].Line[:], ""); got != hostile {
		t.Errorf("%q, want %q", got, hostile)
	}
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("%d script elements end, want 2", n)
	}
	only := dataOf(t, written(t, sample(), nil, report.Options{Classes: map[site.Class]bool{site.Comment: true}}))
	if len(only.Code) != 1 || only.Code[0].Line[0] != "# about " {
		t.Errorf("with one class: %+v", only.Code)
	}
}

// TestAlone holds that the page asks for nothing from elsewhere, and how large it is beside its data.
func TestAlone(t *testing.T) {
	page := dataElement.ReplaceAllString(written(t, sample(), nil, report.Options{}), "")
	if len(page) > 150<<10 {
		t.Errorf("the page has %d bytes beside the data", len(page))
	}
	if found := regexp.MustCompile(`https?:|//[a-z]+\.|@import|url\(|<link|\bsrc=|fetch\(|innerHTML|{{`).FindString(page); found != "" {
		t.Errorf("the page holds %q", found)
	}
	if !strings.Contains(page, "default-src 'none'") {
		t.Error("the page has no policy against the network")
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("é", 200)
	for _, c := range []struct {
		name, src     string
		line          [3]string
		before, after []string
	}{
		{"alone", "tutor", [3]string{"", "tutor", ""}, []string{}, []string{}},
		{"newline at the end", "tutor\n", [3]string{"", "tutor", ""}, []string{}, []string{}},
		{"empty lines", "\n\ntutor\n\nx", [3]string{"", "tutor", ""}, []string{"", ""}, []string{"", "x"}},
		{"windows", "a\r\n tutor x\r\nb\r\n", [3]string{" ", "tutor", " x"}, []string{"a"}, []string{"b"}},
		{"more than is shown", "1\n2\n3\n4\ntutor\n5\n6\n7\n8\n", [3]string{"", "tutor", ""}, []string{"2", "3", "4"}, []string{"5", "6", "7"}},
		{"long", "x" + long + "tutor x" + long, [3]string{"…" + long[:240], "tutor", " x" + long[:238] + "…"}, []string{}, []string{}},
		{"no UTF-8", "\xff tutor", [3]string{"� ", "tutor", ""}, []string{}, []string{}},
	} {
		f := fileOf(rootOf("."), "x", c.src, site.Occurrence{})
		e := (library{report.NewAtlas(&scan.Report{})}).excerpt(f, &f.Occurrences[0])
		if diff := cmp.Diff(excerpt{Line: c.line, Before: c.before, After: c.after, Uses: []string{}, Trace: []string{}}, e); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// FuzzExcerpt holds that any text, and any place in it, gives an excerpt that is text.
func FuzzExcerpt(f *testing.F) {
	f.Add("a\r\ntutor\n\xff", 3, 8)
	f.Fuzz(func(t *testing.T, src string, start, end int) {
		if start < 0 || end < start || end > len(src) {
			t.Skip("no span")
		}
		file := &scan.File{Root: rootOf("."), Src: []byte(src)}
		e := library{report.NewAtlas(&scan.Report{})}.excerpt(file, &site.Occurrence{Span: source.Span{Start: start, End: end}})
		if !utf8.ValidString(strings.Join(e.Line[:], "")) || len(e.Before) > around || len(e.After) > around {
			t.Fatalf("%+v", e)
		}
	})
}

package report

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

var update = flag.Bool("update", false, "rewrite the goldens; read what changed before you commit it")

// fileOf is a file of a report with occurrences that are placed by what stands there: each at the next place of its word,
// which is "tutor" unless it has a span of its own.
func fileOf(root *scan.Root, path, src string, found ...site.Occurrence) *scan.File {
	at := 0
	for i := range found {
		if found[i].Len() == 0 {
			start := at + strings.Index(src[at:], "tutor")
			found[i].Span = source.Span{Start: start, End: start + len("tutor")}
		}
		at = found[i].End
	}
	return &scan.File{Root: root, Path: path, Src: []byte(src), Lines: source.NewLines([]byte(src)), Occurrences: found}
}

func rootOf(key, role string, files map[string]string) *scan.Root {
	return &scan.Root{Key: key, Role: role, Config: &rules.Config{}, Tree: scan.Tree{Read: func(p string) ([]byte, error) {
		if src, ok := files[p]; ok {
			return []byte(src), nil
		}
		return nil, errors.New("is gone")
	}}}
}

// sample holds every class of thing that a report shows.
func sample() *scan.Report {
	grove := rootOf("../grove", "grove", map[string]string{"run.py": "import subprocess\n\ndef run(c):\n    subprocess.run(c)\n"})
	cluster := rootOf("my-cluster", "cluster", nil)
	ignored := "# grove-migrate: ignore for later\n"
	py := fileOf(grove, "a.py", "from run import run\n\nC = [\"tutor\", \"config\"]  # tutor\n"+ignored+"run(C)\nprint(\"tutor\")\n",
		site.Occurrence{
			Language: "python", Class: site.Invocation, Kind: "argv-list", Action: site.Rewrite, Argv: []string{"tutor", "config"},
			Instance: "self.instance_name", InstanceFrom: "name-in-scope", Rule: "tutor/python-command", Reason: "defines what subprocess.run runs",
			Uses:  []site.Step{{File: "run.py", Span: source.Span{Start: 35, End: 49}, What: "run by subprocess.run"}, {File: "gone.py", What: "used here"}},
			Trace: []site.Step{{Span: source.Span{Start: 26, End: 33}, What: "written here"}},
		},
		site.Occurrence{Language: "python", Class: site.Comment, Rule: "tutor/comment", Reason: "a comment"},
		site.Occurrence{Language: "python", Class: site.Message, Rule: "tutor/message", Reason: "print shows it"})
	py.Stale = []scan.Stale{{Span: source.Span{Start: strings.Index(string(py.Src), ignored), End: 80}, Text: "for later"}}
	yml := fileOf(grove, "ci/<a b>|*.yml", "x:\n  script:\n  - tutor | tutor `a`\n",
		site.Occurrence{
			Language: "shell", Host: "yaml", Class: site.Invocation, Kind: "shell-command", Action: site.Review, Argv: []string{"tutor"},
			Rule: "tutor/shell-command", Reason: "no name holds <the instance> here | see *docs*", Suggestion: "instances/<name>/.venv/bin/tutor",
		},
		site.Occurrence{
			Language: "shell", Host: "yaml", Class: site.Lookup, Kind: "lookup", Action: site.Keep, Argv: []string{"tutor", "`a`\nb"},
			Rule: "tutor/shell-lookup", Reason: "kept by a comment: fine",
		})
	odd := fileOf(cluster, "odd: name.txt", "\ufeffé tutor tutor\n",
		site.Occurrence{Language: "text", Class: site.Unexplained, Rule: "tutor/unread", Reason: "no reader could say what it is"},
		site.Occurrence{Language: "shell", Class: site.Invocation, Action: site.Done, Argv: []string{"tutor"}, Rule: "tutor/shell-command", Reason: "runs alpha's environment"})
	return &scan.Report{
		Roots: []*scan.Root{grove, cluster}, Files: []*scan.File{py, yml, odd}, Read: 5,
		Skipped: []scan.Skip{
			{Root: grove, Skip: walk.Skip{Path: "big|.sql", Reason: "larger than <16 MiB>"}},
			{Root: cluster, Skip: walk.Skip{Path: "link", Reason: "a link that leads nowhere", Minor: true}},
		},
		Unused: []scan.Unused{{Root: cluster, Decision: rules.Decision{Path: "gone.sh", Line: 3, Keep: "x"}}},
	}
}

// alone is the first root of a sample as if it had been scanned alone.
func alone() *scan.Report {
	r := sample()
	r.Roots[0].Key = "."
	return &scan.Report{Roots: r.Roots[:1], Files: r.Files[:2], Skipped: r.Skipped[:1], Read: 4}
}

// pack has rules of its own, so that no golden changes with the words of the real ones.
func pack() *rules.Pack {
	return &rules.Pack{Rules: []rules.Rule{
		{Name: "tutor/python-command", Summary: "A Python program runs it.", Detail: "It is followed.\n"},
		{Name: "tutor/shell-command", Summary: "A shell command runs it."},
	}}
}

// TestGolden holds each format to a file that a person has read.
func TestGolden(t *testing.T) {
	sarif := func(w io.Writer, r *scan.Report, o Options) error { return SARIF(w, r, pack(), o) }
	every := map[site.Class]bool{}
	for _, c := range Classes() {
		every[c] = true
	}
	o := Options{Version: "1.2.3"}
	for name, c := range map[string]struct {
		write func(io.Writer, *scan.Report, Options) error
		r     *scan.Report
		o     Options
	}{
		"sample.txt":              {Text, sample(), o},
		"every.txt":               {Text, sample(), Options{Version: "1.2.3", Classes: every, Explain: true, Colour: true}},
		"alone.txt":               {Text, alone(), o},
		"sample.json":             {JSON, sample(), o},
		"filtered.json":           {JSON, sample(), Options{Version: "1.2.3", Classes: map[site.Class]bool{site.Comment: true}}},
		"nothing.json":            {JSON, &scan.Report{}, o},
		"sample.codequality.json": {CodeQuality, sample(), o},
		"sample.md":               {Markdown, sample(), o},
		"sample.sarif":            {sarif, sample(), o},
		"fixes.sarif":             {sarif, sample(), fixed()},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.write(&b, c.r, c.o); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.Bytes())
		})
	}
}

// fixed are options as for several repositories, with a fix of two files for the first site.
func fixed() Options {
	return Options{Version: "1.2.3", Separate: true, Name: func(_ *scan.Root, path string) string { return path }, Fix: func(f *scan.File, occ *site.Occurrence) []Replacement {
		if occ.Action != site.Rewrite {
			return nil
		}
		return []Replacement{
			{f.Root, f.Path, occ.Start, occ.End, "alpha/tutor"},
			{f.Root, "run.py", 17, 17, "# \u00e9\n"},
		}
	}}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// full is a writer that takes n bytes and no more.
type full struct{ n int }

func (f *full) Write(b []byte) (int, error) {
	if f.n -= len(b); f.n < 0 {
		return 0, errors.New("no space left")
	}
	return len(b), nil
}

func TestWriteErrors(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"text":        func(w io.Writer) error { return Text(w, sample(), Options{}) },
		"json":        func(w io.Writer) error { return JSON(w, sample(), Options{}) },
		"codequality": func(w io.Writer) error { return CodeQuality(w, sample(), Options{}) },
		"markdown":    func(w io.Writer) error { return Markdown(w, sample(), Options{}) },
		"sarif":       func(w io.Writer) error { return SARIF(w, sample(), pack(), Options{}) },
	} {
		for _, room := range []int{0, 100} {
			if err := write(&full{room}); err == nil {
				t.Errorf("%s: no error after %d bytes", name, room)
			}
		}
	}
}

// TestSummary holds the figures to what is listed: the classes add up to the occurrences, the actions to the sites.
func TestSummary(t *testing.T) {
	s := Summarise(sample())
	classes, actions := 0, 0
	for _, n := range s.Classes {
		classes += n
	}
	for _, n := range s.Actions {
		actions += n
	}
	if classes != s.Occurrences || classes != 7 || actions != 4 || s.Unexplained != 1 || s.Skipped != 2 {
		t.Errorf("%+v", s)
	}
}

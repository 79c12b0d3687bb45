package report

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// schema is that of SARIF 2.1.0, formats included.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("testdata/sarif-2.1.0-rtm.5.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decoded(t *testing.T, src []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// workspace is a scan of the fixture workspace.
func workspace(t *testing.T) (*scan.Report, *rules.Pack) {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, name := range []string{"grove", "grove-template", "my-cluster"} {
		dirs = append(dirs, filepath.Join("../../fixtures/workspace", name))
	}
	ws, err := scan.Open(context.Background(), pack, dirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scan.Scan(context.Background(), ws)
	if err != nil {
		t.Fatal(err)
	}
	return r, pack
}

// TestSARIFSchema validates reports against the published schema.
func TestSARIFSchema(t *testing.T) {
	s := schema(t)
	real, realPack := workspace(t)
	for name, c := range map[string]struct {
		r    *scan.Report
		pack *rules.Pack
		o    Options
	}{
		"nothing": {&scan.Report{}, pack(), Options{}}, "sample": {sample(), pack(), Options{Version: "1.2.3"}}, "alone": {alone(), pack(), Options{}},
		"fixes": {sample(), pack(), fixed()}, "workspace": {real, realPack, Options{Baseline: Baseline{}}},
	} {
		var b bytes.Buffer
		if err := SARIF(&b, c.r, c.pack, c.o); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(decoded(t, b.Bytes())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSARIFSchemaRefuses holds that the schema is really asked.
func TestSARIFSchemaRefuses(t *testing.T) {
	src, err := os.ReadFile("testdata/sample.sarif")
	if err != nil {
		t.Fatal(err)
	}
	s := schema(t)
	for _, c := range [][2]string{
		{`"version": "2.1.0"`, `"version": "2.2.0"`},
		{`"startLine": 3`, `"startLine": 0`},
		{`"level": "warning"`, `"level": "minor"`},
		{`"ruleIndex": 0`, `"ruleIndex": -2`},
		{`"uri": "../grove/a.py"`, `"uri": "../grove/%a.py"`},
		{`"columnKind": "unicodeCodePoints"`, `"columnKind": "bytes"`},
		{`"name": "grove-migrate"`, `"nom": "grove-migrate"`},
	} {
		bad := strings.Replace(string(src), c[0], c[1], 1)
		if bad == string(src) {
			t.Errorf("%s is not in the golden", c[0])
		}
		if s.Validate(decoded(t, []byte(bad))) == nil {
			t.Errorf("valid with %s", c[1])
		}
	}
}

// TestSARIFPlaces holds every place of a report on the fixture workspace to the bytes that it names, steps included.
func TestSARIFPlaces(t *testing.T) {
	r, pack := workspace(t)
	var b bytes.Buffer
	if err := SARIF(&b, r, pack, Options{}); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				Message   sarifText
				Locations []sarifLocation
				CodeFlows []sarifFlow
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	flows := 0
	for _, res := range log.Runs[0].Results {
		places := res.Locations
		for _, flow := range res.CodeFlows {
			flows++
			for _, st := range flow.Threads[0].Locations {
				places = append(places, st.Location)
			}
		}
		for _, p := range places {
			path, err := url.PathUnescape(p.Physical.Artifact.URI)
			if err != nil || p.Physical.Region == nil {
				t.Fatalf("%s: %+v, %v", res.Message.Text, p, err)
			}
			src, err := os.ReadFile(filepath.Join("../../fixtures/workspace", path))
			if err != nil {
				t.Fatal(err)
			}
			at := p.Physical.Region
			line := strings.Split(string(src), "\n")[at.StartLine-1]
			named := string(src[at.ByteOffset : at.ByteOffset+at.ByteLength])
			if first, _, _ := strings.Cut(named, "\n"); !strings.HasPrefix(string([]rune(line)[at.StartColumn-1:]), first) {
				t.Errorf("%s:%d:%d: %q is not %q", path, at.StartLine, at.StartColumn, line, named)
			}
		}
	}
	if flows < 20 {
		t.Errorf("only %d flows", flows)
	}
}

// TestURI holds that the reference of a path leads back to it, and stays relative.
func TestURI(t *testing.T) {
	base := &url.URL{Scheme: "file", Path: "/w/"}
	for _, path := range []string{"a.py", "a b/é.sh", "a:b.sh", "c%41?x#y", "a|b\\c", "caf\xe9", "a//b"} {
		ref, err := url.Parse(uri(path))
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if got := base.ResolveReference(ref); ref.IsAbs() || got.Path != "/w/"+path || got.RawQuery != "" || got.Fragment != "" {
			t.Errorf("%q: %s leads to %s", path, ref, got)
		}
	}
}

func TestCodePoints(t *testing.T) {
	f := fileOf(nil, "x", "\ufeffé tutor\n日本 tutor\ncaf\xe9 tutor\n",
		site.Occurrence{}, site.Occurrence{}, site.Occurrence{})
	for i, want := range [][2]int{{1, 3}, {2, 4}, {3, 6}} {
		if line, col := codePoints(f.Src, f.Lines, f.Occurrences[i].Start); line != want[0] || col != want[1] {
			t.Errorf("%d: %d:%d, want %v", i, line, col, want)
		}
	}
}

// TestFingerprints holds that each finding has its own, and keeps it when lines are put in above.
func TestFingerprints(t *testing.T) {
	prints := func(above string) []string {
		root := rootOf(".", "other", nil)
		occ := site.Occurrence{Class: site.Invocation, Action: site.Rewrite, Rule: "r", Argv: []string{"tutor", "a"}}
		f := fileOf(root, "x.sh", above+"tutor a\ntutor a\n", occ, occ)
		var b bytes.Buffer
		if err := CodeQuality(&b, &scan.Report{Roots: []*scan.Root{root}, Files: []*scan.File{f}}, Options{}); err != nil {
			t.Fatal(err)
		}
		var issues []struct{ Fingerprint string }
		if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
			t.Fatal(err)
		}
		return []string{issues[0].Fingerprint, issues[1].Fingerprint}
	}
	a, b := prints(""), prints("# more\n\n")
	if a[0] == a[1] || a[0] != b[0] || a[1] != b[1] {
		t.Errorf("%q, then %q", a, b)
	}
}

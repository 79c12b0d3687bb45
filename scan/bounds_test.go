package scan_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// workspace is one root that holds one file.
func workspace(t testing.TB, name, src string) scan.Workspace {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	root := &scan.Root{Key: ".", Role: scan.RoleOther, Config: &rules.Config{}, Tree: scan.Tree{
		Listing: walk.Listing{Files: []string{name}},
		Read:    func(string) ([]byte, error) { return []byte(src), nil },
		Mode:    func(string) (fs.FileMode, error) { return 0o644, nil },
	}}
	return scan.Workspace{Pack: pack, Roots: []*scan.Root{root}}
}

// TestGenerated reads texts that no person wrote. Each would take minutes or gigabytes if it were followed as others are; the
// limit of the test's time is the measure. What is not read is said, and its mentions are unexplained.
func TestGenerated(t *testing.T) {
	const big = 5 << 20
	fill := func(s string) string { return strings.Repeat(s, big/len(s)) }
	words := "tutor " + fill("abc ")
	for name, c := range map[string]struct {
		file, src string
		skipped   string // a part of the reason; empty when all is read
		class     site.Class
	}{
		"shell: words in a line":         {"a.sh", "#!/bin/sh\n" + words, "looks generated", site.Unexplained},
		"shell: commands in a line":      {"a.sh", "tutor x; " + fill("a; "), "looks generated", site.Unexplained},
		"shell: substitutions":           {"a.sh", "tutor " + fill("$("), "looks generated", site.Unexplained},
		"shell: a string":                {"a.sh", "tutor \"" + fill("a") + "\"\n", "", site.Invocation},
		"shell: a pipe":                  {"a.sh", "tutor x " + fill("| a "), "looks generated", site.Unexplained},
		"shell: if in if":                {"a.sh", fill("if a; then ") + "tutor", "looks generated", site.Unexplained},
		"shell: fish":                    {"a.fish", words, "looks generated", site.Unexplained},
		"shell: the word again":          {"a.sh", fill("tutor "), "holds the word 873813 times", ""},
		"yaml: a script":                 {".gitlab-ci.yml", "job:\n  stage: x\n  script:\n    - " + words + "\n", "looks generated", site.Unexplained},
		"dockerfile: a command":          {"Dockerfile", "FROM a\nRUN " + words + "\n", "looks generated", site.Unexplained},
		"makefile: a recipe":             {"Makefile", "a:\n\t" + words + "\n", "looks generated", site.Unexplained},
		"json: a script":                 {"package.json", `{"scripts": {"a": "` + words + `"}}`, "looks generated", site.Unexplained},
		"python: a list":                 {"a.py", `x = ["tutor", ` + fill("1,") + "]\n", "looks generated", site.Unexplained},
		"python: a chain":                {"a.py", "x = tutor" + fill(".a()"), "looks generated", site.Unexplained},
		"python: a sum":                  {"a.py", `x = "tutor"` + fill(" + a"), "looks generated", site.Unexplained},
		"python: parentheses":            {"a.py", "x = " + strings.Repeat("(", 10_000) + `"tutor"` + strings.Repeat(")", 10_000), "nested too deeply", site.Unexplained},
		"python: a string beside a call": {"a.py", "import subprocess\nx = '" + fill("a") + "'\nsubprocess.run(['tutor'])\n", "", site.Invocation},
		"ruby: a list":                   {"a.rb", "x = ['tutor', " + fill("1,") + "1]\n", "looks generated", site.Unexplained},
		"go: a call":                     {"a.go", "package a\n\nvar x = f(\"tutor\", " + fill("1,") + ")\n", "looks generated", site.Unexplained},
		"csv: the word again":            {"a.csv", fill("tutor,"), "name it under ignore", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := scan.Scan(context.Background(), workspace(t, c.file, c.src))
			if err != nil {
				t.Fatal(err)
			}
			reasons := ""
			for _, s := range report.Skipped {
				reasons += s.Reason + "\n"
			}
			if (reasons == "") != (c.skipped == "") || !strings.Contains(reasons, c.skipped) || report.Incomplete() != (c.skipped != "") {
				t.Errorf("skipped: %q, want %q; incomplete: %v", reasons, c.skipped, report.Incomplete())
			}
			var got site.Class
			for _, f := range report.Files {
				for _, occ := range f.Occurrences {
					got = occ.Class
				}
			}
			if got != c.class {
				t.Errorf("class %q, want %q", got, c.class)
			}
		})
	}
}

// TestEnds holds that a scan whose context has ended says so, and gives no report.
func TestEnds(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	for _, file := range []string{"a.sh", "a.py", ".gitlab-ci.yml", "Makefile"} {
		if report, err := scan.Scan(ctx, workspace(t, file, "a:\n\ttutor x\n")); report != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, %v", file, report, err)
		}
	}
}

package shell_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/shell"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

var update = flag.Bool("update", false, "write what is found into the fixtures; read what changed before you commit it")

// The fixtures are archives of scripts, each followed by what a reading of it says: one line for each occurrence, with
// its place, class, action and kind. A file that another one sources is found in the same archive.
func TestFixtures(t *testing.T) {
	pack := tutorPack(t)
	files, err := filepath.Glob("../../fixtures/rules/shell/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			check(t, pack, file, archive)
		})
	}
}

func check(t *testing.T, pack *rules.Pack, file string, archive *txtar.Archive) {
	load := func(path string) (string, []byte, bool) {
		for _, f := range archive.Files {
			if f.Name == filepath.Base(path) {
				return f.Name, f.Data, true
			}
		}
		return "", nil, false
	}
	for i := range archive.Files {
		f := &archive.Files[i]
		if !strings.HasSuffix(f.Name, ".want") || i == 0 {
			continue
		}
		src := archive.Files[i-1]
		opt := shell.Options{Pack: pack, Load: load}
		if strings.Contains(src.Name, "link") {
			opt.Links = []string{"tutor", "kubectl"}
		}
		r := shell.Read(embedded(src.Name, string(src.Data)), opt)
		documented(t, pack, r)
		got := report(string(src.Data), r)
		if *update {
			f.Data = []byte(got)
			continue
		}
		if diff := cmp.Diff(string(f.Data), got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", src.Name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// documented checks that the pack explains each rule that a reading names.
func documented(t *testing.T, pack *rules.Pack, r reading.Result) {
	for _, o := range r.Occurrences {
		if o.Class != site.Unexplained && !slices.ContainsFunc(pack.Rules, func(k rules.Rule) bool { return k.Name == o.Rule }) {
			t.Errorf("the pack does not explain the rule %q", o.Rule)
		}
	}
}

func embedded(name, src string) *source.Script {
	dialect := strings.TrimPrefix(filepath.Ext(name), ".")
	return &source.Script{Text: src, Map: source.Identity(0, len(src)), Language: "shell", Dialect: dialect}
}

func tutorPack(t testing.TB) *rules.Pack {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// report shows a reading, one line for each thing it says.
func report(src string, r reading.Result) string {
	var b strings.Builder
	for _, o := range r.Occurrences {
		line := 1 + strings.Count(src[:o.Start], "\n")
		column := o.Start - strings.LastIndexByte(src[:o.Start], '\n')
		fmt.Fprintf(&b, "%d:%d %s", line, column, o.Class)
		if o.Class.Site() {
			fmt.Fprintf(&b, " %s %s", o.Action, o.Kind)
		}
		if o.Class == site.Invocation && len(o.Argv) > 0 {
			fmt.Fprintf(&b, " %q", o.Argv)
		}
		if s := o.Slot; s != nil {
			if s.Root != nil {
				fmt.Fprintf(&b, " root=%s", s.Root.Expr)
			}
			for _, n := range s.Names {
				fmt.Fprintf(&b, " %s", n.Expr)
			}
			if s.UnsafeReason != "" {
				b.WriteString(" unsafe")
			}
		}
		b.WriteByte('\n')
	}
	for _, f := range r.Foreign {
		fmt.Fprintf(&b, "foreign %s %s %s\n", f.File, f.Occurrence.Class, f.Occurrence.Action)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "problem %s\n", p.Text)
	}
	return b.String()
}

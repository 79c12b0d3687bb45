package golang

import (
	"context"
	"fmt"
	"go/token"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// testPack is a pack for a program that no built-in one knows.
func testPack() *rules.Pack {
	pack, err := rules.Parse("test", []byte(`
program: {name: forge, commands: [config, local]}
instance: {names: [instance_name, instance], environment: [INSTANCE_NAME], dir: instances, env: .venv}
`))
	if err != nil {
		panic(err)
	}
	return pack
}

func parsed(t testing.TB, src string) *Tree {
	t.Helper()
	tree, err := Parse([]byte(src))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return tree
}

const header = `package x

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/bitfield/script"
	"github.com/magefile/mage/sh"
)

`

// Every way to build a command in Go reaches the call that runs it; neighbours that run something else do not.
func TestCommands(t *testing.T) {
	for _, tc := range []struct{ body, want string }{
		{`exec.Command("forge", "config", "save")`, "forge config save"},
		{`exec.CommandContext(ctx, "forge", args...)`, "forge ‥"},
		{`exec.CommandContext(ctx, "sudo", "-E", "forge", "local")`, "sudo -E forge local"},
		{"cmd := []string{\"forge\"}\n\tcmd = append(cmd, \"config\", \"save\")\n\texec.Command(cmd[0], cmd[1:]...)", "forge config save"},
		{`args := append([]string{"-c"}, fmt.Sprintf("%s local %d", "forge", 1)); exec.Command("sh", args...)`, "sh -c forge local 1"},
		{`c := exec.Cmd{Path: "/usr/bin/forge", Args: []string{"forge", "local"}}; c.Run()`, "/usr/bin/forge local"},
		{`c := &exec.Cmd{Args: []string{"forge", "local"}}; c.Run()`, "forge local"},
		{`exec.LookPath("forge")`, "forge"},
		{`os.StartProcess("forge", []string{"forge", "x"}, nil)`, "forge x"},
		{`syscall.Exec("/bin/forge", []string{"forge"}, os.Environ())`, "/bin/forge"},
		{`script.Exec("forge config save").Stdout()`, "forge config save"},
		{`sh.Run("forge", "local"); sh.RunWith(map[string]string{"A": "b"}, "forge", "x")`, "forge local | forge x"},
		{`line := strings.Join([]string{"forge", "local"}, " "); exec.Command("bash", "-c", line)`, "bash -c forge local"},
		{`exec.Command(strings.Fields("forge local")[0])`, "forge"},
		{`exec.Command(filepath.Join("bin", "forge"))`, "bin/forge"},
		{"run(\"forge\", \"local\")\n}\nfunc run(name string, args ...string) {\n\texec.Command(name, args...).Run()", "forge local"},
		{"r := runner{bin: \"forge\"}\n\tr.run(\"x\")\n}\ntype runner struct{ bin string }\nfunc (r runner) run(a string) {\n\texec.Command(r.bin, a)", "forge ‥"},
		{"if ok {\n\tname = \"forge\"\n}\n\texec.Command(name)", "forge"},
		{"for _, a := range [][]string{{\"forge\", \"x\"}} {\n\texec.Command(a[0], a[1:]...)\n}", "forge x"},
		{"bin, _ := find()\n\texec.Command(bin)\n}\nfunc find() (string, error) {\n\treturn \"forge\", nil", "forge"},
		{"exec.Command(bin)\n}\nconst bin = \"forge\"\nfunc y() {", "forge"},
		{"f := func(c string) { exec.Command(c) }\n\tf(\"forge\")", "forge"},
		{"defer func() { exec.Command(\"forge\") }()", "forge"},
		{"exec.Command(`forge`)", "forge"},

		{`fmt.Println("forge local")`, ""},
		{`exec.Command("echo", "forge-x")`, ""},
		{`x := []string{"forge", "local"}; fmt.Println(x)`, ""},
		{`other.Command("forge")`, ""},
		{`exec.Commander("forge")`, ""},
		{`// exec.Command("forge")`, ""},
		{`var exec fake; _ = exec; x := map[string]string{"forge": "a"}; run(x["forge"])`, ""},
		{`if name == "forge" { exec.Command("x") }`, ""},
	} {
		src := header + "func main() {\n\t" + tc.body + "\n}\n"
		if got := commands(t, src); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.body, got, tc.want)
		}
	}
}

func commands(t *testing.T, src string) string {
	t.Helper()
	load := func(string) (*flow.Unit, bool) { return parsed(t, src).Lower("x.go"), true }
	result := flow.Solve(context.Background(), flow.Input{
		Pack: testPack(), Language: "go", Files: []string{"x.go"}, Load: load,
		Resolve: func(string, string) (string, bool) { return "", false },
	})
	seen := map[string]bool{}
	for _, c := range result.Commands {
		text := c.Script.Text
		for i := len(c.Script.Holes) - 1; i >= 0; i-- {
			h := c.Script.Holes[i]
			text = text[:h.Start] + "‥" + text[h.End:]
		}
		if len(site.Find([]byte(text), "forge")) > 0 && text != "echo forge-x" {
			seen[strings.TrimSpace(text)] = true
		}
	}
	var out []string
	for s := range seen {
		out = append(out, s)
	}
	sort.Strings(out)
	return strings.Join(out, " | ")
}

func TestClassify(t *testing.T) {
	for _, tc := range []struct {
		src  string
		want site.Class
	}{
		{"// forge local", site.Comment},
		{"/* forge\nlocal */", site.Comment},
		{"func f() {} // forge", site.Comment},
		{"import \"example.org/forge\"", site.Import},
		{"func forge() {}", site.Identifier},
		{"var forge = 1", site.Identifier},
		{"type T struct { A int `json:\"forge\"` }", site.Identifier},
		{"var x = map[string]int{\"forge\": 1}", site.Identifier},
		{"var x = m[\"forge\"]", site.Identifier},
		{"func f() { fmt.Println(\"run forge local\") }", site.Message},
		{"func f() { panic(\"forge local\") }", site.Message},
		{"func f() error { return fmt.Errorf(\"forge: %w\", err) }", site.Message},
		{"func f() { log.Fatalf(\"forge local %s\" + x) }", site.Message},
		{"var usage = `forge local`", site.Message},
		{"var c = cobra.Command{Short: \"forge local\"}", site.Message},
		{"var x = a == \"forge\"", site.Data},
		{"func f() { switch x { case \"forge\": } }", site.Data},
		{"var x = strings.HasPrefix(y, \"forge local\")", site.Data},
		{"var x = \"forge\"", site.Data},
		{"var x = []string{\"forge\", \"kubectl\"}", site.Data},
		{"var x = \"https://example.org/forge\"", site.Data},
		{"var x = \"forge-mfe\"", site.Data},
		{"var x = \"/opt/forge\"", site.Path},
		{"var x = \"forge.yml\"", site.Path},
		{"var x = \"forge local start\"", site.Unexplained},
		{"var x = []string{\"forge\", \"--version\"}", site.Unexplained},
		{"var x = `set -e\nforge local`", site.Unexplained},
	} {
		tree := parsed(t, "package x\n"+tc.src+"\n")
		pack := testPack()
		class, rule, reason := tree.Classify(site.Find(tree.Src, "forge")[0], pack)
		if class != tc.want {
			t.Errorf("%q is %s (%s, %s), want %s", tc.src, class, rule, reason, tc.want)
		}
		if _, ok := pack.Rule(rule); !ok || reason == "" {
			t.Errorf("%q: rule %q, reason %q", tc.src, rule, reason)
		}
	}
}

func TestSuspect(t *testing.T) {
	for body, want := range map[string]bool{
		`conn.RunRemote("forge local start")`:        true,
		`remote.Execute(host, "forge", "config")`:    true,
		`mustRun([]string{"forge", "--version"}...)`: true,
		`fmt.Println("forge local")`:                 false,
		`conn.RunRemote("the forge")`:                false,
		`store("forge local")`:                       false,
		`run(func() { x = "forge local" })`:          false,
	} {
		tree := parsed(t, "package x\nfunc f() { "+body+" }\n")
		if reason, ok := tree.Suspect(site.Find(tree.Src, "forge")[0], testPack()); ok != want || ok != (reason != "") {
			t.Errorf("%s: %v %q, want %v", body, ok, reason, want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct{ src, want string }{
		{"func f(instanceName string) { FORGE() }", "instanceName parameter; f"},
		{"func f(ctx, currentInstance string) { FORGE() }", "currentInstance parameter; f"},
		{"func f() { for _, instance := range all { FORGE() } }", "instance loop variable; f"},
		{"func f() { instanceName := os.Args[1]; FORGE() }", "instanceName argument; f"},
		{"type R struct { InstanceName string }\nfunc (r *R) f() { FORGE() }", "r.InstanceName attribute; R.f"},
		{"type Instance struct { Name string }\nfunc (i Instance) f() { FORGE() }", "i.Name attribute; Instance.f"},
		{"func f(instance *T) { FORGE(instance.Name) }", "instance.Name parameter; f"},
		{"func f(instance string) { func() { instanceName := x; FORGE() }() }", "instanceName variable, instance parameter; f"},
		{"var instanceName = os.Getenv(\"X\")\nfunc f() { FORGE() }", "instanceName environment; f"},
		{"func f() { x := os.Getenv(\"INSTANCE_NAME\"); FORGE(x) }", "os.Getenv(\"INSTANCE_NAME\") environment; f"},
		{"func f() { if instance := x; y { FORGE() } }", "instance variable; f"},

		{"func f(instance *T) { FORGE() }", "; f"},
		{"func f() { FORGE(); instanceName := 1; _ = instanceName }", "; f"},
		{"func f() { { instanceName := 1; _ = instanceName }; FORGE() }", "; f"},
		{"func g(instanceName string) {}\nfunc f() { FORGE() }", "; f"},
		{"var x = FORGE", "; "},
	} {
		tree := parsed(t, "package x\n"+tc.src+"\n")
		names, owner, at := tree.Names(site.Find(tree.Src, "forge")[0], testPack())
		var got []string
		for _, n := range names {
			got = append(got, n.Expr+" "+n.How)
		}
		if text := strings.Join(got, ", ") + "; " + owner; text != tc.want || (at.Len() > 0) != (owner != "") {
			t.Errorf("%q: %q, want %q", tc.src, text, tc.want)
		}
	}
}

func TestPackage(t *testing.T) {
	files := []string{"cmd/tool/main.go", "internal/run/a_test.go", "internal/run/shell.go", "pkg/exec/exec.go", "tools/x/internal/y/y.go"}
	for _, tc := range []struct{ unit, module, want string }{
		{"cmd/tool/main.go", "example.org/a/b/internal/run", "internal/run/shell.go"},
		{"cmd/tool/main.go", "example.org/a/pkg/exec", "pkg/exec/exec.go"},
		{"tools/x/main.go", "x/internal/y", "tools/x/internal/y/y.go"},
		{"cmd/tool/main.go", "os/exec", ""},
		{"cmd/tool/main.go", "fmt", ""},
		{"cmd/tool/main.go", "example.org/other", ""},
	} {
		if got, _ := Package(tc.unit, tc.module, files); got != tc.want {
			t.Errorf("Package(%s, %s) = %q, want %q", tc.unit, tc.module, got, tc.want)
		}
	}
}

// A literal's text is what strconv reads, and its map tells where each byte stands.
func TestLiterals(t *testing.T) {
	for _, lit := range []string{`"a"`, `""`, `"a\n\t\\\"\x41\101\u00e9\U0001F600"`, "`a\\n\"`", "`a\r\nb`", "`é\r`", `"é\xff"`} {
		src := "package x\nvar y = " + lit + "\n"
		unit := parsed(t, src).Lower("x.go")
		got := unit.Body[0].(*flow.Assign).Value.(*flow.Lit)
		want, err := strconv.Unquote(strings.ReplaceAll(lit, "\r", ""))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Text); diff != "" {
			t.Errorf("%q: %s", lit, diff)
		}
		if err := checkMap(src, got); err != nil {
			t.Error(err)
		}
	}
}

func checkMap(src string, x *flow.Lit) error {
	if x.Map.Len() != len(x.Text) {
		return fmt.Errorf("%q: the map has %d bytes, the text %d", x.Text, x.Map.Len(), len(x.Text))
	}
	for _, s := range x.Map.Segments {
		host := source.Span{Start: s.Host, End: s.Host + s.HostLen}
		if host.Start < 0 || host.End > len(src) || !x.Literal.Covers(host) {
			return fmt.Errorf("%q: %v is outside of its literal %v", x.Text, host, x.Literal)
		}
		if !s.Atomic && src[host.Start:host.End] != x.Text[s.Script:s.Script+s.Len] {
			return fmt.Errorf("%q: %q is no copy", x.Text, src[host.Start:host.End])
		}
	}
	return nil
}

func TestWords(t *testing.T) {
	for name, want := range map[string]string{"instanceName": "instance name", "HTTPServer": "http server", "run_cmd": "run cmd", "x": "x", "ID": "id", "": ""} {
		if got := strings.Join(words(name), " "); got != want {
			t.Errorf("words(%q) = %q, want %q", name, got, want)
		}
	}
}

// Whatever is lowered, nothing panics, and every place is in the file.
func FuzzLower(f *testing.F) {
	f.Add(header + "func main() { exec.Command(\"forge\", `x`) }")
	f.Add("package x\ntype T struct{ A string }\nfunc (t T) f(a ...string) (string, error) { return T{\"forge\"}.A + a[1:][0], nil }")
	f.Add("package x\nfunc f() { switch x := y.(type) { case int: }; select {}; for i := range 3 {}; x = append(x, y...) }")
	pack := testPack()
	f.Fuzz(func(t *testing.T, src string) {
		tree, err := Parse([]byte(src))
		if err != nil {
			return
		}
		tree.Lower("x.go")
		for i := 0; i < len(src); i += 1 + len(src)/16 {
			at := source.Span{Start: i, End: min(len(src), i+5)}
			tree.Classify(at, pack)
			tree.Suspect(at, pack)
			tree.Names(at, pack)
		}
		_ = token.NoPos
	})
}

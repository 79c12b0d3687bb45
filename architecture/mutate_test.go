//go:build mutate

package architecture

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// mutant is one small wrong change.
type mutant struct {
	path       string // from the module's root, with slashes
	start, end int    // bytes that are replaced
	text       string // what takes their place
}

// patience is how long tests may take with a change in the code; one that never ends is noticed.
const patience = 3 * time.Minute

// TestMutants makes small wrong changes, one at a time, and runs what is near: at most one in twenty may go unnoticed.
// MUTANTS says how many; the commit's hash, or SEED, draws them, so that nobody chooses. PACKAGES narrows both, the changes
// to these packages and the tests to their own.
func TestMutants(t *testing.T) {
	wanted, err := strconv.Atoi(os.Getenv("MUTANTS"))
	if err != nil {
		t.Fatalf("MUTANTS: %v", err)
	}
	seed := os.Getenv("SEED")
	if seed == "" {
		out, err := exec.Command("git", "rev-parse", "HEAD").Output()
		if err != nil {
			t.Fatal(err)
		}
		seed = strings.TrimSpace(string(out))
	}
	all := append(codeMutants(t), ruleMutants(t)...)
	narrow := strings.Fields(os.Getenv("PACKAGES"))
	if len(narrow) > 0 {
		all = slices.DeleteFunc(all, func(m mutant) bool { return !slices.Contains(narrow, path.Dir(m.path)) })
	}
	slices.SortFunc(all, func(a, b mutant) int { return strings.Compare(a.rank(seed), b.rank(seed)) })
	t.Logf("%d of %d changes, drawn by %s", wanted, len(all), seed)
	made, survived := 0, 0
	for _, m := range all {
		if made == wanted {
			break
		}
		tests := m.near()
		if len(narrow) > 0 {
			tests = tests[:1]
		}
		built, noticed := m.run(t, tests)
		if !built {
			continue
		}
		made++
		if !noticed {
			survived++
			t.Logf("not noticed: %s", m.describe(t))
		}
	}
	t.Logf("%d changes, %d not noticed", made, survived)
	if survived*20 > made {
		t.Errorf("more than one in twenty went unnoticed")
	}
}

func (m mutant) rank(seed string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %s", seed, m.path, m.start, m.text))
	return string(sum[:])
}

// describe is where the change is, and the line before and after.
func (m mutant) describe(t *testing.T) string {
	src := m.source(t)
	line := 1 + strings.Count(src[:m.start], "\n")
	return fmt.Sprintf("%s:%d: %q becomes %q", m.path, line, src[m.start:m.end], m.text)
}

func (m mutant) source(t *testing.T) string {
	src, err := os.ReadFile(filepath.Join("..", m.path))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// run builds with the change and runs one group of tests after the other, until one notices.
func (m mutant) run(t *testing.T, tests [][]string) (built, noticed bool) {
	src := m.source(t)
	dir := t.TempDir()
	changed := filepath.Join(dir, filepath.Base(m.path))
	if err := os.WriteFile(changed, []byte(src[:m.start]+m.text+src[m.end:]), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := filepath.Abs(filepath.Join("..", m.path))
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {file: changed}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, group := range tests {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-overlay", list, "-short", "-failfast"}, group...)...)
		cmd.Dir, cmd.WaitDelay = "..", time.Second
		out, err := cmd.CombinedOutput()
		late := ctx.Err() != nil
		cancel()
		var failed *exec.ExitError
		switch {
		case strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]"):
			return false, false
		case err != nil && !errors.As(err, &failed) && !late:
			t.Fatalf("go test %s: %v", group, err)
		case err != nil:
			return true, true
		}
	}
	return true, false
}

// near are the tests that are to notice a change, the nearest first: the package's own, and then the fixtures that reach it.
func (m mutant) near() [][]string {
	own := []string{"./" + path.Dir(m.path)}
	migrate := []string{"-run", "TestMigrate$", "./fixtures"}
	steps := []string{"./rewrite/...", "./fixtures/rules/pipelines", "./fixtures/rules/steps"}
	top, _, _ := strings.Cut(m.path, "/")
	switch top {
	case "rules":
		return [][]string{{"./rules"}, migrate, {"./scan/..."}, steps}
	case "scan":
		return [][]string{own, migrate, {"./scan", "./scan/shell", "./scan/host", "./scan/yaml"}, steps}
	case "rewrite":
		return [][]string{own, migrate, steps}
	case "requirement":
		return [][]string{own, {"./rewrite/requirements/..."}, {"./venv"}}
	default:
		return [][]string{own, {"./" + top + "/..."}}
	}
}

var swapped = map[token.Token]string{
	token.EQL: "!=", token.NEQ: "==", token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">",
	token.LAND: "||", token.LOR: "&&", token.ADD: "-", token.SUB: "+",
}

// codeMutants changes operators, constants and conditions, and takes statements out.
func codeMutants(t *testing.T) []mutant {
	var out []mutant
	for _, s := range sources(t) {
		if built, err := build.Default.MatchFile(filepath.Join("..", path.Dir(s.path)), path.Base(s.path)); err != nil || !built {
			continue // for another system: nothing here can notice
		}
		src := mutant{path: s.path}.source(t)
		at := func(p token.Pos) int { return s.set.Position(p).Offset }
		add := func(from, to int, text string) { out = append(out, mutant{s.path, from, to, text}) }
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if text := swapped[n.Op]; text != "" {
					add(at(n.OpPos), at(n.OpPos)+len(n.Op.String()), text)
				}
			case *ast.IfStmt:
				from, to := at(n.Cond.Pos()), at(n.Cond.End())
				add(from, to, "!("+src[from:to]+")")
			case *ast.BasicLit:
				if v, err := strconv.Atoi(n.Value); n.Kind == token.INT && err == nil {
					add(at(n.Pos()), at(n.End()), strconv.Itoa(v+1))
				}
			case *ast.ExprStmt:
				add(at(n.Pos()), at(n.End()), "{}")
			case *ast.Ident:
				if other := map[string]string{"true": "false", "false": "true"}[n.Name]; other != "" {
					add(at(n.Pos()), at(n.End()), other)
				}
			}
			return true
		})
	}
	return out
}

var entry = regexp.MustCompile(`(?m)^ +- (?:\{.*\}|[^\s{#'"][^:#]*)\n`)

// ruleMutants takes single entries out of the rules.
func ruleMutants(t *testing.T) []mutant {
	var out []mutant
	err := filepath.WalkDir("../rules/packs", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".yaml" {
			return err
		}
		m := mutant{path: filepath.ToSlash(strings.TrimPrefix(p, "../"))}
		for _, at := range entry.FindAllStringIndex(m.source(t), -1) {
			out = append(out, mutant{m.path, at[0], at[1], ""})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

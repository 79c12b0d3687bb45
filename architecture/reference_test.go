package architecture

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

var update = flag.Bool("update", false, "write the documents that are made from the source; read what changed before you commit it")

// TestReference holds the pages of reference to the types and rules that they are made from.
func TestReference(t *testing.T) {
	for name, text := range map[string]string{"configuration.md": configuration(t), "rules.md": ruleReference(t)} {
		file := filepath.Join("../docs", name)
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(have), text); d != "" {
			t.Errorf("%s (-is +should be; go test ./architecture -run TestReference -update):\n%s", file, d)
		}
	}
}

// ruleReference is what "rules explain" says of each rule.
func ruleReference(t *testing.T) string {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# Rules\n\nReports name the rule that each decision follows, as `tutor/NAME`. `grove-migrate rules explain NAME` prints the same.\n")
	for _, r := range pack.Rules {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", path.Base(r.Name), r.Summary)
		if r.Detail != "" {
			fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(r.Detail))
		}
		for _, part := range []struct{ title, text string }{{"Before", r.Before}, {"After", r.After}} {
			if part.text != "" {
				fmt.Fprintf(&b, "\n%s:\n\n%s\n", part.title, setIn(part.text))
			}
		}
		if r.Step != "" {
			fmt.Fprintf(&b, "\nStep: `%s`\n", r.Step)
		}
	}
	return b.String()
}

// setIn is an example as Markdown sets it off.
func setIn(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "    " + line
		}
	}
	return strings.Join(lines, "\n")
}

// configuration lists the keys of both kinds of files, with the comments of the types that read them.
func configuration(t *testing.T) string {
	t.Helper()
	k := &keys{t: t, docs: comments(t), seen: map[reflect.Type]string{}}
	k.b.WriteString("# Configuration\n\nEvery key of the two files that people write. A key that is not listed is an error.\n\n" +
		"## grove-migrate.yaml\n\nIt lies at the top of a root, and holds what is decided about it. [Decisions](decisions.md) and [Rehearse](rehearse.md) have examples.\n")
	k.section("", reflect.TypeFor[rules.Config]())
	k.b.WriteString("\n## A pack\n\nIt says how another program is moved, and is given with `--pack FILE`. [Write a pack](pack.md) has an example. " +
		"What is common to all programs stands in `rules/packs/common`, and a pack adds to it.\n")
	k.section("", reflect.TypeFor[rules.Pack]())
	return k.b.String()
}

// comments are those of the fields of package rules, by type and field.
func comments(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../rules/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no package: %v", err)
	}
	out := map[string]string{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			fields, ok := spec.Type.(*ast.StructType)
			if !ok {
				return false
			}
			for _, f := range fields.Fields.List {
				for _, name := range f.Names {
					out[spec.Name.Name+"."+name.Name] = strings.TrimRight(f.Doc.Text()+f.Comment.Text(), "\n")
				}
			}
			return false
		})
	}
	return out
}

// keys writes the keys of types, each type once.
type keys struct {
	t    *testing.T
	b    strings.Builder
	docs map[string]string
	seen map[reflect.Type]string // where a type is listed
}

// section lists the keys of one struct, and those of the structs in it below.
func (k *keys) section(at string, typ reflect.Type) {
	k.seen[typ] = at
	if at != "" {
		fmt.Fprintf(&k.b, "\n### %s\n", at)
	}
	k.b.WriteByte('\n')
	type part struct {
		at  string
		typ reflect.Type
	}
	var below []part
	for _, f := range fieldsOf(typ) {
		key, _, _ := strings.Cut(f.field.Tag.Get("yaml"), ",")
		what := k.docs[f.owner+"."+f.field.Name]
		if what == "" {
			k.t.Errorf("%s.%s has no comment", f.owner, f.field.Name)
		}
		place := strings.TrimPrefix(at+"."+key, ".")
		value, inner := valueOf(f.field.Type)
		if inner != nil {
			if listed, ok := k.seen[inner]; ok {
				value += " as in `" + listed + "`"
			} else {
				k.seen[inner] = place
				below = append(below, part{place, inner})
				value += ", see `" + place + "`"
			}
		}
		k.entry(key, value, strings.Replace(what, f.field.Name+" ", "`"+key+"` ", 1))
	}
	for _, p := range below {
		k.section(p.at, p.typ)
	}
}

// entry is one key. Lines of its comment that are set in stay as they are.
func (k *keys) entry(key, value, what string) {
	text, list, _ := strings.Cut(what, "\n  ")
	fmt.Fprintf(&k.b, "- `%s` (%s): %s\n", key, value, strings.Join(strings.Fields(text), " "))
	if list != "" {
		k.b.WriteByte('\n')
		for line := range strings.Lines(list) {
			fmt.Fprintf(&k.b, "        %s\n", strings.TrimRight(strings.TrimPrefix(line, "  "), "\n"))
		}
		k.b.WriteByte('\n')
	}
}

// owned is a field with the name of the type that has it.
type owned struct {
	owner string
	field reflect.StructField
}

// fieldsOf are the fields of a struct that have a key, those of structs that are inlined among them.
func fieldsOf(typ reflect.Type) []owned {
	var out []owned
	for i := range typ.NumField() {
		f := typ.Field(i)
		switch tag := f.Tag.Get("yaml"); {
		case strings.Contains(tag, ",inline"):
			out = append(out, fieldsOf(f.Type)...)
		case tag != "":
			out = append(out, owned{typ.Name(), f})
		}
	}
	return out
}

// valueOf is what a key takes, and the struct that it is made of.
func valueOf(typ reflect.Type) (string, reflect.Type) {
	switch typ.Kind() {
	case reflect.Slice:
		item, inner := valueOf(typ.Elem())
		return "a list: " + item, inner
	case reflect.Map:
		item, inner := valueOf(typ.Elem())
		return "names with values: " + item, inner
	case reflect.Pointer:
		return valueOf(typ.Elem())
	case reflect.Struct:
		return "keys", typ
	case reflect.Bool:
		return "true or false", nil
	case reflect.Int:
		return "a whole number", nil
	}
	return "text", nil
}

package flow_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/python"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// world is a small repository in one language.
type world struct {
	language string
	files    map[string]string
}

func (w world) solve(t testing.TB, order []string) flow.Result {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	var p syntax.Parser
	defer p.Close()
	known := func(f string) bool { _, ok := w.files[f]; return ok }
	in := flow.Input{Pack: pack, Language: w.language, Files: order}
	in.Load = func(f string) (*flow.Unit, bool) {
		src, ok := w.files[f]
		if !ok {
			return nil, false
		}
		if w.language == "ruby" {
			tree, err := ruby.Parse(&p, []byte(src))
			if err != nil {
				return nil, false
			}
			return ruby.Lower(f, tree), true
		}
		tree, err := p.Parse(syntax.Python, []byte(src))
		if err != nil {
			return nil, false
		}
		return python.Lower(f, tree), true
	}
	in.Resolve = func(from, module string) (string, bool) {
		if w.language == "ruby" {
			return ruby.Resolve(from, module, known)
		}
		return python.Resolve(from, module, known)
	}
	return flow.Solve(context.Background(), in)
}

// lines are the places whose text holds the program in a command that is run: "file:line", each once, in order.
func (w world) lines(r flow.Result) []string {
	out := map[string]bool{}
	for _, c := range r.Commands {
		for _, o := range c.From {
			if i := strings.Index(c.Script.Text[o.Start:o.End], "tutor"); i >= 0 {
				at := c.Script.Map.At(o.Start + i)
				if o.File == "" || at.File == "" {
					continue
				}
				line := strings.Count(w.files[at.File][:at.Start], "\n") + 1
				out[fmt.Sprintf("%s:%d", at.File, line)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// wanted are the lines that say "# run".
func (w world) wanted() []string {
	var out []string
	for f, src := range w.files {
		for i, line := range strings.Split(src, "\n") {
			if strings.HasSuffix(line, "# run") {
				out = append(out, fmt.Sprintf("%s:%d", f, i+1))
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestFollow holds which literals reach a call that runs commands: those of the lines that say "# run", and no others.
func TestFollow(t *testing.T) {
	for name, w := range programs() {
		t.Run(name, func(t *testing.T) {
			order := slices.Sorted(maps.Keys(w.files))
			if got, want := w.lines(w.solve(t, order)), w.wanted(); !slices.Equal(got, want) {
				t.Errorf("run: %v, want %v", got, want)
			}
			slices.Reverse(order)
			if got, want := w.lines(w.solve(t, order)), w.wanted(); !slices.Equal(got, want) {
				t.Errorf("run, with the files in the other order: %v, want %v", got, want)
			}
		})
	}
}

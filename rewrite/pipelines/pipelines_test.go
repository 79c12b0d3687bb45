package pipelines

import (
	"slices"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// TestStatement holds where a command goes: the cursor stands before it, and the call is the word CALL.
func TestStatement(t *testing.T) {
	for _, c := range []struct{ text, variable, want string }{
		{"echo; CALL", "", "CALL"},
		{"cd x && CALL", "", "cd x && CALL"},
		{"for i in a b; do echo; (cd $i; CALL); done", "i", "echo; (cd $i; CALL); done"},
		{"for i in a b; do CALL; done", "", "for i in a b; do CALL; done"},
		{"for i in a b; do for k in x y; do CALL; done; done", "i", "for k in x y; do CALL; done; done"},
		{"ls | while read -r i; do CALL; done", "i", "CALL; done"},
		{"for i in a b; do echo; done; CALL", "i", ""},
		{"for j in a b; do CALL; done", "i", ""},
		{"if", "", ""},
	} {
		off := 0
		for i := range c.text {
			if c.text[i:min(len(c.text), i+4)] == "CALL" {
				off = i
			}
		}
		got := ""
		if at := statement(c.text, off, c.variable); at >= 0 {
			got = c.text[at:]
		}
		if got != c.want {
			t.Errorf("%s: before %q, want %q", c.text, got, c.want)
		}
	}
}

func TestGlobbed(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"ci/a.yml", "ci/a.yml", true},
		{"ci/a.yml", "ci/b.yml", false},
		{"ci/*.yml", "ci/a.yml", true},
		{"ci/*.yml", "ci/x/a.yml", false},
		{"ci/**/*.yml", "ci/x/y/a.yml", true},
		{"ci/**/*.yml", "other/a.yml", false},
		{"**.yml", "a.yml", true},
	} {
		if got := globbed(c.pattern).Match(c.name); got != c.want {
			t.Errorf("%s names %s: %v", c.pattern, c.name, got)
		}
	}
}

func TestNamedLike(t *testing.T) {
	for _, c := range [][3]string{
		{"{{ i }}: prepare", "{{ i }}", "{{ i }}: environment"},
		{"prepare {{ i }}", "{{ i }}", "environment {{ i }}"},
		{"{{ i }}-prepare", "{{ i }}", "{{ i }}-environment"},
		{"{{ stage }} {{ i }}", "{{ i }}", "{{ i }}: environment"},
		{"prepare", "{{ i }}", "{{ i }}: environment"},
		{"<%= i %>/prepare", "<%= i %>", "<%= i %>/environment"},
	} {
		if got := render.EnvironmentJob(c[0], c[1]); got != c[2] {
			t.Errorf("%s: %s, want %s", c[0], got, c[2])
		}
	}
}

func TestAssigned(t *testing.T) {
	for text, want := range map[string]string{
		"R=instances/a x": "instances/a", `export R="$D/instances/$I"`: "$D/instances/$I", "R=a; R=a": "a",
		"R=a; R=b": "", "OTHER_R=a": "", "echo R": "",
	} {
		if got, ok := assigned(text, "R"); got != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestVariableOf(t *testing.T) {
	for text, want := range map[string]string{"$A": "A", "${A}": "A", "${A:-b}": "A", "$A/b": "", "a": "", "{{ a }}": ""} {
		if got, _ := variableOf(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestExpressions(t *testing.T) {
	for text, want := range map[string][]string{
		"{{ a.name }} and <%= @b %>": {"a.name", "@b"}, "{a}-%(b)s": {"a", "b"}, "${a} #{b} ${{ c }}": nil, "{a: b}": nil,
	} {
		var got []string
		for _, e := range expressions(text) {
			got = append(got, e[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestBelow holds that only what stands below the directory of instances is the name of one.
func TestBelow(t *testing.T) {
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	p := &planner{in: step.Input{Pack: pack}}
	for dir, want := range map[string]string{
		"instances/a": "a", "$D/instances/$I/env": "$I", `"$D"/instances/"$I"`: "$I", "/w/instances/{{ x }}": "{{ x }}", "instances/${{ m.i }}/x": "${{ m.i }}",
		"instances/*": "", "instances": "", "my-instances/a": "", "/tmp/x": "", "strains/a": "",
	} {
		if got := p.below(dir); got != want {
			t.Errorf("%s: %q, want %q", dir, got, want)
		}
	}
}

func TestControls(t *testing.T) {
	for text, want := range map[string]int{
		"a: {% if x %}1{% else %}HERE": 1, "{% for i in l %}{% endfor %}HERE": 0, "<% l.each do |i| %>HERE": 1, "<% if x %><% end %>HERE": 0, "{% set x = 1 %}HERE": 0,
	} {
		root := &step.Root{Read: func(string) ([]byte, error) { return []byte("k: v\n# " + text), nil }}
		f := read(root, "x.yml")
		if got := len(f.open(len(f.src) - 4)); got != want {
			t.Errorf("%s: %d statements hold it, want %d", text, got, want)
		}
	}
}

package yaml

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
)

// TestBounds reads what is made to cost too much. Each text would take minutes, or the stack, if cost grew with more
// than the text's length; the test's own time limit is the measure.
func TestBounds(t *testing.T) {
	const n = 1 << 17
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := range 30 {
		a, b := string(rune('a'+i%26)), string(rune('a'+(i+25)%26))
		bomb += "a" + a + ": &" + a + strings.Repeat("x", i/26) + " [" + strings.Repeat("*"+b+strings.Repeat("x", max(0, i-1)/26)+", ", 9) + "]\n"
	}
	pack := testPack(t)
	for name, src := range map[string]string{
		"alias bomb":             bomb + "job:\n  stage: x\n  script: *z\n  variables: *y\n  extends: *x\n",
		"cyclic aliases":         "a: &a\n  <<: *a\n  extends: a\n  script: &b [*b, *a, tutor config]\n  variables: *a\n" + "stages: []\nworkflow: {rules: []}\n",
		"jobs that extend":       jobsThatExtend(400),
		"deep sequence":          strings.Repeat("- ", n) + "tutor",
		"deep flow":              strings.Repeat("[", n) + "tutor",
		"deep flow closed":       strings.Repeat("[", 2000) + "tutor" + strings.Repeat("]", 2000),
		"deep mapping":           strings.Repeat("? ", n) + "tutor",
		"open flows":             strings.Repeat("- [tutor\n", n/8),
		"open quotes":            strings.Repeat("- \"tutor\n- 'x\n", n/16),
		"many quotes":            strings.Repeat(`"`, n),
		"open expressions":       strings.Repeat("{{ ", n) + "tutor",
		"open tags":              strings.Repeat("{% x ", n) + "tutor",
		"many control lines":     strings.Repeat("{% if x %}\n", n/16) + "- tutor",
		"many control blocks":    "- |\n  tutor " + strings.Repeat("{% x %}", n/16),
		"one long line":          "a: " + strings.Repeat("tutor config; ", n/16),
		"one long plain":         "a: tutor\n" + strings.Repeat("  config\n", n/8),
		"empty lines":            "a: |\n" + strings.Repeat("\n", n) + "  tutor\n",
		"lines of a folded one":  "a: >\n" + strings.Repeat("  tutor\n", n/8),
		"anchors":                strings.Repeat("&a ", n) + "tutor",
		"keys":                   strings.Repeat("tutor: tutor\n", n/16),
		"keys without values":    strings.Repeat("tutor\n", n/8),
		"colons":                 strings.Repeat(": ", n),
		"documents":              strings.Repeat("--- tutor\n", n/8),
		"stairs":                 stairs(600),
		"stairs down":            "a:\n" + strings.Repeat("   b: tutor\n  c: tutor\n", n/32),
		"comments":               strings.Repeat("# tutor\n", n/8),
		"merge keys in a row":    "a: &a {b: c}\n" + strings.Repeat("<<: *a\n", n/16) + "stage: x\n",
		"references to each one": references(300),
	} {
		t.Run(name, func(t *testing.T) {
			in := reading.Input{Path: ".gitlab-ci.yml", Src: []byte(src), Pack: pack}
			r := Read(in)
			checkReading(t, in, r)
			size := 0
			for _, g := range r.Scripts {
				size += len(g.Text)
			}
			if size > 8*len(src)+1<<20 {
				t.Errorf("%d bytes of scripts from %d bytes", size, len(src))
			}
			if len(r.Scripts) > 0 {
				g := r.Scripts[0]
				if at := strings.Index(g.Text, "tutor"); at >= 0 {
					g.Replace(spanOf(at, at+5), "x")
				}
			}
		})
	}
}

func jobsThatExtend(n int) string {
	var b strings.Builder
	for i := range n {
		name := strings.Repeat("j", i+1)
		b.WriteString(name + ":\n  stage: x\n  extends: [" + name + "j, " + name + "jj, " + name + "]\n  variables: {A" + name + ": tutor}\n  script: tutor config\n")
	}
	return b.String()
}

func stairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "tutor:\n")
	}
	return b.String()
}

func references(n int) string {
	var b strings.Builder
	b.WriteString("stages: [x]\n.a:\n  script: [tutor config]\n")
	for range n {
		b.WriteString(".a:\n  script:\n    - !reference [.a, script]\n    - !reference [.a, script]\n")
	}
	return b.String()
}

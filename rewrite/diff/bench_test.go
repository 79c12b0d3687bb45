package diff

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

// fixes returns n fixes, each of which changes a line of its own of one file
// and shares an import with all others, and the file's content.
func fixes(n int) ([]*edit.Fix, []byte) {
	const line = "subprocess.run([\"tutor\", \"config\", \"save\"])\n"
	content := []byte(strings.Repeat(line+"pass\n", n))
	out := make([]*edit.Fix, n)
	for i := range out {
		at := i*(len(line)+5) + strings.Index(line, `"tutor"`)
		out[i] = &edit.Fix{Rule: "r", Changes: []edit.Change{{File: edit.File{Path: "f"}, Edits: []edit.Edit{
			{New: "from grove import tutor\n", Additive: true}, {Start: at, End: at + 7, New: "tutor(root)"},
		}}}}
	}
	return out, content
}

// plan merges the fixes of one file and writes the diff, as a dry run does.
func plan(b *testing.B, fixes []*edit.Fix, content []byte) {
	m := edit.Merge(fixes, func(edit.File) (int, bool) { return len(content), true })
	if len(m.Dropped) > 0 {
		b.Fatal(m.Dropped[0].Detail)
	}
	var files []File
	for _, c := range m.Changes {
		files = append(files, File{Path: c.File.String(), Before: content, Edits: c.Edits, OldMode: 0o644, NewMode: 0o644})
	}
	if err := Unified(io.Discard, files); err != nil {
		b.Fatal(err)
	}
}

// ratio reports how much longer eight times the work takes: "8x-ratio" is
// about 8 if the work is linear, and 64 if it is quadratic.
func ratio(b *testing.B, n int, work func(n int) func()) {
	measure := func(n int) time.Duration {
		f := work(n)
		f()
		best := time.Duration(1 << 62)
		for range 5 {
			start := time.Now()
			f()
			best = min(best, time.Since(start))
		}
		return best
	}
	f := work(n)
	b.ResetTimer()
	for range b.N {
		f()
	}
	b.StopTimer()
	b.ReportMetric(float64(measure(8*n))/float64(measure(n)), "8x-ratio")
}

// BenchmarkEdits plans and diffs 1,000 fixes in one file.
func BenchmarkEdits(b *testing.B) {
	ratio(b, 1000, func(n int) func() {
		all, content := fixes(n)
		return func() { plan(b, all, content) }
	})
}

// BenchmarkFiles plans and diffs 1,000 changed files of about 6 kB with two
// fixes each.
func BenchmarkFiles(b *testing.B) {
	ratio(b, 1000, func(n int) func() {
		pair, content := fixes(120)
		pair = []*edit.Fix{pair[10], pair[100]}
		var all []*edit.Fix
		for i := range n {
			for _, f := range pair {
				c := f.Changes[0]
				c.File.Path = fmt.Sprintf("dir/%d", i)
				all = append(all, &edit.Fix{Rule: f.Rule, Changes: []edit.Change{c}})
			}
		}
		return func() { plan(b, all, content) }
	})
}

// BenchmarkRewritten diffs files that were printed anew as a whole.
func BenchmarkRewritten(b *testing.B) {
	ratio(b, 1000, func(n int) func() {
		var old, new strings.Builder
		for i := range n {
			fmt.Fprintf(&old, "line %d\n}\n", i)
			fmt.Fprintf(&new, "line %d\n}\n", i-i%7)
		}
		f := []File{{
			Path: "f", Before: []byte(old.String()), OldMode: 0o644, NewMode: 0o644,
			Edits: []edit.Edit{{Start: 0, End: old.Len(), New: new.String()}},
		}}
		return func() {
			if err := Unified(io.Discard, f); err != nil {
				b.Fatal(err)
			}
		}
	})
}

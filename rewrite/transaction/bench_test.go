package transaction

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkApply applies and rolls back changes of 1,000 files of 6 kB in two
// roots. "8x-ratio" is how much longer eight times the files take: about 8 if
// the work is linear.
func BenchmarkApply(b *testing.B) {
	content := bytes.Repeat([]byte("tutor\n"), 1000)
	prepare := func(n int) (roots []string, ops []Op) {
		dir := memory(b)
		roots = []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}
		for i := range n {
			path := fmt.Sprintf("dir%d/file%d", i/50, i)
			plant(b, roots[i%2], path, string(content), 0o644)
			ops = append(ops, Op{Root: roots[i%2], Path: path, Before: Take(content, 0o644), After: State{Exists: true, Content: content[1:]}})
		}
		return roots, ops
	}
	cycle := func(roots []string, ops []Op) time.Duration {
		start := time.Now()
		if _, err := Apply(b.Context(), ops, Options{}); err != nil {
			b.Fatal(err)
		}
		if out, err := Rollback(b.Context(), roots, Options{}); err != nil || len(out.Refused) > 0 {
			b.Fatal(out, err)
		}
		return time.Since(start)
	}
	roots, ops := prepare(1000)
	b.ResetTimer()
	for range b.N {
		cycle(roots, ops)
	}
	b.StopTimer()
	one := min(cycle(roots, ops), cycle(roots, ops))
	roots, ops = prepare(8000)
	b.ReportMetric(float64(cycle(roots, ops))/float64(one), "8x-ratio")
}

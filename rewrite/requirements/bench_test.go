package requirements

import (
	"fmt"
	"testing"
)

// BenchmarkPlan is a workspace of ten thousand files, of which one in ten names the program.
func BenchmarkPlan(b *testing.B) {
	in := workspace(b, "FROM x\nRUN pip install tutor==14.2.2\n")
	grove := in.Roots[0]
	files := map[string]string{}
	for i := range 10000 {
		name := fmt.Sprintf("dir%d/f%d.py", i%100, i)
		text := "import os\nimport yaml\n"
		if i%10 == 0 {
			text = "# tutor\nimport yaml\nscript: pip install tutor\n"
			name = fmt.Sprintf("dir%d/f%d.%s", i%100, i, []string{"py", "yml", "sh"}[i/10%3])
		}
		files[name] = text
		grove.Files = append(grove.Files, name)
	}
	read := grove.Read
	grove.Read = func(f string) ([]byte, error) {
		if text, ok := files[f]; ok {
			return []byte(text), nil
		}
		return read(f)
	}
	files["dir1/requirements.txt"] = "PyYAML\n"
	grove.Files = append(grove.Files, "dir1/requirements.txt")
	for b.Loop() {
		Plan(in)
	}
}

package shell_test

import (
	"os"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/shell"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// BenchmarkRead reads a script of ordinary density: the shapes of the fixtures among lines that do not name the program.
func BenchmarkRead(b *testing.B) {
	pack := tutorPack(b)
	shapes, err := os.ReadFile("../../fixtures/workspace/grove/tools-container/scripts/build-image.sh")
	if err != nil {
		b.Fatal(err)
	}
	filler := strings.Repeat("for f in a b c; do\n  cp -r \"$f\" /srv/\"$f\" && echo \"copied $f\" >&2\ndone\n", 20)
	g := embedded("x.bash", strings.Repeat(string(shapes)+filler, 20))
	parser := &syntax.Parser{}
	defer parser.Close()
	b.SetBytes(int64(len(g.Text)))
	for b.Loop() {
		shell.Read(g, shell.Options{Pack: pack, Parser: parser})
	}
}

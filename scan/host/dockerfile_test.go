package host

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"

	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
)

// TestDockerfileAgainstBuildKit compares the text of each command with what the builder's own parser hands on.
func TestDockerfileAgainstBuildKit(t *testing.T) {
	p := pack(t)
	for _, src := range []string{
		"FROM a\nRUN x\n",
		"FROM a\nRUN x \\\n y\n",
		"FROM a\nRUN x \\  \t\n y\\\n\n  z\n",
		"FROM a\r\nRUN x \\\r\n  y\r\n",
		"FROM a\nRUN x \\\n# comment\n  # another\n y \\\\\nCMD z\n",
		"\xef\xbb\xbfFROM a\nRUN x\n",
		"# escape=`\nFROM a\nRUN c:\\x `\n y\n",
		"# syntax=x\n#escape = `\nFROM a\nRUN x `\n y\n",
		"#comment\n# escape=`\nFROM a\nRUN x \\\n y\n",
		"FROM a\nRUN --mount=type=cache,target=\"/a b\" --network=none x --y\n",
		"FROM a\nRUN -- x\n",
		"FROM a\nRUN [\"a\", \"b\\u0041\\n\"]\nCMD [\"x\" , \"y\"] \nENTRYPOINT [ \"a\", b ]\n",
		"FROM a\nRUN []\nRUN\nCMD \n",
		"FROM a\nRUN <<E\na\nb\nE\nRUN x\n",
		"FROM a\nRUN <<-'E' sh\n\ta\n\tE\nRUN x\n",
		"FROM a\nRUN cat <<A <<B\na\nA\nb\nB\nCMD y\n",
		"FROM a\nCOPY <<E /x\nRUN y\nE\nRUN z\n",
		"FROM a\nRUN \\\n  x\n",
		"FROM a\nRUN x && \\",
		"FROM a\nRUN x\\\\\\\n y\n",
		"FROM a\nrun x\n  RUN   y  \nOnBuild RUN z \\\n w\n",
		"FROM a\nHEALTHCHECK --interval=1s CMD x y\nHEALTHCHECK CMD [\"a\", \"b\"]\nHEALTHCHECK NONE\n",
		"FROM a\nRUN echo \"a << b\"\nRUN echo $((1<<2))\n",
		"FROM a\nONBUILD RUN <<E\na\nE\nRUN y\n",
		"FROM a\n\n\nRUN x # not a comment\n",
		"FROM a\nRUN x \\\n\n\n#c\n y\n",
	} {
		compare(t, p, src)
	}
}

// compare holds what is read to what BuildKit parses; a file that BuildKit refuses is not compared.
func compare(t *testing.T, p *rules.Pack, src string) {
	t.Helper()
	result, err := parser.Parse(strings.NewReader(src))
	if err != nil {
		return
	}
	var want []string
	for _, n := range result.AST.Children {
		want = append(want, oracle(n)...)
	}
	var got []string
	for _, g := range Read(Dockerfile, reading.Input{Path: "Dockerfile", Src: []byte(src), Pack: p}).Scripts {
		if strings.HasPrefix(g.Where, "COPY") || strings.HasPrefix(g.Where, "ADD") {
			continue
		}
		if len(g.Argv) > 0 {
			got = append(got, strings.Join(words(g), "\x00"))
		} else {
			got = append(got, g.Text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q (-buildkit +got)\n%s", src, diff)
	}
}

// words are the words of a command that is given as a list.
func words(g *source.Script) []string {
	var out []string
	for _, a := range g.Argv {
		out = append(out, g.Text[a.Start:a.End])
	}
	return out
}

// oracle is what one instruction runs: the text, or the words joined by NUL.
func oracle(n *parser.Node) []string {
	if n.Next == nil {
		return nil
	}
	switch strings.ToLower(n.Value) {
	case "run", "cmd", "entrypoint":
	case "onbuild":
		if len(n.Next.Children) == 0 {
			return nil
		}
		inner := n.Next.Children[0]
		inner.Heredocs = n.Heredocs
		return oracle(inner)
	case "healthcheck":
		if !strings.EqualFold(n.Next.Value, "cmd") {
			return nil
		}
		n = &parser.Node{Value: "healthcheck", Next: n.Next.Next, Attributes: n.Attributes, Original: n.Original}
	default:
		return nil
	}
	if n.Next == nil {
		return nil // HEALTHCHECK CMD without a command
	}
	if n.Attributes["json"] {
		var words []string
		for a := n.Next; a != nil; a = a.Next {
			words = append(words, a.Value)
		}
		return []string{strings.Join(words, "\x00")}
	}
	text := n.Next.Value
	if len(n.Heredocs) == 0 {
		return []string{text}
	}
	if bare := n.Heredocs[0]; len(n.Heredocs) == 1 && len(strings.Fields(text)) == 1 && strings.HasPrefix(text, "<<") {
		if bare.Chomp {
			return []string{parser.ChompHeredocContent(bare.Content)}
		}
		return []string{bare.Content}
	}
	for _, d := range n.Heredocs {
		text += "\n" + d.Content
		if d.Chomp {
			text += "\t"
		}
		text += d.Name
	}
	return []string{text + "\n"}
}

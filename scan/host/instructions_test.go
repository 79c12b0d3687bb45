package host

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInstructions(t *testing.T) {
	t.Parallel()
	const src = "# syntax=docker/dockerfile:1\nFROM a \\\n  # between\n\n  AS b\n\nCOPY --from=b --chmod=755 /x /y\nRUN <<EOF && echo `date`\nRUN no\nEOF\nrun last"
	var got []string
	for _, in := range Instructions([]byte(src)) {
		got = append(got, strings.Join([]string{in.Name, strings.Join(in.Flags, " "), in.Rest, strings.Join(in.Documents, "|"), src[in.Start:in.End]}, ";"))
	}
	want := []string{
		"FROM;;a AS b;;FROM a \\\n  # between\n\n  AS b\n",
		"COPY;--from=b --chmod=755;/x /y;;COPY --from=b --chmod=755 /x /y\n",
		"RUN;;<<EOF && echo `date`;RUN no\n;RUN <<EOF && echo `date`\nRUN no\nEOF\n",
		"RUN;;last;;run last",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := Instructions([]byte("\ufeff# escape=`\nRUN a `\n  b\nRUN c \\\n")); len(got) != 2 || got[0].Rest != "a b" || got[1].Rest != `c \` {
		t.Errorf("another escape: %+v", got)
	}
}

package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdHeading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	mdFence   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	notAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names that a document's headings have in links, as GitLab makes them.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range mdHeading.FindAllStringSubmatch(mdFence.ReplaceAllString(text, ""), -1) {
		name := notAnchor.ReplaceAllString(strings.ToLower(m[1]), "")
		out[strings.ReplaceAll(strings.TrimSpace(name), " ", "-")] = true
	}
	return out
}

// broken are the links of a document to files and headings that are not there.
func broken(path, text string) []string {
	var out []string
	for _, m := range mdLink.FindAllStringSubmatch(mdFence.ReplaceAllString(text, ""), -1) {
		if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
			continue
		}
		name, anchor, _ := strings.Cut(m[1], "#")
		target, there := path, text
		if name != "" {
			target = filepath.Join(filepath.Dir(path), name)
			src, err := os.ReadFile(target)
			if _, dir := os.Stat(target); err != nil && dir != nil {
				out = append(out, m[1])
				continue
			}
			there = string(src)
		}
		if anchor != "" && !anchors(there)[anchor] {
			out = append(out, m[1])
		}
	}
	return out
}

// TestLinks holds the links of the documents to files and headings that are there.
func TestLinks(t *testing.T) {
	docs, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob("../*.md")
	if err != nil || len(docs) < 5 || len(top) < 3 {
		t.Fatalf("%d and %d documents: %v", len(docs), len(top), err)
	}
	for _, path := range append(docs, top...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range broken(path, string(text)) {
			t.Errorf("%s: the link %s leads nowhere", strings.TrimPrefix(path, "../"), link)
		}
	}
	if got := broken("links_test.go", "# A b\n[x](#a-b) [y](#c) [z](none.md) [w](https://example.org/none) [v](architecture_test.go)\n"); len(got) != 2 {
		t.Errorf("a text with two broken links has %q", got)
	}
}

package host

import (
	"regexp"
	"strings"
)

// listingMark is how a markup writes a block of code: a line that begins it, with the language as its first group where it names
// one, and a line that ends it.
type listingMark struct{ begins, ends *regexp.Regexp }

var listingMarks = []listingMark{
	{regexp.MustCompile(`(?i)^\s*#\+begin_(?:src|example)(?:\s+([\w-]+))?`), regexp.MustCompile(`(?i)^\s*#\+end_(?:src|example)\s*$`)},                                        // Org
	{regexp.MustCompile(`^\s*\\begin\{minted\}(?:\[[^\]]*\])?\{([\w-]+)\}`), regexp.MustCompile(`^\s*\\end\{minted\}`)},                                                       // LaTeX
	{regexp.MustCompile(`^\s*\\begin\{(?:lstlisting|[vV]erbatim\*?|alltt|BVerbatim)\}(?:\[(?:.*language=\{?([\w-]+))?[^\]]*\])?`), regexp.MustCompile(`^\s*\\end\{\w+\*?\}`)}, // LaTeX
	{regexp.MustCompile(`(?i)^\s*<(?:syntaxhighlight|source)\b(?:[^>]*\blang="?([\w-]+))?[^>]*>\s*$`), regexp.MustCompile(`(?i)^\s*</(?:syntaxhighlight|source)>`)},           // MediaWiki
	{regexp.MustCompile(`(?i)^\s*<pre\b(?:[^>]*\blang(?:uage)?[-=]"?([\w-]+))?[^>]*>\s*$`), regexp.MustCompile(`(?i)^\s*</pre>`)},                                             // MediaWiki, Textile
	{regexp.MustCompile(`^\s*\{\{\{\s*(?:#!([\w-]+))?\s*$`), regexp.MustCompile(`^\s*\}\}\}`)},                                                                                // Trac, MoinMoin
	{regexp.MustCompile(`^\s*\{(?:code|noformat)(?::(?:language=)?([\w-]+))?[^}]*\}\s*$`), regexp.MustCompile(`^\s*\{(?:code|noformat)\}`)},                                   // Jira
	{regexp.MustCompile("^ {0,3}(?:```|~~~)[`~]*[ \\t]*([\\w-]+)?"), regexp.MustCompile("^ {0,3}(?:```|~~~)[`~]*[ \\t]*$")},                                                   // Markdown in a text
}

var sourceBlock = regexp.MustCompile(`^\[source[^,\]]*,\s*([\w-]+)`)

// listings reads the blocks of code in a text whose markup is told by its marks; all else in the document is prose.
func (r *reader) listings() {
	all := lines(r.src)
	for i := 0; i < len(all); i++ {
		language, first, ends := r.listing(all, i)
		if ends == nil {
			continue
		}
		last := first
		var b builder
		for last < len(all) && !ends(all[last].text(r.src)) {
			b.copy(r.src, all[last].start, all[last].end)
			if l := all[last]; l.next > l.end+1 {
				b.atom("\n", l.end, l.next)
			} else {
				b.copy(r.src, l.end, l.next)
			}
			last++
		}
		language = strings.ToLower(language)
		r.block(block{body: b.piece(), language: language, where: strings.TrimSpace(language + " block")})
		i = last
	}
}

// listing tells whether line i begins a block of code: its language, its first line, and what its end is told by.
func (r *reader) listing(all []line, i int) (language string, first int, ends func(string) bool) {
	text := all[i].text(r.src)
	for _, l := range listingMarks {
		if m := l.begins.FindStringSubmatch(text); m != nil {
			return m[len(m)-1], i + 1, l.ends.MatchString
		}
	}
	m := sourceBlock.FindStringSubmatch(text) // AsciiDoc
	if m == nil || i+1 >= len(all) {
		return "", 0, nil
	}
	fence := strings.TrimRight(all[i+1].text(r.src), space)
	if len(fence) < 4 || strings.Trim(fence, "-") != "" && strings.Trim(fence, ".") != "" {
		return "", 0, nil
	}
	return m[1], i + 2, func(line string) bool { return strings.TrimRight(line, space) == fence }
}

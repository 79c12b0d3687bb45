package host

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// listingMark is how a markup writes a block of code: a line that begins it, with the language as its first group where it names
// one, and a line that ends it.
type listingMark struct{ begins, ends *lazyregexp.Regexp }

var listingMarks = []listingMark{
	{lazyregexp.New(`(?i)^\s*#\+begin_(?:src|example)(?:\s+([\w-]+))?`), lazyregexp.New(`(?i)^\s*#\+end_(?:src|example)\s*$`)},                                        // Org
	{lazyregexp.New(`^\s*\\begin\{minted\}(?:\[[^\]]*\])?\{([\w-]+)\}`), lazyregexp.New(`^\s*\\end\{minted\}`)},                                                       // LaTeX
	{lazyregexp.New(`^\s*\\begin\{(?:lstlisting|[vV]erbatim\*?|alltt|BVerbatim)\}(?:\[(?:.*language=\{?([\w-]+))?[^\]]*\])?`), lazyregexp.New(`^\s*\\end\{\w+\*?\}`)}, // LaTeX
	{lazyregexp.New(`(?i)^\s*<(?:syntaxhighlight|source)\b(?:[^>]*\blang="?([\w-]+))?[^>]*>\s*$`), lazyregexp.New(`(?i)^\s*</(?:syntaxhighlight|source)>`)},           // MediaWiki
	{lazyregexp.New(`(?i)^\s*<pre\b(?:[^>]*\blang(?:uage)?[-=]"?([\w-]+))?[^>]*>\s*$`), lazyregexp.New(`(?i)^\s*</pre>`)},                                             // MediaWiki, Textile
	{lazyregexp.New(`^\s*\{\{\{\s*(?:#!([\w-]+))?\s*$`), lazyregexp.New(`^\s*\}\}\}`)},                                                                                // Trac, MoinMoin
	{lazyregexp.New(`^\s*\{(?:code|noformat)(?::(?:language=)?([\w-]+))?[^}]*\}\s*$`), lazyregexp.New(`^\s*\{(?:code|noformat)\}`)},                                   // Jira
	{lazyregexp.New("^ {0,3}(?:```|~~~)[`~]*[ \\t]*([\\w-]+)?"), lazyregexp.New("^ {0,3}(?:```|~~~)[`~]*[ \\t]*$")},                                                   // Markdown in a text
}

var sourceBlock = lazyregexp.New(`^\[source[^,\]]*,\s*([\w-]+)`)

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

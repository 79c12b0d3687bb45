package host

import (
	"regexp"
	"strings"
)

var (
	sourceBlock = regexp.MustCompile(`^\[source[^,\]]*,\s*([\w-]+)`)
	orgBlock    = regexp.MustCompile(`(?i)^\s*#\+begin_src\s+([\w-]+)`)
	orgEnd      = regexp.MustCompile(`(?i)^\s*#\+end_src\s*$`)
)

// listings reads the source blocks of AsciiDoc and Org; all else in the document is prose.
func (r *reader) listings() {
	all := lines(r.src)
	for i := 0; i < len(all); i++ {
		text := all[i].text(r.src)
		var language string
		var ends func(line string) bool
		first := i + 1
		if m := orgBlock.FindStringSubmatch(text); m != nil {
			language, ends = m[1], orgEnd.MatchString
		} else if m := sourceBlock.FindStringSubmatch(text); m != nil && first < len(all) {
			fence := strings.TrimRight(all[first].text(r.src), space)
			if len(fence) < 4 || strings.Trim(fence, "-") != "" && strings.Trim(fence, ".") != "" {
				continue
			}
			language, ends = m[1], func(line string) bool { return strings.TrimRight(line, space) == fence }
			first++
		} else {
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
		r.block(block{body: b.piece(), language: strings.ToLower(language), where: strings.ToLower(language) + " block"})
		i = last
	}
}

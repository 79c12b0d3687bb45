package site

import (
	"unicode"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Find returns the places in src, in bytes, where word stands as a whole word: in any case, and not next to a letter,
// a digit or an underscore. Word is lower case ASCII.
func Find(src []byte, word string) []source.Span {
	var out []source.Span
	if word == "" {
		return nil
	}
	for i := 0; i+len(word) <= len(src); i++ {
		if src[i]|0x20 != word[0]|0x20 || !equalFold(src[i:i+len(word)], word) {
			continue
		}
		end := i + len(word)
		before, _ := utf8.DecodeLastRune(src[:i])
		after, _ := utf8.DecodeRune(src[end:])
		if !wordRune(before, i > 0) && !wordRune(after, end < len(src)) {
			out = append(out, source.Span{Start: i, End: end})
		}
		i = end - 1
	}
	return out
}

func equalFold(b []byte, word string) bool {
	for i := range b {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

func wordRune(r rune, present bool) bool {
	return present && r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r))
}

package site

import (
	"bytes"
	"strings"
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
	rare := rarest(word)
	for at := 0; ; {
		hit := indexFold(src[at:], word[rare])
		if hit < 0 {
			return out
		}
		at += hit + 1
		start := at - 1 - rare
		end := start + len(word)
		if start < 0 || end > len(src) || len(out) > 0 && start < out[len(out)-1].End || !equalFold(src[start:end], word) {
			continue
		}
		before, _ := utf8.DecodeLastRune(src[:start])
		after, _ := utf8.DecodeRune(src[end:])
		if !wordRune(before, start > 0) && !wordRune(after, end < len(src)) {
			out = append(out, source.Span{Start: start, End: end})
		}
	}
}

// byFrequency are the letters of source text and English, the most frequent first.
const byFrequency = "etaoinsrlcdhupmfgbyvwkxjqz"

// rarest is the index of the letter of a word that comes up least in text: most of a file is passed over by looking for
// that one byte.
func rarest(word string) int {
	at, rank := 0, -2
	for i := range len(word) {
		if r := strings.IndexByte(byFrequency, word[i]); r > rank {
			at, rank = i, r
		}
	}
	return at
}

// indexFold is the first place of a letter in either case, or -1. Both cases are looked for in one block after the other,
// so that a text without one of them is not gone through for each place of the other.
func indexFold(src []byte, c byte) int {
	if c < 'a' || c > 'z' {
		return bytes.IndexByte(src, c)
	}
	const block = 256
	for at := 0; at < len(src); at += block {
		part := src[at:min(len(src), at+block)]
		lower := bytes.IndexByte(part, c)
		if lower >= 0 {
			part = part[:lower]
		}
		if upper := bytes.IndexByte(part, c-'a'+'A'); upper >= 0 {
			return at + upper
		}
		if lower >= 0 {
			return at + lower
		}
	}
	return -1
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

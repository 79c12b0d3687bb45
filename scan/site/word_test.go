package site_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

func TestFind(t *testing.T) {
	for text, want := range map[string]int{
		"tutor": 1, "Tutor TUTOR tutor": 3, "tutor-mfe": 1, "a.tutor/b": 1, "tutors": 0, "my_tutor": 0, "tutor2": 0,
		"tutoré": 0, "étutor": 0, "tutor\xff": 1, "\xfftutor": 1, "tutor tutor": 2, "tutortutor": 0, "": 0, "tuto": 0, "ｔutor": 0,
	} {
		if got := site.Find([]byte(text), "tutor"); len(got) != want {
			t.Errorf("%q: %v, want %d", text, got, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("run tutor now")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range site.Find([]byte(text), "tutor") {
			if s.Start < last || !strings.EqualFold(text[s.Start:s.End], "tutor") {
				t.Fatalf("%q: %v", text, s)
			}
			last = s.End
		}
	})
}

// FuzzFindOracle holds Find to the plain way of looking.
func FuzzFindOracle(f *testing.F) {
	f.Add("run Tutor now, tutors_ tutor", "tutor")
	f.Add(strings.Repeat("uU", 300)+" tutor", "tutor")
	f.Add("aa aaa a-a", "a-a")
	f.Fuzz(func(t *testing.T, text, word string) {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Skip("no program is called that")
		}
		var want []int
		for i := 0; i+len(word) <= len(text); i++ {
			if !asciiFold(text[i:i+len(word)], word) || letter(utf8.DecodeLastRuneInString(text[:i])) || letter(utf8.DecodeRuneInString(text[i+len(word):])) {
				continue
			}
			want = append(want, i)
			i += len(word) - 1
		}
		var got []int
		for _, s := range site.Find([]byte(text), word) {
			got = append(got, s.Start)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %q: %v, want %v", word, text, got, want)
		}
	})
}

func asciiFold(a, b string) bool {
	for i := range len(a) {
		if c := a[i]; c != b[i] && (c < 'A' || c > 'Z' || c+'a'-'A' != b[i]) {
			return false
		}
	}
	return true
}

func letter(r rune, size int) bool {
	return size > 0 && r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r))
}

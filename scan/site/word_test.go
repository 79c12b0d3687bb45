package site_test

import (
	"strings"
	"testing"

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

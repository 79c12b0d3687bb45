package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// TestFold holds that text is broken to a width between words, and that what is copied from it still works.
func TestFold(t *testing.T) {
	item := `{path: a/b.sh, text: "tutor local run lms ./manage.py lms loaddata", keep: nobody runs it any more}`
	text := "1 fix\n  - a/b.sh:3: it runs on \x1b[1manother\x1b[0m machine, größer: " + item + "\n" +
		"  1. grove-migrate rehearse one/grove one/template one/cluster -- one/cluster/control/tutor alpha config save\n  2. merge\n"
	got := fold(text, 48)
	for line := range strings.Lines(got) {
		if n := utf8.RuneCountInString(escapes.ReplaceAllString(strings.TrimSuffix(line, "\n"), "")); n > 48 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	_, list, _ := strings.Cut(got, "größer: ")
	list, command, _ := strings.Cut(list, "  1. ")
	var is, was any
	if yaml.Unmarshal([]byte("decisions:\n  - "+list), &is) != nil || yaml.Unmarshal([]byte("decisions:\n  - "+item), &was) != nil {
		t.Errorf("it is no item any more: %s", list)
	}
	if a, b := yamlOf(t, is), yamlOf(t, was); a != b {
		t.Errorf("the item becomes %s", a)
	}
	if words := strings.Join(strings.Fields(strings.ReplaceAll(command, "\\\n", "")), " "); !strings.Contains(text, strings.TrimSuffix(words, " 2. merge")) {
		t.Errorf("the command becomes %q", words)
	}
	if fold(text, 0) != text || fold(text, 400) != text {
		t.Error("what fits is changed")
	}
}

func yamlOf(t *testing.T, value any) string {
	t.Helper()
	src, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

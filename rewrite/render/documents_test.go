package render

import (
	"errors"
	"strings"
	"testing"
)

func TestDocumentsAreOpenedOnce(t *testing.T) {
	read := 0
	docs := NewDocuments(func(file string) ([]byte, error) {
		if read++; file == "gone" {
			return nil, errors.New("no such file")
		}
		return []byte(file), nil
	}, func(_ string, src []byte) (*string, error) {
		text := strings.ToUpper(string(src))
		if text == "BROKEN" {
			return nil, errors.New("syntax")
		}
		return &text, nil
	})
	if docs.Opened("a") != nil {
		t.Error("a file is there before it was asked for")
	}
	first, err := docs.Open("a")
	if err != nil || *first != "A" {
		t.Fatalf("%v, %v", first, err)
	}
	if again, _ := docs.Open("a"); again != first || docs.Opened("a") != first || read != 1 {
		t.Errorf("read %d times", read)
	}
	for file, want := range map[string]string{"gone": "gone: no such file", "broken": "broken: syntax"} {
		if _, err := docs.Open(file); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
}

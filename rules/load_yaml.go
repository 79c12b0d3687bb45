package rules

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/suggest"
)

// load reads YAML into a struct whose fields bear yaml tags. Unknown keys are errors. An error is one line that begins with
// the file's name and, where it is known, the 1-based line; it says what stands there and what may stand there.
func load(name string, src []byte, into any) error {
	err := yaml.Load(src, into, yaml.WithKnownFields())
	if err == nil {
		return nil
	}
	var one *yaml.LoadError
	var many *yaml.LoadErrors
	more := ""
	if errors.As(err, &many) && len(many.Errors) > 0 {
		one = many.Errors[0]
		if n := len(many.Errors) - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more)", n)
		}
	} else if !errors.As(err, &one) {
		return fmt.Errorf("%s: %s", name, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if one.Mark.Line > 0 {
		name = fmt.Sprintf("%s:%d", name, one.Mark.Line)
	}
	if lineOf(src, one.Mark.Line, "\t") {
		return fmt.Errorf("%s: the line begins with a tab; YAML is indented with spaces", name)
	}
	return fmt.Errorf("%s: %s%s", name, plainly(strings.ReplaceAll(one.Message, "\n", " "), reflect.TypeOf(into)), more)
}

// lineOf reports whether the 1-based line of a text begins with a prefix.
func lineOf(src []byte, line int, prefix string) bool {
	lines := strings.Split(string(src), "\n")
	return line > 0 && line <= len(lines) && strings.HasPrefix(lines[line-1], prefix)
}

var (
	unknownField = lazyregexp.New(`^field (.+) not found in type (\S+)$`)
	wrongType    = lazyregexp.New("^cannot construct (\\S+)(?: `(.*)`)? into (\\S+)$")
)

// plainly is a message of the YAML library without words of Go.
func plainly(message string, root reflect.Type) string {
	if m := unknownField.FindStringSubmatch(message); m != nil {
		keys := keysOf(root, m[2], map[reflect.Type]bool{})
		return fmt.Sprintf("there is no key %q here%s", m[1], cmp.Or(suggest.Meant(m[1], keys), "; the keys are "+strings.Join(keys, ", ")))
	}
	if m := wrongType.FindStringSubmatch(message); m != nil {
		got := map[string]string{"!!seq": "a list", "!!map": "keys with values", "!!null": "nothing", "!!str": strconv.Quote(m[2])}[m[1]]
		return fmt.Sprintf("expected %s, got %s", wanted(m[3]), cmp.Or(got, m[2]))
	}
	return message
}

// wanted is what YAML has for a type of Go.
func wanted(typ string) string {
	typ = strings.TrimPrefix(typ, "*")
	words := map[string]string{"string": "a text", "int": "a whole number", "bool": "true or false"}
	switch {
	case strings.HasPrefix(typ, "[]"):
		return "a list"
	case words[typ] != "":
		return words[typ]
	}
	return "keys with values"
}

// keysOf are the yaml keys of the struct type of that name, which is t or stands somewhere in it.
func keysOf(t reflect.Type, name string, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var keys []string
	for i := range t.NumField() {
		if t.String() != name {
			if found := keysOf(t.Field(i).Type, name, seen); found != nil {
				return found
			}
		} else if key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

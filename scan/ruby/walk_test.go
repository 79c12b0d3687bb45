package ruby

import (
	"reflect"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// check fails unless every place in the lowered statements is in src and every literal's map is right.
func check(t *testing.T, src string, body []flow.Stmt) {
	t.Helper()
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if v.IsNil() {
				return
			}
			if lit, ok := v.Interface().(*flow.Lit); ok {
				if err := checkMap(src, lit); err != nil {
					t.Fatalf("%v in %q", err, src)
				}
				return
			}
			walk(v.Elem())
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			if s, ok := v.Interface().(source.Span); ok {
				if s.Start < 0 || s.End < s.Start || s.End > len(src) {
					t.Fatalf("a place %v outside of %q", s, src)
				}
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		}
	}
	walk(reflect.ValueOf(body))
}

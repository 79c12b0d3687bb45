package standin

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVariablesOfCompose fills in what a service's values refer to, and leaves the other services alone.
func TestVariablesOfCompose(t *testing.T) {
	dir := t.TempDir()
	text := `x-tools: &tools
  image: ${REGISTRY}/tools
  environment: &both
    TUTOR_ROOT: /workspace/instances/${INSTANCE:-alpha}
    PRICE: $$5\t
services:
  save:
    <<: *tools
    command: sh -c 'tutor --root "instances/$$NAME" "$INSTANCE"'
  list:
    image: tools
    environment: *both
    command: ["tutor", "$$NAME"]
    labels: {"$INSTANCE": "x"}
  other:
    image: ${MISSING:?}
`
	for name, text := range map[string]string{"compose.yml": text, ".env": "# a comment\nREGISTRY=\"registry.example.com\"\nINSTANCE=gamma\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("INSTANCE", "beta")
	c := composition{dir: dir}
	got, image, err := c.service("save")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sh", "-c", `tutor --root "instances/$NAME" "beta"`}, got.Command); diff != "" || image != "registry.example.com/tools <nil>" {
		t.Errorf("image %q, command:\n%s", image, diff)
	}
	got, _, err = c.service("list")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"TUTOR_ROOT=/workspace/instances/beta": true, `PRICE=$5\t`: true}
	for _, v := range got.Env {
		if !want[v] {
			t.Errorf("%q", v)
		}
	}
	if diff := cmp.Diff([]string{"tutor", "$NAME"}, got.Command); diff != "" || len(got.Env) != 2 {
		t.Errorf("%d variables, command:\n%s", len(got.Env), diff)
	}
	if _, _, err := c.service("other"); err == nil {
		t.Error("a variable that is missing is an error")
	}
}

package step

import "testing"

func TestPluginFile(t *testing.T) {
	for _, tt := range []struct {
		text, file string
		want       bool
	}{
		{"  TUTOR_PLUGINS_ROOT: $CI_PROJECT_DIR/defaults/tutor-plugins\n", "defaults/tutor-plugins/ours.yml", true},
		{"ENV TUTOR_PLUGINS_ROOT=/workspace/extra\n", "extra/ours.py", true},
		{"TUTOR_PLUGINS_ROOT = DEFAULTS_DIR / \"tutor-plugins\"\n", "defaults/tutor-plugins/ours.yml", true},
		{"env[\"TUTOR_PLUGINS_ROOT\"] = os.path.join(BASE, 'extra')\n", "extra/ours.yml", true},
		{"export TUTOR_PLUGINS_ROOT=\"${TUTOR_PLUGINS_ROOT:-$PWD/defaults/extra}\"\n", "defaults/extra/ours.yml", true},
		{"\"TUTOR_PLUGINS_ROOT\" => \"#{INSIDE}/extra\"\n", "extra/ours.yml", true},
		{"nothing\n", "plugins/ours.yml", true},
		{"nothing\n", "defaults/tutor-plugins/ours.yml", false},
		{"ENV TUTOR_PLUGINS_ROOT=/workspace/extra\n", "extra/ours.yml.bak", false},
		{"ENV TUTOR_PLUGINS_ROOT=/workspace/extra\n", "extra/other.yml", false},
		{"ENV TUTOR_ROOT=/workspace/extra\n", "extra/ours.yml", false},
	} {
		root := &Root{Files: []string{"a", tt.file}, Read: func(string) ([]byte, error) { return []byte(tt.text), nil }}
		roots := PluginRoots(Input{Roots: []*Root{root}})
		if got := PluginFile(root, roots, "ours"); got != tt.want {
			t.Errorf("%q, %s: %v, by %q", tt.text, tt.file, got, roots)
		}
	}
}

package installer

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Settings are what a person has set for pip or for uv, in files and in variables. What leads an installation elsewhere or
// changes what is asked for is left out.
type Settings struct {
	// Ignored names what is left out, each with its place: "target in /home/jo/.config/pip/pip.conf".
	Ignored []string
	// RequireHashes is true where one of them asks for hash mode.
	RequireHashes bool

	variables []string          // those that hold, with all that are not the installer's, in the form of os.Environ
	values    map[string]string // pip's, by the names of its options
	config    string            // uv's, as the text of a uv.toml
}

// tool is how an installer calls its settings.
type tool struct {
	prefix string // of its variables
	held   []string
	quiet  []string // they change nothing that is installed: no word is lost about them
}

func pipTool() tool {
	return tool{
		"PIP_", words(`index-url extra-index-url find-links no-index trusted-host proxy cert client-cert timeout
		default-timeout retries resume-retries cache-dir no-cache-dir constraint build-constraint require-hashes no-binary
		only-binary prefer-binary keyring-provider use-feature use-deprecated config-settings no-build-isolation
		uploaded-prior-to`),
		words(`disable-pip-version-check no-input quiet verbose no-color progress-bar log require-virtualenv require-venv
		break-system-packages no-python-version-warning no-warn-script-location no-warn-conflicts root-user-action
		exists-action compile no-compile config-file default-vcs`),
	}
}

func uvTool() tool {
	return tool{
		"UV_", words(`index default-index index-url extra-index-url find-links no-index index-* index-strategy
		keyring-provider allow-insecure-host insecure-host native-tls system-certs http-* https-* no-proxy request-* offline
		cache-dir no-cache cache-* concurrent-* constraint build-constraint constraint-dependencies
		build-constraint-dependencies no-binary no-binary-package no-build no-build-package
		only-binary no-build-isolation no-build-isolation-package config-settings config-settings-package
		extra-build-dependencies extra-build-variables exclude-newer exclude-newer-package required-version preview
		preview-features git-* github-* credentials-* lock-timeout stack-size python-install-* python-downloads
		python-preference managed-python no-managed-python`),
		words(`no-progress log-* tool-* publish-* check-url trusted-publishing system-python break-system-packages system
		show-resolution test-* no-config config-file project-environment no-env-file env-file`),
	}
}

func words(text string) []string { return strings.Fields(text) }

// has tells whether a list of names, some of which end in a star, holds a name.
func has(list []string, name string) bool {
	return slices.ContainsFunc(list, func(l string) bool {
		stem, wild := strings.CutSuffix(l, "*")
		return l == name || wild && strings.HasPrefix(name, stem)
	})
}

// keep tells whether a setting holds, and notes one that does not.
func (s *Settings) keep(t tool, name, place string) bool {
	if has(t.held, name) {
		return true
	}
	if !has(t.quiet, name) && !slices.Contains(s.Ignored, place) {
		s.Ignored = append(s.Ignored, place)
	}
	return false
}

// variable is the name of a setting that a variable of the tool's makes, or nothing.
func (t tool) variable(name string) string {
	rest, ok := strings.CutPrefix(name, t.prefix)
	if !ok {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
}

// read takes the variables in, which win over files.
func (s *Settings) read(t tool, environ []string) {
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		switch setting := t.variable(name); {
		case setting == "":
			s.variables = append(s.variables, e)
		case value == "":
		case setting == "require-hashes":
			s.RequireHashes = Truthy(value)
		case s.keep(t, setting, name):
			s.variables = append(s.variables, e)
			if s.values != nil {
				s.values[setting] = value
			}
		}
	}
	slices.Sort(s.Ignored)
}

// PipSettings reads the variables and the files of pip.
func PipSettings(environ []string) Settings {
	t, s := pipTool(), Settings{values: map[string]string{}}
	for _, file := range pipFiles(environ) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // As pip does it.
		}
		for _, section := range []string{"global", "install"} {
			for name, value := range ini(string(text), section) {
				if value != "" && s.keep(t, name, name+" in "+file) {
					s.values[name] = value
				}
			}
		}
	}
	s.RequireHashes = Truthy(s.values["require-hashes"])
	delete(s.values, "require-hashes")
	s.read(t, environ)
	return s
}

// pipFiles are the files that pip reads, the strongest last.
func pipFiles(environ []string) []string {
	home, own := Variable(environ, "HOME"), Variable(environ, "PIP_CONFIG_FILE")
	if own == os.DevNull {
		return nil
	}
	var out []string
	for _, dir := range filepath.SplitList(cmp.Or(Variable(environ, "XDG_CONFIG_DIRS"), "/etc/xdg")) {
		out = append(out, filepath.Join(dir, "pip", "pip.conf"))
	}
	if runtime.GOOS == "darwin" {
		out = append(out, "/Library/Application Support/pip/pip.conf", filepath.Join(home, "Library/Application Support/pip/pip.conf"))
	}
	out = append(out, "/etc/pip.conf")
	if own != "" {
		return append(out, own)
	}
	return append(out, filepath.Join(home, ".pip", "pip.conf"), filepath.Join(cmp.Or(Variable(environ, "XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "pip", "pip.conf"))
}

// Variable is os.Getenv on an environment of its own; the last entry wins.
func Variable(environ []string, name string) string {
	for _, e := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// ini reads one section of a file as Python's configparser does; what is indented goes on with the value above it.
func ini(text, section string) map[string]string {
	out := map[string]string{}
	in, last := false, ""
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		switch {
		case bare == "", bare[0] == '#', bare[0] == ';':
		case bare[0] == '[' && line[0] == '[':
			in, last = strings.HasPrefix(bare, "["+section+"]"), ""
		case !in:
		case strings.ContainsRune(" \t", rune(line[0])) && last != "":
			out[last] = strings.TrimSpace(out[last] + " " + bare)
		default:
			at := strings.IndexAny(bare, "=:")
			if at < 0 {
				continue
			}
			last = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(bare[:at]), "_", "-"))
			last = strings.TrimPrefix(last, "--")
			out[last] = strings.TrimSpace(bare[at+1:])
		}
	}
	return out
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// Truthy tells whether the value of a switch turns it on.
func Truthy(v string) bool {
	return !slices.Contains([]string{"", "0", "false", "no", "off", "n", "f"}, strings.ToLower(v))
}

// Text is everything that they hold, for whoever looks for secrets in it.
func (s Settings) Text() string {
	text := s.config
	for _, v := range s.values {
		text += "\n" + v
	}
	return text
}

package rules

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Plugins is what is known of the packages around a program: its plugins, what it brings along, and its library.
type Plugins struct {
	Prefixes     []string     `yaml:"prefixes"`     // a package whose normalised name begins with one of these is a plugin
	Plugins      []Plugin     `yaml:"plugins"`      //
	Dependencies []Dependency `yaml:"dependencies"` // packages that come with the program
	Library      []LibraryUse `yaml:"library"`      // the first that matches holds; the last one has no module and matches all
	Image        string       `yaml:"image"`        // the variable that holds the tools container's version
	Container    []Need       `yaml:"container"`    // what a container needs to make environments
}

// Plugin is one plugin of the program.
type Plugin struct {
	Name      string `yaml:"name"`      // as PLUGINS writes it: "mfe"
	Package   string `yaml:"package"`   // as an installer writes it: "tutor-mfe"
	URL       string `yaml:"url"`       // for one that is in no index: "git+https://…"
	Tag       string `yaml:"tag"`       // the tag of URL for a major, with {major} in it; empty when none can be told
	Always    bool   `yaml:"always"`    // an instance cannot be deployed without it, whether PLUGINS has it or not
	Unaligned bool   `yaml:"unaligned"` // its versions do not follow the program's
}

// Dependency is a package that the program depends on.
type Dependency struct {
	Package     string   `yaml:"package"`     // "PyYAML"
	Modules     []string `yaml:"modules"`     // import names: "yaml"
	Requirement string   `yaml:"requirement"` // what the program asks for: "PyYAML>=4.2b1"
}

// LibraryUse says what code that imports a module of the program can do instead.
type LibraryUse struct {
	Module string `yaml:"module"` // "tutor.fmt", with everything below it
	Advice string `yaml:"advice"` // a clause: "copy the few lines"
}

// Need is a command that a container must have, and the packages that bring it.
type Need struct {
	Command  string              `yaml:"command"`
	Why      string              `yaml:"why"`
	Packages map[string][]string `yaml:"packages"` // by package manager: apk, apt; any one of them brings the command
	Images   []string            `yaml:"images"`   // patterns of base images that have it, as path.Match takes them
}

// LoadPlugins reads what is built in about the packages around a program.
func LoadPlugins(program string) (*Plugins, error) {
	name := path.Join("packs", program, "plugins.yaml")
	src, err := fs.ReadFile(embedded, name)
	if err != nil {
		return nil, fmt.Errorf("no table of plugins is built in under the name %q", program)
	}
	p := &Plugins{}
	return p, load(name, src, p)
}

// Named is the plugin that PLUGINS writes so.
func (p *Plugins) Named(name string) (Plugin, bool) {
	for _, known := range p.Plugins {
		if known.Name == name {
			return known, true
		}
	}
	return Plugin{}, false
}

// Packaged is the plugin that a package provides. Key is the package's normalised name.
func (p *Plugins) Packaged(key string) (Plugin, bool) {
	for _, known := range p.Plugins {
		if strings.EqualFold(known.Package, key) {
			return known, true
		}
	}
	return Plugin{}, false
}

// Holds reports whether a package, by its normalised name, is a plugin: one that is known, or one that is named as
// plugins are.
func (p *Plugins) Holds(key string) bool {
	if _, ok := p.Packaged(key); ok {
		return true
	}
	for _, prefix := range p.Prefixes {
		if strings.HasPrefix(key, prefix) && len(key) > len(prefix) {
			return true
		}
	}
	return false
}

// Advice is what code that imports a module can do instead. It is empty when nothing is known.
func (p *Plugins) Advice(module string) string {
	for _, use := range p.Library {
		if use.Module == "" || module == use.Module || strings.HasPrefix(module, use.Module+".") {
			return use.Advice
		}
	}
	return ""
}

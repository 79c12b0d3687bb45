package venv

import (
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Facts are what is known of Tutor's releases. They are data of the pack; the
// zero value knows nothing and checks nothing.
type Facts struct {
	// Releases are sorted by From, oldest first. Each holds up to the next.
	Releases []Release `yaml:"releases"`
	// Unaligned are packages, by normalised name, that provide a plugin and
	// whose versions do not follow Tutor's.
	Unaligned []string `yaml:"unaligned"`
}

// Release is a range of Tutor versions that need the same.
type Release struct {
	From   string   `yaml:"from"`   // first version, "14.1.1"
	Name   string   `yaml:"name"`   // of the Open edX release, "nutmeg"
	Python string   `yaml:"python"` // range of interpreters, ">=3.7"
	Needs  []string `yaml:"needs"`  // requirements that it has and does not declare
}

// ParseFacts reads them from YAML. Unknown keys and a table that is out of
// order are errors.
func ParseFacts(text []byte) (Facts, error) {
	var f Facts
	if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
		return Facts{}, err
	}
	for i, r := range f.Releases {
		if i > 0 && requirement.Compare(f.Releases[i-1].From, r.From) >= 0 {
			return Facts{}, fmt.Errorf("release %s stands after %s: sort the table by version", r.From, f.Releases[i-1].From)
		}
	}
	return f, nil
}

// Known reads a table that is part of the program when it is asked for first: most looks at an environment need none of it. A
// mistake in it ends the program.
func Known(table []byte) func() Facts {
	return sync.OnceValue(func() Facts {
		f, err := ParseFacts(table)
		if err != nil {
			panic(fmt.Sprintf("table of releases: %v", err))
		}
		return f
	})
}

// Release is what is known of a Tutor version; the zero value when it is older
// than the table, or empty.
func (f Facts) Release(tutor string) Release {
	var found Release
	if len(requirement.Numbers(tutor)) == 0 {
		return found
	}
	for _, r := range f.Releases {
		if requirement.Compare(tutor, r.From) >= 0 {
			found = r
		}
	}
	return found
}

// follows tells whether a plugin with this major follows Tutor's numbers. Those
// that count from 1 for themselves, as tutor-contrib-s3 does, say nothing about
// the Tutor that they are made for.
func (f Facts) follows(major int) bool {
	return len(f.Releases) > 0 && major >= requirement.Major(f.Releases[0].From)
}

// Missing are the needs of a Tutor version that the requirements forget: those
// whose package no line bounds. They are sorted as the table has them.
func (f Facts) Missing(tutor string, lines []requirement.Entry) []string {
	var out []string
	for _, need := range f.Release(tutor).Needs {
		name := requirement.Normalise(strings.TrimRight(need[:strings.IndexAny(need+"<", "<>=!~")], " "))
		if !bounded(lines, name) {
			out = append(out, need)
		}
	}
	return out
}

func bounded(lines []requirement.Entry, name string) bool {
	for _, l := range lines {
		// A constraint bounds what is installed, and installs nothing.
		if l.Name == name && l.Wanted() && (l.Specifier != "" || l.URL != "" || l.Local != "") {
			return true
		}
	}
	return false
}

// pinnedTutor is the Tutor version that the requirements name before anything
// is resolved: an exact one, the lower bound of a range within one major, or a
// tag of a git URL. It is empty when only resolving tells.
func pinnedTutor(lines []requirement.Entry) string {
	for _, l := range lines {
		if l.Name != "tutor" && !(l.Name == "" && strings.Contains(l.URL, "/tutor")) {
			continue
		}
		if l.URL != "" {
			_, ref := requirement.Ref(l.URL)
			if strings.HasSuffix(pathOf(l.URL), "/tutor") && len(requirement.Numbers(ref)) > 1 {
				return strings.TrimPrefix(ref, "v")
			}
			continue
		}
		low := requirement.Lowest(l.Specifier)
		next := fmt.Sprintf("%d", requirement.Major(low)+1)
		if low != "" && !requirement.Within(next, l.Specifier) {
			return low
		}
	}
	return ""
}

func pathOf(url string) string {
	base, _ := requirement.Ref(url)
	return strings.TrimSuffix(base, ".git")
}

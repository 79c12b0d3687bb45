package venv

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/venv/exchange"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installer"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// Keeper keeps the environments of one workspace. One Keeper serves one run of
// the program and may be used by several goroutines, each on its own instance.
// Make it with [NewKeeper].
type Keeper struct {
	Workspace Workspace
	Facts     func() Facts // read when something is to be judged by them
	Environ   []string     // in the form of os.Environ
	Flags     installer.Options
	Tool      string // "grove-migrate 0.1.0"
	Secrets   *redact.Secrets
	Finder    *interpreter.Finder
	Names     exchange.Names
	// ImportLimit bounds how long Tutor and the plugins may take to be imported; zero means two minutes.
	ImportLimit time.Duration
	Choice      Choice
	Contained   bool // this process runs in a container
	// Event, when not nil, hears of progress, from several goroutines.
	Event func(Event)

	uv      chosen
	ignored sync.Once // settings that do not hold were named
	audits  sync.Map  // *audited, by the digest of what was asked and is installed
}

// Event is one step of work on one instance.
type Event struct {
	Instance string `json:"instance"`
	Phase    string `json:"phase"`            // "python", "installing", "waiting", …
	Detail   string `json:"detail,omitempty"` // a package, a reason; no secrets
}

// NewKeeper fills in what every run needs.
func NewKeeper(w Workspace, facts func() Facts, environ []string) *Keeper {
	k := &Keeper{Workspace: w, Facts: facts, Environ: environ, Tool: "grove-migrate", Secrets: new(redact.Secrets), Contained: contained(environ)}
	k.Finder = &interpreter.Finder{Path: k.getenv("PATH"), Environ: environ}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "PIP_") || strings.HasPrefix(name, "UV_") {
			k.Secrets.AddURLs(value)
			if strings.HasSuffix(name, "PASSWORD") || strings.HasSuffix(name, "TOKEN") {
				k.Secrets.Add(value)
			}
		}
	}
	return k
}

func (k *Keeper) getenv(name string) string { return installer.Variable(k.Environ, name) }

func (k *Keeper) event(inst Instance, phase, detail string) {
	if k.Event != nil {
		k.Event(Event{inst.Name, phase, k.Secrets.Text(detail)})
	}
}

// SetFlags takes the installer options of the command line.
func (k *Keeper) SetFlags(o installer.Options) {
	k.Flags = o
	k.Secrets.AddURLs(strings.Join(append(append([]string{o.Index}, o.ExtraIndexes...), o.FindLinks...), " "))
}

// optionVariables decide where packages come from.
func optionVariables() []string {
	return []string{
		"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX",
		"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
	}
}

// recorded are the options as the state holds them.
func (k *Keeper) recorded() RecordedOptions {
	r := RecordedOptions{Flags: []string{}, Environment: []string{}}
	add := func(name, value string) {
		if value != "" {
			r.Flags = append(r.Flags, name+"="+k.Secrets.Text(value))
		}
	}
	add("index-url", k.Flags.Index)
	for _, e := range k.Flags.ExtraIndexes {
		add("extra-index-url", e)
	}
	for _, f := range k.Flags.FindLinks {
		add("find-links", f)
	}
	add("wheelhouse", k.Flags.Wheelhouse)
	sort.Strings(r.Flags)
	for _, name := range optionVariables() {
		if v := k.getenv(name); v != "" {
			r.Environment = append(r.Environment, name+"="+k.Secrets.Text(v))
		}
	}
	sort.Strings(r.Environment)
	return r
}

// options are the effective ones: flags, then uv's variables, then pip's, so
// that both installers look in the same places.
func (k *Keeper) options() installer.Options {
	o := k.Flags
	for _, name := range []string{"UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"} {
		if o.Index == "" {
			o.Index = k.getenv(name)
		}
	}
	o.ExtraIndexes = slices.Clone(o.ExtraIndexes)
	o.FindLinks = slices.Clone(o.FindLinks)
	for _, name := range []string{"UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"} {
		o.ExtraIndexes = append(o.ExtraIndexes, strings.Fields(k.getenv(name))...)
	}
	o.FindLinks = append(o.FindLinks, strings.FieldsFunc(k.getenv("UV_FIND_LINKS"), func(r rune) bool { return r == ',' })...)
	o.FindLinks = append(o.FindLinks, strings.Fields(k.getenv("PIP_FIND_LINKS"))...)
	for _, name := range []string{"UV_NO_INDEX", "PIP_NO_INDEX"} {
		o.NoIndex = o.NoIndex || installer.Truthy(k.getenv(name))
	}
	return o
}

package venv

import (
	"slices"
	"strings"
)

// Status says in one word how an environment stands. The order is that of
// severity.
type Status int

// The states that an environment can be in.
const (
	InSync  Status = iota // it is what the requirements say
	Drifted               // it works, and is not what they say now
	Broken                // it cannot be trusted to work
	Missing               // there is none
)

func (s Status) String() string {
	return [...]string{"in sync", "drifted", "broken", "missing"}[s]
}

// MarshalText gives the word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reason is one thing that was found. Codes are listed in section 10 of
// docs/environments.md.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"` // in words; no secrets
}

// Remedy is what a person can do about it, as the end of a sentence.
func (r Reason) Remedy(instance string) string {
	update := "run `grove-migrate venv update " + instance + "`"
	switch r.Code {
	case "no-requirements":
		return "write it, with the Tutor version and the plugins that this instance needs, and " + update
	case "not-an-environment":
		return "then " + update
	case "plugin-missing":
		return "name the package that provides it there, or take it out of PLUGINS, and " + update
	case "plugin-major":
		return "pin a version of it that is made for this Tutor, and " + update
	case "python-unsupported":
		return update + " --python VERSION"
	}
	return update
}

// Verdict is what is known of one environment.
type Verdict struct {
	Instance string   `json:"instance"`
	Status   Status   `json:"state"`
	Reasons  []Reason `json:"reasons"`
	// Notes are worth knowing and no fault.
	Notes  []Reason `json:"notes,omitempty"`
	Tutor  string   `json:"tutor,omitempty"`  // installed version
	Python string   `json:"python,omitempty"` // version it was built with
}

// severity of each code; what is not listed is drift.
func severity(code string) Status {
	switch code {
	case "missing", "no-requirements":
		return Missing
	case "not-an-environment", "half-built", "state-unreadable", "interpreter-gone", "interpreter-changed",
		"files-missing", "files-changed", "files-outside", "not-executable", "import-fails", "duplicate-metadata", "leftovers", "foreign-launcher":
		return Broken
	}
	return Drifted
}

func (v *Verdict) add(code, text string) {
	v.Reasons = append(v.Reasons, Reason{code, text})
	v.Status = max(v.Status, severity(code))
}

// Has tells whether one of the codes is among the reasons.
func (v Verdict) Has(codes ...string) bool {
	return slices.ContainsFunc(v.Reasons, func(r Reason) bool { return slices.Contains(codes, r.Code) })
}

// Unusable are the reasons for which nothing may be run in the environment;
// other drift is worth a warning only.
func (v Verdict) Unusable() []Reason {
	var out []Reason
	for _, r := range v.Reasons {
		if severity(r.Code) > Drifted || r.Code == "python-unsupported" || r.Code == "plugin-missing" || r.Code == "plugin-major" {
			out = append(out, r)
		}
	}
	return out
}

// Why joins the reasons in words.
func (v Verdict) Why() string { return words(v.Reasons) }

func words(reasons []Reason) string {
	var out []string
	for _, r := range reasons {
		out = append(out, r.Text)
	}
	return strings.Join(out, "; ")
}

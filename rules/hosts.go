package rules

// Hosts says which parts of which files hold commands.
type Hosts struct {
	TextHosts `yaml:",inline"`
	YAML      []YAMLKind `yaml:"yaml"` // the first kind that fits a file is its kind
}

// merge adds what another part of the pack says. Its kinds of YAML files come first, so that a program's own pack can
// say more of a kind than the common files do.
func (h *Hosts) merge(o Hosts) {
	h.YAML = append(append([]YAMLKind(nil), o.YAML...), h.YAML...)
	h.Settings = append(h.Settings, o.Settings...)
	h.Calls = append(h.Calls, o.Calls...)
	h.Documents.Commands = append(h.Documents.Commands, o.Documents.Commands...)
}

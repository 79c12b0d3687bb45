package rules

// Hosts says which parts of which files hold commands.
type Hosts struct {
	TextHosts `yaml:",inline"`
}

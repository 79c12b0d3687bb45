package rules

// Hosts says which parts of which files hold commands.
type Hosts struct {
	TextHosts `yaml:",inline"`
	YAML      []YAMLKind `yaml:"yaml"` // the first kind that fits a file is its kind
}

package rules

// YAMLKind is one kind of YAML file: how it is known, and which of its keys hold what.
//
// A key path is a list of elements with "/" between: a key, `a|b` for either, `*` for any key, `[]` for any item of a
// list, `**` for any number of any of these. It begins at the top of a document; an element may hold `*` as
// path.Match takes it.
type YAMLKind struct {
	Name  string `yaml:"name"`  // short: "gitlab-ci"
	Title string `yaml:"title"` // in words, with its article: "a GitLab pipeline"
	// Files are patterns for the slash path of the file, in lower case, as path.Match takes them for each element; `**` is
	// any number of directories. A pattern without "/" is for the file's name.
	Files []string `yaml:"files"`
	// Hints are key paths. A file whose path no kind knows is of this kind when it holds all the paths of one hint;
	// `a & b` asks for both, `a = x` for a value.
	Hints    []string `yaml:"hints"`
	Dialect  string   `yaml:"dialect"`  // the shell of its commands when nothing else says so
	Dollars  bool     `yaml:"dollars"`  // `$name` and `${name}` in commands are filled in before they run, and `$$` is a dollar
	Place    string   `yaml:"place"`    // where its commands run, when no environment of an instance can be there: "pod", "service"
	Checkout string   `yaml:"checkout"` // "fresh": each run begins with what is tracked and nothing else
	Mounts   string   `yaml:"mounts"`   // the key beside a command that shows that the workspace is there all the same: "volumes"
	// Variables are files that define variables for the commands, from the directory of the file or the one above it.
	Variables []string      `yaml:"variables"`
	Commands  []YAMLCommand `yaml:"commands"` // the keys whose values are run; the first that fits counts
	Values    []YAMLValue   `yaml:"values"`   // the keys whose values are not run
	// Jobs is the key path of what takes part in inheritance: jobs that extend one another.
	Jobs    string   `yaml:"jobs"`
	NotJobs []string `yaml:"notJobs"` // keys that look like jobs and are none
	Extends string   `yaml:"extends"` // key in a job that names what it extends: a name or a list
	Default string   `yaml:"default"` // key path of what every job extends
	// Include is the key path of the list of other files; IncludeKeys are the keys in an entry that name a file of the
	// same repository.
	Include     string   `yaml:"include"`
	IncludeKeys []string `yaml:"includeKeys"` // see include
}

// YAMLCommand is a key whose value is run.
type YAMLCommand struct {
	Key string `yaml:"key"` // key path
	// Takes says how:
	//   text   shell text; a list of texts, nested lists included, is one script, a line each
	//   each   a text, or a list of texts that are scripts of their own
	//   argv   a list of words, or shell text when it is no list
	//   words  a list of words, or a text that is split into words without a shell
	//   shell  a list whose first word says how the rest is given: [CMD, word…], [CMD-SHELL, text]
	//   free   shell text behind which, or before which, options stand as name=value (Ansible)
	Takes   string   `yaml:"takes"`
	First   []string `yaml:"first"`   // keys beside it whose texts run before it in the same shell, in order
	With    string   `yaml:"with"`    // for argv: the key beside it with more words behind: args after command
	Needs   []string `yaml:"needs"`   // keys that must stand beside it
	Without []string `yaml:"without"` // keys that must not stand beside it: there, another command takes it along
	Dialect string   `yaml:"dialect"` // the shell, when this key has its own
	Shell   []string `yaml:"shell"`   // keys that name the shell, as in Env, nearest first
	// Env are the maps, or lists of NAME=value or {name, value}, that define variables for the command, nearest first:
	// key paths from the mapping that holds the key; ".." is one level up, lists included, a leading "/" the document.
	Env   []string `yaml:"env"`
	Where string   `yaml:"where"` // the place in words; {1}, {2} are the keys that wildcards stood for, {name} the value of "name" beside it
}

// YAMLValue is a key whose value is not run.
type YAMLValue struct {
	Key    string `yaml:"key"`    // key path
	Class  string `yaml:"class"`  // message, path, requirement, identifier, data, install
	Reason string `yaml:"reason"` // for a person
}

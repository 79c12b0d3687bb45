package rules

// TextHosts says which parts of files other than YAML hold commands.
type TextHosts struct {
	Settings  []Setting  `yaml:"settings"`  // files of sections and settings
	Calls     []HostCall `yaml:"calls"`     // calls in languages whose values are not followed
	Documents Documents  `yaml:"documents"` // how the commands of a document are told
}

// Setting is a key of a data file (INI, TOML, JSON, systemd unit, HCL), and what its value is.
type Setting struct {
	// Files are patterns as path.Match takes them, for the last elements of the path, in lower case: "package.json",
	// ".vscode/tasks.json", "*.service". Empty: every file of the kinds.
	Files []string `yaml:"files"`
	Kinds []string `yaml:"kinds"` // kinds of file: "json", "ini"; empty: any
	// Key is the dotted path of the key, sections and list positions included. Each element is a pattern as path.Match
	// takes it; "**" is any number of elements. "scripts.*", "testenv*.commands", "resource.**.command".
	Key string `yaml:"key"`
	// Takes says how the value is given to what runs it:
	//   text        shell text
	//   lines       each line, or each element of a list, is shell text of its own
	//   script      the lines, or the elements of a list, are one shell text
	//   split       split into words without a shell
	//   splitlines  each line, or each element of a list, is split into words without a shell
	//   argv        a list of words
	//   auto        a string is shell text, a list is words
	//   program     the program's name alone, its arguments in the key that Args names
	//   env         an environment variable of what is run beside it; the key is its name
	//   envs        such variables as NAME=value, in words, lines or separated by commas
	// or it is the class of a value that is not run: requirement, message, path, identifier, data.
	Takes string `yaml:"takes"`
	// Holes is a regular expression of what the format puts other text in place of: `%[a-z]` in a systemd unit.
	Holes string `yaml:"holes"`
	Args  string `yaml:"args"` // for program: the sibling key with the list of arguments
}

// HostCall is a function of a language that is read lexically, and how it is given a command.
type HostCall struct {
	Kinds []string `yaml:"kinds"` // kinds of file: "javascript", "groovy", "puppet"
	Call  string   `yaml:"call"`  // the function's last name: "execSync"; with a colon at its end, a key: "command:"
	Takes string   `yaml:"takes"` // text: the first string is shell text, a list is words; words: strings and lists of strings are words

	Language string `yaml:"language"` // of the text, as a kind of file; empty: the shell's
}

// Documents says how the commands of a document are told from its other text.
type Documents struct {
	Commands []string `yaml:"commands"` // programs that begin a command in a code block without a language
	History  []string `yaml:"history"`  // names of directories, in lower case, whose documents are records: their commands stay
}

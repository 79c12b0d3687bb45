package rules

// Language is what is known of one programming language's libraries.
type Language struct {
	Directives  []string `yaml:"directives"`  // how a comment begins, at the start of its line, whose rest a tool runs: "//go:generate"
	Sinks       []Sink   `yaml:"sinks"`       // calls that run a command
	Models      []Model  `yaml:"models"`      // calls that give a value on
	Messages    []string `yaml:"messages"`    // calls whose text is shown to a person: "print", "logging.*", "*.echo"
	OwnName     []string `yaml:"ownName"`     // expressions that hold the name a script was called by: "$0", "sys.argv[0]"
	Inert       []string `yaml:"inert"`       // calls that look like sinks and run nothing: test runners, mocks
	Environment []string `yaml:"environment"` // expressions that are the environment of the program itself, which what it runs gets: "os.environ"
}

// Sink is a call that runs, or finds, a program.
type Sink struct {
	// Call is the callee's full name after imports are resolved: "subprocess.run", "os/exec.Command", "Open3.capture3",
	// "system". "*.run" is the method of any receiver that Receivers admits. "plumbum.local[]" is an index, "sh.*" any member,
	// "[script]" the entry of a dictionary, which another program runs.
	Call string `yaml:"call"`
	// Receivers admits receivers of a "*." call: a full type or module name ("invoke.Context"), or the name of a
	// variable or parameter ("$c"). Empty: none that can be named, so the call is matched only by what it holds.
	Receivers []string `yaml:"receivers"`
	// Takes says how the command is given:
	//   argv     one argument is a list of words
	//   words    each positional argument from At on is a word
	//   text     one argument is shell text
	//   auto     one argument is a list of words, or a string: shell text when it has a blank or the option Shell is true, else
	//            the program's name; with that option the first word of a list is shell text
	//   loose    positional arguments from At on: one string is shell text, several are words (Ruby's system)
	//   program  one argument is the program's name alone
	//   split    one argument is text that is split into words without a shell, or the program when a list of words follows
	//   member   the member's own name is the program (sh.tutor), those below it its first words (sh.tutor.config)
	//   pipe     one argument is the name of a file; after a bar it is shell text (Ruby's open)
	Takes string `yaml:"takes"`
	At    int    `yaml:"at"`    // position of the (first) argument, from 0
	Argv0 bool   `yaml:"argv0"` // the program is the argument before that one, whose first word is only the name that it is told to have
	Name  string `yaml:"name"`  // its name when it is given by name: "args"
	Shell string `yaml:"shell"` // name of the option that makes a string shell text: "shell"
	Env   string `yaml:"env"`   // name of the option that holds the environment; "first" for a leading hash
	EnvAt int    `yaml:"envAt"` // position of the environment where it is given by position
	Cwd   string `yaml:"cwd"`   // name of the option that holds the working directory
	Place string `yaml:"place"` // where the command runs, when it is not here: "job"
	Input string `yaml:"input"` // name of the option that holds the standard input, which is shell text when the command is a shell: "input"
	Find  bool   `yaml:"find"`  // finds the executable without running it
}

// Model says what a call without a body to follow gives back, or does to its receiver.
type Model struct {
	Call string `yaml:"call"` // as in Sink; "*.append" is a method of a followed value
	// Does is one of:
	//   same       the value of argument At (str, list, File.expand_path, .freeze, .strip)
	//   receiver   the receiver's own value
	//   setenv     nothing: the variable that argument At names is argument At+1 in the environment of the program itself
	//   enter      nothing: the commands that follow run in the directory argument At (os.chdir)
	//   split      text to a list of words, or of what stands between the separator that argument 0 names
	//   base       the last part of the receiver's path, when the attribute is read
	//   lines      text to a list of its lines
	//   join       a list to text: the receiver is the separator (Python) or argument 0 (Ruby); path: with "/"
	//   path       path joining of all arguments
	//   sibling    the receiver's path with argument 0 in the place of its last part (with_name)
	//   shelljoin  a list to shell text, words quoted
	//   format     the receiver is the layout, arguments fill it
	//   template   the same for a layout of $name and ${name}
	//   default    argument At, or unknown: os.environ.get(k, d), ENV.fetch(k, d)
	//   append     adds argument At to the receiver (push, <<)
	//   extend     adds the elements of argument At to the receiver (concat, +=)
	//   prepend    adds argument At before the receiver's elements (insert(0, x), unshift)
	//   partial    argument 0 with arguments bound
	//   call       calls argument 0 with the rest
	//   get        the receiver's entry for argument 0
	//   dig        the receiver's entry for argument 0, its entry for argument 1, and so on
	//   map        a list of what the block gives for each element of the receiver
	//   yield      what the block gives for the receiver (Ruby's then)
	//   tap        the receiver, which the block gets
	//   select     the receiver, whose elements the block gets
	//   find       one of the receiver's elements, which the block gets
	//   memo       argument 0 after the block got it after each element (Ruby's each_with_object)
	//   fold       what the block gives for what it gave before, or argument 0, and each element (Ruby's inject)
	//   values     the receiver's values, for iteration
	//   merge      the receiver's entries and the argument's
	//   update     the same, put into the receiver, which may be the program's own environment
	Does string `yaml:"does"`
	At   int    `yaml:"at"`   // position of the argument, from 0
	Name string `yaml:"name"` // its name when it is given by name
}

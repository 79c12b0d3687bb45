package rules

// Shell is what is known of commands that run other commands, show text, find executables or install packages. It is
// the same for every program, and holds for a shell command as for a list of words in a programming language.
type Shell struct {
	Wrappers   []Wrapper `yaml:"wrappers"`   // commands that run the command in their own words: "sudo", "xargs"
	Lookups    []Lookup  `yaml:"lookups"`    // commands that find executables: "which"
	Installers []Wrapper `yaml:"installers"` // Names and Options only: commands whose operands name packages
	Shells     []string  `yaml:"shells"`     // interpreters that read shell text from a file or standard input: "bash"
	Runners    []Runner  `yaml:"runners"`    // interpreters that run a module or a file of a language
	Messages   []string  `yaml:"messages"`   // commands whose words are shown to a person; "*" stands for any letters: "log_*"
	Filters    []string  `yaml:"filters"`    // commands that copy their input: a here-document for one is shown or written
	Writers    []string  `yaml:"writers"`    // commands that write what they read into the files they name: "tee"
	Jobs       []string  `yaml:"jobs"`       // commands that run what they read later: "crontab"
	Builders   []string  `yaml:"builders"`   // commands that take NAME=value for the recipes that they run: "make"
	Suspects   []string  `yaml:"suspects"`   // names of commands that seem to run what they are given: "run*"
	Texts      []string  `yaml:"texts"`      // ends of names of files that a person reads and nothing runs: ".log"
	Patterns   []string  `yaml:"patterns"`   // commands whose words are patterns or programs of their own, not paths: "sed"
	Labels     []string  `yaml:"labels"`     // options whose argument describes something and is never run: "--message"
	Images     []string  `yaml:"images"`     // commands whose operands with a slash are names of container images
	Plain      []string  `yaml:"plain"`      // well-known commands that never run their own words: "grep", "cd", "git"
}

// Wrapper is a command that runs the command that stands in its own words.
type Wrapper struct {
	// Names are the command with its subcommands: "sudo", "docker compose exec". "*" ends a name that may go on: "python3*".
	Names []string `yaml:"names"`
	// Options take the next word as their argument unless it is joined with "=" (or, for one letter, follows at once);
	// "--bind 2" takes two.
	Options []string `yaml:"options"`
	// Operands is how many words stand between the options and the inner command: 1 for timeout's duration.
	Operands int `yaml:"operands"`
	// Assigns allows NAME=value words before the inner command, which set its environment: env, sudo.
	Assigns bool `yaml:"assigns"`
	// Env are options whose argument is a NAME=value of the inner command's environment: docker's -e.
	Env []string `yaml:"env"`
	// Takes says how the inner command is given:
	//   words   the rest of the words (the default)
	//   text    the rest of the words, joined by blanks, is shell text: ssh, eval
	//   either  one word is shell text, several are words: parallel
	//   first   the first word is shell text, the others are something else: trap
	//   option  only through an option in Text: su -c
	Takes string `yaml:"takes"`
	// Text are options whose argument is shell text: "-c". Letters may stand together: -lc.
	Text []string `yaml:"text"`
	// Fills are options whose argument, "{}" when it has none, stands for what is read in each word of the inner command
	// but its first: xargs -I.
	Fills []string `yaml:"fills"`
	// Entry are options whose argument takes the place of the inner command's first word: docker's --entrypoint.
	Entry []string `yaml:"entry"`
	// After are words that the inner command follows: find's -exec, parallel's none. Set, nothing else starts one.
	After []string `yaml:"after"`
	// Until are words that end the inner command: find's ";", parallel's ":::".
	Until []string `yaml:"until"`
	// Argv are options with which the inner command is words, whatever Takes says: watch -x.
	Argv []string `yaml:"argv"`
	// Stdin are options with which, when there is no inner command, a shell runs that reads its text: sudo -i.
	Stdin []string `yaml:"stdin"`
	// Dash requires "--" before the inner command, unless it has Operands: then the command may stand behind them as well.
	Dash bool `yaml:"dash"`
	// Without are options that keep the command from running anything: command's -v.
	Without []string `yaml:"without"`
	// Clears are options with which the inner command gets none of the caller's variables, and "*" when it never does:
	// su -, env -i, sudo.
	Clears []string `yaml:"clears"`
	// Keeps are options with which it gets them all the same: sudo -E.
	Keeps []string `yaml:"keeps"`
	// Place is where the inner command runs when it is not here: "container", "machine".
	Place string `yaml:"place"`
	// Own is set for a tool that runs the command in an environment of its own: "uv run".
	Own bool `yaml:"own"`
}

// Lookup is a command that finds executables without running them.
type Lookup struct {
	Names []string `yaml:"names"` // as they are typed
	Needs []string `yaml:"needs"` // one of these options must be given: command's -v; empty: none
}

// Runner is the interpreter of a programming language as a command.
type Runner struct {
	Names    []string `yaml:"names"`    // "python3*"
	Language string   `yaml:"language"` // "python"
	Options  []string `yaml:"options"`  // options that take the next word
	Module   string   `yaml:"module"`   // the option that names a module to run: "-m"
	Code     string   `yaml:"code"`     // the option whose argument is code: "-c"
	Program  bool     `yaml:"program"`  // the first operand is code, not a script: awk
	Runs     []string `yaml:"runs"`     // words in code that runs other programs: "subprocess"
}

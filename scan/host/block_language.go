package host

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// blockKind is what a code block of the language is read as. A language goes by the name of its kind, by what files in it
// end in, or by a name of its own.
func blockKind(language string) (Kind, session) {
	switch language {
	case "bash", "sh", "shell", "zsh", "ksh", "dash", "fish", "shellscript", "shell script", "posix", "cmd", "bat", "batch", "dos", "powershell", "ps1", "pwsh", "ps", "commandline", "command":
		return Shell, script
	case "console", "shell-session", "sh-session", "bash-session", "shellsession", "terminal", "session", "term", "prompt":
		return Shell, console
	case "", "text", "txt", "plain", "plaintext", "none", "output", "log", "code", "default", "literal":
		return Shell, unknown
	}
	if kind, ok := languageNames[language]; ok {
		return kind, notShell
	}
	if kind := byExtension("." + language); kind != "" && kind != Shell {
		return kind, notShell
	}
	if kind := byWholeName(language); kind != "" && kind != Shell && kind != Text {
		return kind, notShell
	}
	if _, ok := notationOf(Kind(language)); ok || slices.Contains(blockKinds, Kind(language)) {
		return Kind(language), notShell
	}
	return Other, notShell
}

// blockKinds are the kinds whose name is that of a language too, and no file's ending.
var blockKinds = []Kind{Python, Ruby, Systemd, Env, ERB, Jinja, Markdown, Puppet}

// languageNames are the names of languages that no file bears.
var languageNames = map[string]Kind{
	"python3": Python, "py3": Python, "ipython": Python, "ipython3": Python, "yaml+jinja": YAML, "yaml+django": YAML, "golang": Go,
	"docker": Dockerfile, "containerfile": Dockerfile, "dockerfile": Dockerfile, "make": Makefile, "mf": Makefile, "basemake": Makefile,
	"terraform": HCL, "conf": INI, "dosini": INI, "typescript": JavaScript, "node": JavaScript, "udiff": Patch, "dotenv": Env,
	"jinja2": Jinja, "html+jinja": Jinja, "django": Jinja, "systemd-unit": Systemd, "unit": Systemd,
}

// drawing reports whether a block of the language is drawn: what stands in it are labels.
func drawing(language string) bool {
	switch language {
	case "mermaid", "plantuml", "puml", "uml", "dot", "graphviz", "ditaa", "d2", "blockdiag", "seqdiag":
		return true
	}
	return false
}

var (
	unitSection = lazyregexp.New(`(?m)^[ \t]*(?:\[(?:Service|Unit|Timer|Install|Container)\]|Exec[A-Z][A-Za-z]+=)`)
	yamlKeys    = lazyregexp.New(`^(?:[ \t]*#.*\n|[ \t]*\n)*[\w.-]+:[ \t]*\n[ \t]*(?:-[ \t]|[\w.-]+:(?:[ \t]|\n))`)
)

// kindOf is what a code block is read as: what its language says, and for one that is not named or is a family of
// languages, what its text has the shape of.
func kindOf(b block) (Kind, session) {
	kind, how := blockKind(b.language)
	text := b.body.text
	switch {
	case (kind == INI || how == unknown) && unitSection.MatchString(text):
		return Systemd, notShell
	case how == unknown && cronTable([]byte(text)):
		return Crontab, notShell
	case how == unknown && yamlKeys.MatchString(text):
		return YAML, notShell
	}
	return kind, how
}

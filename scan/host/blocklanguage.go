package host

import "gitlab.com/opencraft/dev/grove-migrate/lazyregexp"

// blockKind is what a code block of the language is read as.
func blockKind(language string) (Kind, session) {
	switch language {
	case "bash", "sh", "shell", "zsh", "ksh", "dash", "fish", "shellscript", "shell script", "posix", "cmd", "bat", "batch", "dos", "powershell", "ps1", "pwsh", "ps", "commandline", "command":
		return Shell, script
	case "console", "shell-session", "sh-session", "bash-session", "shellsession", "terminal", "session", "term", "prompt":
		return Shell, console
	case "", "text", "txt", "plain", "plaintext", "none", "output", "log", "code", "default", "literal":
		return Shell, unknown
	case "python", "py", "python3", "py3", "ipython", "ipython3":
		return Python, notShell
	case "ruby", "rb":
		return Ruby, notShell
	case "yaml", "yml", "yaml+jinja", "yaml+django":
		return YAML, notShell
	case "go", "golang":
		return Go, notShell
	case "dockerfile", "docker", "containerfile":
		return Dockerfile, notShell
	case "makefile", "make", "mf", "basemake":
		return Makefile, notShell
	case "json", "json5", "jsonc":
		return JSON, notShell
	case "toml", "ini", "hcl", "groovy", "puppet", "erb", "jinja", "html", "xml", "csv", "po", "javascript", "systemd", "procfile", "env", "rst", "markdown":
		return Kind(language), notShell
	case "terraform", "tf":
		return HCL, notShell
	case "cfg", "conf", "dosini", "properties":
		return INI, notShell
	case "js", "jsx", "ts", "tsx", "typescript", "node":
		return JavaScript, notShell
	case "jenkinsfile", "gradle":
		return Groovy, notShell
	case "md", "mdx":
		return Markdown, notShell
	case "diff", "patch", "udiff":
		return Patch, notShell
	case "dotenv":
		return Env, notShell
	case "just":
		return Justfile, notShell
	case "jinja2", "html+jinja", "django":
		return Jinja, notShell
	case "systemd-unit", "service", "unit":
		return Systemd, notShell
	case "cron", "crontab":
		return Crontab, notShell
	}
	return Other, notShell
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

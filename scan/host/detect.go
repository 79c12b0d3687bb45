package host

import (
	"bytes"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Detect is the kind of the file at path, a slash path, told by its name, its extension, its first line and the
// shape of a table of cron, in this order. Src may be the file's beginning only. It is Other when nothing tells.
func Detect(file string, src []byte) Kind {
	base := path.Base(file)
	if inner := example(base); inner != "" {
		if k := Detect(path.Join(path.Dir(file), inner), src); k != Other {
			return k
		}
	}
	if k := template(base); k != "" {
		return k
	}
	if k := byName(file, strings.ToLower(base)); k != "" {
		return k
	}
	if k := byExtension(strings.ToLower(path.Ext(base))); k != "" {
		return k
	}
	if k := byFirstLine(src); k != "" {
		return k
	}
	if cronTable(src) {
		return Crontab
	}
	if path.Ext(base) == "" && strings.ToUpper(base) == base && strings.ContainsFunc(base, isLetter) {
		return Text // README, COPYING, AUTHORS, RELEASE-NOTES
	}
	return Other
}

func isLetter(r rune) bool { return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' }

// example is the name that a file is to be copied to, for one that is there to be copied: config.yml.example.
func example(base string) string {
	switch ext := path.Ext(base); strings.ToLower(ext) {
	case ".example", ".sample", ".dist", ".orig", ".bak", ".default", ".template":
		return strings.TrimSuffix(base, ext)
	}
	return ""
}

// template tells a template by its last extension.
func template(base string) Kind {
	switch strings.ToLower(path.Ext(base)) {
	case ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".gotmpl", ".mustache", ".hbs", ".tftpl":
		return Jinja
	case ".erb", ".epp":
		return ERB
	}
	return ""
}

var (
	requirementsName = lazyregexp.New(`^([\w.-]*[-_.])?(requirements|constraints|reqs|requires)([-_.][\w.-]*)?\.(txt|in|pip)$`)
	dockerfileName   = lazyregexp.New(`^((docker|container)file([-._].*)?|.*\.(docker|container)file)$`)
	envName          = lazyregexp.New(`^(\.env([.-].*)?|.*\.env)$`)
	lockName         = lazyregexp.New(`^(.*\.lock|package-lock\.json|pnpm-lock\.yaml|pipfile\.lock|.*\.lock\.hcl)$`)
	ignoreName       = lazyregexp.New(`^(\.[a-z]*ignore|manifest\.in|\.gitattributes)$`)
)

// byName knows files by their whole name, in lower case, then by its pattern.
func byName(file, base string) Kind {
	if k := byWholeName(base); k != "" {
		return k
	}
	return byPattern(file, base)
}

func byWholeName(base string) Kind {
	switch base {
	case "makefile", "gnumakefile", "bsdmakefile":
		return Makefile
	case "earthfile":
		return Dockerfile
	case "vagrantfile":
		return Vagrantfile
	case "jenkinsfile":
		return Groovy
	case "justfile", ".justfile":
		return Justfile
	case "procfile":
		return Procfile
	case "codeowners":
		return CodeOwners
	case "crontab":
		return Crontab
	case "rakefile", "gemfile", "guardfile", "capfile", "brewfile", "berksfile", "podfile", "dangerfile", ".pryrc", ".irbrc":
		return Ruby
	case "sconstruct", "sconscript", "wscript", "build.bazel", "workspace.bazel", "tiltfile":
		return Python
	case "pipfile", "poetry.toml":
		return TOML
	case ".bashrc", "bashrc", "bash.bashrc", ".bash_profile", "bash_profile", ".bash_aliases", "bash_aliases", ".bash_logout", ".profile",
		".zshrc", "zshrc", ".zprofile", ".zshenv", ".kshrc", ".envrc", "pkgbuild", "apkbuild":
		return Shell
	case ".editorconfig", ".gitconfig", ".gitmodules", ".coveragerc", ".pylintrc", "pylintrc", ".flake8", ".npmrc", ".hgrc", "pip.conf", ".pypirc", "supervisord.conf", "uwsgi.ini":
		return INI
	case ".babelrc", ".eslintrc", ".prettierrc", ".swcrc", ".jshintrc", "composer.lock":
		return JSON
	case "license", "licence", "copying", "readme", "authors", "contributors", "changelog", "changes", "news", "notice", "todo", "install", "maintainers", "thanks", "version":
		return Text
	case "go.mod":
		return Requirements
	case "cmakelists.txt":
		return "cmake"
	}
	return ""
}

// byPattern looks for the letters that a pattern needs first: it is asked of every file of a repository.
func byPattern(file, base string) Kind {
	switch {
	case strings.Contains(base, "lock") && lockName.MatchString(base), base == "go.sum", base == "npm-shrinkwrap.json":
		return Lock
	case (base[0] == '.' || base == "manifest.in") && ignoreName.MatchString(base):
		return Ignore
	case strings.Contains(base, "file") && dockerfileName.MatchString(base):
		if k := byExtension(path.Ext(base)); k != "" {
			return k // Dockerfile-notes.md
		}
		return Dockerfile
	case strings.HasPrefix(base, "makefile."), strings.HasPrefix(base, "makefile-"):
		return Makefile
	case strings.HasPrefix(base, "jenkinsfile"):
		return Groovy
	case strings.HasPrefix(base, "procfile."):
		return Procfile
	case (strings.Contains(base, "req") || strings.Contains(base, "constraints")) && requirementsName.MatchString(base), inRequirements(file):
		return Requirements
	case strings.Contains(base, ".env") && envName.MatchString(base):
		return Env
	case inSupervisor(file):
		return INI
	case strings.Contains("/"+file, "/cron.d/"), strings.HasPrefix(base, "crontab"):
		return Crontab
	}
	return ""
}

// inRequirements reports whether the file is one of a directory of requirement files, at any depth: requirements/base.txt.
func inRequirements(file string) bool {
	dir := "/" + path.Dir(file) + "/"
	switch path.Ext(file) {
	case ".txt", ".in", ".pip":
		return strings.Contains(dir, "/requirements/") || strings.Contains(dir, "/reqs/")
	}
	return false
}

func inSupervisor(file string) bool {
	return path.Ext(file) == ".conf" && strings.Contains(strings.ToLower(path.Dir(file)), "supervisor")
}

func byExtension(ext string) Kind {
	switch ext {
	case ".sh", ".bash", ".zsh", ".ksh", ".bats", ".fish", ".dash", ".ebuild":
		return Shell
	case ".py", ".pyi", ".pyw", ".bzl", ".star":
		return Python
	case ".rb", ".rake", ".gemspec", ".ru":
		return Ruby
	case ".go":
		return Go
	case ".yml", ".yaml", ".eyaml":
		return YAML
	case ".mk", ".mak", ".make":
		return Makefile
	case ".md", ".markdown", ".mdx", ".mkd", ".mdown", ".rmd", ".qmd":
		return Markdown
	case ".rst", ".rest":
		return RST
	case ".ini", ".cfg", ".desktop", ".properties", ".toc":
		return INI
	case ".toml":
		return TOML
	case ".json", ".json5", ".jsonc", ".code-workspace", ".webmanifest", ".jsonl", ".geojson":
		return JSON
	case ".ipynb":
		return Notebook
	case ".tf", ".hcl", ".tfvars", ".nomad", ".pkrvars":
		return HCL
	case ".pp":
		return Puppet
	case ".service", ".timer", ".socket", ".mount", ".target", ".path", ".slice", ".network", ".container", ".automount":
		return Systemd
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".vue", ".svelte":
		return JavaScript
	case ".groovy", ".gradle", ".jenkinsfile":
		return Groovy
	case ".just":
		return Justfile
	case ".cron", ".crontab":
		return Crontab
	case ".html", ".htm", ".xhtml":
		return HTML
	case ".xml", ".svg", ".xsl", ".xsd", ".plist", ".resx", ".xliff", ".xlf", ".drawio", ".rss", ".atom":
		return XML
	case ".csv", ".tsv":
		return CSV
	case ".po", ".pot":
		return PO
	case ".patch", ".diff":
		return Patch
	case ".txt", ".text", ".adoc", ".asciidoc", ".org", ".tex", ".log", ".textile", ".wiki", ".man", ".1":
		return Text
	}
	return lexical(ext)
}

var mode = lazyregexp.New(`-\*-.*?(?:mode:\s*|-\*-\s*)?([A-Za-z]+)\s*(?:;.*)?-\*-`)

// byFirstLine knows scripts by their interpreter, and documents by their declaration.
func byFirstLine(src []byte) Kind {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), []byte("\n"))
	text := strings.TrimSpace(string(line[:min(len(line), 512)]))
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(text, "#!"):
		return interpreter(text[2:])
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return HTML
	case strings.HasPrefix(lower, "<?xml"):
		return XML
	case strings.HasPrefix(lower, "#cloud-config"):
		return YAML
	case strings.HasPrefix(lower, "# syntax=docker"), strings.HasPrefix(lower, "# syntax = docker"):
		return Dockerfile
	case strings.HasPrefix(lower, "#compdef"), strings.HasPrefix(lower, "# shellcheck shell="):
		return Shell
	case strings.HasPrefix(lower, "diff --git "):
		return Patch
	}
	if m := mode.FindStringSubmatch(text); m != nil {
		if kind, how := blockKind(strings.ToLower(m[1])); kind != Other && how != unknown {
			return kind
		}
	}
	return ""
}

// interpreter is the kind of a script whose first line names this command.
func interpreter(command string) Kind {
	for _, word := range strings.Fields(command) {
		name := strings.TrimRight(path.Base(word), "0123456789.")
		switch name {
		case "env", "sudo", "busybox":
			continue
		case "sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "mksh", "with-contenv", "bats":
			return Shell
		case "python", "pypy", "uv":
			return Python
		case "ruby", "jruby", "rake":
			return Ruby
		case "make", "gmake":
			return Makefile
		case "just":
			return Justfile
		case "node", "deno", "bun", "ts-node", "tsx", "nodejs":
			return JavaScript
		case "groovy":
			return Groovy
		case "perl", "php", "lua", "awk", "gawk":
			return Kind(strings.TrimPrefix(name, "g"))
		}
		if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
			return ""
		}
	}
	return ""
}

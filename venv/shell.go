package venv

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
)

// Store keeps the text of a start file until a shell has read it, and returns
// its path. Without a name any path does.
type Store func(name, text string) (path string, err error)

// Host prepares a shell on this machine with the instance's environment
// active. The person's own start files run first, because they may put other
// directories at the front of PATH or set a root directory of their own.
func (k *Keeper) Host(inst Instance, store Store) (Command, error) {
	shell := k.shell()
	// The name is expanded at the prompt, and what it expands to is not: a name
	// such as $(x) stays a name.
	c := Command{Path: shell, Args: []string{shell, "-i"}, Dir: inst.Dir, Env: append(k.Variables(inst), "GROVE_INSTANCE="+inst.Name)}
	var path string
	var err error
	switch name := filepath.Base(shell); name {
	case "bash":
		path, err = store("", "[ -f ~/.bashrc ] && . ~/.bashrc\n"+k.activation(inst)+prompt)
		c.Args = []string{shell, "--rcfile", path, "-i"}
	case "sh", "dash", "ash", "ksh", "ksh93", "mksh":
		path, err = store("", posixStart+k.activation(inst)+prompt)
		c.Env = append(c.Env, "GROVE_ENV="+k.posixFile(name), "ENV="+path)
	case "zsh":
		if path, err = store(".zshenv", zshStart); err == nil {
			path, err = store(".zshrc", zshInteractive+k.activation(inst)+zshPrompt)
		}
		c.Env = append(c.Env, "GROVE_ZDOTDIR="+k.getenv("ZDOTDIR"), "ZDOTDIR="+filepath.Dir(path))
	case "fish":
		c.Args = []string{shell, "--interactive", "--init-command", k.fishActivation(inst)}
	default:
		return Command{}, usage("the start files of %s may put another tutor first, and nothing can be run after them: name another shell (SHELL=/bin/bash before the command), or run one command with `-- COMMAND`", shell)
	}
	return c, err
}

// shell is the person's own.
func (k *Keeper) shell() string {
	shell := k.getenv("SHELL")
	if path, err := lookPath(shell, k.getenv("PATH")); err == nil && shell != "" && !strings.ContainsRune(shell, '/') {
		return path
	}
	return cmp.Or(shell, "/bin/sh")
}

// activation is what runs after the person's start files, in any shell of the
// kind of sh. An alias would win over PATH.
func (k *Keeper) activation(inst Instance) string {
	var b strings.Builder
	fmt.Fprintf(&b, "PATH=%s:$PATH; export PATH\n", single(filepath.Join(inst.Env(), "bin")))
	for _, v := range k.places(inst) {
		fmt.Fprintf(&b, "%s=%s; export %s\n", v[0], single(v[1]), v[0])
	}
	b.WriteString("unset PYTHONHOME PYTHONPATH\nfor grove_name in tutor python python3 pip pip3; do unalias $grove_name; unset -f $grove_name; done 2>/dev/null\nunset grove_name\nhash -r\n")
	return b.String()
}

func (k *Keeper) fishActivation(inst Instance) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var b strings.Builder
	fmt.Fprintf(&b, "set -gx PATH '%s' $PATH\n", quote.Replace(filepath.Join(inst.Env(), "bin")))
	for _, v := range k.places(inst) {
		fmt.Fprintf(&b, "set -gx %s '%s'\n", v[0], quote.Replace(v[1]))
	}
	b.WriteString("set -e PYTHONHOME; set -e PYTHONPATH\nfunctions --erase tutor python python3 pip pip3\n")
	b.WriteString("if functions -q fish_prompt\n  functions --copy fish_prompt grove_prompt\n  function fish_prompt; echo -n \"($GROVE_INSTANCE) \"; grove_prompt; end\nend\n")
	return b.String()
}

const prompt = "PS1='($GROVE_INSTANCE) '\"$PS1\"\n"

// zshPrompt leaves out a name that a prompt could take for more than a name.
const zshPrompt = "case $GROVE_INSTANCE in *[!A-Za-z0-9._-]*) ;; *) PROMPT=\"($GROVE_INSTANCE) $PROMPT\" ;; esac\n"

// posixStart runs the file that the person's ENV names, expanded as the shell
// would have.
const posixStart = `if [ -n "$GROVE_ENV" ]; then ENV=$GROVE_ENV; eval "GROVE_ENV=\"$GROVE_ENV\""; [ -f "$GROVE_ENV" ] && . "$GROVE_ENV"; else unset ENV; fi
unset GROVE_ENV
`

// posixFile is the value of ENV, or what the shell takes without one.
func (k *Keeper) posixFile(shell string) string {
	if file := k.getenv("ENV"); file != "" || shell == "sh" || shell == "dash" || shell == "ash" {
		return file
	}
	return filepath.Join(k.getenv("HOME"), "."+strings.TrimSuffix(shell, "93")+"rc")
}

// zsh finds its start files in ZDOTDIR, which the person's own .zshenv may set.
// Ours stand in a directory that the second of them removes.
const (
	zshStart = `grove_start=$ZDOTDIR
if [[ -n $GROVE_ZDOTDIR ]]; then ZDOTDIR=$GROVE_ZDOTDIR; else unset ZDOTDIR; fi
[[ -f ${ZDOTDIR:-$HOME}/.zshenv ]] && . "${ZDOTDIR:-$HOME}/.zshenv"
GROVE_ZDOTDIR=$ZDOTDIR ZDOTDIR=$grove_start
`
	zshInteractive = `[[ $grove_start != */grove-migrate-* ]] || command rm -rf -- "$grove_start"
[[ $HISTFILE != $grove_start/* ]] || HISTFILE=${GROVE_ZDOTDIR:-$HOME}/${HISTFILE:t}
if [[ -n $GROVE_ZDOTDIR ]]; then ZDOTDIR=$GROVE_ZDOTDIR; else unset ZDOTDIR; fi
unset grove_start GROVE_ZDOTDIR
[[ -f ${ZDOTDIR:-$HOME}/.zshrc ]] && . "${ZDOTDIR:-$HOME}/.zshrc"
`
)

// single quotes a word for a shell of the kind of sh.
func single(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// Activated is a command line that a person can paste: the command, or a shell,
// in the instance's environment.
func (k *Keeper) Activated(inst Instance, argv []string) string {
	if len(argv) == 0 {
		argv = []string{k.shell(), "-i"}
	}
	out := "env -u PYTHONHOME -u PYTHONPATH PATH=" + single(filepath.Join(inst.Env(), "bin")) + `:"$PATH"`
	for _, v := range k.places(inst) {
		out += " " + v[0] + "=" + single(v[1])
	}
	return out + " " + Command{Args: argv}.Quoted()
}

package venv

import (
	"path/filepath"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Shell prepares a shell in the tools container with the instance's
// environment active. With argv it runs that instead of a shell.
func (k *Keeper) Shell(t *Tools, u User, inst Instance, argv []string) Command {
	dir := mountPoint + "/instances/" + inst.Name
	plugins := dir + "/plugins"
	if set := k.getenv("TUTOR_PLUGINS_ROOT"); set != "" {
		plugins = k.there(filepath.Clean(set))
	}
	args := append(k.run(t, u, dir),
		"--env", "VIRTUAL_ENV="+dir+"/.venv",
		"--env", "TUTOR_ROOT="+dir,
		"--env", "TUTOR_PLUGINS_ROOT="+plugins,
		"--env", "GROVE_INSTANCE="+inst.Name,
		"--env", againVariable+"="+k.Choice.flags(),
		"--entrypoint", "/bin/sh", t.Image, "-c", inside, "sh")
	return Command{Path: t.path, Args: append(args, argv...), Env: k.Environ}
}

// inside is what runs in the container. Neither name nor path stands in its
// text: a shell script that is put together from names can be injected into,
// and that is what is wrong with stock activation scripts.
const inside = `if ! "$VIRTUAL_ENV/bin/python" -c ''; then
  echo "the environment of $GROVE_INSTANCE was built for another Python or C library than this container's; grove-migrate venv reset $GROVE_INSTANCE$GROVE_VENV_FLAGS builds it for the container" >&2
  exit 3
fi
PATH="$VIRTUAL_ENV/bin:$PATH"; export PATH
unset PYTHONHOME PYTHONPATH ENV
if [ $# -gt 0 ]; then exec "$@"; fi
PS1='($GROVE_INSTANCE) \w\$ '; export PS1
if command -v bash >/dev/null; then exec bash --noprofile --norc; fi
exec sh`

// Quoted is a command line that a person can paste.
func (c Command) Quoted() string {
	var out []string
	for _, a := range c.Args {
		q, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			q = strconv.Quote(a)
		}
		out = append(out, q)
	}
	return strings.Join(out, " ")
}

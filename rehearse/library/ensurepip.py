"""Stands in for the command of ensurepip: pip is installed by it once, and copied from there into each further environment."""

import ensurepip
import fcntl
import os
import shutil
import sys
import sysconfig

KEPT = os.path.join(%q, "pip", "".join(sys.argv[1:]))
PLACES = {"site": sysconfig.get_path("purelib"), "bin": sysconfig.get_path("scripts")}
PREFIX = "@prefix@"  # in the kept programs


def copy(source, target, names, old, new):
    os.makedirs(target, exist_ok=True)
    for name in names:
        at, to = os.path.join(source, name), os.path.join(target, name)
        if os.path.isdir(at):
            shutil.copytree(at, to)
        elif os.path.basename(source) != "bin":
            shutil.copy2(at, to)
        else:
            with open(at) as program, open(to, "w") as copied:
                copied.write(program.read().replace(old, new))
            os.chmod(to, 0o755)


def install():
    was = {name: set(os.listdir(place)) for name, place in PLACES.items()}
    if os.path.isdir(KEPT):
        for name, place in PLACES.items():
            kept = os.path.join(KEPT, name)
            copy(kept, place, set(os.listdir(kept)) - was[name], PREFIX, sys.prefix)
        return 0
    status = ensurepip._main(sys.argv[1:])
    if not status and sys.prefix != sys.base_prefix and "pip" not in was["site"]:
        for name, place in PLACES.items():
            new = set(os.listdir(place)) - was[name]
            copy(place, os.path.join(KEPT + ".new", name), new, sys.prefix, PREFIX)
        os.rename(KEPT + ".new", KEPT)
    return status


os.makedirs(os.path.dirname(KEPT), exist_ok=True)
with open(KEPT + ".lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    sys.exit(install())

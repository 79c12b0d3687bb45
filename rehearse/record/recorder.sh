#!/bin/sh
# Stands in for %PROGRAM% in a rehearsal: it writes down how it was called, and answers what a script may ask it.
who=%WHO% state=%STATE%
[ -d "$state/calls" ] || exit 70
given=$PATH
PATH=$PATH:/usr/bin:/bin
call=1
until [ ! -d "$state/calls/$call" ] && mkdir "$state/calls/$call" 2>/dev/null; do call=$((call + 1)); done
call=$state/calls/$call
PATH=$given env >"$call/environment" || /usr/bin/env >"$call/environment"
[ $# -eq 0 ] || printf '%s\0' "$@" >"$call/arguments"
printf '%s' "${who:-$GROVE_REHEARSAL_PROGRAM}" >"$call/program"
pwd -P >"$call/directory"
[ ! -d /proc/self ] || : >"$call/traced"
# The processes on the way here: their words, each list ended by the separator, and their directories.
parents() {
    process=$PPID directories=
    while [ "${process:-0}" -gt 0 ] && [ $# -lt 16 ] && [ -r "/proc/$process/cmdline" ]; do
        set -- "$@" "/proc/$process/cmdline" "$state/separator"
        directories="$directories /proc/$process/cwd"
        parent=
        while read -r key value; do
            [ "$key" != PPid: ] || parent=$value
        done <"/proc/$process/status"
        process=$parent
    done
    [ $# -eq 0 ] || cat "$@" >"$call/parents"
    [ $# -eq 0 ] || readlink $directories >"$call/directories"
}
parents
words=$*
root=%ROOT%
while :; do
    case ${1-} in
    %OPTIONS%*) break ;;
    esac
done
if [ -n "$root" ]; then
    (cd "$root" 2>/dev/null && pwd -P || printf '%s\n' "$root") >"$call/root"
fi
[ $# -eq 0 ] || printf '%s\0' "$@" >"$call/words"
%TRIP%
[ ! -e "$state/answers" ] || . "$state/answers"
case $* in
--version) echo '%PROGRAM%, version 14.2.2' ;;
'config printroot') printf '%s\n' "$root" ;;
'config printvalue '*)
    value=$(sed -n "s/^$3: *//p" "$root/config.yml" 2>/dev/null | sed "s/^[\"']//; s/[\"']\$//")
    printf '%s\n' "${value:-value}"
    ;;
'images printtag '*) printf 'registry.example/%s:tag\n' "$3" ;;
'plugins list')
    sed -n '/^PLUGINS:/,/^[^ -]/s/^ *- *\([^ #]*\).*/\1 (enabled) 14.0.1/p' "$root/config.yml" 2>/dev/null
    ;;
esac
exit 0

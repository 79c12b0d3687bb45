#!/bin/sh
# reproduce.sh: make the release of one architecture (ARCHES, or amd64) again, in another directory, with nothing in any cache, and compare it with dist/.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet . "$work/elsewhere"
ARCHES=${ARCHES:-amd64} GOCACHE=$work/go XDG_CACHE_HOME=$work/cache "$work/elsewhere/packaging/dist.sh"
(cd "$work/elsewhere/dist" && find . -type f ! -name SHA256SUMS) >"$work/files"
differ=0
while read -r file; do
    cmp "$work/elsewhere/dist/$file" "dist/$file" || differ=1
done <"$work/files"
if [ "$differ" = 1 ]; then
    echo "reproduce: dist/ is of another commit (make dist makes it of this one), or what is built depends on more than the commit" >&2
    exit 1
fi
echo "reproduce: $(wc -l <"$work/files") files are equal, byte for byte" >&2

#!/bin/sh
# site.sh: build the documents as a site in site/, and fail on a broken link.
set -eu
cd "$(dirname "$0")/.."

version=1.6.1 # of mkdocs
tools=${XDG_CACHE_HOME:-${HOME:?}/.cache}/grove-migrate-dist/mkdocs-$version
if ! "$tools/bin/mkdocs" --version >/dev/null 2>&1; then
    echo "site: install mkdocs $version into $tools" >&2
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "mkdocs==$version"
fi
"$tools/bin/mkdocs" build --strict --clean --quiet
echo "site: see site/index.html" >&2

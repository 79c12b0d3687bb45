#!/bin/sh
# notes.sh TAG: print what CHANGELOG.md says of a release, or fail where the tag, the program and the changelog differ.
set -eu
cd "$(dirname "$0")/.."

tag=${1:?usage: notes.sh TAG, such as v0.1.0}
version=$(sed -n 's/^const version = "\(.*\)"$/\1/p' cmd/grove-migrate/version.go)
if [ "$tag" != "v$version" ]; then
    echo "notes: the tag is $tag, and cmd/grove-migrate/version.go says $version" >&2
    exit 1
fi
notes=$(awk -v heading="## [$version] - " '/^## / { on = index($0, heading) == 1; next } on' CHANGELOG.md)
if [ -z "$notes" ]; then
    echo "notes: CHANGELOG.md has no section \"## [$version] - DATE\" with text" >&2
    exit 1
fi
printf '%s\n' "$notes"

#!/bin/sh
# dist.sh: put into dist/ what a release has, made of what is committed: for each architecture of ARCHES a static program and a
# wheel, besides man pages, completions, the licences of what is linked, the sources and checksums. Equal commits give equal bytes.
set -eu
cd "$(dirname "$0")/.."

arches=${ARCHES:-amd64 arm64}
go=${GO:-go}
zig=0.17.1 # of ziglang
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/grove-migrate-dist
out=$PWD/dist

say() { printf 'dist: %s\n' "$*" >&2; }

# machine ARCHITECTURE: what the kernel, Zig and Python call it.
machine() {
    case $1 in
    amd64) echo x86_64 ;;
    arm64) echo aarch64 ;;
    *) say "ARCHES: expected amd64 or arm64, got \"$1\"" && return 2 ;;
    esac
}
for arch in $arches; do machine "$arch" >/dev/null; done

# Zig's C compiler brings a C library and its headers for every architecture.
tools=$cache/zig-$zig
if ! "$tools/bin/python3" -c 'import ziglang' 2>/dev/null; then
    say "install ziglang $zig into $tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "ziglang==$zig"
fi
ziglang=$("$tools/bin/python3" -c 'import os, ziglang; print(os.path.dirname(ziglang.__file__))')

# Go asks a compiler for what it knows with "-o /dev/null", and Zig replaces the file that it is to write: for root, the device.
cat >"$tools/bin/zig" <<EOF
#!/bin/sh
last=
for word do
    shift
    [ "\$last\$word" != -o/dev/null ] || word=$tools/nothing
    set -- "\$@" "\$word"
    last=\$word
done
exec "$ziglang/zig" "\$@"
EOF
chmod +x "$tools/bin/zig"

# A clone has nothing that is not committed, and Go finds its commit there, which it does not in a linked work tree. Tags would
# become part of the program.
[ -z "$(git status --porcelain)" ] || say "what is not committed is left out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --no-tags . "$work/source"
cd "$work/source"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# static ARCHITECTURE COMMAND FLAG...: have Go build what needs nothing of the machine that it runs on. Go's build id is left out: it
# depends on where the compiler is.
static() {
    arch=$1 command=$2
    shift 2
    target=$(machine "$arch")-linux-musl
    env CGO_ENABLED=1 GOOS=linux GOARCH="$arch" CGO_CFLAGS=-O2 CGO_CXXFLAGS=-O2 \
        CC="'$tools/bin/zig' cc -target $target" CXX="'$tools/bin/zig' c++ -target $target" \
        "$go" "$command" -trimpath -buildvcs=true -tags=netgo,osusergo '-ldflags=-s -w -buildid= -B=none -linkmode=external "-extldflags=-static -s"' "$@"
}

rm -rf "$out"
mkdir -p "$out/man" "$out/licences"
for arch in $arches; do
    say "build for linux/$arch"
    program=$out/grove-migrate-linux-$arch
    static "$arch" build -o "$program" ./cmd/grove-migrate
done

say "man pages and completions"
here=$("$go" env GOARCH)
static "$here" test ./cmd/grove-migrate -run '^TestManPages$' -count=1 -man "$out/man" >/dev/null
static "$here" build -o "$work/grove-migrate" ./cmd/grove-migrate
for shell in bash zsh fish; do
    mkdir -p "$out/completions/$shell"
done
"$work/grove-migrate" completion bash >"$out/completions/bash/grove-migrate"
"$work/grove-migrate" completion zsh >"$out/completions/zsh/_grove-migrate"
"$work/grove-migrate" completion fish >"$out/completions/fish/grove-migrate.fish"

say "licences"
# licences NAME DIRECTORY: the files in which a directory says on what terms it may be used.
licences() {
    found=
    for file in "$2"/LICEN[CS]E* "$2"/COPYING* "$2"/COPYRIGHT* "$2"/NOTICE*; do
        [ -f "$file" ] || continue
        found=1
        printf '\n==== %s: %s\n\n' "$1" "${file##*/}"
        cat "$file"
    done
    [ -n "$found" ] || { say "$1: there is no licence in $2" && return 1; }
}
cp LICENSE "$out/licences/"
{
    echo "The licences of what is linked into grove-migrate, which itself is under the licence in LICENSE."
    licences "Go" "$("$go" env GOROOT)"
    "$go" version -m "$program" | awk '$1 == "dep" { print $2, $3 }' | while read -r module version; do
        licences "$module $version" "$("$go" list -m -f '{{.Dir}}' "$module")"
    done
    licences "musl" "$ziglang/lib/libc/musl"
    licences "libc++" "$ziglang/lib/libcxx"
    licences "libc++abi" "$ziglang/lib/libcxxabi"
    licences "libunwind" "$ziglang/lib/libunwind"
    licences "Zig's compiler-rt" "$ziglang"
} >"$out/licences/THIRD-PARTY.txt"

say "wheels and sources"
for arch in $arches; do
    python3 packaging/backend.py wheel "$out/grove-migrate-linux-$arch" "$(machine "$arch")" "$out/licences" "$out"
done
python3 packaging/backend.py sdist "$out"

cd "$out"
find . -type f ! -name SHA256SUMS | sed 's|^\./||' | LC_ALL=C sort | while read -r file; do sha256sum "$file"; done >"$work/sums"
mv "$work/sums" SHA256SUMS
say "$(wc -l <SHA256SUMS) files in $out"

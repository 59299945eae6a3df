#!/usr/bin/env bash
# clang-tidy 19 with the checks of .clang-tidy, all of them errors:
#   tests/style/tidy.sh BUILD [FILE...]    BUILD: a build folder with compile_commands.json;
#                                          FILE: sources, by default all that BUILD compiles
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

build="${1:?which build folder? e.g. build/dev}"
build="$(cd "$build" && pwd)"
shift
[ -f "$build/compile_commands.json" ] || { echo "$build has no compile_commands.json" >&2; exit 2; }

cd "$root"
if [ $# -gt 0 ]; then
    sources=("$@")
else
    mapfile -t sources < <(sed -n "s|^ *\"file\": \"$root/\(.*\)\".*|\1|p" \
        "$build/compile_commands.json" | sort -u)
fi
[ "${#sources[@]}" -gt 0 ] || { echo "no sources to check" >&2; exit 2; }
printf '%s\0' "${sources[@]}" |
    xargs -0 -P 2 -n 1 clang-tidy-19 -p "$build" --quiet --warnings-as-errors='*' 2>&1 |
    { grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed ' || true; }
echo "${#sources[@]} files are tidy"

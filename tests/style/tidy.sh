#!/usr/bin/env bash
# clang-tidy 19 with the checks of .clang-tidy, all of them errors:
#   tests/style/tidy.sh BUILD [FILE...]    BUILD: a build folder with compile_commands.json, which
#                                          need not have been built; FILE: sources, each by itself;
#                                          by default all that BUILD compiles, in groups
# Nearly all of what clang-tidy does for a source it does in the headers of others that the source
# includes. So sources that get on with each other (tidy_groups.awk) are included into one file, and
# a group takes hardly longer than a source alone. That shows, too, when two headers of ours mean
# different things by one name.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"

build="${1:?which build folder? e.g. build/dev}"
build="$(cd "$build" && pwd)"
shift
commands="$build/compile_commands.json"
[ -f "$commands" ] || { echo "$build has no compile_commands.json" >&2; exit 2; }

cd "$root"
quiet() { grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed ' || true; }
one_by_one() {
    printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -n 1 \
        clang-tidy-19 -p "$build" --quiet --warnings-as-errors='*' 2>&1 | quiet
}
if [ $# -gt 0 ]; then
    one_by_one "$@"
    echo "$# files are tidy"
    exit
fi

# What the compiler is told, of all sources together; and what it is told of one only, left out. What
# one source's names hide of another's means nothing.
flags_of_all() {
    sed -n 's/^ *"command": "\(.*\)",$/\1/p' "$commands" | sed 's/\\\\/\\/g; s/\\"/"/g' |
        xargs printf '%s\n' | grep -E '^-(D|I|W|std=)' | grep -vE '^-D.*EMBEDDED_DATA' |
        awk '{ times[$0]++; name = $0; sub(/=.*/, "", name) }
             times[$0] == 1 { order[++n] = $0; of[$0] = name }
             END { for (i = 1; i <= n; i++)
                       if (!seen[of[order[i]]]++ && (order[i] !~ /^-W/ || times[order[i]] > 1))
                           print order[i] }'
    echo -Wno-shadow
}

# group FOLDER LEAST FILE...: a file FOLDER/N.cc for each group, and FOLDER/N.files with what is in it.
group() {
    local folder="$1" least="$2" number file members
    shift 2
    mkdir -p "$folder"
    while read -r number file; do
        members="$folder/$number"
        {
            [ -s "$members.files" ] || echo "// NOLINTBEGIN"
            # Each fuzz target has its own, by the only name that libFuzzer knows.
            ! grep -q LLVMFuzzerTestOneInput "$file" ||
                printf '#undef LLVMFuzzerTestOneInput\n#define LLVMFuzzerTestOneInput %s\n' \
                    "fuzz_$(basename "$file" .cc)"
            echo "#include \"$file\""
        } >>"$members.cc"
        echo "$file" >>"$members.files"
    done < <(awk -v least="$least" -f "$here/tidy_groups.awk" "$@")
    for members in "$folder"/*.cc; do echo "// NOLINTEND" >>"$members"; done
}

# look FILE: at one group. Sources that the compiler refuses in this company are looked at alone.
look() {
    local said="${1%.cc}.txt" alone=()
    clang-tidy-19 --quiet --warnings-as-errors='*' "$1" -- "${flags[@]}" >"$said" 2>&1 && return
    mapfile -t alone < <(sed -n 's/^\(.*\.cc\):[0-9:]* error: .*\[clang-diagnostic-error\]$/\1/p' \
        "$said" | sed "s|^$root/||" | sort -u | grep -xFf "${1%.cc}.files")
    if [ "${#alone[@]}" -eq 0 ]; then
        quiet <"$said"
        return 1
    fi
    echo "alone, for a name that another has, too: ${alone[*]}"
    for file in "${alone[@]}"; do sed -i "\|^#include \"$file\"$|d" "$1"; done
    local bad=0
    one_by_one "${alone[@]}" || bad=1
    look "$1" || bad=1
    return "$bad"
}

mapfile -t flags < <(flags_of_all)
mapfile -t sources < <(sed -n "s|^ *\"file\": \"$root/\(.*\)\".*|\1|p" "$commands" | sort -u)
[ "${#sources[@]}" -gt 0 ] || { echo "no sources to check" >&2; exit 2; }
mapfile -t code < <(printf '%s\n' "${sources[@]}" | grep -v '^tests/')
mapfile -t tests < <(printf '%s\n' "${sources[@]}" | grep '^tests/')
groups="$build/tidy"
rm -rf "$groups"
mkdir -p "$groups/tests"
cp tests/.clang-tidy "$groups/tests"
group "$groups/code" "$(nproc)" "${code[@]}"
group "$groups/tests" "$(nproc)" "${tests[@]}"

failed=0 running=0
for file in "$groups"/*/*.cc; do
    if [ "$running" -ge "$(nproc)" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    look "$file" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
[ "$failed" -ne 0 ] || echo "${#sources[@]} files are tidy"
exit "$failed"

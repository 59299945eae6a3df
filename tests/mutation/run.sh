#!/usr/bin/env bash
# Do the tests notice? Every patch beside this script is a change that a knowing adversary, or a tired
# friend, could make and that passes review. Each is applied to a copy of the tree; then the tests that
# it names must fail:
#   bash tests/mutation/run.sh                     all that are not known to be caught yet
#   bash tests/mutation/run.sh domain sources/cut  those whose names begin so
#   bash tests/mutation/run.sh --again ...         also those that were caught before
#   bash tests/mutation/run.sh --minutes 3 ...     stops after the patch that the time runs out in
#   bash tests/mutation/run.sh --report            says how it stands, and runs nothing
# What was found is kept in build/mutation, so that a run that was cut short goes on. The first line of
# a patch says what was changed; its line "test:" names the tests of which one must fail: programs, or a
# program's file, as unit_registry/comparison_test.
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(cd "$here/../.." && pwd)"
state="$repository/build/mutation"
tree="${SHIKAKU_MUTATION_TREE:-$state/tree}"  # the copy; no other work in it survives
results="$state/results.tsv"
own="$tree/build/mutation"  # of this copy: what is applied, what build and test said
applied="$own/applied"
readonly test_seconds="${SHIKAKU_MUTATION_SECONDS:-300}"

again=0 minutes=0 report=0 prefixes=()
while [ $# -gt 0 ]; do
    case "$1" in
        --again) again=1 ;;
        --minutes) minutes="${2:?--minutes needs a number}"; shift ;;
        --report) report=1 ;;
        -h|--help) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) prefixes+=("$1") ;;
    esac
    shift
done

# In a folder of a repository git would look for the patch's files beside the repository's.
patch_tree() { (cd "$tree" && GIT_CEILING_DIRECTORIES="$(dirname "$tree")" git apply "$@"); }

# The copy becomes what the tree is. Only what differs is written, or everything would be built again;
# and with a new time of change, or what differs would not be.
copy_tree() {
    local file
    mkdir -p "$own" "$state"
    if [ -s "$applied" ]; then
        patch_tree -R "$applied" || true
        rm "$applied"
    fi
    while IFS= read -r -d '' file; do
        [ -f "$repository/$file" ] || continue
        cmp -s "$repository/$file" "$tree/$file" && continue
        mkdir -p "$(dirname "$tree/$file")"
        cp "$repository/$file" "$tree/$file"
    done < <(cd "$repository" && git ls-files -z --cached --others --exclude-standard)
    # Vectors that tests read stand beside the tree.
    [ ! -d "$repository/../shared" ] || [ -e "$tree/../shared" ] ||
        ln -s "$repository/../shared" "$tree/../shared"
    [ -f "$tree/build/quick/build.ninja" ] || (cd "$tree" && cmake --preset quick >/dev/null)
}

build() {
    export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$tree}" CCACHE_NOHASHDIR=1
    (cd "$tree" && ninja -C build/quick -j "$(nproc)" "$@") >"$own/build.log" 2>&1
}

# run_test TEST: a program, or program/file, which are those of its tests that stand in file.cc. What it
# says goes to test.log.
run_test() {
    local program="${1%%/*}" only=()
    [ "$program" = "$1" ] || only=(--warn NoTests --filenames-as-tags "[#${1#*/}]")
    if [[ "$program" == unit_* ]]; then
        (cd "$tree" && timeout "$test_seconds" "build/quick/bin/$program" --abort "${only[@]}")
    else
        (cd "$tree" && ctest --test-dir build/quick -R "^$program\$" --output-on-failure \
            --timeout "$test_seconds")
    fi >"$own/test.log" 2>&1
}

names() { (cd "$here" && find . -name '*.patch' | sed 's|^\./||; s|\.patch$||' | sort); }
tests_of() { sed -n 's/^test: //p;/^---/q' "$here/$1.patch"; }
print_of() { sha256sum <"$here/$1.patch" | cut -c1-16; }
# The last word on a patch as it stands now: caught, survives, unbuildable, inapplicable; or nothing.
verdict_of() {
    [ -f "$results" ] || return 0
    awk -F'\t' -v name="$1" -v print_="$(print_of "$1")" \
        '$1 == name && $2 == print_ { last = $3 } END { print last }' "$results"
}
note() {
    printf '%s\t%s\t%s\t%s\n' "$1" "$(print_of "$1")" "$2" "$3" >>"$results"
    printf '%-12s %-44s %s\n' "$2" "$1" "$3"
}

# Nothing says anything about a test that fails without the change, too. Asked once for each state of
# the tree.
passes_as_it_is() {
    local now known
    now="$(cd "$repository" && { git rev-parse HEAD; git diff HEAD -- . ':!tests/mutation'; } |
        sha256sum | cut -c1-16)"
    known="$(awk -F'\t' -v name="test $1" -v now="$now" \
        '$1 == name && $2 == now { last = $3 } END { print last }' "$results" 2>/dev/null)"
    [ "$known" != passes ] || return 0
    build "${1%%/*}" && run_test "$1" || return 1
    printf 'test %s\t%s\tpasses\t\n' "$1" "$now" >>"$results"
}

# The first line that a failing test complains about.
place_of_failure() {
    { grep -m1 -oE '[a-z_/]+\.cc:[0-9]+: FAILED' "$own/test.log" ||
        grep -m1 -iE 'sanitizer|assert|terminate|timeout|\*\*\*' "$own/test.log" ||
        echo "it ends by itself or by time"; } | sed 's|: FAILED||; s|^/||' | head -n 1 | cut -c1-100
}

declare -A broken=()
try_patch() {
    local name="$1" tests test found=survives where=""
    tests="$(tests_of "$name")"
    for test in $tests; do
        [ -z "${broken[$test]:-}" ] || return 0
        passes_as_it_is "$test" && continue
        broken[$test]=1
        echo "$test fails without any change, see $own" >&2
        grep -m3 -E 'error:|FAILED' "$own/build.log" "$own/test.log" >&2
        return 0
    done
    if ! patch_tree "$here/$name.patch" 2>"$own/build.log"; then
        note "$name" inapplicable "$(head -n 1 "$own/build.log")"
        return
    fi
    cp "$here/$name.patch" "$applied"
    for test in $tests; do
        if ! build "${test%%/*}"; then
            found=unbuildable where="$(grep -m1 -E 'error:' "$own/build.log" | cut -c1-120)"
            break
        fi
        if ! run_test "$test"; then
            found=caught where="$test $(place_of_failure)"
            break
        fi
    done
    patch_tree -R "$applied" && rm "$applied"
    note "$name" "$found" "$where"
}

wanted() {
    local prefix
    [ "${#prefixes[@]}" -gt 0 ] || return 0
    for prefix in "${prefixes[@]}"; do [[ "$1" != "$prefix"* ]] || return 0; done
    return 1
}

mapfile -t all < <(names)
if [ "$report" = 0 ]; then
    copy_tree
    began=$SECONDS
    # By test: what one test needs is built once.
    while IFS=$'\t' read -r _ name; do
        wanted "$name" || continue
        [ "$again" = 1 ] || [ "$(verdict_of "$name")" != caught ] || continue
        try_patch "$name"
        if [ "$minutes" != 0 ] && [ $((SECONDS - began)) -ge $((minutes * 60)) ]; then
            echo "stopped after $minutes minutes; the next run goes on"
            break
        fi
    done < <(for name in "${all[@]}"; do printf '%s\t%s\n' "$(tests_of "$name")" "$name"; done | sort)
fi

declare -A count=()
failed=0
for name in "${all[@]}"; do
    wanted "$name" || continue
    verdict="$(verdict_of "$name")"
    : $((count[${verdict:-untried}] += 1))
    [ "$verdict" = caught ] || { failed=1; printf '%-12s %s\n' "${verdict:-untried}" "$name"; }
done
total=0
for verdict in "${!count[@]}"; do total=$((total + count[$verdict])); done
echo "$total changes: ${count[caught]:-0} caught, ${count[survives]:-0} not noticed," \
    "$((${count[unbuildable]:-0} + ${count[inapplicable]:-0})) to be mended, ${count[untried]:-0} untried"
exit "$failed"

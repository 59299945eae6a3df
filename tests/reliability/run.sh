#!/usr/bin/env bash
# The long runs of everything below tests/reliability, and the page made of what they found:
#   bash tests/reliability/run.sh            writes gateway/docs/reliability.md (about half an hour)
#   bash tests/reliability/run.sh --short    the short runs, as the tests do them; prints the page
#   ... --kills N                            other than 1000
#   ... --rows FOLDER                        keeps what each program found; what is there is not tried again
# What fails is in the page as well, in capital letters, and makes the exit code 1.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../gateway/run-support.sh"

page="$repository/gateway/docs/reliability.md"
export SHIKAKU_RELIABILITY_LONG=1
rows=""
while [ $# -gt 0 ]; do
    case "$1" in
        --short) page=/dev/stdout; SHIKAKU_RELIABILITY_LONG=0; shift ;;
        --kills) export SHIKAKU_RELIABILITY_KILLS="${2:?--kills needs a number}"; shift 2 ;;
        --rows) rows="${2:?--rows needs a folder}"; mkdir -p "$rows"; shift 2 ;;
        *) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
    esac
done
if [ -z "$rows" ]; then
    rows="$(mktemp -d)"
    trap 'rm -rf "$rows"' EXIT
fi
rows="$(cd "$rows" && pwd)"

programs=()
for program in power_cut failing_disk kill full_disk edited_files wrong_keys clock_step; do
    [ -e "$rows/$program" ] || programs+=("$program")
done
[ "${#programs[@]}" -eq 0 ] || configure_and_build quick "${programs[@]/#/reliability_}"

failed=()
for program in ${programs[@]+"${programs[@]}"}; do
    say "$program"
    SHIKAKU_RELIABILITY_REPORT="$rows/$program" \
        "$repository/build/quick/bin/reliability_$program" || failed+=("$program")
    [ -e "$rows/$program" ] || echo "| (not tried) | 0 | | not possible on this machine |" >"$rows/$program"
done

# section TITLE WORDS PROGRAM...: a table of their rows.
section() {
    printf '\n## %s\n\n%s\n\n| fault | tried | outcome | how, or in which words |\n|---|---:|---|---|\n' "$1" "$2"
    cat "${@:3}"
}

# Made by other scripts (tests/mutation/run.sh, tests/bench/attackers.sh), and kept as it is.
noticed="$(sed -n '/^## Changes that tests must notice/,$p' "$repository/gateway/docs/reliability.md")"

cd "$rows"
{
    cat <<'INTRODUCTION'
# Reliability

Made by `tests/reliability/run.sh` from what its runs found; short versions of the same runs are among the tests
(`ctest -L reliability`). What is not in a table was not tried.

*Acknowledged* means: a desk got its answer, a municipality its report. *Lost* would be: an acknowledged entry that is not in
the log under its index, byte for byte; a checkpoint someone saw that the log no longer contains; rows of a generation that
was acknowledged, or a mix of two; a used token that works again.
INTRODUCTION
    section "Power cuts and failing disks" \
        "The log and the registry work on a disk that notes every write, flush, rename and removal. At a cut it keeps what was
flushed; of everything else each 512-byte sector is as it was, as some later write left it, torn between two writes, or zero
where the file was shorter; file sizes and names that were not flushed may be lost. Then both are opened again, every promise
made before the cut is held against them, and they must go on. The disk keeps one promise: a write does not harm sectors it
does not touch. Against a disk that says it flushed and did not, nothing can be promised; a start that finds less than any other
file knows of is refused. What is then lost unnoticed are answers of the last second, of which nothing was flushed anywhere." \
        power_cut failing_disk
    section "Kills and a full disk" "The real programs over TLS." kill full_disk
    section "Edited files and old backups" \
        "The gateway is stopped, its files are changed, and it is started again. The last column is what it, or
\`shikaku-audit verify\`, said." edited_files
    section "Wrong keys" "The gateway is started over files that were made with other keys." wrong_keys
    section "Clock steps" "The gateway runs with a wall clock of the test's." clock_step
    printf '\n%s\n' "$noticed"
} >"$rows/page"
cat "$rows/page" >"$page"
[ "${#failed[@]}" -eq 0 ] || fail "what failed stands in capital letters in the page: ${failed[*]}"

#!/usr/bin/env bash
# Builds the fuzz targets (preset dev: libFuzzer, ASan, UBSan) and lets each look for inputs that
# break it, as many at a time as there are cores:
#   bash tests/fuzz/run.sh [--seconds N] [TARGET...]    N: for each target, 30 by default
# What it learns stays in build/dev/fuzz/found/TARGET for the next run. An input that breaks a target is
# kept as build/dev/fuzz/broken/TARGET-*: mend the cause, and add the file to tests/fuzz/corpus/TARGET,
# where every build tries it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../gateway/run-support.sh"

seconds=30
wanted=()
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds="${2:?--seconds needs a number}"; shift 2 ;;
        -h|--help) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) wanted+=("$1"); shift ;;
    esac
done

say "Packages (gateway/packages.txt: build, test)"
bash "$repository/gateway/install-packages.sh" build test
build="$repository/build/dev"
say "Building the fuzz targets into build/dev"
if [ "${#wanted[@]}" -eq 0 ]; then
    configure_and_build dev fuzz
else
    configure_and_build dev "${wanted[@]/#/fuzz_}"
fi
targets="$build/tests/fuzz/targets.txt"
[ "${#wanted[@]}" -gt 0 ] || mapfile -t wanted < <(cut -d ' ' -f 1 "$targets")

say "$seconds s for each of ${#wanted[@]} parsers"
# one TARGET: its own folder first, where libFuzzer writes what it learns.
one() {
    local target="$1" line log
    line="$(grep "^$target " "$targets")" || { echo "$target: no such target" >&2; return 1; }
    log="$build/fuzz/$target.log"
    mkdir -p "$build/fuzz/found/$target" "$build/fuzz/broken"
    # shellcheck disable=SC2086  # folders of ours, without spaces
    if ! "$build/bin/fuzz_$target" --search -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=8192 -artifact_prefix="$build/fuzz/broken/$target-" "$build/fuzz/found/$target" \
        ${line#"$target"} >"$log" 2>&1; then
        echo "$target: broken"
        grep -vE '^(INFO|#[0-9])' "$log" | head -n 40
        return 1
    fi
    printf '%-15s %s\n' "$target" "$(grep -E '^#[0-9]+\s+DONE' "$log" || tail -n 1 "$log")"
}
export -f one
export build targets seconds
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
symbolizer="$(command -v llvm-symbolizer-19 || true)"
[ -z "$symbolizer" ] || export ASAN_SYMBOLIZER_PATH="$symbolizer"
printf '%s\n' "${wanted[@]}" | xargs -P "$(nproc)" -I {} bash -c 'one "$1"' _ {}

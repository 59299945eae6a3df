#!/usr/bin/env bash
# Builds everything with ASan and UBSan (preset dev) and runs every test:
#   bash tests/run.sh                 everything; ends with ctest's summary, non-zero on a failure
#   bash tests/run.sh --label unit    only the tests with that label (ctest -L)
# Anything else on the command line goes to ctest as it is, e.g. -R decide.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../gateway/run-support.sh"

ctest_arguments=()
while [ $# -gt 0 ]; do
    case "$1" in
        --label) ctest_arguments+=(-L "${2:?--label needs a name}"); shift 2 ;;
        -h|--help) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) ctest_arguments+=("$1"); shift ;;
    esac
done

say "Packages (gateway/packages.txt: build, test, alerts)"
bash "$repository/gateway/install-packages.sh" build test alerts
echo "   all there"

say "Building with sanitizers into build/dev"
configure_and_build dev

timings
say "Running the tests"
cd "$repository"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
symbolizer="$(command -v llvm-symbolizer-19 || true)"
[ -z "$symbolizer" ] || export ASAN_SYMBOLIZER_PATH="$symbolizer"
ctest --test-dir build/dev --output-on-failure -j "$(nproc)" --timeout 600 \
    ${ctest_arguments[@]+"${ctest_arguments[@]}"}

#!/usr/bin/env bash
# The patches of tests/mutation still fit the tree, say in words what they change, and name tests that
# there are: so that they are mended with the code, not found stale by whoever runs them next.
#   tests/style/mutation.sh [ROOT]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "${1:-$here/../..}"
[ -d tests/mutation ] || exit 0
bad=0
complain() { echo "$*"; bad=1; }

known="$(find tests -name CMakeLists.txt -exec \
    sed -nE 's/^ *shikaku_[a-z_]+_test\(([a-z_]+).*/\1/p' {} + | sort -u)"
while read -r patch; do
    head -n 1 "$patch" | grep -qE '^[[:alnum:]"].*\.$' || complain "$patch: the first line is no sentence"
    tests="$(sed -n 's/^test: //p;/^---/q' "$patch")"
    [ -n "$tests" ] || complain "$patch: no line 'test:'"
    for test in $tests; do
        grep -qx "${test%%/*}" <<<"$known" || complain "$patch: there is no test ${test%%/*}"
        [[ "$test" != */* ]] || [ -n "$(find tests -name "${test#*/}.cc")" ] ||
            complain "$patch: there is no ${test#*/}.cc"
    done
    git apply --check "$patch" 2>/dev/null ||
        complain "$patch: does not fit the code any more; change it with the code that it changes"
done < <(find tests/mutation -name '*.patch' | sort)
exit "$bad"

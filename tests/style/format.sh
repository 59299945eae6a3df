#!/usr/bin/env bash
# Every .h and .cc is as clang-format 19 writes it (.clang-format). Exit code 77, which ctest shows as
# skipped, when clang-format 19 is not installed: it is no part of building and testing.
#   tests/style/format.sh [--fix]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v clang-format-19 >/dev/null; then
    echo "skipped: clang-format-19 is not installed (package clang-format-19)"
    exit 77
fi
action=(--dry-run -Werror)
[ "${1:-}" != --fix ] || action=(-i)
find gateway adapters municipal-mocks tests \( -name '*.h' -o -name '*.cc' \) -print0 |
    xargs -0 -P 2 -n 40 clang-format-19 "${action[@]}"
echo "formatted"

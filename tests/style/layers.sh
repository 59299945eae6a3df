#!/usr/bin/env bash
# Checks every #include of the project against tests/style/layers.txt:
#   tests/style/layers.sh [ROOT]    ROOT: a source tree, by default the one this script is in
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "${1:-$here/../..}"

folders=()
for folder in gateway adapters municipal-mocks; do
    [ ! -d "$folder" ] || folders+=("$folder")
done

{ grep -rHnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' --include='*.h' --include='*.cc' \
    "${folders[@]}" || true; } |
    awk -f "$here/layers.awk" "$here/layers.txt" -

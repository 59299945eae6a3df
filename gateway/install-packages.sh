#!/usr/bin/env bash
# Installs what is missing of the named sections of gateway/packages.txt (Debian 12):
#   gateway/install-packages.sh build test
# Says what it does; asks dpkg only, and so takes a moment, when nothing is missing.
set -euo pipefail

list="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/packages.txt"

packages_of() {
    awk -v wanted=" $* " '
        { sub(/#.*/, ""); gsub(/[ \t]+/, "") }
        /^\[.*\]$/ { section = substr($0, 2, length($0) - 2); next }
        $0 != "" && index(wanted, " " section " ") { print }' "$list"
}

[ $# -gt 0 ] || { echo "usage: install-packages.sh SECTION... (see $list)" >&2; exit 2; }
for section in "$@"; do
    if ! grep -qx "\[$section\]" "$list"; then
        echo "install-packages.sh: no section [$section] in $list" >&2
        exit 2
    fi
done

if ! command -v dpkg-query >/dev/null; then
    echo "This machine has no dpkg. Install the counterparts of these Debian 12 packages:" >&2
    packages_of "$@" >&2
    exit 3
fi

missing=()
while read -r package; do
    state="$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)"
    [ "$state" = installed ] || missing+=("$package")
done < <(packages_of "$@")
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        { echo "Missing packages: ${missing[*]}. Run as root, or install sudo." >&2; exit 3; }
    as_root=(sudo)
fi

echo "== Installing ${#missing[@]} Debian packages: ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0
     -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
"${apt[@]}" update || echo "   (some package lists could not be refreshed; going on with those here)"
"${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null

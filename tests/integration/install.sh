#!/usr/bin/env bash
# cmake --install into an empty root: install.sh BUILD CERTS. Everything an operator needs is there,
# the programs run from there and tell which build they are, and the example configuration is one
# that `shikaku check` takes.
set -euo pipefail
build="$1" certs="$2"
source_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT
fail() { echo "install.sh: $*" >&2; exit 1; }

DESTDIR="$root" cmake --install "$build" --prefix /usr >/dev/null

commit="$(sed -n 's/.*SHIKAKU_COMMIT "\(.*\)"/\1/p' "$build/made/gateway/support/commit.h")"
[ -n "$commit" ] || fail "the build knows no commit"
for program in shikaku shikaku-desk shikaku-publish shikaku-audit; do
    told="$("$root/usr/bin/$program" --version)"
    [[ "$told" == *"($commit)" ]] || fail "$program --version: $told"
done
share="$root/usr/share/shikaku"
for file in "$root/usr/lib/systemd/system/shikaku.service" "$root/usr/share/doc/shikaku/operations.md" \
    "$share/shikaku.toml" "$share/alerts.yml" "$share/dashboard.json"; do
    [ -s "$file" ] || fail "missing: ${file#"$root"}"
done
! find "$root" -type f -name '*test*' | grep . || fail "tests are not for installing"
! find "$root/usr/bin" -mindepth 1 ! -name 'shikaku*' | grep . || fail "not a program of ours"

# The example, with the files of the development PKI under the names it gives them.
etc="$root/etc/shikaku"
mkdir -p "$etc"
for pair in server.crt server.key client-ca.crt=ca.crt client-ca.crl=crl.pem keyring.json log-signer.key \
    card-issuer.jwks.json source.crt=gateway.crt source.key=gateway.key source-ca.crt=ca.crt; do
    cp -p "$certs/${pair#*=}" "$etc/${pair%=*}"
done
cp "$share/shikaku.toml" "$etc/shikaku.toml"
"$root/usr/bin/shikaku" check --config "$etc/shikaku.toml" || fail "the example is refused"

# An archive tells its commit where there is no git.
unpacked="$root/unpacked"
mkdir -p "$unpacked/gateway/support"
echo 0123456789abcdef0123456789abcdef01234567 >"$unpacked/gateway/support/commit.txt"
cmake -D SOURCE="$unpacked" -D HEADER="$root/archive.h" \
    -P "$source_folder/gateway/support/commit.cmake"
grep -qF '"0123456789ab"' "$root/archive.h" || fail "archive: $(cat "$root/archive.h")"
echo '$Format:%H$' >"$unpacked/gateway/support/commit.txt"
cmake -D SOURCE="$unpacked" -D HEADER="$root/archive.h" \
    -P "$source_folder/gateway/support/commit.cmake"
grep -qF '"unknown"' "$root/archive.h" || fail "neither: $(cat "$root/archive.h")"
grep -qx 'gateway/support/commit.txt export-subst' "$source_folder/.gitattributes" ||
    fail "git archive would not tell the commit"

#!/usr/bin/env bash
# The development PKI: bash certs/make.sh [--force] DIR
#
# Makes what is missing in DIR and renews what ends within a week or does not fit the CA; does nothing
# when all is there. --force renews every certificate, the revocation list and the card issuers' keys,
# but never the keys that stored data needs (keyring.json, linkage.secret, log-signer.key): remove
# those by hand, together with the data. Needs openssl and coreutils only. What each file is:
# certs/README.md.
set -euo pipefail

fail() { echo "make.sh: $*" >&2; exit 2; }
usage() { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

force=
folder=
for argument in "$@"; do
    case "$argument" in
        --force) force=yes ;;
        -h | --help) usage; exit 0 ;;
        -*) fail "unknown option $argument (see --help)" ;;
        *) [ -z "$folder" ] || fail "one folder only"; folder="$argument" ;;
    esac
done
[ -n "$folder" ] || fail "the folder is missing (see --help)"
command -v openssl >/dev/null || fail "openssl is not installed"

umask 077
mkdir -p "$folder"
chmod 755 "$folder"
cd "$folder"
exec 9>.lock
flock 9  # tests may ask for the same folder at once
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

days=397
week=$((7 * 24 * 3600))
made=0
said() { echo "  $1"; made=$((made + 1)); }
publish() { chmod "$1" "$work/$2"; mv -f "$work/$2" "$2"; }

# --- keys and certificates -----------------------------------------------------------------------

new_key() {  # FILE, arguments of genpkey
    local file="$1"; shift
    openssl genpkey "$@" -out "$work/$file" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    publish 600 "$file"
}
ec_key() { new_key "$1" -algorithm EC -pkeyopt ec_paramgen_curve:P-256; }

fits() {  # certificate: signed by this CA, its own key beside it, good for another week
    [ -f "$1.crt" ] && [ -f "$1.key" ] &&
        openssl verify -CAfile ca.crt -attime "$(($(date +%s) + week))" "$1.crt" >/dev/null 2>&1 &&
        [ "$(openssl x509 -in "$1.crt" -noout -pubkey)" = "$(openssl pkey -in "$1.key" -pubout)" ]
}

make_ca() {
    [ -z "$force" ] && fits ca && return
    ec_key ca.key
    openssl req -x509 -new -key ca.key -sha256 -days 3650 -out "$work/ca.crt" \
        -subj "/O=Shikaku development/CN=Shikaku development CA" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign"
    publish 644 ca.crt
    said "ca                     the authority that signs all of these, for development only"
}

make_certificate() {  # NAME, USAGE (serverAuth, clientAuth), SUBJECT ALTERNATIVE NAME
    local name="$1" usage="$2" alternative="$3"
    [ -z "$force" ] && fits "$name" && return
    ec_key "$name.key"
    cat >"$work/extensions" <<END
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=$usage
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
subjectAltName=$alternative
END
    openssl req -new -key "$name.key" -subj "/O=Shikaku development/CN=$name" |
        openssl x509 -req -CA ca.crt -CAkey ca.key -sha256 -days "$days" \
            -set_serial "0x40$(openssl rand -hex 15)" -extfile "$work/extensions" \
            -out "$work/$name.crt" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    publish 644 "$name.crt"
    said "$(printf '%-22s' "$name") $alternative"
}

crl_fits() {
    [ -f crl.pem ] && [ crl.pem -nt clinic-revoked.crt ] &&
        openssl crl -in crl.pem -CAfile ca.crt -noout 2>&1 | grep -q "verify OK" || return 1
    local next
    next="$(date -d "$(openssl crl -in crl.pem -noout -nextupdate | cut -d= -f2)" +%s)"
    [ "$next" -gt "$(($(date +%s) + week))" ]
}

make_crl() {
    [ -z "$force" ] && crl_fits && return
    : >"$work/index"
    date +%s | { read -r number; printf '%012X\n' "$number"; } >"$work/crl-number"
    cat >"$work/ca.conf" <<END
[ca]
default_ca = development
[development]
database = $work/index
crlnumber = $work/crl-number
default_md = sha256
crl_extensions = crl
[crl]
authorityKeyIdentifier = keyid
END
    { openssl ca -config "$work/ca.conf" -keyfile ca.key -cert ca.crt -revoke clinic-revoked.crt &&
        openssl ca -config "$work/ca.conf" -keyfile ca.key -cert ca.crt -gencrl \
            -crldays "$days" -out "$work/crl.pem"; } 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    publish 644 crl.pem
    said "crl.pem                revokes clinic-revoked"
}

# --- card issuers --------------------------------------------------------------------------------

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
public_tail() { openssl pkey -in "$1" -pubout -outform DER | tail -c "$2"; }  # of the SPKI

rsa_numbers() {
    local modulus
    modulus="$(openssl rsa -in "$1" -noout -modulus 2>/dev/null)"
    printf '"kty": "RSA", "n": "%s", "e": "AQAB"' \
        "$(printf '%s' "${modulus#Modulus=}" | basenc --base16 -d | base64url)"
}

ec_numbers() {  # KEY, CURVE, octets of a coordinate
    printf '"kty": "EC", "crv": "%s", "x": "%s", "y": "%s"' "$2" \
        "$(public_tail "$1" $((2 * $3)) | head -c "$3" | base64url)" \
        "$(public_tail "$1" "$3" | base64url)"
}

okp_numbers() {
    printf '"kty": "OKP", "crv": "Ed25519", "x": "%s"' "$(public_tail "$1" 32 | base64url)"
}

issuer_key() {  # FILE, ALGORITHM, arguments of genpkey
    local file="$1" algorithm="$2"; shift 2
    [ -z "$force" ] && [ -f "$file" ] && return
    new_key "$file" "$@"
    issuers_changed=yes
    said "$(printf '%-22s' "$file") signs demo cards with $algorithm"
}

make_card_issuers() {
    local rsa=(-algorithm RSA -pkeyopt rsa_keygen_bits:2048) ec=(-algorithm EC -pkeyopt)
    issuers_changed=
    issuer_key card-issuer.key RS256 "${rsa[@]}"
    issuer_key card-issuer-ps256.key PS256 "${rsa[@]}"
    issuer_key card-issuer-es256.key ES256 "${ec[@]}" ec_paramgen_curve:P-256
    issuer_key card-issuer-es384.key ES384 "${ec[@]}" ec_paramgen_curve:P-384
    issuer_key card-issuer-eddsa.key EdDSA -algorithm ED25519
    [ -z "$issuers_changed" ] && [ -f card-issuer.jwks.json ] && return
    local rest='"use": "sig", "alg": "%s", "kid": "card-issuer-%s"'
    {
        echo '{"keys": ['
        printf '  {%s, '"$rest"'},\n' "$(rsa_numbers card-issuer.key)" RS256 rs256
        printf '  {%s, '"$rest"'},\n' "$(rsa_numbers card-issuer-ps256.key)" PS256 ps256
        printf '  {%s, '"$rest"'},\n' "$(ec_numbers card-issuer-es256.key P-256 32)" ES256 es256
        printf '  {%s, '"$rest"'},\n' "$(ec_numbers card-issuer-es384.key P-384 48)" ES384 es384
        printf '  {%s, '"$rest"'}\n' "$(okp_numbers card-issuer-eddsa.key)" EdDSA eddsa
        echo ']}'
    } >"$work/card-issuer.jwks.json"
    publish 644 card-issuer.jwks.json
    said "card-issuer.jwks.json  the public keys of these five"
}

# --- secrets that stored data needs: never renewed -------------------------------------------------

make_data_keys() {
    if [ ! -f log-signer.key ]; then
        new_key log-signer.key -algorithm ED25519
        said "log-signer.key         signs the checkpoints of the log (Ed25519)"
    fi
    if [ ! -f keyring.json ]; then
        {
            echo '{"keys": ['
            for purpose in registry cache audit token seal; do
                printf '  {"purpose": "%s", "id": 1, "secret": "%s", "active": true}%s\n' \
                    "$purpose" "$(openssl rand -base64 32)" "$([ "$purpose" = seal ] || echo ,)"
            done
            echo ']}'
        } >"$work/keyring.json"
        publish 600 keyring.json
        said "keyring.json           the gateway's blind keys and its sealing key"
    fi
    if [ ! -f linkage.secret ]; then
        openssl rand -base64 32 >"$work/linkage.secret"
        publish 600 linkage.secret
        said "linkage.secret         turns personal numbers into link keys, at the edge only"
    fi
}

echo "development PKI in $folder"
local_names="DNS:localhost,IP:127.0.0.1,IP:::1"
make_ca
make_certificate server serverAuth "$local_names"
make_certificate source-130001 serverAuth "$local_names"
make_certificate gateway clientAuth "DNS:gateway.shikaku.example"
make_certificate clinic-a clientAuth "URI:urn:shikaku:institution:1312345676"
make_certificate clinic-a-second clientAuth "URI:urn:shikaku:institution:1312345676"
make_certificate clinic-b clientAuth "URI:urn:shikaku:institution:1313100245"
make_certificate clinic-kanagawa clientAuth "URI:urn:shikaku:institution:1414100319"
make_certificate clinic-revoked clientAuth "URI:urn:shikaku:institution:1312500098"
make_certificate pharmacy-a clientAuth "URI:urn:shikaku:institution:1344400180"
make_certificate authority-132012 clientAuth "URI:urn:shikaku:authority:132012"
make_certificate authority-130001 clientAuth "URI:urn:shikaku:authority:130001"
make_certificate auditor-a clientAuth "URI:urn:shikaku:auditor:auditor-a"
make_certificate operator-a clientAuth "URI:urn:shikaku:operator:operator-a"
make_crl
make_card_issuers
make_data_keys
if [ "$made" -eq 0 ]; then
    echo "  nothing to do"
else
    echo "  $made made"
fi

#!/usr/bin/env bash
# One polite clinic beside each attacker, one after the other, on a gateway with real TLS:
#   bash tests/bench/attackers.sh [--short] [--json FILE] [--preset NAME] [CASE...]
# Writes the table into gateway/docs/reliability.md; with --short (about two minutes) or with cases
# named it prints it instead.
# --json      writes what each attacker did and got, and what it did to the others
# --preset    another build than release
# The server runs on core 0, the clinic and its attackers on core 1. Attackers give way to the clinic
# there: it has a machine of its own. What is asked of a case stands in attackers_cases.sh.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../gateway/run-support.sh"
source "$here/servers.sh"
source "$here/attackers_cases.sh"

short=false json="" preset=release only=()
while [ $# -gt 0 ]; do
    case "$1" in
        --short) short=true; shift ;;
        --json) json="$(realpath -m "${2:?--json needs a file}")"; shift 2 ;;
        --preset) preset="${2:?--preset needs a name}"; shift 2 ;;
        -*) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
        *) only+=("$1"); shift ;;
    esac
done
[ "$(nproc)" -ge 2 ] || fail "needs two cores"
if $short; then seconds=3; else seconds=10; fi

server_cpu=0 load_cpu=1
bench="$repository/build/bench" certs="$repository/build/bench/certs"
run_folder="$bench/run" results="$bench/attackers" bin="$repository/build/$preset/bin"
load="$bin/load"
ulimit -n "$(ulimit -Hn)"
mkdir -p "$bench"
stop_programs
finish() {
    trap - EXIT
    stop_programs
    local jobs
    jobs="$(jobs -p)"
    [ -z "$jobs" ] || kill $jobs 2>/dev/null || true
}
trap finish EXIT
bash "$repository/certs/make.sh" "$certs" >"$bench/certs.log"
configure_and_build "$preset" load shikaku shikaku-publish
make_issuer
rm -rf "$results" "$bench"/data-attacked*
mkdir -p "$results"

say "A gateway with the data of two authorities"
prepare_gateway
say "Attacks: server on core $server_cpu, clinics on core $load_cpu, $seconds s each"
[ "${#only[@]}" -gt 0 ] || only=("${cases[@]}")
for one in "${only[@]}"; do beside "$one"; done

jq -s . $(printf "$results/%s.case " "${only[@]}") >"$results/all.json"
[ -z "$json" ] || { mkdir -p "$(dirname "$json")" && cp "$results/all.json" "$json"; }
jq -r -f "$here/attackers.jq" --arg machine \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" --arg seconds "$seconds" \
    "$results/all.json" >"$results/page.md"
page="$repository/gateway/docs/reliability.md"
if $short || [ "${#only[@]}" -lt "${#cases[@]}" ]; then
    cat "$results/page.md"
else
    sed -i -e "/^<!-- attackers -->/,/^<!-- end of attackers -->/{/^<!-- attackers -->/r $results/page.md
        /^<!--/!d}" "$page"
    echo "   in $page"
fi

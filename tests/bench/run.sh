#!/usr/bin/env bash
# Measures the gateway beside its limit, in one run on one machine:
#   bash tests/bench/run.sh [--short] [--ordinary] [--json FILE] [--check]
# --short     about three minutes: 100,000 entitlements, an empty log
# --ordinary  beside them an ordinary stack (Node, tests/bench/ordinary)
# --json      writes the ratios and the figures behind them
# --check     fails when a ratio is outside tests/bench/budget.json
# The servers run on core 0, the load on core 1; both need a core of their own to mean anything.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../gateway/run-support.sh"
source "$here/limit.sh"
source "$here/servers.sh"
source "$here/cases.sh"
source "$here/practice.sh"

short=false ordinary=false check=false json=""
while [ $# -gt 0 ]; do
    case "$1" in
        --short) short=true; shift ;;
        --ordinary) ordinary=true; shift ;;
        --check) check=true; shift ;;
        --json) json="${2:?--json needs a file}"; shift 2 ;;
        *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
done
[ -z "$json" ] || json="$(realpath -m "$json")"
[ "$(nproc)" -ge 2 ] || fail "needs two cores"

server_cpu=0 load_cpu=1
bench="$repository/build/bench" certs="$repository/build/bench/certs"
run_folder="$bench/run" results="$bench/results" bin="$repository/build/release/bin"
load="$bin/load"
# How long one figure is measured, and how many tokens may be signed for it: a token lives for five
# minutes and each is used once.
if $short; then seconds=2 tokens=40000; else seconds=4 tokens=90000; fi

say "Packages (gateway/packages.txt: build, bench)"
sections=(build bench)
# Node from elsewhere will do.
if $ordinary && ! command -v npm >/dev/null; then sections+=(ordinary); fi
bash "$repository/gateway/install-packages.sh" "${sections[@]}"
programs=(load log_fill shikaku shikaku-publish municipal-mock)
ulimit -n "$(ulimit -Hn)"
mkdir -p "$bench"
stop_programs
trap stop_programs EXIT
bash "$repository/certs/make.sh" "$certs" >"$bench/certs.log"
if practice_is_due; then
    say "Practice: a gateway that notes what runs, for a build that makes use of it"
    configure_and_build recording "${programs[@]}"
    practise
fi
say "Building into build/release"
configure_and_build release "${programs[@]}"
make_issuer

rm -rf "$results" "$bench"/data-*
mkdir -p "$results"

say "Measuring: servers on core $server_cpu, load on core $load_cpu"
record rsa_checks "$(rsa_checks_per_second "$seconds")"
published_cases
overload_cases
live_cases
$short || size_cases

summary="$bench/summary.json"
jq -n 'reduce inputs as $one ({}; .[input_filename | split("/")[-1] | rtrimstr(".json")] = $one)' \
    "$results"/*.json | jq -f "$here/summary.jq" \
    --arg machine "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores" \
    --arg kernel "$(uname -r)" >"$summary"
jq -r -f "$here/table.jq" "$summary"
[ -z "$json" ] || { mkdir -p "$(dirname "$json")" && cp "$summary" "$json"; }
if $check; then
    jq -r --slurpfile budget "$here/budget.json" -f "$here/check.jq" "$summary" >"$bench/check.txt"
    cat "$bench/check.txt"
    ! grep -q '^FAILED' "$bench/check.txt" || exit 1
fi

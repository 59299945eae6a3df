# The gateway and a live municipal system under measurement; sourced by run.sh.

# start_gateway NAME: pinned, one request thread, a fresh data folder; the [[authority]] tables come
# from standard input. Sets $url, $ops and $server_pid.
start_gateway() {
    local name="$1" port ops_port data="$bench/data-$1"
    port="$(free_port 18443)"
    ops_port="$(free_port 19464)"
    url="https://127.0.0.1:$port" ops="http://127.0.0.1:$ops_port"
    mkdir -p "$data"
    cat >"$bench/$name.toml" <<TOML
[server]
listen = "127.0.0.1:$port"
threads = 1
certificate = "$certs/server.crt"
key = "$certs/server.key"
client_ca = "$certs/ca.crt"
[ops]
listen = "127.0.0.1:$ops_port"
[data]
directory = "$data"
[keys]
ring = "$certs/keyring.json"
log_signer = "$certs/log-signer.key"
[log]
origin = "shikaku.example/log"
level = "warn"
[[issuer]]
name = "https://card-issuer.shikaku.example"
jwks = "$bench/issuer/jwks.json"
[limits.institution]
per_minute = 0
TOML
    cat - >>"$bench/$name.toml"
    "$bin/shikaku" init --config "$bench/$name.toml" >"$bench/init-$name.log"
    restart_gateway "$name"
}

# For a gateway whose handshakes are measured; the others keep their usual pace, which a stampede of
# thousands must pass.
handshakes_without_end='[limits.client_handshakes]
per_minute = 0
[limits.network_handshakes]
per_minute = 0'

# Starts a gateway again, or for the first time, with what start_gateway wrote for it.
restart_gateway() {
    local name="$1"
    start_program "gateway-$name" "$bench/gateway-$name.log" \
        taskset -c "$server_cpu" "$bin/shikaku" serve --config "$bench/$name.toml"
    server_pid="$(pid_of "gateway-$name")"
    wait_until_ready "gateway-$name" "$bench/gateway-$name.log" "$ops/readyz"
}

# publish FILE [AS]: recipients, of Hachioji when nobody is named, after the scheme pack. Sets $took,
# seconds.
publish() {
    local begin="$EPOCHREALTIME"
    SHIKAKU_URL="$url" SHIKAKU_CA="$certs/ca.crt" SHIKAKU_CERTS="$certs" \
        taskset -c "$load_cpu" "$bin/shikaku-publish" recipients "$1" --as "${2:-authority-132012}" \
        >>"$bench/publish.log" 2>&1 || { tail "$bench/publish.log" >&2; fail "publishing failed"; }
    took="$(awk -v b="$begin" -v e="$EPOCHREALTIME" 'BEGIN { printf "%.3f", e - b }')"
}

publish_schemes() {
    SHIKAKU_URL="$url" SHIKAKU_CA="$certs/ca.crt" SHIKAKU_CERTS="$certs" \
        "$bin/shikaku-publish" schemes "$2" --as "$1" >>"$bench/publish.log" 2>&1 ||
        { tail "$bench/publish.log" >&2; fail "the scheme pack was refused"; }
}

make_issuer() { grep -qs bench-forged "$bench/issuer/jwks.json" || "$load" issuer --out "$bench/issuer"; }

resident_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$server_pid/status"; }

record() { jq -n --argjson value "$2" '$value' >"$results/$1.json"; }

# measure NAME OPTION...: one figure against $url as $clinic, clinic-a when it is not set, kept in
# $results/NAME.json. Who is sent away (503), as the last in the line on a slow core, is not answered.
measure() {
    local name="$1" as="${clinic:-clinic-a}"; shift
    sync  # what was written before must not compete for the disk
    "$load" run --url "$url" --cert "$certs/$as.crt" --key "$certs/$as.key" \
        --cpu "$load_cpu" --server-pid "$server_pid" --seconds "$seconds" --sent-away 503 "$@" \
        >"$results/$name.json" || fail "the case '$name' went wrong"
    printf '   %-22s %9.0f/s   p50 %7.0f us   p99 %8.0f us\n' "$name" \
        $(jq -r '.questions_per_second, .p50_us, .p99_us' "$results/$name.json")
}

# hold NAME CONNECTIONS: resident memory while that many connections idle. Sets $took, the seconds
# until each of them, all opened at once, had its first answer.
hold() {
    local name="$1" connections="$2" pipe="$bench/hold.pipe" out="$bench/hold.out"
    local begin="$EPOCHREALTIME"
    rm -f "$pipe" "$out"
    mkfifo "$pipe"
    "$load" hold --url "$url" --cert "$certs/clinic-a.crt" --key "$certs/clinic-a.key" \
        --cpu "$load_cpu" --get /log/checkpoint --connections "$connections" <"$pipe" >"$out" &
    local holder=$!
    exec 9>"$pipe"
    while [ ! -s "$out" ] && kill -0 "$holder" 2>/dev/null; do sleep 0.1; done
    took="$(awk -v b="$begin" -v e="$EPOCHREALTIME" 'BEGIN { printf "%.1f", e - b }')"
    record "$name" "$(resident_kb)"
    exec 9>&-
    wait "$holder" || fail "the server did not keep $connections idle connections"
    rm -f "$pipe" "$out"
}

# Who attacks, and what is noted beside it; sourced by attackers.sh.

cases=(nobody ten_times ten_times_limited forged_batches many_names_in_packs many_names_in_lines
    empty_questions mute idle trickling_bodies deaf key_updates client_hellos handshakes denials
    uploads stampede silent_sources)

# What each does, for the table; what it is made of stands in attack_CASE.
declare -A does=(
    [nobody]="nobody"
    [ten_times]="one clinic asks on 2,560 connections as fast as it is answered, its limit switched off"
    [ten_times_limited]="the same with the limit that holds by default"
    [forged_batches]="4 streams of batches with 1,000 forged ES384 tokens"
    [many_names_in_packs]="an authority sends scheme packs of 2 MiB, 1,000 long and almost equal names in each object, on 8 connections"
    [many_names_in_lines]="a clinic sends batches of 4 MiB with such objects as lines, on 8 connections"
    [empty_questions]="batches of 1.39 million empty questions, on 8 connections"
    [mute]="10,000 connections from 20 addresses that never say a word, begun again when they end"
    [idle]="10,000 idle TLS connections of one certificate, from 4 addresses, begun again when they end"
    [trickling_bodies]="150 batches of 4 MiB at once, the last 60 bytes one a second"
    [deaf]="256 connections that ask for 71 KB again and again and read nothing"
    [key_updates]="TLS key updates without pause, on 8 connections"
    [client_hellos]="256 handshakes at once from 4 addresses, left when the server has done its part"
    [handshakes]="128 handshakes at once from 4 addresses, without a certificate"
    [denials]="expired card tokens as fast as they are refused, on 256 connections, the limit switched off"
    [uploads]="an authority publishes 100,000 rows again and again, three at a time; another one rolls back"
    [stampede]="5,000 clients that connect all at once, each from an address of its own, with a question each"
    [silent_sources]="a clinic asks 50 times a second about people of two municipalities: of one the name server is mute, of the other the system"
)

# Hachioji's data, twice, so that there is something to roll back to; Tokyo's besides.
prepare_gateway() {
    local pack
    "$load" population --people 10000 --out "$bench/10k.csv"
    for segment in general1 general2; do
        "$load" population --people 100000 --out "$bench/tokyo-$segment.csv" --scheme nanbyo-54 \
            --certificate-type nanbyo-54 --payer-number 54136015 --age 40 \
            --income-segment "$segment" --designated-institution 1312345676
    done
    start_gateway attacked <<'TOML'
[[authority]]
code = "132012"
adapter = "published"
[[authority]]
code = "130001"
adapter = "published"
TOML
    for pack in 132012 130001; do
        publish_schemes "authority-$pack" "$repository/municipal-mocks/schemes/$pack.json"
    done
    publish "$bench/10k.csv"
    publish "$bench/10k.csv"
    last_publication="$(grep -oE '\b[0-9A-HJKMNP-TV-Z]{26}\b' "$bench/publish.log" | tail -1)"
    publish "$bench/tokyo-general1.csv" authority-130001
    stop_program gateway-attacked
    silent_configuration
}

# The same with two live sources that never say anything.
silent_configuration() {
    cp "$bench/attacked.toml" "$bench/attacked-silent.toml"
    local code
    for code in 271004:silent.shikaku.example 272078:127.0.0.1; do
        cat >>"$bench/attacked-silent.toml" <<TOML
[[authority]]
code = "${code%:*}"
adapter = "rest"
url = "https://${code#*:}:19743"
certificate = "$certs/gateway.crt"
key = "$certs/gateway.key"
ca = "$certs/ca.crt"
TOML
    done
    sed 's/^per_minute = 0/per_minute = 30000/' "$bench/attacked.toml" >"$bench/attacked-limited.toml"
}

as() { echo --cert "$certs/$1.crt" --key "$certs/$1.key"; }
# In the background of the clinic that is measured, on the same core.
attacker() { nice -n 19 "$load" "$1" --url "$url" --cpu "$load_cpu" "${@:2}"; }
asking() { attacker run $(as "${clinic:-clinic-a}") --whatever-comes --warm-up 0 --seconds "$attack_seconds" "$@"; }
doing() { attacker attack --seconds "$attack_seconds" --kind "$@"; }
questions=(--residence 132012 --people 10000)
signed() { echo --issuer-key "$bench/issuer/ec.pem" "${questions[@]}"; }

attack_nobody() { sleep "$attack_seconds"; echo '{}'; }
attack_ten_times() {
    asking $(signed) --requests "$((12000 * attack_seconds))" --connections 2560
}
attack_ten_times_limited() { asking $(signed) --requests 40000 --connections 2560; }
attack_forged_batches() { asking $(signed) --forged --batch 1000 --requests 1 --connections 4; }
attack_many_names_in_packs() {
    clinic=authority-130001 asking --hostile names-in-a-pack --connections 8
}
attack_many_names_in_lines() { asking --hostile names-in-lines --connections 8; }
attack_empty_questions() { asking --hostile empty-questions --connections 8; }
attack_mute() { doing mute --connections 10000 --addresses 20; }
attack_idle() { doing idle $(as clinic-a) --connections 10000 --addresses 4; }
attack_trickling_bodies() { doing trickling-bodies $(as clinic-a) --connections 150; }
attack_deaf() { doing deaf $(as clinic-a) --connections 256; }
attack_key_updates() { doing key-updates $(as clinic-a) --connections 8; }
attack_client_hellos() { doing client-hellos --connections 256 --addresses 4; }
attack_handshakes() { doing handshakes --connections 128 --addresses 4; }
attack_denials() { asking $(signed) --expired --requests 20000 --connections 256; }
attack_stampede() {
    attacker stampede $(as clinic-a) $(signed) --requests 5000 --connections 5000
}
attack_silent_sources() {
    local half=() code
    for code in 271004 272078; do
        asking --issuer-key "$bench/issuer/ec.pem" --residence "$code" --people 10000 --rate 25 \
            --connections 100 --requests "$((30 * (attack_seconds + 1)))" >"$results/silent-$code" &
        half+=($!)
    done
    wait "${half[@]}"
    jq -s '{statuses: {"200": (map(.statuses["200"] // 0) | add)},
            slowest_ms: (map(.max_us / 1000) | max), p50_ms: (map(.p50_us / 1000) | max)}' \
        "$results"/silent-2*
}
attack_uploads() {
    local worker end=$((SECONDS + attack_seconds)) workers=()
    for worker in 1 2 3; do
        upload_until "$end" >"$results/uploads-$worker" &
        workers+=($!)
    done
    sleep 2
    local begin="$EPOCHREALTIME"
    publish_program rollback "$last_publication" --reason "measuring" --as authority-132012 \
        >"$results/rollback.log" 2>&1 || echo "rollback refused" >&2
    local took
    took="$(awk -v b="$begin" -v e="$EPOCHREALTIME" 'BEGIN { printf "%.3f", e - b }')"
    wait "${workers[@]}"
    cat "$results"/uploads-? | sort | uniq -c |
        jq -R 'capture("(?<n>[0-9]+) (?<code>.*)")' |
        jq -s --argjson took "$took" '{uploads: (map({(.code): (.n | tonumber)}) | add // {}), rollback_seconds: $took}'
}
upload_until() {
    local turn=0 code
    while [ "$SECONDS" -lt "$1" ]; do
        code=0
        publish_program recipients "$bench/tokyo-general$((2 - turn % 2)).csv" \
            --as authority-130001 >>"$results/uploads.log" 2>&1 || code=$?
        case "$code" in 0) echo "in force" ;; 1) echo "held or refused" ;; *) echo "sent away" ;; esac
        turn=$((turn + 1))
    done
}
publish_program() {
    SHIKAKU_URL="$url" SHIKAKU_CA="$certs/ca.crt" SHIKAKU_CERTS="$certs" \
        nice -n 19 taskset -c "$load_cpu" "$bin/shikaku-publish" "$@"
}

# start_for CASE: the gateway, freshly started, so that memory and limits begin anew.
start_for() {
    case "$1" in
        ten_times_limited) gateway=attacked-limited; restart_gateway "$gateway" ;;
        silent_sources) gateway=attacked-silent; start_with_silent_sources ;;
        *) gateway=attacked; restart_gateway "$gateway" ;;
    esac
}

# In a mount namespace of its own, where /etc/resolv.conf names the mute name server: for that one
# has to be root.
start_with_silent_sources() {
    local address=127.0.0.66 enter=()
    if [ "$(id -u)" = 0 ]; then
        echo "nameserver $address" >"$bench/resolv.conf"
        start_program silent-names "$bench/silent.log" "$load" silence --address "$address" --udp 53
        enter=(unshare -m bash -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$bench/resolv.conf")
    fi
    start_program silent-system "$bench/silent.log" "$load" silence --tcp 19743
    start_program "gateway-$gateway" "$bench/gateway-$gateway.log" "${enter[@]}" \
        taskset -c "$server_cpu" "$bin/shikaku" serve --config "$bench/$gateway.toml"
    server_pid="$(pid_of "gateway-$gateway")"
    wait_until_ready "gateway-$gateway" "$bench/gateway-$gateway.log" "$ops/readyz"
}

# Whether it is ready, and how long somebody takes who connects anew, four times a second.
watch() {
    while :; do
        curl --silent --max-time 5 --output /dev/null --write-out '%{http_code}\n' "$ops/readyz" \
            >>"$1.ready" || true
        curl --silent --max-time 10 --output /dev/null --cacert "$certs/ca.crt" \
            $(as clinic-kanagawa) --write-out '%{http_code} %{time_total}\n' "$url/log/checkpoint" \
            >>"$1.newcomer" || true
        sleep 0.25
    done
}

descriptors() { find "/proc/$server_pid/fd" -mindepth 1 2>/dev/null | wc -l; }
cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$server_pid/stat"; }
memory_kb() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$server_pid/status"; }
log_entries() { curl -s "$ops/metrics" | awk '$1 == "shikaku_log_tree_size" { print $2 }'; }
log_bytes() { stat -c %s "$bench/data-attacked/log.entries"; }

# beside CASE: the polite clinic and its attacker, and what was seen, into $results/CASE.case.
beside() {
    local name="$1" out="$results/$1" attack_seconds=$((seconds + 3)) quiet before entries bytes
    [ -n "${does[$name]:-}" ] || fail "there is no case '$name': ${cases[*]}"
    start_for "$name"
    quiet="$(descriptors)" before="$(memory_kb VmRSS)" entries="$(log_entries)" bytes="$(log_bytes)"
    echo 5 >"/proc/$server_pid/clear_refs"  # VmHWM begins anew
    "attack_$name" >"$out.attack" 2>"$out.log" &
    local attack=$!
    until [ "$(descriptors)" -gt "$((quiet + 1))" ] || [ "$name" = nobody ] ||
        ! kill -0 "$attack" 2>/dev/null; do sleep 0.1; done
    nice -n 5 taskset -c "$load_cpu" bash -c "$(declare -f watch as); certs='$certs' ops='$ops' url='$url'; watch '$out'" &
    local watcher=$! busy begin="$EPOCHREALTIME"
    busy="$(cpu_ticks)"
    "$load" run --url "$url" $(as clinic-b) --cpu "$load_cpu" --seconds "$seconds" \
        --issuer-key "$bench/issuer/rsa.pem" "${questions[@]}" --expect '"outcome":"eligible"' \
        --connections 2 --rate 20 --requests $((20 * (seconds + 3))) --warm-up 1 \
        >"$out.polite" 2>>"$out.log" || true  # what went wrong is in the figures
    busy=$(($(cpu_ticks) - busy))
    local took
    took="$(awk -v b="$begin" -v e="$EPOCHREALTIME" 'BEGIN { print e - b }')"
    wait "$attack" || { echo "   the attacker '$name' ended with $?" >&2; cat "$out.log" >&2; }
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    local peak survived=true
    program_runs "gateway-$gateway" || survived=false
    peak="$(memory_kb VmHWM)"
    sleep 2
    jq -n --arg case "$name" --arg does "${does[$name]}" --argjson survived "$survived" \
        --slurpfile polite "$out.polite" --slurpfile attack "$out.attack" \
        --rawfile ready "$out.ready" --rawfile newcomer "$out.newcomer" \
        --argjson before "$before" --argjson peak "$peak" --argjson after "$(memory_kb VmRSS)" \
        --argjson busy "$(awk -v b="$busy" -v t="$took" -v h="$(getconf CLK_TCK)" 'BEGIN { print b / h / t }')" \
        --argjson entries "$(($(log_entries) - entries))" --argjson bytes "$(($(log_bytes) - bytes))" \
        -f "$here/attackers_case.jq" >"$out.case"
    jq -r '"   \(.case)  goodput \(.goodput)  p99 \(.p99_ms) ms  newcomer \(.newcomer.worst_ms) ms  \(.memory_mb)"' "$out.case"
    stop_program "gateway-$gateway"
    stop_program silent-system
    stop_program silent-names
}

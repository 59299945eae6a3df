# What is measured; sourced by run.sh. Each figure is a file in $results.

# Hachioji's published data, with nginx beside it on the same core, one at a time.
published_cases() {
    start_gateway published <<TOML
$handshakes_without_end
[[authority]]
code = "132012"
adapter = "published"
TOML
    record rss_idle_kb "$(resident_kb)"
    publish_schemes authority-132012 "$repository/municipal-mocks/schemes/132012.json"
    "$load" population --people 100000 --out "$bench/100k.csv"
    publish "$bench/100k.csv"
    record import_seconds "$took"
    import_with_sqlite "$bench/100k.csv"
    record sqlite_import_seconds "$took"
    record rss_100k_kb "$(resident_kb)"

    local person=(--residence 132012 --people 100000) eligible=(--expect '"outcome":"eligible"')
    local question=(--issuer-key "$bench/issuer/rsa.pem" "${person[@]}" "${eligible[@]}")
    measure warm_up "${question[@]}" --requests 3000 --warm-up 0
    local gateway_url="$url" gateway_pid="$server_pid" nginx_port
    nginx_port="$(free_port 19443)"
    start_nginx "$(jq .body_bytes "$results/warm_up.json")" "$nginx_port"
    rm "$results/warm_up.json"
    as_nginx() { url="https://127.0.0.1:$nginx_port" server_pid="$nginx_worker"; }
    as_gateway() { url="$gateway_url" server_pid="$gateway_pid"; }

    local turn
    for turn in 1 2 3; do
        as_nginx; measure "nginx_32-$turn" --get /
        as_gateway; measure "published_32-$turn" "${question[@]}" --requests "$((tokens / 2))"
        measure "batch_100-$turn" "${question[@]}" --requests "$((tokens / 200))" --batch 100 \
            --connections 8 --warm-up 0.1
    done
    median nginx_32 published_32 batch_100
    if $ordinary; then ordinary_case "${question[@]}"; as_gateway; fi
    as_nginx; measure nginx_512 --get / --connections 512
    as_gateway; measure published_512 "${question[@]}" --requests "$tokens" --connections 512
    measure published_es256 --issuer-key "$bench/issuer/ec.pem" "${person[@]}" "${eligible[@]}" \
        --requests "$tokens"
    local half
    half="$(jq '.per_second / 2 | floor' "$results/published_32.json")"
    measure published_half_rate "${question[@]}" --rate "$half" \
        --requests $((half * (seconds + 1)))
    measure receipt "${question[@]}" --requests "$((tokens / 3))" --receipt --connections 512
    measure denial --issuer-key "$bench/issuer/rsa.pem" "${person[@]}" --expired \
        --expect-status 401 --expect token_expired --requests "$tokens"
    as_nginx; measure nginx_handshakes --get / --reconnect
    measure nginx_resumed --get / --reconnect --resume
    as_gateway; measure handshakes --get /log/checkpoint --reconnect
    measure resumed --get /log/checkpoint --reconnect --resume
    hold rss_512_connections_kb 512
    stop_program nginx
    stop_program gateway-published

    # A fresh process, so that nothing but the connections adds to it.
    start_gateway connections <<<''
    record rss_no_connection_kb "$(resident_kb)"
    hold rss_5000_connections_kb 5000
    record stampede_seconds "$took"
    stop_program gateway-connections
}

# The same questions to the stack in tests/bench/ordinary.
ordinary_case() {
    local folder="$bench/ordinary" port
    port="$(free_port 19643)"
    mkdir -p "$folder"
    cp "$repository/tests/bench/ordinary/"* "$folder"
    (cd "$folder" && npm ci --no-audit --no-fund >npm.log 2>&1) || { cat "$folder/npm.log" >&2; fail "npm ci failed"; }
    start_program ordinary "$folder/out.log" taskset -c "$server_cpu" node "$folder/server.mjs" \
        "$port" "$certs" "$bench/issuer/jwks.json" "$bench/100k.csv" "$folder/log.ndjson"
    until grep -q ready "$folder/out.log"; do
        program_runs ordinary || { cat "$folder/out.log" >&2; fail "the ordinary stack ended"; }
        sleep 0.1
    done
    url="https://127.0.0.1:$port" server_pid="$(pid_of ordinary)"
    measure ordinary_32 "$@" --requests "$((tokens / 2))"
    stop_program ordinary
}

# median NAME...: of what was measured in turns, NAME-1, NAME-2 and so on.
median() {
    local name
    for name in "$@"; do
        jq -s 'sort_by(.questions_per_second)[length / 2 | floor]' "$results/$name"-*.json \
            >"$results/$name.json"
        rm "$results/$name"-*.json
    done
}

# The bare `sqlite3 .import` of the same rows into a table without an index. Sets $took, seconds.
import_with_sqlite() {
    local database="$bench/yardstick.db"
    hyperfine --runs 3 --style none --export-json "$bench/hyperfine.json" \
        --prepare "rm -f $database" \
        "taskset -c $server_cpu sqlite3 $database '.mode csv' '.import $1 recipients'" >/dev/null 2>&1
    rm -f "$database"
    took="$(jq '.results[0].mean' "$bench/hyperfine.json")"
}

# One clinic asks ten times as much as can be answered, or sends forged tokens; beside it another one
# asks twenty times a second. What is sent away (503) is no answer.
overload_cases() {
    start_gateway overload <<'TOML'
[[authority]]
code = "132012"
adapter = "published"
TOML
    publish_schemes authority-132012 "$repository/municipal-mocks/schemes/132012.json"
    "$load" population --people 10000 --out "$bench/10k.csv"
    publish "$bench/10k.csv"
    local question=(--issuer-key "$bench/issuer/rsa.pem" --residence 132012 --people 10000)
    local eligible=(--expect '"outcome":"eligible"')
    local polite=("${question[@]}" "${eligible[@]}" --connections 2 --rate 20
        --requests $((20 * (seconds + 2))))
    clinic=clinic-b measure polite_alone "${polite[@]}"
    measure overload_peak "${question[@]}" "${eligible[@]}" --requests "$tokens" --connections 256
    seconds=$((seconds + 3)) measure overload_10x "${question[@]}" "${eligible[@]}" --requests "$((tokens * 3))" \
        --connections 2560 --warm-up 4 &
    beside polite_in_overload "${polite[@]}"
    seconds=$((seconds + 3)) measure forged_batches "${question[@]}" --forged --batch 1000 \
        --connections 4 --requests 1 &
    beside polite_beside_forged "${polite[@]}"
    stop_program gateway-overload
}

# The polite clinic from when the load that was started in the background has opened its connections:
# its tokens are signed before.
beside() {
    local other=$!
    while kill -0 "$other" 2>/dev/null && [ "$(api_connections)" -lt 4 ]; do sleep 0.1; done
    clinic=clinic-b measure "$@"
    wait "$other" || fail "the load beside '$1' went wrong"
}

api_connections() {
    curl -sf "$ops/metrics" |
        awk '/^shikaku_http_connections\{port="api"/ { open = $2 } END { print open + 0 }'
}

# Tokyo's live system on the load's core, what the cache makes of it, and the same people and
# programme as published data.
live_cases() {
    local port people=2000
    port="$(free_port 19543)"
    start_live_source "$port" "$people"
    local question=("${live_question[@]}" --expect '"outcome":"eligible"')
    start_gateway published-54 <<'TOML'
[[authority]]
code = "130001"
adapter = "published"
TOML
    publish_schemes authority-130001 "$repository/municipal-mocks/schemes/130001.json"
    publish "$bench/live.csv" authority-130001
    local published_url="$url" published_pid="$server_pid" turn
    live_gateway cached "$port" 3600
    local cached_url="$url" cached_pid="$server_pid"
    measure fill_cache "${question[@]}" --requests "$people" --warm-up 0
    rm "$results/fill_cache.json"
    for turn in 1 2 3; do
        url="$published_url" server_pid="$published_pid"
        measure "published_54-$turn" "${question[@]}" --requests "$((tokens / 2))"
        url="$cached_url" server_pid="$cached_pid"
        measure "cached-$turn" "${question[@]}" --requests "$((tokens / 2))"
    done
    median published_54 cached
    stop_program gateway-published-54
    stop_program gateway-cached
    live_gateway live "$port" 0
    measure live "${question[@]}" --requests "$((tokens / 3))"
    stop_program gateway-live
    stop_program mock
}

# start_live_source PORT PEOPLE: 指定難病 in Tokyo, on the load's core. Sets $live_question.
start_live_source() {
    "$load" population --people "$2" --out "$bench/live.csv" --scheme nanbyo-54 \
        --certificate-type nanbyo-54 --payer-number 54136015 --age 40 \
        --income-segment general1 --designated-institution 1312345676
    start_program mock "$bench/mock.log" taskset -c "$load_cpu" "$bin/municipal-mock" --kind rest \
        --port "$1" --population "$bench/live.csv" --cert "$certs/source-130001.crt" \
        --key "$certs/source-130001.key" --ca "$certs/ca.crt"
    live_question=(--issuer-key "$bench/issuer/rsa.pem" --residence 130001 --people "$2")
}

live_gateway() {
    start_gateway "$1" <<TOML
[[authority]]
code = "130001"
adapter = "rest"
url = "https://127.0.0.1:$2"
certificate = "$certs/gateway.crt"
key = "$certs/gateway.key"
ca = "$certs/ca.crt"
fresh_for_s = $3
TOML
    publish_schemes authority-130001 "$repository/municipal-mocks/schemes/130001.json"
}

# Beside each other: 100,000 and 5,000,000 entitlements; an empty log and one of ten million.
size_cases() {
    local rows entries=10000000
    for rows in 100000 1000000 5000000; do
        "$load" population --people "$rows" --out "$bench/size.csv"
        start_gateway "rows-$rows" <<'TOML'
[[authority]]
code = "132012"
adapter = "published"
TOML
        publish_schemes authority-132012 "$repository/municipal-mocks/schemes/132012.json"
        publish "$bench/size.csv"
        record "import_seconds_$rows" "$took"
        stop_program "gateway-rows-$rows"
        restart_gateway "rows-$rows"  # without what the import left in memory
        measure "published_$rows" --issuer-key "$bench/issuer/rsa.pem" --residence 132012 \
            --people "$rows" --expect '"outcome":"eligible"' --requests "$tokens"
        record "rss_${rows}_kb" "$(resident_kb)"
        stop_program "gateway-rows-$rows"
        rm "$bench/size.csv"
    done
    "$bin/log_fill" --data "$bench/data-rows-100000" --ring "$certs/keyring.json" \
        --signer "$certs/log-signer.key" --entries "$entries"
    restart_gateway rows-100000
    measure "published_log_$entries" --issuer-key "$bench/issuer/rsa.pem" --residence 132012 \
        --people 100000 --expect '"outcome":"eligible"' --requests "$tokens"
    stop_program gateway-rows-100000
}

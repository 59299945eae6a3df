# What is measured; sourced by run.sh. Each figure is a file in $results.

# Hachioji's published data, with nginx beside it on the same core, one at a time.
published_cases() {
    start_gateway published <<'TOML'
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

    as_nginx; measure nginx_32 --get /
    as_gateway; measure published_32 "${question[@]}" --requests "$tokens"
    as_nginx; measure nginx_32_again --get /; measure nginx_512 --get / --connections 512
    as_gateway; measure published_512 "${question[@]}" --requests "$tokens" --connections 512
    measure published_es256 --issuer-key "$bench/issuer/ec.pem" "${person[@]}" "${eligible[@]}" \
        --requests "$tokens"
    local half
    half="$(jq '.per_second / 2 | floor' "$results/published_32.json")"
    measure published_half_rate "${question[@]}" --rate "$half" \
        --requests $((half * (seconds + 1)))
    measure receipt "${question[@]}" --requests "$((tokens / 3))" --receipt --connections 512
    measure batch_100 "${question[@]}" --requests "$((tokens / 100))" --batch 100 --connections 8 \
        --warm-up 0.1
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
    stop_program gateway-connections
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
    measure published_54 "${question[@]}" --requests "$tokens"
    stop_program gateway-published-54
    live_gateway live "$port" 0
    measure live "${question[@]}" --requests "$((tokens / 3))"
    stop_program gateway-live
    live_gateway cached "$port" 3600
    measure fill_cache "${question[@]}" --requests "$people" --warm-up 0
    rm "$results/fill_cache.json"
    measure cached "${question[@]}" --requests "$tokens"
    stop_program gateway-cached
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

#!/usr/bin/env bash
# The whole way, from a municipality's data to a proven answer at a desk, on this machine:
#   bash gateway/demo.sh        installs, builds, starts everything, taps cards, verifies the log, stops
#   bash gateway/demo.sh up     leaves everything running and writes build/demo/env
#   bash gateway/demo.sh down   stops it
# Everything it makes is in build/demo; it is made anew each time, keys and certificates excepted.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/run-support.sh"

demo="$repository/build/demo" run_folder="$repository/build/demo/run"
bin="$repository/build/programs/bin" certs="$demo/certs" logs="$demo/logs"
export SHIKAKU_CERTS="$certs" SHIKAKU_CA="$certs/ca.crt"
programs=(shikaku shikaku-desk shikaku-publish shikaku-audit shikaku-card municipal-mock population)

install_and_build() {
    say "パッケージ / Packages (gateway/packages.txt: build)"
    bash "$repository/gateway/install-packages.sh" build
    say "ビルド / Building into build/programs"
    configure_and_build programs "${programs[@]}"
}

make_material() {
    say "開発用の証明書と鍵 / Development PKI: build/demo/certs"
    bash "$repository/certs/make.sh" "$certs" >"$demo/certs.log" || { cat "$demo/certs.log"; exit 1; }
    say "架空の住民とカード / Synthetic people and cards: build/demo/population"
    rm -rf "$demo/population" "$demo/data" "$demo/data.anchor" "$logs"
    "$bin/population" --out "$demo/population" --linkage "$certs/linkage.secret"
}

start_mock() {
    start_program mock-130001 "$logs/mock-130001.log" "$bin/municipal-mock" --kind rest \
        --port "$1" --population "$demo/population/rest-130001.json" \
        --cert "$certs/source-130001.crt" --key "$certs/source-130001.key" --ca "$certs/ca.crt"
}

write_config() {
    local api_port="$1" ops_port="$2" mock_port="$3" closed_port="$4"
    cat >"$demo/shikaku.toml" <<TOML
# Configuration of the demo. Relative paths are relative to this file.
[server]
listen = "127.0.0.1:$api_port"
certificate = "certs/server.crt"
key = "certs/server.key"
client_ca = "certs/ca.crt"
crl = "certs/crl.pem"

[ops]
listen = "127.0.0.1:$ops_port"

[data]
directory = "data"

[keys]
ring = "certs/keyring.json"
log_signer = "certs/log-signer.key"

[log]
origin = "shikaku.example/log"
level = "info"
file = "logs/shikaku.log"

[identity]
audience = "shikaku"
withdrawn = []

[[issuer]]
name = "https://card-issuer.shikaku.example"
jwks = "certs/card-issuer.jwks.json"

[[authority]]                 # 八王子市 Hachioji: publishes its data
code = "132012"
adapter = "published"
since = "2026-04-01"

[[authority]]                 # 東京都 Tokyo: answers live
code = "130001"
adapter = "rest"
since = "2026-04-01"
url = "https://127.0.0.1:$mock_port"
path = "/subsidies/lookup"
certificate = "certs/gateway.crt"
key = "certs/gateway.key"
ca = "certs/ca.crt"
fresh_for_s = 2               # short, so that an outage shows at once
stale_up_to_s = 86400

[[authority]]                 # 立川市 Tachikawa: its system is down
code = "132021"
adapter = "rest"
since = "2026-04-01"
url = "https://127.0.0.1:$closed_port"
certificate = "certs/gateway.crt"
key = "certs/gateway.key"
ca = "certs/ca.crt"

[local_order]                 # order of Tokyo's local payers on a claim
"13" = ["80", "82", "83", "81", "88", "89"]
TOML
}

write_env() {
    local name
    for name in URL OPS_URL CA CERTS CONFIG DATA CARDS BIN LOG_VKEY; do
        local variable="SHIKAKU_$name"
        printf 'export %s=%q\n' "$variable" "${!variable}"
    done >"$demo/env"
}

start_everything() {
    mkdir -p "$logs"
    local api_port ops_port mock_port closed_port
    api_port="$(free_port 8443)" ops_port="$(free_port 9464)"
    mock_port="$(free_port 18543)" closed_port="$(free_port $((mock_port + 1)))"
    export SHIKAKU_URL="https://127.0.0.1:$api_port" SHIKAKU_OPS_URL="http://127.0.0.1:$ops_port"
    export SHIKAKU_CONFIG="$demo/shikaku.toml" SHIKAKU_DATA="$demo/data"
    export SHIKAKU_CARDS="$demo/population/cards" SHIKAKU_BIN="$bin"
    write_config "$api_port" "$ops_port" "$mock_port" "$closed_port"

    say "東京都の照会システム(模擬)/ Tokyo's live system (mock) on port $mock_port"
    start_mock "$mock_port"
    say "ゲートウェイ / The gateway on $SHIKAKU_URL, its operations port on $SHIKAKU_OPS_URL"
    "$bin/shikaku" init --config "$demo/shikaku.toml"
    start_program shikaku "$logs/start.log" "$bin/shikaku" serve --config "$demo/shikaku.toml"
    wait_until_ready shikaku "$logs/start.log" "$SHIKAKU_OPS_URL/readyz"
    SHIKAKU_LOG_VKEY="$(sed -n 's/.*"log":"\([^"]*\)".*/\1/p' "$logs/shikaku.log" | tail -n 1)"
    export SHIKAKU_LOG_VKEY
    write_env
}

publish_everything() {
    say "制度パックの登録 / Scheme packs of Hachioji and Tokyo"
    local authority
    for authority in 132012 130001; do
        "$bin/shikaku-publish" schemes "$repository/municipal-mocks/schemes/$authority.json" \
            --as "authority-$authority"
    done
    say "八王子市の受給者データ(CP932 CSV)の公開 / Hachioji publishes its recipients, CSV in CP932"
    "$bin/shikaku-publish" recipients "$demo/population/recipients-132012.csv" \
        --as authority-132012 --linkage "$certs/linkage.secret"
    say "八王子市の検診パックと検診データ / Hachioji's checkup pack and checkups"
    "$bin/shikaku-publish" checkup-pack "$repository/municipal-mocks/checkups/132012.json" \
        --as authority-132012
    "$bin/shikaku-publish" checkups "$demo/population/checkups-132012.csv" \
        --as authority-132012 --linkage "$certs/linkage.secret"
}

# member NAME FILE: a text or number of a demo card, which has one member a line.
member() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$2" | head -n 1; }

# tap CARD [COMMAND]: asks as the card's clinic, prints what the desk sees, adds a line to the table, and counts
# an answer that is not the card's expected one. "No" (exit code 1) and "not known" (3) are answers too.
tap() {
    local file="$SHIKAKU_CARDS/$1.json" status=0 seen reason expected claim
    "$bin/shikaku-desk" "${2:-check}" --card "$file" --as "$(member clinic "$file")" \
        >"$demo/answer.txt" || status=$?
    cat "$demo/answer.txt"
    echo
    seen="$(sed -nE '/^(○|×|？|！|－) /{s/ *\[.*//p;q}' "$demo/answer.txt")"
    [ "$status" -le 1 ] || [ -n "$seen" ] || fail "the desk got no answer (exit code $status)"
    reason="$(sed -nE '/^(○|×|？|！) /{s/.*\[(.*)\].*/\1/p;q}' "$demo/answer.txt")"
    expected="$(member reason "$file")"
    claim="$(sed -n 's/.*負担者番号 \([0-9]*\) .*/\1/p' "$demo/answer.txt" | paste -s -d ' ')"
    printf '  %-26s  %-21s %-18s  %s\n' "$1" "$reason" "$claim" "$seen" >>"$demo/table.txt"
    if [ "$reason" != "$expected" ]; then
        echo "   !! $1: expected $expected" | tee -a "$demo/table.txt" >&2
        wrong=$((wrong + 1))
    fi
}

# tap_cards_of_phase PHASE [COMMAND]: every card of the phase, in order.
tap_cards_of_phase() {
    local file
    for file in "$SHIKAKU_CARDS"/*.json; do
        [ "$(member phase "$file")" != "$1" ] || tap "$(basename "$file" .json)" "${2:-check}"
    done
}

verify_log() {
    say "受領証 / A receipt, checked without the gateway"
    "$bin/shikaku-desk" check --card "$SHIKAKU_CARDS/01-child-eligible.json" --as clinic-a \
        --receipt --json >"$demo/answer-with-receipt.json"
    "$bin/shikaku-desk" receipt verify "$demo/answer-with-receipt.json" --vkey "$SHIKAKU_LOG_VKEY"
    say "ログ全体の検証 / The whole log, as an auditor"
    "$bin/shikaku-audit" verify --as auditor-a --vkey "$SHIKAKU_LOG_VKEY"
}

stop_everything() { stop_programs; }

case "${1:-all}" in
    down)
        stop_everything
        say "停止しました / Stopped"
        exit 0 ;;
    up|all) ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

install_and_build
mkdir -p "$demo"
stop_everything
trap stop_everything EXIT
make_material
start_everything
publish_everything
if [ "${1:-all}" = up ]; then
    trap - EXIT
    say "動いています / Running. Next:  . build/demo/env   Stop:  bash gateway/demo.sh down"
    exit 0
fi

rm -f "$demo/table.txt"
wrong=0
say "受付でカードを読む / Cards at the desk"
tap_cards_of_phase 1
say "東京都のシステムが止まる / Tokyo's system goes down"
stop_program mock-130001
sleep 2  # fresh_for_s of the configuration
tap_cards_of_phase 2
say "検診を照会する / Checkups, with consent for them and without"
tap_cards_of_phase 3 checkups
verify_log
say "まとめ / All answers"
printf '  %-26s  %-21s %-18s  %s\n' card reason "payers in order" "回答 / answer"
cat "$demo/table.txt"
[ "$wrong" -eq 0 ] || fail "$wrong answers were not as expected"
say "終わりました。すべて停止します / Done; stopping everything"
timings

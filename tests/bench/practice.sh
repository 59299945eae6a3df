# Lets a gateway that notes what runs answer questions for half a minute; with these notes the
# compiler builds the one that is measured: 9 % less of the processor a question. Sourced by run.sh.

profile="$repository/build/release.profdata"

# Whether the sources have changed since the last practice.
practice_is_due() {
    [ ! -f "$profile" ] || [ -n "$(find "$repository/gateway" "$repository/adapters" \
        \( -name '*.cc' -o -name '*.h' \) -newer "$profile" -print -quit)" ]
}

practise() {
    local bin="$repository/build/recording/bin" results="$bench/practice" seconds=2 tokens=20000
    local load="$bin/load"
    rm -rf "$results" "$bench"/data-*
    mkdir -p "$results"
    export LLVM_PROFILE_FILE="$results/%p.profraw"
    make_issuer
    practice_published
    practice_live
    unset LLVM_PROFILE_FILE
    llvm-profdata-19 merge -o "$profile" "$results"/*.profraw
}

practice_published() {
    local people=20000 key question
    start_gateway practice <<TOML
$handshakes_without_end
[[authority]]
code = "132012"
adapter = "published"
TOML
    publish_schemes authority-132012 "$repository/municipal-mocks/schemes/132012.json"
    "$load" population --people "$people" --out "$bench/practice.csv"
    publish "$bench/practice.csv"
    for key in rsa ec; do
        question=(--issuer-key "$bench/issuer/$key.pem" --residence 132012 --people "$people")
        measure "$key" "${question[@]}" --requests "$tokens"
    done
    question[1]="$bench/issuer/rsa.pem"
    measure batch "${question[@]}" --requests "$((tokens / 100))" --batch 100 --connections 8 --warm-up 0.1
    measure receipt "${question[@]}" --requests "$((tokens / 4))" --receipt --connections 512
    measure denial "${question[@]}" --expired --expect-status 401 --requests "$tokens"
    measure handshakes --get /log/checkpoint --reconnect
    stop_program gateway-practice
}

practice_live() {
    local port
    port="$(free_port 19543)"
    start_live_source "$port" 2000
    live_gateway practice-live "$port" 3600
    measure live "${live_question[@]}" --requests "$tokens"
    stop_program gateway-practice-live
    stop_program mock
}

# The cases as a page's section.
def places(n): . as $x | pow(10; n) as $p | ($x * $p | round) / $p;
def many: tostring
    | until(test("^[0-9]{1,3}(,|$)"); sub("(?<a>[0-9]+)(?<b>[0-9]{3})(?<c>,|$)"; "\(.a),\(.b)\(.c)"));
def count: round | many;
def answers: to_entries | map("\(.value | count) × \(.key)") | join(", ");
def got:
    . as $case | .attack as $a
    | [ ($a.statuses // {} | select(. != {}) | answers),
        ($a.uploads // {} | to_entries | map("\(.value) \(.key)") | select(. != []) | "uploads: " + join(", ")),
        ($a.rollback_seconds | select(. != null) | "the rollback took \(places(2)) s"),
        ($a | select(.opened) | "\(.opened | count) begun, \(.ended | count) ended by the gateway, \(.open_at_end | count) open at the end"),
        ($a | select((.key_updates // 0) > 0) | "\(.key_updates | count) key updates"),
        ($a | select((.lost // 0) > 0) | "\(.lost | count) connections lost"),
        ($a | select(.answered) | "half were answered after \(.half_seconds | places(1)) s, all after \(.seconds | places(1)) s"),
        ($a | select(.slowest_ms) | "answered after \(.p50_ms | places(0)) ms (median), \(.slowest_ms | places(0)) ms at most"),
        (select($case.case == "denials") | "the log grew by \(.log.entries | count) entries, \(.log.bytes / 1024 | count) KiB, with the clinic's own") ]
    | map(select(. != null)) | join("; ");
"\nMade by `tests/bench/attackers.sh` on one core of \($machine): a gateway of one request thread, and a clinic that asks
20 questions a second on two connections for \($seconds) s, its attackers beside it on another core. *Answered* is the part of
its questions that got their answer, at the first try; *newcomer* the longest that somebody took who connected anew, four times a
second, and how many were not served; *memory* what the gateway had resident before, at most, and two seconds after.

| attacker | what it got | answered | p50 ms | p99 ms | newcomer ms | memory MB | `/readyz` |
|---|---|---:|---:|---:|---:|---:|---|",
(.[] | "| \(.does) | \(got) | \(.goodput * 100 | places(1)) % | \(.p50_ms | places(1)) | \(.p99_ms | places(1)) | \(.newcomer.worst_ms)\(if .newcomer.refused > 0 then ", \(.newcomer.refused) of \(.newcomer.asked) not" else "" end) | \(.memory_mb.before), \(.memory_mb.peak), \(.memory_mb.after) | \(if .survived | not then "**ended**" elif .ready.not == 0 then "ok" else "\(.ready.not) of \(.ready.asked) not" end) |")

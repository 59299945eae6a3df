# One case: what the polite clinic, the newcomers, the machine and the attacker saw.
def ms: . * 1000 | round;
def mb: . / 1024 | round;
($polite[0]) as $p
| ($ready | split("\n") | map(select(. != ""))) as $ready
| ($newcomer | split("\n") | map(select(. != "") | split(" "))) as $new
| {
    case: $case, does: $does, survived: $survived,
    goodput: (if $p.asked == 0 then 0 else ($p.answers - $p.unexpected) / $p.asked end),
    asked: $p.asked, statuses: $p.statuses, lost: $p.lost,
    p50_ms: ($p.p50_us / 1000), p99_ms: ($p.p99_us / 1000), max_ms: ($p.max_us / 1000),
    newcomer: {asked: ($new | length), refused: ($new | map(select(.[0] != "200")) | length),
               worst_ms: ($new | map(.[1] | tonumber) | max // 0 | ms)},
    memory_mb: {before: ($before | mb), peak: ($peak | mb), after: ($after | mb)},
    ready: {asked: ($ready | length), not: ($ready | map(select(. != "200")) | length)},
    server_busy: $busy, log: {entries: $entries, bytes: $bytes}, attack: $attack[0]
  }

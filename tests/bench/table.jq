# The run as a table for people.
def pad(n): tostring | . + (" " * ([n - length, 0] | max));
def left(n): tostring | (" " * ([n - length, 0] | max)) + .;
def round2: . * 100 | round / 100;
def line(name; value): "  \(name | pad(44)) \(value | left(12))";

"\n\(.machine), Linux \(.kernel)",
"\n  \("case" | pad(24))\("answers/s" | left(12))\("p50 us" | left(10))\("p99 us" | left(10))\("server us each" | left(16))\("load busy" | left(11))",
( .figures | to_entries[] | select(.value | type == "object") | .value as $v
  | "  \(.key | pad(24))\($v.questions_per_second | round | left(12))\($v.p50_us | round | left(10))\($v.p99_us | round | left(10))\($v.server_us_each | round2 | left(16))\("\($v.load_cpu * 100 | round) %" | left(11))" ),
"",
line("limit L = 1/(1/N + 1/V), questions/s"; .limit_per_second | round),
( to_entries[] | select((.value | type == "number") and .key != "limit_per_second")
  | line(.key; .value | round2) )

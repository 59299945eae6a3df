# Compares a run with the budget; a line for each ratio that the run has.
. as $run
| ($budget[0].at_least | to_entries[] | select($run[.key] != null)
   | "\(if $run[.key] >= .value then "ok    " else "FAILED" end) \(.key) = \($run[.key] * 1000 | round / 1000), at least \(.value)"),
  ($budget[0].at_most | to_entries[] | select($run[.key] != null)
   | "\(if $run[.key] <= .value then "ok    " else "FAILED" end) \(.key) = \($run[.key] * 1000 | round / 1000), at most \(.value)")

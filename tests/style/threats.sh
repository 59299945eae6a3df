#!/usr/bin/env bash
# What gateway/docs/threat-model.md names is in the tree: tests with their cases, files, bounds, metrics.
#   tests/style/threats.sh [ROOT]    ROOT: a source tree, by default the one this script is in
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "${1:-$here/../..}"
readonly page=gateway/docs/threat-model.md
bad=0

# none WHAT: complains of the lines of standard input, if any.
none() {
    local lines
    lines="$(sed 's/\t/: /; s/^/    /')"
    [ -n "$lines" ] || return 0
    printf '%s names %s:\n%s\n' "$page" "$1" "$lines"
    bad=1
}
# Of two sorted files: what stands in the first only.
only_in_first() { LC_ALL=C comm -23 "$@"; }
sorted() { LC_ALL=C sort -u; }

# "TEST<tab>CASE" for each *case* behind a `..._test` in a row of a table.
cited() {
    awk '/^\|/ {
        row = $0; test = "-"
        while (match(row, /`[a-z_\/]+_test`|\*[^*]+\*/)) {
            found = substr(row, RSTART + 1, RLENGTH - 2)
            if (substr(row, RSTART, 1) == "`") test = found
            else print test "\t" found
            row = substr(row, RSTART + RLENGTH)
        }
    }' "$page"
}
# The same for each case of each test, by every name that the page may use for its file. Literals
# side by side are one, \" is a quote.
written() {
    find tests -name '*_test.cc' -print0 | xargs -0 -r awk '
        /^TEST_CASE/ { text = ""; gathers = 1 }
        gathers { text = text $0 }
        gathers && /\{ *$/ {
            gathers = 0
            gsub(/\\"/, "\001", text); gsub(/" *"/, "", text)
            if (!match(text, /"[^"]*"/)) next
            name = substr(text, RSTART + 1, RLENGTH - 2)
            gsub("\001", "\"", name)
            file = FILENAME
            sub(/\.cc$/, "", file)
            while (sub(/^(tests|unit|gateway)\//, "", file)) print file "\t" name
        }'
}
# Words in backquotes.
words() { { grep -oE "\`$1\`" "$page" || true; } | tr -d '`' | sorted; }

[ -n "$(cited)" ] || none "no test" <<<"not one"
none "a test that is not there" < <(only_in_first <(cited | sorted) <(written | sorted))
none "a bound that is not there" < <(only_in_first <(words 'k[A-Z][A-Za-z0-9]+') \
    <(grep -oE '\bk[A-Z][A-Za-z0-9]+' gateway/support/bounds.h | sorted))
none "a metric that is not there" < <(only_in_first <(words 'shikaku_[a-z_]+') \
    <(grep -rhoE '"shikaku_[a-z_]+"' --include='*.h' --include='*.cc' gateway | tr -d '"' | sorted))
none "a file that is not there" < <(words '[a-z_-]+(/[a-z_-]+)+(\.[a-z]+)?' | while read -r file; do
    [[ "$file" == *_test ]] || [ -e "gateway/$file" ] || [ -e "$file" ] || echo "$file"
done)

[ "$bad" -ne 0 ] || echo "$(cited | wc -l) test cases, all there"
exit "$bad"

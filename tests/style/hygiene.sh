#!/usr/bin/env bash
# What a reader should never meet in the tree:
#   tests/style/hygiene.sh [ROOT]    ROOT: a source tree, by default the one this script is in
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "${1:-$here/../..}"

readonly code_lines_max=600
readonly agreed='CMakeLists\.txt|CMakePresets\.json|LICENSE|README\.md|gateway|adapters|municipal-mocks|certs|tests'
readonly made_here='build|compile_commands\.json'
bad=0

# none WHAT CHECK...: the check prints offending places, one a line; complains when there are any.
none() {
    local places
    places="$("${@:2}")"
    [ -n "$places" ] || return 0
    echo "$1:"
    sed 's/^/    /' <<<"$places"
    bad=1
}

files() { find . \( -path ./build -o -path ./.git \) -prune -o -type f -print | sed 's|^\./||'; }
sources() { files | grep -E '^(gateway|adapters|municipal-mocks|tests)/.*\.(h|cc)$' || true; }
# Lines of text files that match an extended regular expression.
lines_with() { files | tr '\n' '\0' | xargs -0 -r grep -InE "$@" -- /dev/null || true; }

unknown_top_level() {
    find . -mindepth 1 -maxdepth 1 ! -name '.*' -printf '%f\n' | grep -vxE "$agreed|$made_here" || true
}

long_files() {
    sources | { grep -E '^(gateway|adapters)/' || true; } | while read -r file; do
        awk -v file="$file" -v max="$code_lines_max" '
            NF > 0 && $0 !~ /^[ \t]*\/\// { code++ }
            END { if (code > max) print file ": " code }' "$file"
    done
}

headers_without_guard() {
    sources | { grep '\.h$' || true; } | tr '\n' '\0' | xargs -0 -r grep -L '^#pragma once$' || true
}

odd_names() { sources | grep -vE '^([a-z][a-z0-9_-]*/)+[a-z][a-z0-9_]*\.(h|cc)$' || true; }

pages() { files | { grep '\.md$' || true; } | tr '\n' '\0'; }
# GitHub's name for each heading of a page.
anchors_of() {
    LC_ALL=C.UTF-8 sed -nE 's/^#+ +//p' "$1" | LC_ALL=C.UTF-8 sed -E 's/[^[:alnum:] _-]//g; s/.*/\L&/; s/ /-/g'
}

# Links of pages to files and headings of this tree.
links_to_nowhere() {
    pages | { xargs -0 -r grep -noE '\]\([^) ]+\)' -- /dev/null || true; } |
        { grep -vE '\]\([a-z]+:' || true; } | while IFS= read -r link; do
        local page="${link%%:*}" target="${link##*](}"
        target="${target%)}"
        local file="${target%%#*}" anchor="${target#*#}"
        [ -n "$file" ] && file="$(dirname "$page")/$file" || file="$page"
        if [ ! -e "$file" ]; then
            echo "$link"
        elif [ "$anchor" != "$target" ]; then
            anchors_of "$file" | grep -qxF -- "$anchor" || echo "$link"
        fi
    done
}

# A comment sends its reader to a page: from the root, from gateway/ or beside the other pages.
pages_not_there() {
    sources | tr '\n' '\0' |
        { xargs -0 -r grep -noE '\b[[:alnum:]_][[:alnum:]_/.-]*\.md\b' -- /dev/null || true; } |
        while IFS= read -r place; do
            local page="${place##*:}"
            [ -e "$page" ] || [ -e "gateway/$page" ] || [ -e "gateway/docs/$page" ] || echo "$place"
        done
}

headings_without_space() {
    pages | xargs -0 -r awk '
        FNR == 1 { fenced = 0; before = "" }
        /^ *```/ { fenced = !fenced }
        !fenced && /^#+ / && before != "" { print FILENAME ":" FNR ": " $0 }
        { before = $0 }'
}

# clang-tidy looks for these in a source alone, not in a group of them (tidy.sh).
unused_names() {
    sources | { grep '\.cc$' || true; } | while read -r file; do
        sed -nE 's/^ *using ([a-z_0-9]+::)+([A-Za-z_0-9]+);.*/\2/p; s/^ *namespace ([a-z_0-9]+) = .*/\1/p' \
            "$file" | while read -r name; do
            [ "$(grep -cw -- "$name" "$file")" -gt 1 ] || echo "$file: $name"
        done
    done
}

none "the top level has a name that is not agreed" unknown_top_level
none "more than $code_lines_max lines of code in one file" long_files
none "a header without #pragma once" headers_without_guard
none "a source whose path is not in lower case with underscores" odd_names
none "a name that is brought in and not used" unused_names
# Spelled in pieces, so that this file does not find itself.
none "work that was left for later" lines_with '\b(TO''DO|FIX''ME|XX''X)\b'
none "a path of somebody's machine" \
    lines_with '(^|[^[:alnum:]_.~-])/(wo''rk|ho''me|ro''ot|Us''ers)/'
none "a number that means nothing inside the project" lines_with -i '\biss''ues? (#|no\.? ?)?[0-9]'
none "a link that leads nowhere" links_to_nowhere
none "a page that is not there" pages_not_there
none "a heading without an empty line before it" headings_without_space
none "white space at the end of a line" lines_with '[[:blank:]]+$'

[ "$bad" -ne 0 ] || echo "$(files | wc -l) files, nothing to complain about"
exit "$bad"

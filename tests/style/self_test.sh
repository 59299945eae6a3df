#!/usr/bin/env bash
# The checks of this folder find what they are there to find: each planted fault in a small tree must
# be reported, and the tree without faults must pass.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
failed=0

# A tree that both checks accept.
plant_good() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{gateway/{support,domain,http,crypto,storage/{ports,sqlite},audit,registry,sources,api,app},certs,tests} \
        "$tree"/{adapters/{rest,soap,common,published},municipal-mocks}
    printf '#pragma once\n' | tee "$tree"/gateway/support/{a,b}.h "$tree"/adapters/adapter.h >/dev/null
    printf '#include "gateway/support/a.h"\n#include <vector>\n' >"$tree/gateway/domain/a.cc"
}

# expect CHECK pass|fail WHAT: runs the check over the tree.
expect() {
    local output result=pass
    output="$("$here/$1.sh" "$tree" 2>&1)" || result=fail
    if [ "$result" != "$2" ]; then
        echo "$1 should $2: $3"
        sed 's/^/    /' <<<"$output"
        failed=1
    fi
}

# layer pass|fail FILE INCLUDE
layer() {
    plant_good
    printf '#include %s\n' "$3" >>"$tree/$2"
    expect layers "$1" "$2 includes $3"
}

# fault FILE TEXT: a line of a file that hygiene refuses.
fault() {
    plant_good
    printf '%b\n' "$2" >>"$tree/$1"
    expect hygiene fail "$1 with $2"
}

plant_good
expect layers pass "the good tree"
expect hygiene pass "the good tree"

layer pass gateway/support/a.cc '"gateway/support/b.h"'
layer fail gateway/support/a.cc '"gateway/domain/date.h"'
layer fail gateway/domain/a.cc '"gateway/crypto/hash.h"'
layer fail gateway/crypto/a.cc '"gateway/storage/sqlite/database.h"'
layer fail gateway/storage/a.cc '"gateway/api/problem.h"'
layer fail gateway/storage/ports/a.h '"gateway/storage/sqlite/database.h"'
layer fail gateway/audit/a.cc '"gateway/storage/sqlite/database.h"'
layer pass gateway/audit/a.cc '"gateway/storage/ports/log_storage.h"'
layer pass gateway/http/a.cc '"gateway/crypto/certificate.h"'
layer fail gateway/http/a.cc '"gateway/domain/date.h"'
layer pass gateway/registry/a.cc '"gateway/audit/log.h"'
layer fail gateway/audit/a.cc '"gateway/registry/registry.h"'
layer fail gateway/sources/a.cc '"adapters/rest/rest.h"'
layer pass gateway/sources/a.cc '"adapters/adapter.h"'
layer fail gateway/api/a.cc '"gateway/app/config.h"'
layer pass gateway/app/a.cc '"adapters/rest/rest.h"'
layer fail gateway/app/a.cc '"municipal-mocks/mock.h"'
layer fail gateway/unknown.cc '"gateway/support/a.h"'
layer fail gateway/domain/a.cc '"a.h"'
layer fail gateway/domain/a.cc '"../support/a.h"'
layer pass adapters/rest/a.cc '"adapters/rest/b.h"'
layer fail adapters/rest/a.cc '"adapters/soap/b.h"'
layer pass adapters/rest/a.cc '"adapters/common/b.h"'
layer pass adapters/rest/a.cc '"gateway/http/client.h"'
layer fail adapters/rest/a.cc '"gateway/http/server.h"'
layer fail adapters/rest/a.cc '"gateway/storage/sqlite/database.h"'
layer fail adapters/rest/a.cc '"gateway/registry/registry.h"'
layer pass adapters/published/a.cc '"gateway/registry/registry.h"'
layer fail municipal-mocks/a.cc '"adapters/adapter.h"'
layer pass municipal-mocks/a.cc '"gateway/domain/numbers.h"'
layer fail municipal-mocks/a.cc '"gateway/domain/decide.h"'
layer pass gateway/http/a.cc '<boost/beast/http/parser.hpp>'
layer fail gateway/http/a.h '<boost/beast/http/parser.hpp>'
layer fail gateway/api/a.cc '<boost/beast/core.hpp>'
layer pass gateway/api/a.cc '<boost/asio/awaitable.hpp>'
layer pass gateway/storage/sqlite/a.h '<sqlite3.h>'
layer fail gateway/storage/ports/a.h '<sqlite3.h>'
layer fail gateway/audit/a.cc '<sqlite3.h>'
layer pass gateway/crypto/a.cc '<openssl/evp.h>'
layer fail municipal-mocks/a.cc '<openssl/evp.h>'

# Spelled in pieces, so that the faults are not found here.
fault gateway/support/a.cc '// TO''DO: later'
fault README.md 'FIX''ME'
fault certs/make.sh '# XX''X'
fault README.md 'see /wo''rk/main'
fault gateway/support/a.cc '"/ho''me/somebody/x"'
fault README.md 'as iss''ue #2 says'
fault README.md 'Iss''ue 3'
fault README.md 'ends with a space '
fault README.md 'ends with a tab\t'
fault README.md 'see [the map](gateway/docs/map.md)'
fault README.md '## Words\n\nsee [below](#worlds)'
fault gateway/support/a.cc '// As docs/contract.md says.'
fault README.md 'A line.\n## A heading'
fault notes.txt 'a name at the top that nobody agreed on'
fault gateway/support/c.h 'int no_pragma_once();'
fault gateway/support/a.cc 'using std::vector;'
fault gateway/support/a.cc 'namespace fs = std::filesystem;'
fault gateway/support/CamelCase.cc 'int x;'
fault gateway/domain/long.cc "$(printf 'int x;\\n%.0s' {1..601})"

plant_good
printf '// comment\n\n%.0s' {1..700} >"$tree/gateway/domain/commented.cc"
printf 'mktemp -d name.XXXX''XX and https://example.org/ho''me/page\n' >"$tree/README.md"
expect hygiene pass "comments and blank lines are not code; templates and addresses are no faults"

plant_good
printf '# One, two\n\nsee [one](#one-two), [a header](gateway/support/a.h)\n' >"$tree/README.md"
printf '// As README.md says.\n' >>"$tree/gateway/support/a.cc"
expect hygiene pass "links and pages that are there"

# mutation pass|fail TEST OLD: a patch that names TEST and changes the line OLD of a header.
mutation() {
    plant_good
    mkdir "$tree/tests/mutation"
    printf 'shikaku_unit_test(unit_a SOURCES a_test.cc)\n' >"$tree/tests/CMakeLists.txt"
    printf 'What was changed.\ntest: %s\n\n--- a/gateway/support/a.h\n+++ b/gateway/support/a.h\n' "$2" \
        >"$tree/tests/mutation/a.patch"
    printf '@@ -1 +1 @@\n-%s\n+changed\n' "$3" >>"$tree/tests/mutation/a.patch"
    expect mutation "$1" "test $2, line $3"
}
mutation pass unit_a '#pragma once'
mutation fail unit_a '#pragma twice'
mutation fail unit_b '#pragma once'
mutation fail unit_a/b_test '#pragma once'
mutation fail '' '#pragma once'

# threats pass|fail WORDS: a page with a row of these words, over a test of two cases.
threats() {
    plant_good
    mkdir -p "$tree"/gateway/docs "$tree"/tests/unit/gateway/http
    printf 'inline constexpr int kDoors = 2;\n' >"$tree/gateway/support/bounds.h"
    printf 'int a = counter("shikaku_doors_total");\n' >"$tree/gateway/domain/a.cc"
    printf 'TEST_CASE("a door") {\nTEST_CASE_METHOD(House,\n    "a \\"door\\" " "and a half") {\n' \
        >"$tree/tests/unit/gateway/http/door_test.cc"
    printf '| attack | %s |\n' "$2" >"$tree/gateway/docs/threat-model.md"
    expect threats "$1" "$2"
}
threats pass '`http/door_test` *a door*, *a "door" and a half*; `kDoors`; `shikaku_doors_total`; `domain/a.cc`'
threats fail 'nothing'
threats fail '`http/door_test` *a window*'
threats fail '`http/house_test` *a door*'
threats fail '*a door*'
threats fail '`http/door_test` *a door* `kWindows`'
threats fail '`http/door_test` *a door* `shikaku_windows_total`'
threats fail '`http/door_test` *a door* `domain/b.cc`'

[ "$failed" -ne 0 ] || echo "every fault was found"
exit "$failed"

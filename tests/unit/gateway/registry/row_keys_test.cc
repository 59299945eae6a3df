// What keeps a row where it was written: a file's thief who copies it elsewhere has a row that does
// not open there.
#include "gateway/registry/row_keys.h"

#include <catch2/catch.hpp>

#include "gateway/registry/entitlement_kind.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

using namespace shikaku;
using namespace shikaku::registry;

namespace {

std::unique_ptr<crypto::KeyRing> fresh_ring() {
    const shikaku::testing::TemporaryFolder folder;
    const auto file = folder.path() / "keyring.json";
    REQUIRE(write_file(file, crypto::KeyRing::generate_json(), 0600));
    return crypto::KeyRing::load(file).value();
}

}  // namespace

TEST_CASE("a sealed row opens in its own place only") {
    const auto ring = fresh_ring();
    const RowKeys keys(*ring);

    domain::Entitlement child;
    child.scheme_id = "child";
    child.valid_from = *domain::Date::parse_iso("2026-04-01");
    child.valid_to = *domain::Date::parse_iso("2027-03-31");
    Bytes plain;
    encode_entitlement(child, plain);
    const RowKeys::RowId own{.person = keys.person(RecordType::subsidies, Hash256{1}),
                             .history = keys.history(132012, "H1"),
                             .set = 132012};
    const Bytes sealed = keys.seal(own, plain);
    CHECK(domain::decode_entitlement(keys.open(own, sealed).value()) == child);

    auto other_person = own;
    other_person.person = keys.person(RecordType::subsidies, Hash256{2});
    auto other_history = own;
    other_history.history = keys.history(132012, "H2");
    CHECK_FALSE(keys.open(other_person, sealed));
    CHECK_FALSE(keys.open(other_history, sealed));
    for (const storage::AuthorityNumber authority : {132039U, 132013U, 0U}) {
        auto elsewhere = own;
        elsewhere.set = authority;
        CHECK_FALSE(keys.open(elsewhere, sealed));
    }
}

TEST_CASE("a person, a history key and a refused row are hashed apart, each authority's too") {
    const auto ring = fresh_ring();
    const RowKeys keys(*ring);
    const storage::Key16 person = keys.person(RecordType::subsidies, Hash256{1});
    CHECK(person == keys.person(RecordType::subsidies, Hash256{1}));
    CHECK(person != keys.person(RecordType::subsidies, Hash256{2}));
    CHECK(keys.history(132012, "H1") != keys.history(132039, "H1"));
    CHECK(keys.history(132012, "H1") != keys.history(132012, "H2"));
    CHECK(keys.unread(132012, person, 7) != keys.unread(132039, person, 7));
    CHECK(keys.unread(132012, person, 7) != keys.unread(132012, person, 8));
    CHECK(keys.content(person, as_bytes("a")) !=
          keys.content(keys.person(RecordType::subsidies, Hash256{2}), as_bytes("a")));
    CHECK(keys.idempotency(132012, "k") != keys.idempotency(132039, "k"));
}

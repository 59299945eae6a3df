// Numbers and names that registry.db keeps: a program of years later reads them. Columns and row
// codes have theirs in columns_test.cc and row_remark_test.cc, kinds of log entries in
// ../audit/entry_test.cc.
#include <catch2/catch.hpp>

#include "gateway/registry/publication.h"
#include "gateway/storage/sqlite/registry_store.h"

using namespace shikaku;
using namespace shikaku::registry;

TEST_CASE("states of a publication keep their numbers and names") {
    const char* const names[] = {"receiving", "checking", "held",
                                 "active",    "rejected", "rolled_back"};
    for (std::uint8_t number = 0; const char* text : names) {
        const auto state = static_cast<PublicationState>(number++);
        CHECK(name(state) == text);
        CHECK(parse_publication_state(text) == state);
    }
    CHECK(name(static_cast<PublicationState>(6)).empty());
    CHECK_FALSE(parse_publication_state(""));
    CHECK_FALSE(parse_publication_state("Active"));
}

TEST_CASE("modes and formats keep their names") {
    CHECK(name(Mode::full) == "full");
    CHECK(name(Mode::delta) == "delta");
    CHECK(name(BodyFormat::csv_cp932) == "csv_cp932");
    CHECK(name(BodyFormat::csv_utf8) == "csv_utf8");
    CHECK(name(BodyFormat::ndjson) == "ndjson");
}

TEST_CASE("what the registry's rows are keeps its numbers") {
    using storage::GenerationRow;
    using storage::IntentRow;
    using storage::StagedRow;
    CHECK(static_cast<int>(GenerationRow::State::pending) == 0);
    CHECK(static_cast<int>(GenerationRow::State::switched) == 1);
    CHECK(static_cast<int>(GenerationRow::State::rolled_back) == 2);
    CHECK(static_cast<int>(IntentRow::Kind::switching) == 1);
    CHECK(static_cast<int>(IntentRow::Kind::schemes) == 2);
    CHECK(static_cast<int>(StagedRow::Kind::good) == 0);
    CHECK(static_cast<int>(StagedRow::Kind::deleted) == 1);
    CHECK(static_cast<int>(StagedRow::Kind::keep) == 2);
    CHECK(static_cast<int>(StagedRow::Kind::unattributed) == 3);
}

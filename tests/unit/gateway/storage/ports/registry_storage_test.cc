// What every storage of the registry does (gateway/storage/ports/registry_storage.h).
#include "gateway/storage/ports/registry_storage.h"

#include <catch2/catch.hpp>
#include <string>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/storage/ports/engines.h"

using namespace ports_test;

namespace {

constexpr AuthorityNumber kTown = 132'012;
constexpr AuthorityNumber kCity = 132'039;
constexpr int kHeld = 3;

Key16 key(int name) {
    Key16 key{};
    key.fill(static_cast<std::uint8_t>(name));
    key.front() = static_cast<std::uint8_t>(name >> 8);
    return key;
}

Bytes bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

// A row for its person and history key, in place of what stands there.
struct Change {
    int person = 'p', history = 'h';
    std::string sealed{};  // empty: ends what is there
};

// What a comparison makes of it.
class Staged final : public StagedChanges {
  public:
    Staged(RegistryStorage& storage, AuthorityNumber authority,
           const std::vector<Change>& changes) {
        const auto rows = storage.in_force_rows(authority);
        REQUIRE(rows);
        for (const Change& change : changes) {
            StagedChange staged{.history = key(change.history), .person = key(change.person)};
            const auto old = (*rows)->find(key(change.history));
            REQUIRE(old);
            if (*old) {
                staged.old_id = (*old)->id;
                staged.old_from = (*old)->gen_from;
                staged.deleted = change.sealed.empty();
            }
            if (!change.sealed.empty()) {
                staged.line = static_cast<std::int64_t>(changes_.size()) + 1;
                staged.content = key(change.sealed.front());
                staged.filled = 5;
            }
            changes_.push_back(staged);
            sealed_.push_back(bytes(change.sealed));
        }
    }
    Status each_new_by_line(const VisitNew& visit) override {
        for (std::size_t i = 0; i < changes_.size(); ++i)
            if (const auto& one = changes_[i]; one.line != 0)
                SHIKAKU_TRY(visit({.line = one.line,
                                   .history = one.history,
                                   .person = one.person,
                                   .sealed = sealed_[i]}));
        return {};
    }
    Status each_new_by_person(const VisitNew& visit) override { return each_new_by_line(visit); }
    Status each_new_by_history(const Visit<StagedChange>& visit) override {
        for (const StagedChange& one : changes_)
            if (one.line != 0) SHIKAKU_TRY(visit(one));
        return {};
    }
    Status each_ended(const Visit<StagedChange>& visit) override {
        for (const StagedChange& one : changes_)
            if (one.old_id != 0) SHIKAKU_TRY(visit(one));
        return {};
    }
    [[nodiscard]] std::uint64_t lines() const { return changes_.size(); }

  private:
    std::vector<StagedChange> changes_;
    std::vector<Bytes> sealed_;
};

GenerationRow written(RegistryStorage& storage, AuthorityNumber authority, std::int64_t base,
                      const std::string& publication, const std::vector<Change>& changes) {
    Staged staged(storage, authority, changes);
    auto generation = storage.begin_generation(authority, base, publication, staged.lines());
    REQUIRE(generation);
    REQUIRE(storage.write_changes(*generation, staged));
    generation->rows = static_cast<std::int64_t>(changes.size());
    generation->switched_ms = 1'000 * generation->number;
    return *generation;
}

PublicationRow row_of(const GenerationRow& generation, int state = 1) {
    return {.id = generation.publication,
            .authority = generation.authority,
            .idempotency_key = "key of " + generation.publication,
            .parameters = "full",
            .state = state,
            .base = generation.base,
            .report = "{}",
            .body = bytes("body")};
}

GenerationRow published(RegistryStorage& storage, AuthorityNumber authority, std::int64_t base,
                        const std::string& publication, const std::vector<Change>& changes,
                        std::uint64_t log_index = 7) {
    const auto generation = written(storage, authority, base, publication, changes);
    REQUIRE(storage.switch_to(generation, row_of(generation), log_index));
    return generation;
}

// All that is there of a person, as "sealed@from-to".
std::vector<std::string> of_person(RegistryStorage& storage, char person) {
    static std::uint64_t view = 0;  // each a newer one
    const std::atomic<std::uint64_t> newest{++view};
    PersonRows found;
    const auto shown =
        blocking(storage.read_person(key(person), {.number = newest, .newest = newest}, found));
    REQUIRE(shown);
    REQUIRE(*shown);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < found.count; ++i) {
        const PersonRow& row = found.rows[i];
        all.push_back(std::string(as_text(row.sealed)) + "@" + std::to_string(row.gen_from) + "-" +
                      std::to_string(row.gen_to) + (row.deleted ? " deleted" : ""));
    }
    return all;
}

std::int64_t in_force(RegistryStorage& storage, AuthorityNumber authority) {
    const auto row = storage.authority(authority);
    REQUIRE(row);
    return *row ? (*row)->generation : 0;
}

using Texts = std::vector<std::string>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("a generation counts when it is switched to, in one step", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    CHECK(storage->authorities()->empty());
    REQUIRE(storage->known_of("log"));
    REQUIRE(storage->intend({.authority = kTown, .subject = "a", .step = "publish", .target = 1}));
    const auto first = written(*storage, kTown, 0, "a", {{'p', 'h', "one"}, {'p', 'i', "two"}});
    CHECK(first.number == 1);
    CHECK(in_force(*storage, kTown) == 0);
    CHECK(storage->publication("a").value() == std::nullopt);
    CHECK(storage->generations()->front().state == GenerationRow::State::pending);

    REQUIRE(storage->switch_to(first, row_of(first), 12));
    CHECK(in_force(*storage, kTown) == 1);
    CHECK(storage->publication("a").value()->body == bytes("body"));
    CHECK(storage->generations(kTown)->front().state == GenerationRow::State::switched);
    CHECK(storage->generations(kTown)->front().switched_ms == 1'000);
    CHECK(storage->generations(kCity)->empty());
    CHECK(storage->intents()->empty());
    CHECK(storage->known_of("log") == 12);
    CHECK(of_person(*storage, 'p') == Texts{"one@1-0", "two@1-0"});
    CHECK(of_person(*storage, 'q').empty());
}

TEMPLATE_LIST_TEST_CASE("what a generation replaces is there for those who still see the old one",
                        "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    published(*storage, kTown, 0, "a", {{'p', 'h', "one"}, {'q', 'i', "two"}});
    const auto second =
        written(*storage, kTown, 1, "b", {{'p', 'h', "new"}, {'q', 'i'}, {'r', 'j', "three"}});
    CHECK(of_person(*storage, 'p') == Texts{"one@1-2", "new@2-0"});
    CHECK(of_person(*storage, 'q') == Texts{"two@1-2 deleted"});

    SECTION("taken out it is as if it had never been") {
        REQUIRE(storage->discard(second));
        REQUIRE(storage->discard(second));  // once more, as after a crash
        CHECK(of_person(*storage, 'p') == Texts{"one@1-0"});
        CHECK(of_person(*storage, 'q') == Texts{"two@1-0"});
        CHECK(of_person(*storage, 'r').empty());
        CHECK(storage->generations(kTown)->size() == 1);
        // Its number is nobody else's.
        CHECK(written(*storage, kTown, 1, "c", {{'p', 'h', "x"}}).number == 3);
    }
    SECTION("switched to, and back again") {
        REQUIRE(storage->switch_to(second, row_of(second), 8));
        CHECK(in_force(*storage, kTown) == 2);
        REQUIRE(storage->roll_back(second, row_of(second, 5), 9));
        CHECK(in_force(*storage, kTown) == 1);
        CHECK(storage->generations(kTown)->back().state == GenerationRow::State::rolled_back);
        CHECK(storage->publication("b").value()->state == 5);
    }
}

TEMPLATE_LIST_TEST_CASE("one authority's generations are none of another's", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    published(*storage, kTown, 0, "a", {{'p', 'h', "town"}});
    const auto city = published(*storage, kCity, 0, "b", {{'p', 'h', "city"}});
    CHECK(city.number == 1);
    CHECK(of_person(*storage, 'p') == Texts{"town@1-0", "city@1-0"});
    const auto again = written(*storage, kCity, 1, "c", {{'p', 'h'}});
    CHECK(of_person(*storage, 'p') == Texts{"town@1-0", "city@1-2 deleted"});
    REQUIRE(storage->discard(again));
    REQUIRE(storage->take_out({{kCity, 4}}, 20));
    CHECK(of_person(*storage, 'p') == Texts{"town@1-0"});
    CHECK(in_force(*storage, kCity) == 0);
    CHECK(storage->publication("b").value() == std::nullopt);
    CHECK(storage->authorities()->size() == 2);
    CHECK(written(*storage, kCity, 0, "d", {{'p', 'h', "x"}}).number == 5);
}

TEMPLATE_LIST_TEST_CASE("a view that is no longer the newest is told so", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    published(*storage, kTown, 0, "a", {{'p', 'h', "one"}});
    const std::atomic<std::uint64_t> newest{1'000'002};
    PersonRows found;
    CHECK(blocking(storage->read_person(key('p'), {.number = 1'000'001, .newest = newest},
                                        found)) == false);
    CHECK(blocking(storage->read_person(key('p'), {.number = newest, .newest = newest}, found)) ==
          true);
    CHECK(found.count == 1);
    storage->end_idle_snapshots();
}

TEMPLATE_LIST_TEST_CASE("of too many rows about a person the newest are read", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    std::vector<Change> many;
    for (std::size_t i = 0; i < bounds::kRowsPerPersonAndAuthority + 2; ++i)
        many.push_back({'p', static_cast<int>(i), "row " + std::to_string(i)});
    published(*storage, kTown, 0, "a", many);
    published(*storage, kCity, 0, "b", {{'p', 'h', "city"}});
    const std::atomic<std::uint64_t> newest{2'000'000};
    PersonRows found;
    REQUIRE(blocking(storage->read_person(key('p'), {.number = newest, .newest = newest}, found)));
    CHECK(found.count == bounds::kRowsPerPersonAndAuthority + 1);
    CHECK(found.cut_off == std::vector{kTown});
    CHECK(as_text(found.rows[0].sealed) == "row 2");
    CHECK(found.rows[found.count - 1].authority == kCity);
}

TEMPLATE_LIST_TEST_CASE("rows in force are walked by history key, and found by it", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    published(*storage, kTown, 0, "a", {{'p', 'k', "one"}, {'q', 'i', "two"}, {'q', 'j', "three"}});
    published(*storage, kTown, 1, "b", {{'q', 'j'}});
    const auto rows = storage->in_force_rows(kTown);
    REQUIRE(rows);
    std::vector<Key16> seen;
    InForceRow row;
    while ((*rows)->next(row).value())
        seen.push_back(row.history);
    CHECK(seen == std::vector{key('i'), key('k')});
    CHECK((*rows)->find(key('j')).value() == std::nullopt);
    const auto found = (*rows)->find(key('k')).value();
    REQUIRE(found);
    CHECK(found->content == key('o'));
    CHECK(found->filled == 5);
    CHECK((*rows)->content_of(found->id).value().sealed == bytes("one"));
    CHECK((*rows)->content_of(found->id).value().person == key('p'));
    CHECK((*rows)->content_of(999).value().sealed.empty());
    CHECK(storage->newest_row().value()->sealed == bytes("three"));
    CHECK(storage->is_sealed_with({0x7468'7265, 1}) == true);  // "thre"
    CHECK(storage->is_sealed_with({1, 2}) == false);
}

TEMPLATE_LIST_TEST_CASE("publications are found, replaced and erased", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    PublicationRow row{.id = "a",
                       .authority = kTown,
                       .idempotency_key = "k",
                       .parameters = "full",
                       .state = kHeld,
                       .base = 4,
                       .report = "{}"};
    REQUIRE(storage->put(row));
    REQUIRE(storage->put_remarks("a", {{.line = 3, .column = 1, .code = 9}, {.line = 5}}));
    REQUIRE(storage->put_linkage("a", "check"));
    REQUIRE(storage->put_linkage("nobody's", "check"));
    CHECK(storage->publication(kTown, "k").value()->id == "a");
    CHECK(storage->publication(kCity, "k").value() == std::nullopt);
    CHECK(storage->publications_in(kHeld)->size() == 1);
    const auto remarks = storage->remarks("a");
    REQUIRE(remarks);
    REQUIRE(remarks->size() == 2);
    CHECK(remarks->front().code == 9);
    CHECK(remarks->back().column == -1);
    REQUIRE(storage->forget_lone_linkage());
    CHECK(storage->linkage("a") == "check");
    CHECK(storage->linkage("nobody's") == "");

    row.state = 4;
    REQUIRE(storage->put(row));
    CHECK(storage->publications_in(kHeld)->empty());
    REQUIRE(storage->erase_publication("a"));
    CHECK(storage->publication("a").value() == std::nullopt);
    CHECK(storage->remarks("a")->empty());
    CHECK(storage->linkage("a") == "");
}

TEMPLATE_LIST_TEST_CASE("what is being logged is known until it is settled", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    CHECK(storage->known_of("log") == -1);
    const IntentRow intent{.authority = kTown, .subject = "a", .step = "publish", .target = 1};
    REQUIRE(storage->intend(intent));
    CHECK(storage->intend(intent).error().code == ErrorCode::conflict);
    REQUIRE(storage->intend({.authority = kCity, .subject = "b", .step = "publish"}));
    CHECK(storage->intents()->size() == 2);
    CHECK(storage->intents()->front().after == -1);
    REQUIRE(storage->forget(intent, 5));
    CHECK(storage->known_of("log") == 5);
    REQUIRE(storage->forget(storage->intents()->front(), std::nullopt));
    CHECK(storage->intents()->empty());
    CHECK(storage->known_of("log") == 5);
    CHECK(storage->known_of("another log") == -1);

    const PackRow pack{.authority = kTown, .version = "v", .body = "rules", .log_index = 8};
    REQUIRE(storage->put_in_force(pack));
    CHECK(storage->known_of("another log") == 8);
    CHECK(storage->authority(kTown).value()->pack_version == "v");
    CHECK(storage->pack(kTown, "v").value()->body == "rules");
    CHECK(storage->pack(kTown, "w").value() == std::nullopt);
    PackRow other = pack;
    other.body = "other rules";
    CHECK(storage->put_in_force(other).error().code == ErrorCode::conflict);
}

TEMPLATE_LIST_TEST_CASE("what nobody goes back to is swept out", "", Engines) {
    TestType engine;
    const auto storage = engine.open_registry();
    published(*storage, kTown, 0, "a", {{'p', 'h', "one"}, {'p', 'i', "two"}});
    const auto second = published(*storage, kTown, 1, "b", {{'p', 'h', "new"}, {'p', 'i'}});
    CHECK(storage->keep_from(kTown, 1, 2).error().code == ErrorCode::conflict);
    REQUIRE(storage->keep_from(kTown, 2, 2));
    CHECK(storage->roll_back(second, row_of(second), 9).error().code == ErrorCode::conflict);
    CHECK(in_force(*storage, kTown) == 2);
    // One that ended is told of for a while yet.
    REQUIRE(storage->sweep(kTown, 2, 1, {}));
    CHECK(of_person(*storage, 'p') == Texts{"two@1-2 deleted", "new@2-0"});
    REQUIRE(storage->sweep(kTown, 2, 2, {}));
    CHECK(of_person(*storage, 'p') == Texts{"new@2-0"});
}

// What every storage of the log does (gateway/storage/ports/log_storage.h).
#include "gateway/storage/ports/log_storage.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/gateway/storage/ports/engines.h"

using namespace ports_test;

namespace {

using How = Placed::How;

const Instant kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::int64_t kGoodUntil = 1'800'000'200;

Bytes bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

Bytes token(char key, char request, std::int64_t expires_s = kGoodUntil) {
    Bytes token(16, static_cast<std::uint8_t>(key));
    for (int shift = 56; shift >= 0; shift -= 8)
        token.push_back(static_cast<std::uint8_t>(expires_s >> shift));
    token.insert(token.end(), 8, static_cast<std::uint8_t>(request));
    return token;
}

// A leaf whose tenth byte is its kind.
Bytes leaf(std::string_view name, std::uint8_t kind = 1) {
    Bytes leaf(9, 'l');
    leaf.push_back(kind);
    const auto rest = as_bytes(name);
    leaf.insert(leaf.end(), rest.begin(), rest.end());
    return leaf;
}

struct Entry {
    Bytes leaf, token{}, sealed = bytes("sealed");
};

std::vector<Placed> append(LogStorage& log, const std::vector<Entry>& entries, Instant now = kNow) {
    std::vector<NewEntry> views;
    for (const Entry& entry : entries)
        views.push_back({.leaf = entry.leaf, .token = entry.token, .sealed = entry.sealed});
    std::vector<Placed> all;
    int told = 0;
    REQUIRE(log.append(views, now, [&](std::span<const Placed> placed) {
        ++told;
        all.assign(placed.begin(), placed.end());
    }));
    CHECK(told == 1);
    REQUIRE(all.size() == entries.size());
    return all;
}

Status cover(LogStorage& log, std::optional<std::uint64_t> after, std::uint64_t size,
             std::int64_t minute = 7, std::span<const NewTile> tiles = {}) {
    return log.cover(
        {.after = after,
         .tiles = tiles,
         .checkpoint = {.minute = minute, .size = size, .text = "size " + std::to_string(size)}});
}

const KeyUse kKeys{.ring = {{"one", bytes("1")}}, .used = {"one"}};

// As a start does it.
std::unique_ptr<LogStorage> started(Result<std::unique_ptr<LogStorage>> opened) {
    REQUIRE(opened);
    LogStorage& log = **opened;
    REQUIRE(log.expect_keys(kKeys));
    const auto newest = log.newest_checkpoint();
    REQUIRE(newest);
    std::optional<std::uint64_t> covered;
    if (*newest) covered = (*newest)->size;
    REQUIRE(log.recover({.covered = covered, .anchored = true}));
    REQUIRE(log.accept("now"));
    REQUIRE(log.remember_tokens(0));
    if (!covered) REQUIRE(cover(log, std::nullopt, 0));
    return std::move(*opened);
}

std::vector<std::uint64_t> indexes(const std::vector<Placed>& placed) {
    std::vector<std::uint64_t> all;
    for (const Placed& one : placed)
        all.push_back(one.index);
    return all;
}

using List = std::vector<std::uint64_t>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("entries follow one another, and are read as they were written", "",
                        Engines) {
    TestType engine;
    const auto log = started(engine.create_log());
    CHECK(indexes(append(*log, {{leaf("a")}, {leaf("b"), token('t', 'r')}})) == List{0, 1});
    CHECK(indexes(append(*log, {{leaf("c"), {}, bytes("of c")}})) == List{2});
    REQUIRE(cover(*log, 0, 3));

    CHECK(log->size() == 3);
    CHECK(blocking(log->leaf(1)) == leaf("b"));
    CHECK(blocking(log->detail(2)).value() == bytes("of c"));
    CHECK(blocking(log->leaf(3)).error().code == ErrorCode::not_found);
    std::vector<std::pair<std::uint64_t, Bytes>> seen;
    REQUIRE(log->visit_leaves(1, 3, [&](std::uint64_t index, BytesView bytes) -> Status {
        seen.emplace_back(index, Bytes(bytes.begin(), bytes.end()));
        return {};
    }));
    CHECK(seen == std::vector<std::pair<std::uint64_t, Bytes>>{{1, leaf("b")}, {2, leaf("c")}});
    List with_token;
    REQUIRE(log->visit_tokens(0, 3, [&](std::uint64_t index, BytesView, BytesView read) -> Status {
        CHECK(Bytes(read.begin(), read.end()) == token('t', 'r'));
        with_token.push_back(index);
        return {};
    }));
    CHECK(with_token == List{1});
    CHECK(
        log->visit_leaves(0, 3, [](std::uint64_t, BytesView) { return fail(ErrorCode::conflict); })
            .error()
            .code == ErrorCode::conflict);
}

TEMPLATE_LIST_TEST_CASE("entries that a start looks for are found by their kind", "", Engines) {
    TestType engine;
    const auto log = started(engine.create_log());
    append(*log, {{leaf("a", 1)},
                  {leaf("b", 4)},
                  {leaf("c", 2)},
                  {leaf("d", 9)},
                  {leaf("e", 5)},
                  {leaf("f", 10)},
                  {leaf("g", 3)}});
    REQUIRE(cover(*log, 0, 7));
    List found;
    REQUIRE(log->visit_changes(2, 7, [&](std::uint64_t index, BytesView) -> Status {
        found.push_back(index);
        return {};
    }));
    CHECK(found == List{3, 4, 5});
}

TEMPLATE_LIST_TEST_CASE("a token is used once, whoever is asked", "", Engines) {
    TestType engine;
    auto log = started(engine.create_log());
    const auto check = [&](const std::vector<Entry>& entries, const std::vector<How>& hows,
                           const List& at) {
        const auto placed = append(*log, entries);
        for (std::size_t i = 0; i < placed.size(); ++i)
            CHECK(placed[i].how == hows[i]);
        CHECK(indexes(placed) == at);
    };
    check({{leaf("a"), token('t', 'r')}, {leaf("b"), token('u', 'r')}},
          {How::appended, How::appended}, {0, 1});
    // The others of its group go in, one behind the other.
    check({{leaf("c")}, {leaf("d"), token('t', 'r')}, {leaf("e"), token('u', 'x')}, {leaf("f")}},
          {How::appended, How::repeated, How::replayed, How::appended}, {2, 0, 1, 3});
    // Twice in one group, and a group of which nothing is left.
    check({{leaf("g"), token('v', 'r')}, {leaf("h"), token('v', 'x')}},
          {How::appended, How::replayed}, {4, 4});
    check({{leaf("i"), token('t', 'x')}}, {How::replayed}, {0});
    // Expired long ago it opens nothing any more, and claims nothing.
    check({{leaf("j"), token('w', 'r', 1'000)}, {leaf("k"), token('w', 'r', 1'000)}},
          {How::appended, How::appended}, {5, 6});
    REQUIRE(cover(*log, 0, 7));
    REQUIRE(log->make_safe());
    log.reset();

    log = started(engine.open_log());
    check({{leaf("l"), token('t', 'r')}, {leaf("m"), token('v', 'x')}, {leaf("n")}},
          {How::repeated, How::replayed, How::appended}, {0, 4, 7});
}

TEMPLATE_LIST_TEST_CASE("a checkpoint is taken only behind the one it was made after", "",
                        Engines) {
    TestType engine;
    const auto log = started(engine.create_log());
    append(*log, {{leaf("a")}, {leaf("b")}});
    const Bytes hashes(8192, 'h');
    const NewTile tiles[] = {{.level = 0, .n = 0, .hashes = hashes}};
    for (const auto after : {std::optional<std::uint64_t>(1), std::optional<std::uint64_t>()}) {
        CHECK(cover(*log, after, 2, 9, tiles).error().code == ErrorCode::conflict);
        CHECK(log->newest_checkpoint().value()->size == 0);
        CHECK(blocking(log->tile(0, 0)).error().code == ErrorCode::not_found);
    }
    REQUIRE(cover(*log, 0, 2, 9, tiles));
    CHECK(log->newest_checkpoint().value()->text == "size 2");
    CHECK(blocking(log->tile(0, 0)) == hashes);
    CHECK(blocking(log->tile(0, 1)).error().code == ErrorCode::not_found);
    CHECK(blocking(log->tile(1, 0)).error().code == ErrorCode::not_found);
    // One more of the same minute, and tiles ahead of their checkpoint.
    append(*log, {{leaf("c")}});
    REQUIRE(cover(*log, 2, 3, 9));
    CHECK(log->newest_checkpoint().value()->size == 3);
    const NewTile ahead[] = {{.level = 1, .n = 0, .hashes = hashes}};
    REQUIRE(log->put_tiles(ahead));
    CHECK(blocking(log->tile(1, 0)) == hashes);
    REQUIRE(log->keep_house());
}

TEMPLATE_LIST_TEST_CASE("what was acknowledged is there after a stop, covered or not", "",
                        Engines) {
    TestType engine;
    auto log = started(engine.create_log());
    append(*log, {{leaf("a")}, {leaf("b")}});
    REQUIRE(cover(*log, 0, 2));
    append(*log, {{leaf("c"), token('t', 'r')}});
    log.reset();

    log = started(engine.open_log());
    CHECK(log->size() == 3);
    CHECK(log->newest_checkpoint().value()->size == 2);
    CHECK(blocking(log->leaf(2)) == leaf("c"));
    CHECK(blocking(log->detail(2)).value() == bytes("sealed"));
    CHECK(append(*log, {{leaf("d"), token('t', 'r')}})[0].how == How::repeated);
    CHECK(indexes(append(*log, {{leaf("d")}})) == List{3});
    REQUIRE(log->try_again());  // there is room
    CHECK(log->size() == 4);
}

TEMPLATE_LIST_TEST_CASE("two at once are one order, or the second is refused", "", Engines) {
    TestType engine;
    const auto first = started(engine.create_log());
    auto opened = engine.open_log();
    if (!opened) {
        CHECK(opened.error().code == ErrorCode::conflict);
        return;
    }
    const auto second = started(std::move(opened));
    CHECK(indexes(append(*first, {{leaf("a"), token('t', 'r')}})) == List{0});
    CHECK(indexes(append(*second, {{leaf("b")}, {leaf("c")}})) == List{1, 2});
    const auto lost = append(*second, {{leaf("d"), token('t', 'r')}, {leaf("e"), token('t', 'x')}});
    CHECK(lost[0].how == How::repeated);
    CHECK(lost[1].how == How::replayed);
    CHECK(indexes(append(*first, {{leaf("f")}})) == List{3});
    REQUIRE(cover(*first, 0, 3));
    CHECK(cover(*second, 0, 4).error().code == ErrorCode::conflict);
    REQUIRE(cover(*second, 3, 4));
    CHECK(first->newest_checkpoint().value()->size == 4);
}

TEMPLATE_LIST_TEST_CASE("another key ring is refused, and the key named", "", Engines) {
    TestType engine;
    started(engine.create_log());
    const auto refusal = [&](const KeyUse& use) {
        const auto log = engine.open_log();
        REQUIRE(log);
        const auto expected = (*log)->expect_keys(use);
        return expected ? Error{.code = ErrorCode::not_found} : expected.error();
    };
    const auto other = refusal({.ring = {{"one", bytes("2")}}, .used = {"one"}});
    CHECK(other.code == ErrorCode::bad_key);
    CHECK(other.detail.contains("one"));
    CHECK(refusal({.ring = {{"two", bytes("2")}}, .used = {"two"}}).code == ErrorCode::bad_key);
    CHECK(refusal({.ring = {{"two", bytes("2")}},
                   .used = {"two"},
                   .needed = [](std::string_view) { return Result<bool>(false); }})
              .code == ErrorCode::not_found);
}

#include "gateway/support/json_object.h"

#include <catch2/catch.hpp>

namespace shikaku {
namespace {

struct Shelf {
    std::string name;
    std::optional<std::uint64_t> books;
    std::int8_t floor = 0;
    bool locked = false;
    std::vector<int> widths;
    Instant built{};
    std::optional<bool> open;
    std::vector<std::string> topics;
    std::vector<std::pair<std::string, int>> owners;
};

std::optional<bool> open_or_closed(std::string_view text) {
    if (text == "open") return true;
    if (text == "closed") return false;
    return std::nullopt;
}

void read(JsonObject& object, Shelf& shelf) {
    object.needed("name", shelf.name)
        .maybe("books", shelf.books)
        .maybe("floor", shelf.floor)
        .maybe("locked", shelf.locked)
        .maybe("widths", shelf.widths)
        .maybe("built", shelf.built)
        .maybe("state", shelf.open, open_or_closed)
        .each("topics",
              [&](const Json& item, std::string at) {
                  JsonObject topic(item, ErrorCode::corrupt, std::move(at));
                  return topic.needed("topic", shelf.topics.emplace_back()).done();
              })
        .each_member("owners",
                     [&](const std::string& owner, const Json& share, std::string at) -> Status {
                         if (!take(share, shelf.owners.emplace_back(owner, 0).second))
                             return fail(ErrorCode::corrupt, "is no share", std::move(at));
                         return {};
                     })
        .nested("maker", [](const Json& maker, std::string at) {
            std::string town;
            JsonObject object(maker, ErrorCode::corrupt, std::move(at));
            return object.needed("town", town).done_with_others();
        });
}

Json json_of(std::string_view text) {
    auto json = parse_json(text);
    REQUIRE(json);
    return *std::move(json);
}

TEST_CASE("the members of an object go where they belong") {
    const Json json = json_of(R"({"name":"a","books":18446744073709551615,"floor":-2,"locked":true,
        "widths":[1,2],"built":1000,"state":"closed","topics":[{"topic":"law"},{"topic":"tax"}],
        "owners":{"x":1,"y":2},"maker":{"town":"t","year":1}})");
    Shelf shelf;
    JsonObject object(json);
    read(object, shelf);
    REQUIRE(object.done());
    CHECK(shelf.name == "a");
    CHECK(shelf.books == 18'446'744'073'709'551'615U);
    CHECK(shelf.floor == -2);
    CHECK(shelf.locked);
    CHECK(shelf.widths == std::vector{1, 2});
    CHECK(shelf.built == Instant(std::chrono::seconds(1)));
    CHECK(shelf.open == false);
    CHECK(shelf.topics == std::vector<std::string>{"law", "tax"});
    CHECK(shelf.owners == std::vector<std::pair<std::string, int>>{{"x", 1}, {"y", 2}});
}

TEST_CASE("what may be absent leaves its place alone") {
    const Json json = json_of(R"({"name":"a"})");
    Shelf shelf;
    shelf.books = 7;
    shelf.floor = 3;
    shelf.locked = true;
    JsonObject object(json);
    read(object, shelf);
    REQUIRE(object.done());
    CHECK(shelf.books == 7U);
    CHECK(shelf.floor == 3);
    CHECK(shelf.locked);
}

TEST_CASE("the first problem is told with its place") {
    struct Row {
        std::string_view text, pointer;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"[]", ""},
             {"1", ""},
             {"{}", "/name"},
             {R"({"name":1})", "/name"},
             {R"({"name":null})", "/name"},
             {R"({"name":"a","books":-1})", "/books"},
             {R"({"name":"a","books":1.0})", "/books"},
             {R"({"name":"a","books":"1"})", "/books"},
             {R"({"name":"a","floor":128})", "/floor"},
             {R"({"name":"a","floor":-129})", "/floor"},
             {R"({"name":"a","floor":18446744073709551615})", "/floor"},
             {R"({"name":"a","locked":1})", "/locked"},
             {R"({"name":"a","widths":1})", "/widths"},
             {R"({"name":"a","widths":[1,"2"]})", "/widths"},
             {R"({"name":"a","built":9223372036854775808})", "/built"},
             {R"({"name":"a","state":"ajar"})", "/state"},
             {R"({"name":"a","state":true})", "/state"},
             {R"({"name":"a","topics":{}})", "/topics"},
             {R"({"name":"a","topics":[{"topic":"x"},1]})", "/topics/1"},
             {R"({"name":"a","topics":[{"topic":1}]})", "/topics/0/topic"},
             {R"({"name":"a","topics":[{"topic":"x","y":1}]})", "/topics/0/y"},
             {R"({"name":"a","owners":[]})", "/owners"},
             {R"({"name":"a","owners":{"b/c~":""}})", "/owners/b~1c~0"},
             {R"({"name":"a","maker":1})", "/maker"},
             {R"({"name":"a","maker":{}})", "/maker/town"},
             {R"({"name":"a","nmae":"b"})", "/nmae"},
             {R"({"name":1,"books":"two"})", "/name"}}) {
        CAPTURE(row.text);
        const Json json = json_of(row.text);
        Shelf shelf;
        JsonObject object(json, ErrorCode::corrupt);
        read(object, shelf);
        const auto status = object.done();
        REQUIRE_FALSE(status);
        CHECK(status.error().pointer == row.pointer);
        if (row.pointer == "/topics/0/topic") CHECK(status.error().code == ErrorCode::corrupt);
    }
}

TEST_CASE("members that are not known are a problem only where all are known") {
    const Json json = json_of(R"({"name":"a","later":{"name":1}})");
    Shelf shelf;
    JsonObject object(json, ErrorCode::corrupt, "/shelves/2");
    read(object, shelf);
    CHECK(object.done_with_others());
    const auto status = object.done();
    REQUIRE_FALSE(status);
    CHECK(status.error().pointer == "/shelves/2/later");
}

TEST_CASE("nothing is read behind the first problem") {
    const Json json = json_of(R"({"books":1})");
    Shelf shelf;
    JsonObject object(json);
    read(object, shelf);
    CHECK_FALSE(object.good());
    CHECK_FALSE(shelf.books);
}

}  // namespace
}  // namespace shikaku

#include "gateway/http/message.h"

#include <catch2/catch.hpp>

namespace shikaku::http::testing {

TEST_CASE("a header is found by any case and trimmed, the first of several") {
    Request request;
    request.headers = {{"Prefer", " receipt\t"}, {"prefer", "other"}};
    CHECK(request.header("PREFER") == "receipt");
    CHECK(request.header("Accept").empty());
}

TEST_CASE("a query parameter is percent-decoded, plus stays plus") {
    struct Row {
        const char* query;
        const char* key;
        std::optional<std::string> value;
    };
    const Row rows[] = {
        {"", "a", std::nullopt},
        {"a", "a", ""},
        {"a=", "a", ""},
        {"a=1&a=2", "a", "1"},
        {"b=1&a=2", "a", "2"},
        {"&&a=2", "a", "2"},
        {"aa=1", "a", std::nullopt},
        {"from=2026-04-01T00%3A00%3A00+09:00", "from", "2026-04-01T00:00:00+09:00"},
        {"a=x=y", "a", "x=y"},
        {"%61=1", "a", "1"},
        {"a=%", "a", "%"},
        {"a=%4", "a", "%4"},
        {"a=%zz", "a", "%zz"},
        {"a=%E5%AD%90", "a", "\xe5\xad\x90"},
    };
    for (const Row& row : rows) {
        INFO(row.query);
        Request request;
        request.query = row.query;
        CHECK(request.query_parameter(row.key) == row.value);
    }
}

}  // namespace shikaku::http::testing

#include "gateway/domain/texts.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "gateway/domain/decision.h"
#include "gateway/support/error_code.h"
#include "gateway/support/json.h"
#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

std::map<std::string, std::string> wanted() {
    std::map<std::string, std::string> names;
    for (const ReasonInfo& reason : all_reasons())
        names.emplace(reason.name, "reasons");
    for (std::string_view code : all_warnings())
        names.emplace(code, "warnings");
    for (std::string_view code : all_notes())
        names.emplace(code, "notes");
    for (const ErrorInfo& error : all_errors())
        names.emplace(error.name, "errors");
    return names;
}

TEST_CASE("every reason, warning, note and error has its text, in its section") {
    const auto names = all_advice_names();
    for (const auto& [name, section] : wanted()) {
        INFO(name);
        REQUIRE(std::ranges::find(names, name) != names.end());
        CHECK(advice(name).section == section);
    }
}

TEST_CASE("the catalogue holds no text that nobody uses") {
    const auto used = wanted();
    for (const std::string& name : all_advice_names()) {
        INFO(name);
        CHECK(used.contains(name));
    }
}

TEST_CASE("every text is complete, in both languages, and in the right one") {
    const auto has_japanese = [](const std::string& text) {
        return std::ranges::any_of(text,
                                   [](char c) { return static_cast<unsigned char>(c) >= 0xE3; });
    };
    for (const std::string& name : all_advice_names()) {
        INFO(name);
        const Advice& entry = advice(name);
        for (const Localized* text : {&entry.title, &entry.desk, &entry.it}) {
            CHECK(is_valid_utf8(text->ja));
            CHECK(has_japanese(text->ja));
            CHECK_FALSE(has_japanese(text->en));
            CHECK_FALSE(text->en.empty());
        }
    }
}

TEST_CASE("advice_json is the desk and IT text as JSON") {
    const auto json = parse_json(advice_json("EXPIRED"));
    REQUIRE(json);
    CHECK(json->at("desk").at("ja") == advice("EXPIRED").desk.ja);
    CHECK(json->at("it").at("en") == advice("EXPIRED").it.en);
    CHECK(json->size() == 2);
}

TEST_CASE("an unknown name gives the general text") {
    CHECK(&advice("no-such-name") == &advice("internal"));
}

}  // namespace
}  // namespace shikaku::domain

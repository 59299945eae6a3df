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
    for (const ReasonInfo& reason : kReasons)
        names.emplace(reason.name, "reasons");
    for (std::string_view code : kWarnings)
        names.emplace(code, "warnings");
    for (std::string_view code : kNotes)
        names.emplace(code, "notes");
    for (const ErrorInfo& error : all_errors())
        names.emplace(error.name, "errors");
    for (const std::string_view name :
         {"gateway_unreachable", "gateway_silent", "gateway_not_trusted", "certificate_refused",
          "answer_unreadable"})
        names.emplace(name, "gateway");  // gateway/programs/client/no_answer.h
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

TEST_CASE("whatever leaves a desk without an answer says paper, and to end or delete nothing") {
    std::vector<std::string_view> unanswered{"gateway_unreachable", "gateway_silent",
                                             "gateway_not_trusted", "certificate_refused",
                                             "answer_unreadable",   "institution_withdrawn"};
    for (const ErrorInfo& error : all_errors()) {
        const bool of_uploads = error.code == ErrorCode::storage_full;
        if ((error.http_status >= 500 && !of_uploads) || error.http_status == 408 ||
            error.http_status == 429)
            unanswered.push_back(error.name);
    }
    for (const std::string_view name : unanswered) {
        INFO(name);
        const Localized& desk = advice(name).desk;
        CHECK(desk.ja.find("受給者証") != std::string::npos);
        CHECK(desk.ja.find("終了・削除しないで") != std::string::npos);
        CHECK(desk.en.find("paper certificate") != std::string::npos);
        CHECK(desk.en.find("Do not end or delete") != std::string::npos);
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

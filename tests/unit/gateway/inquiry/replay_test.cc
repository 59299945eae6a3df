#include "gateway/inquiry/replay.h"

#include <catch2/catch.hpp>

#include "gateway/domain/case_json.h"
#include "gateway/domain/wording.h"
#include "tests/unit/gateway/inquiry/logged_answer.h"

namespace {

using namespace shikaku;
using namespace shikaku::domain::test;
using State = inquiry::Replayed::State;

// One answer, as the log keeps it in parts; the test changes what they say.
struct Entry {
    domain::RuleBook rules = domain::test::rule_book({scheme(kHachioji, "maru-ko", "88131248")});
    domain::Case facts =
        domain::test::facts({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
    Json asker, authority, rest;

    Entry() { write(); }

    void write() {
        const auto detail = inquiry::test::detail_of(facts, rules);
        asker = parse_json(detail.asker).value();
        authority = parse_json(detail.authorities.at(0)).value();
        rest = parse_json(detail.rest).value();
    }
    // The log says that another answer was given, and says so to everybody.
    void answer_was(const std::string& content_hash) {
        asker["answer"] = inquiry::answer_hash("01ANSWER", content_hash);
    }
    [[nodiscard]] Result<inquiry::Replayed> replay() const {
        const audit::Detail detail{
            .rest = rest.dump(), .asker = asker.dump(), .authorities = {authority.dump()}};
        return inquiry::replay(
            inquiry::test::Logged(detail).entry(),
            [this](domain::AuthorityCode code, const std::string&) {
                return Result<std::shared_ptr<const domain::SchemePack>>(rules.packs.at(code));
            });
    }
    [[nodiscard]] State state() const {
        const auto replayed = replay();
        REQUIRE(replayed);
        CHECK(replayed->same() == (replayed->state() != State::different));
        return replayed->state();
    }
};

// The same answer as it was written before entries had parts.
struct OldEntry {
    domain::RuleBook rules = domain::test::rule_book({scheme(kHachioji, "maru-ko", "88131248")});
    Json detail;

    OldEntry() {
        const domain::Case facts =
            domain::test::facts({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
        const auto answer = inquiry::derive_answer(facts, rules, "01ANSWER", instant("2026-11-20"));
        std::string text;
        JsonWriter json(text);
        domain::write_case(json, facts);
        detail = {{"v", 1},
                  {"kind", "eligibility"},
                  {"caller", "institution:1312012342"},
                  {"answer_id", "01ANSWER"},
                  {"answered_ms", instant("2026-11-20").time_since_epoch().count()},
                  {"outcome", "eligible"},
                  {"reason", "ACTIVE"},
                  {"content_hash", answer.content_hash},
                  {"texts", domain::wording()},
                  {"authorities", {"132012"}},
                  {"packs", {{"132012", "1"}}},
                  {"local_order", Json::object()},
                  {"case", parse_json(text).value()}};
    }
    [[nodiscard]] Result<inquiry::Replayed> replay() const {
        return inquiry::replay(
            inquiry::test::Logged(detail.dump(), audit::Kind::eligibility, 9).entry(),
            [this](domain::AuthorityCode code, const std::string&) {
                return Result<std::shared_ptr<const domain::SchemePack>>(rules.packs.at(code));
            });
    }
    [[nodiscard]] State state() const { return replay().value().state(); }
};

TEST_CASE("the same bytes come out again") {
    Entry entry;
    CHECK(entry.state() == State::same);
    CHECK(entry.rest.at("texts") == domain::wording());
}

TEST_CASE("other bytes under the same wording are an alarm") {
    Entry entry;
    entry.answer_was("sha256:00");
    CHECK(entry.state() == State::different);
}

TEST_CASE("other bytes under another wording are the same decision, when all else is the same") {
    Entry entry;
    entry.answer_was("sha256:00");
    entry.rest["texts"] = "00000000";
    CHECK(entry.state() == State::other_wording);
    const auto changed = [&](const char* member, const Json& value) {
        Entry other = entry;
        other.asker[member] = value;
        return other.state();
    };
    CHECK(changed("outcome", "unknown") == State::different);
    CHECK(changed("reason", "EXPIRED") == State::different);
    entry.authority["authority"] = "130001";
    entry.authority.erase("pack");
    CHECK(entry.state() == State::different);
}

TEST_CASE("a clinic or an authority that was shown something else is an alarm") {
    const auto changed = [](auto change) {
        Entry entry;
        REQUIRE(entry.state() == State::same);
        change(entry);
        return entry.state();
    };
    CHECK(changed([](Entry& e) { e.asker["answer"] = "sha256:00"; }) == State::different);
    CHECK(changed([](Entry& e) { e.asker["outcome"] = "not_eligible"; }) == State::different);
    CHECK(changed([](Entry& e) { e.asker["reason"] = "EXPIRED"; }) == State::different);
}

TEST_CASE("another decision in the auditors' part is an alarm") {
    const auto changed = [](auto change) {
        Entry entry;
        REQUIRE(entry.state() == State::same);
        change(entry.rest.at("decided"));
        return entry.state();
    };
    CHECK(changed([](Json& d) { d[0]["reason"] = "EXPIRED"; }) == State::different);
    CHECK(changed([](Json& d) { d[0]["outcome"] = "unknown"; }) == State::different);
    CHECK(changed([](Json& d) { d[0]["scheme"] = "other"; }) == State::different);
    CHECK(changed([](Json& d) { d[0]["authority"] = "130001"; }) == State::different);
    CHECK(changed([](Json& d) { d.clear(); }) == State::different);
    CHECK(changed([](Json& d) { d.push_back(Json(d[0])); }) == State::different);
}

TEST_CASE("an entry with the decisions in the authorities' parts replays") {
    Entry entry;
    const auto old =
        inquiry::test::with_decided_in_parts(inquiry::test::detail_of(entry.facts, entry.rules));
    entry.authority = parse_json(old.authorities.at(0)).value();
    entry.rest = parse_json(old.rest).value();
    CHECK(entry.state() == State::same);
    entry.authority["decided"][0]["reason"] = "EXPIRED";
    CHECK(entry.state() == State::different);
}

TEST_CASE("entries of version 1 replay, also those of before the fingerprint") {
    OldEntry entry;
    CHECK(entry.state() == State::same);
    entry.detail.erase("texts");
    CHECK(entry.state() == State::same);
    entry.detail["content_hash"] = "sha256:00";
    CHECK(entry.state() == State::other_wording);
    for (const auto& [member, value] :
         std::initializer_list<std::pair<const char*, Json>>{{"outcome", "unknown"},
                                                             {"reason", "EXPIRED"},
                                                             {"authorities", Json::array()},
                                                             {"authorities", {"130001"}},
                                                             {"texts", domain::wording()}}) {
        OldEntry other = entry;
        other.detail[member] = value;
        CAPTURE(member, value.dump());
        CHECK(other.state() == State::different);
    }
    entry.detail["kind"] = "denial";
    CHECK(entry.replay().error().code == ErrorCode::unprocessable);
    entry.detail.erase("kind");
    CHECK(entry.replay().error().code == ErrorCode::corrupt);
}

TEST_CASE("when a pack was accepted is part of the entry, as last_changed depends on it") {
    Entry entry;
    entry.rules.accepted[domain::test::authority(kHachioji)] = instant("2026-11-25");
    entry.write();
    const auto at = instant("2026-11-25").time_since_epoch().count();
    CHECK(entry.authority.at("accepted_ms") == at);
    entry.rules.accepted.clear();  // a replay knows it from the entry only
    CHECK(entry.state() == State::same);
    entry.authority["accepted_ms"] = at + 1000;
    CHECK(entry.state() == State::different);
}

TEST_CASE("the order of payers that the prefecture had set is part of the entry") {
    Entry entry;
    entry.rules.local_order["13"] = {"88", "81"};
    entry.facts = domain::test::facts({answered(
        kHachioji, {entitlement("maru-ko", "88131248"), entitlement("oya", "81136244")})});
    entry.write();
    entry.rules.local_order.clear();  // a replay knows it from the entry only
    CHECK(entry.state() == State::same);
    entry.rest["local_order"]["13"] = Json::array({"81", "88"});
    CHECK(entry.state() == State::different);
}

}  // namespace

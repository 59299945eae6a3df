#include "gateway/domain/history.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

Entitlement row(std::string key, std::string_view from, std::string_view to,
                std::string_view changed = "2026-01-01", std::string_view revoked = "") {
    Entitlement result = entitlement("maru-ko", "88131248");
    result.history_key = std::move(key);
    result.valid_from = date(from);
    result.valid_to = date(to);
    result.changed_at = instant(changed);
    if (!revoked.empty()) result.revoked_at = instant(revoked);
    return result;
}

// What a desk sees of these rows on 2026-11-20: "key reason".
std::vector<std::string> seen(std::vector<Entitlement> rows) {
    const RuleBook rules = rule_book({scheme(kHachioji, "maru-ko", "88131248")});
    const Case one = facts({answered(kHachioji, std::move(rows))});
    std::vector<std::string> result;
    for (const SubsidyDecision& subsidy : decide(one, rules).subsidies) {
        result.push_back(subsidy.entitlement->history_key + " " +
                         std::string(info(subsidy.reason).name));
    }
    return result;
}

using Seen = std::vector<std::string>;

TEST_CASE("old rows of a certificate that is in force are not shown") {
    CHECK(seen({row("2024", "2024-04-01", "2025-03-31"), row("2025", "2025-04-01", "2026-03-31"),
                row("2026", "2026-04-01", "2027-03-31")}) == Seen{"2026 ACTIVE"});
    CHECK(seen({row("2026", "2026-04-01", "2027-03-31"),
                row("2027", "2027-04-01", "2028-03-31")}) == Seen{"2026 ACTIVE"});
    Entitlement renumbered = row("2025", "2025-04-01", "2026-03-31");
    renumbered.recipient_number = "7654321";
    CHECK(seen({renumbered, row("2026", "2026-04-01", "2027-03-31")}) == Seen{"2026 ACTIVE"});
}

TEST_CASE("of several old rows the last one speaks") {
    CHECK(seen({row("2024", "2024-04-01", "2025-03-31"),
                row("2025", "2025-04-01", "2026-03-31")}) == Seen{"2025 EXPIRED"});
}

TEST_CASE("in a gap the coming renewal speaks, the sooner one first") {
    CHECK(seen({row("old", "2025-04-01", "2026-10-31"), row("new", "2026-12-01", "2027-03-31"),
                row("later", "2027-04-01", "2028-03-31")}) == Seen{"new NOT_YET_VALID"});
}

TEST_CASE("a shortened certificate: the row that replaced the withdrawn one speaks") {
    CHECK(seen({row("long", "2026-04-01", "2027-03-31", "2026-03-01", "2026-10-01"),
                row("short", "2026-04-01", "2026-09-30", "2026-10-01")}) == Seen{"short EXPIRED"});
}

TEST_CASE("a withdrawn row of this year speaks before an old expired one") {
    CHECK(seen({row("2024", "2024-04-01", "2025-03-31", "2024-03-01"),
                row("2026", "2026-04-01", "2027-03-31", "2026-03-01", "2026-08-01")}) ==
          Seen{"2026 REVOKED"});
}

TEST_CASE("a withdrawn row beside the one that replaced it is not shown") {
    CHECK(seen({row("wrong", "2026-04-01", "2027-03-31", "2026-03-01", "2026-05-01"),
                row("right", "2026-04-01", "2027-03-31", "2026-05-01")}) == Seen{"right ACTIVE"});
}

TEST_CASE("overlapping rows of one certificate give one subsidy, the newer") {
    CHECK(seen({row("a", "2026-04-01", "2027-03-31"), row("b", "2026-10-01", "2027-09-30")}) ==
          Seen{"b ACTIVE"});
}

TEST_CASE("of overlapping rows the usable one is shown") {
    Entitlement elsewhere = row("b", "2026-10-01", "2027-03-31");
    elsewhere.designated_institutions = {institution(kOtherClinic)};
    CHECK(seen({row("a", "2026-04-01", "2027-03-31"), elsewhere}) == Seen{"a ACTIVE"});
}

TEST_CASE("two certificates of one scheme in force at once are both shown") {
    Entitlement second = row("b", "2026-04-01", "2027-03-31");
    second.recipient_number = "7654321";
    CHECK(seen({row("a", "2026-04-01", "2027-03-31"), second}).size() == 2);
}

TEST_CASE("the same row twice is one row") {
    CHECK(seen({row("a", "2026-04-01", "2027-03-31"), row("a", "2026-04-01", "2027-03-31")}) ==
          Seen{"a ACTIVE"});
}

TEST_CASE("without recipient numbers history keys tell certificates apart") {
    Entitlement a = row("a", "2026-04-01", "2027-03-31");
    Entitlement b = row("b", "2026-04-01", "2027-03-31");
    a.recipient_number.clear();
    b.recipient_number.clear();
    CHECK(seen({a, b}).size() == 2);
}

TEST_CASE("rows that differ in little are ordered as they always were") {
    Entitlement plain = row("2026", "2026-04-01", "2027-03-31");
    plain.certificate_name = "A";
    const RuleBook rules = rule_book({scheme(kHachioji, "maru-ko", "88131248")});
    const Case one = facts({answered(kHachioji, {plain})});
    const auto before = [&](auto change_a, auto change_b) {
        Entitlement a = plain, b = plain;
        change_a(a);
        change_b(b);
        const auto as_row = [&](const Entitlement& e) {
            Row made = judge(one.query, one.findings.front(), e, rules);
            made.subsidy.payer_number.reset();  // of the row's own alone
            return made;
        };
        return row_before(as_row(a), as_row(b)) && !row_before(as_row(b), as_row(a));
    };
    const auto nothing = [](Entitlement&) {};
    const auto no_payer = [](Entitlement& e) { e.payer_number.reset(); };
    const auto named = [](Entitlement& e) { e.certificate_name = "B"; };
    const auto hidden = [](Entitlement& e) { e.not_disclosed = true; };
    CHECK(before(nothing, named));
    CHECK(before(no_payer, nothing));
    // What is named comes later, whichever payer number it has.
    const auto named_without_payer = [&](Entitlement& e) { named(e), no_payer(e); };
    CHECK(before(nothing, named_without_payer));
    const auto hidden_without_payer = [&](Entitlement& e) { hidden(e), no_payer(e); };
    CHECK(before(nothing, hidden_without_payer));
}

}  // namespace
}  // namespace shikaku::domain::test

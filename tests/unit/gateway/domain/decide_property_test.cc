// What must hold for every person, certificate and rule: random ones, from fixed seeds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "gateway/domain/answer.h"
#include "gateway/domain/case_json.h"
#include "gateway/domain/exclusion.h"
#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

constexpr int kWorlds = 1500;

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    int below(int n) { return std::uniform_int_distribution(0, n - 1)(engine_); }
    bool one_in(int n) { return below(n) == 0; }
    template <class List>
    auto pick(const List& list) {
        return list[static_cast<std::size_t>(below(static_cast<int>(std::size(list))))];
    }
    template <class List>
    void shuffle(List& list) {
        std::ranges::shuffle(list, engine_);
    }

  private:
    std::mt19937_64 engine_;
};

constexpr std::string_view kAuthorities[] = {"132012", "130001", "132110", "270008"};
constexpr const char* kNumbers[] = {"88131248", "88138243", "89131247", "81136244", "81137242",
                                    "54136015", "21130001", "12130001", "80137151", "10130001"};
constexpr const char* kIds[] = {"a", "b", "c", "d", "e", "f"};
constexpr const char* kSegments[] = {"", "taxed", "non-taxed"};
constexpr const char* kBirthDates[] = {"1950-01-01", "2008-04-01", "2016-06-15", "2024-02-29"};

RuleVersion random_rule(Random& random, Date from, std::optional<Date> to) {
    RuleVersion result = rule();
    result.from = from;
    result.to = to;
    result.version = from.iso();
    result.copay.clear();
    for (int lines = random.below(3); lines >= 0; --lines) {
        CopayLine line;
        if (random.one_in(2)) line.settings = {random.pick(kAllSettings), Setting::outpatient};
        if (random.one_in(3)) line.income_segments = {random.pick(kSegments)};
        if (random.one_in(5))
            line.age = AgeRange{.from = {},
                                .from_fiscal_year_after = {},
                                .to = random.below(80),
                                .to_fiscal_year_end_after = {}};
        line.copay.kind = static_cast<Copay::Kind>(random.below(8));
        line.copay.amount_yen = 100 * (1 + random.below(9));
        write_copay_text(line.copay);
        result.copay.push_back(line);
    }
    if (random.one_in(3))
        result.age = AgeRange{.from = {},
                              .from_fiscal_year_after = {},
                              .to = {},
                              .to_fiscal_year_end_after = random.below(70)};
    result.area.scope = static_cast<Area::Scope>(random.below(5));
    result.area.prefectures = {"13"};
    result.area.districts = {"1320"};
    if (random.one_in(4)) {
        result.insurer =
            InsurerCondition{.national_health_society_prefixes = {"13"}, .societies = {}};
        if (random.one_in(2)) result.insurer->societies = {"27"};
    }
    result.insurance_required = random.one_in(4);
    result.designated_institution_required = random.one_in(4);
    result.always_reimbursement = random.one_in(8);
    if (random.one_in(3)) result.excluded_by = {random.pick(kIds), "12", "130001/b"};
    if (random.one_in(6)) result.excluded_segments = {"taxed"};
    if (random.one_in(8)) result.required_conditions = {"A-1"};
    return result;
}

RuleBook random_rules(Random& random) {
    std::vector<Scheme> schemes;
    for (std::string_view code : kAuthorities) {
        for (const char* id : kIds) {
            if (random.one_in(3)) continue;
            Scheme one = scheme(code, id, random.one_in(3) ? "88" : random.pick(kNumbers));
            const Date first = date("2024-04-01");
            const Date second = date("2026-04-01").plus_days(random.below(400) - 200);
            const Date third = second.plus_days(1 + random.below(400));
            one.rules = {random_rule(random, first, second.plus_days(-1)),
                         random_rule(random, second, third.plus_days(-1)),
                         random_rule(random, third, std::nullopt)};
            if (random.one_in(2)) one.claim_order = 1 + random.below(3);
            schemes.push_back(std::move(one));
        }
    }
    RuleBook rules = rule_book(std::move(schemes));
    if (random.one_in(2)) rules.local_order["13"] = {"88", "81", "80"};
    return rules;
}

Entitlement random_entitlement(Random& random, int number) {
    Entitlement row = entitlement(random.pick(kIds), random.one_in(3) ? "" : random.pick(kNumbers));
    row.history_key = "h" + std::to_string(number);
    row.recipient_number = random.one_in(4) ? "" : std::to_string(1000000 + random.below(3));
    row.valid_from = date("2026-04-01").plus_days(random.below(600) - 400);
    row.valid_to = row.valid_from.plus_days(random.below(700));
    row.income_segment = random.pick(kSegments);
    row.changed_at = instant("2026-01-01") + std::chrono::hours(random.below(5000));
    if (random.one_in(6)) {
        row.revoked_at = row.changed_at + std::chrono::hours(1);
        row.left_out = random.one_in(2);
    }
    if (random.one_in(4)) row.birth_date = date(random.pick(kBirthDates));
    if (random.one_in(5)) row.designated_institutions = {institution(kClinic)};
    if (random.one_in(12)) row.designated_institutions = {institution(kOtherClinic)};
    if (random.one_in(5)) row.cap_monthly_yen = 1000 * random.below(5);
    if (random.one_in(6)) row.additional_conditions = {"A-1"};
    row.always_reimbursement = random.one_in(10);
    row.not_disclosed = random.one_in(15);
    return row;
}

Case random_case(Random& random) {
    Case one = facts({});
    if (random.one_in(2))
        one.query.service_date = date("2026-11-20").plus_days(random.below(820) - 730);
    if (random.one_in(10)) one.query.residence.reset();
    if (random.one_in(20)) one.query.consent = false;
    one.query.setting = random.pick(kAllSettings);
    one.query.explain = random.one_in(3);
    one.query.institution = institution(random.one_in(3) ? kOtherClinic : kClinic);
    if (random.one_in(3)) one.query.birth_date.reset();
    if (random.one_in(2)) {
        one.query.insurance.emplace().status = static_cast<Insurance::Status>(random.below(3));
        if (random.one_in(2))
            one.query.insurance->insurer =
                InsurerNumber::parse(random.one_in(2) ? "273011" : "138057");
    }
    for (std::string_view code : kAuthorities) {
        if (random.one_in(3)) continue;
        Finding finding = answered(code);
        for (int rows = random.below(random.one_in(4) ? 12 : 5); rows > 0; --rows)
            finding.entitlements.push_back(random_entitlement(random, rows));
        finding.status =
            finding.entitlements.empty() ? SourceStatus::no_record : SourceStatus::answered;
        finding.freshness = static_cast<Freshness>(random.below(3));
        if (random.one_in(6)) finding.status = static_cast<SourceStatus>(2 + random.below(4));
        if (finding.status == SourceStatus::not_connected) finding.entitlements.clear();
        if (random.one_in(10)) finding.freshness = Freshness::stale;
        finding.beyond_policy = random.one_in(15);
        finding.ambiguous = random.one_in(20);
        finding.elapsed_ms = random.below(100);
        one.findings.push_back(std::move(finding));
    }
    return one;
}

std::string render(const Case& one, const RuleBook& rules) {
    const RenderedAnswer answer =
        render_answer(one, decide(one, rules), "01ID", instant("2026-11-21"));
    return answer.head + "|" + answer.hashed;
}

bool answered_now(const Finding& finding) {
    return (finding.status == SourceStatus::answered ||
            finding.status == SourceStatus::no_record) &&
           finding.freshness != Freshness::stale && !finding.beyond_policy && !finding.ambiguous;
}

bool all_answered_now(const Case& one) {
    return !one.findings.empty() && one.query.consent && one.query.residence &&
           std::ranges::all_of(one.findings, answered_now);
}

// The finding that a subsidy comes from.
const Finding& finding_of(const Case& one, const SubsidyDecision& subsidy) {
    return *std::ranges::find_if(one.findings, [&](const Finding& finding) {
        return std::ranges::any_of(finding.entitlements, [&](const Entitlement& entitlement) {
            return &entitlement == subsidy.entitlement;
        });
    });
}

// Whether a usable subsidy of a source that answered now takes the place of this one.
bool surely_superseded(const Case& one, const Decision& decision, const SubsidyDecision& subsidy) {
    const Row row{.subsidy = subsidy};
    return std::ranges::any_of(decision.subsidies, [&](const SubsidyDecision& other) {
        return other.outcome == Outcome::eligible && answered_now(finding_of(one, other)) &&
               gives_way(row, Row{.subsidy = other});
    });
}

// Runs `check(random, case, rules)` in many worlds.
template <class Check>
void in_many_worlds(std::uint64_t seed, Check check) {
    for (int world = 0; world < kWorlds; ++world) {
        Random random(seed + static_cast<std::uint64_t>(world));
        const RuleBook rules = random_rules(random);
        const Case one = random_case(random);
        check(random, one, rules);
    }
}

template <class Change>
RuleBook with_every_scheme(const RuleBook& rules, Change change) {
    RuleBook changed = rules;
    for (auto& [code, pack] : changed.packs) {
        SchemePack copy = *pack;
        std::ranges::for_each(copy.schemes, change);
        pack = std::make_shared<const SchemePack>(std::move(copy));
    }
    return changed;
}

// Changes, removes and adds versions that are not in force on the day.
void mutate_others(Random& random, Scheme& scheme, Date day) {
    std::vector<RuleVersion> kept;
    for (const RuleVersion& version : scheme.rules) {
        if (&version == scheme.rule_on(day)) {
            kept.push_back(version);
        } else if (!random.one_in(3)) {
            kept.push_back(random_rule(random, version.from, version.to));
        }
    }
    const Date first = date("2020-01-01");
    if (random.one_in(2)) kept.insert(kept.begin(), random_rule(random, first, first.plus_days(9)));
    if (random.one_in(2) && !kept.empty() && kept.back().to && *kept.back().to >= day)
        kept.push_back(random_rule(random, kept.back().to->plus_days(1), std::nullopt));
    scheme.rules = std::move(kept);
}

TEST_CASE("not_eligible is only ever said when everybody has answered now") {
    int no = 0;
    int superseded = 0;
    int doubted = 0;
    in_many_worlds(1'000'000, [&](Random&, const Case& one, const RuleBook& rules) {
        const Decision decision = decide(one, rules);
        if (decision.outcome == Outcome::not_eligible) {
            ++no;
            REQUIRE(all_answered_now(one));
        }
        REQUIRE(decision.outcome == info(decision.reason).outcome);
        const bool usable = std::ranges::any_of(decision.subsidies, [](const SubsidyDecision& s) {
            return s.outcome == Outcome::eligible;
        });
        REQUIRE((decision.outcome == Outcome::eligible) == usable);
        for (const SubsidyDecision& subsidy : decision.subsidies) {
            REQUIRE(subsidy.outcome == info(subsidy.reason).outcome);
            if (subsidy.outcome == Outcome::not_eligible)
                REQUIRE(answered_now(finding_of(one, subsidy)));
            if (subsidy.reason == Reason::SUPERSEDED) {
                ++superseded;
                REQUIRE(surely_superseded(one, decision, subsidy));
            }
            doubted += subsidy.reason == Reason::SOURCE_UNAVAILABLE &&
                       answered_now(finding_of(one, subsidy));
        }
    });
    // The worlds are rich enough for the checks to mean something.
    CHECK(no > 20);
    CHECK(superseded > 20);
    CHECK(doubted > 0);
}

TEST_CASE("payers on a claim are numbered 1, 2, 3 without doubles, four at most") {
    std::set<int> lengths;
    int fifth_payers = 0;
    in_many_worlds(2'000'000, [&](Random&, const Case& one, const RuleBook& rules) {
        std::set<int> orders;
        int on_claim = 0;
        for (const SubsidyDecision& subsidy : decide(one, rules).subsidies) {
            fifth_payers += std::ranges::count(subsidy.notes, kFifthPayer);
            if (subsidy.claim_order == 0) continue;
            ++on_claim;
            orders.insert(subsidy.claim_order);
            REQUIRE(subsidy.reason == Reason::ACTIVE);
            REQUIRE(subsidy.settlement == Settlement::in_kind);
        }
        REQUIRE(static_cast<int>(orders.size()) == on_claim);
        REQUIRE(on_claim <= 4);
        if (on_claim > 0) REQUIRE(*orders.rbegin() == on_claim);
        lengths.insert(on_claim);
    });
    CHECK(lengths.contains(4));
    CHECK(fifth_payers > 0);
}

TEST_CASE("the order in which sources and rows come changes no byte") {
    in_many_worlds(3'000'000, [](Random& random, const Case& one, const RuleBook& rules) {
        Case mixed = one;
        random.shuffle(mixed.findings);
        for (Finding& finding : mixed.findings)
            random.shuffle(finding.entitlements);
        REQUIRE(render(mixed, rules) == render(one, rules));
    });
}

TEST_CASE("rule versions outside the service date change nothing") {
    in_many_worlds(4'000'000, [](Random& random, const Case& one, const RuleBook& rules) {
        const RuleBook changed = with_every_scheme(
            rules, [&](Scheme& scheme) { mutate_others(random, scheme, one.query.service_date); });
        REQUIRE(render(one, changed) == render(one, rules));
    });
}

TEST_CASE("the rule version in force does change something") {
    int changes = 0;
    in_many_worlds(4'000'000, [&](Random& random, const Case& one, const RuleBook& rules) {
        const RuleBook changed = with_every_scheme(rules, [&](Scheme& scheme) {
            for (RuleVersion& version : scheme.rules) {
                if (&version != scheme.rule_on(one.query.service_date)) continue;
                version = random_rule(random, version.from, version.to);
            }
        });
        changes += render(one, changed) != render(one, rules);
    });
    CHECK(changes > kWorlds / 4);
}

TEST_CASE("a case read back from the log gives the same bytes again") {
    in_many_worlds(5'000'000, [](Random&, const Case& one, const RuleBook& rules) {
        std::string text;
        JsonWriter json(text);
        write_case(json, one);
        const auto back = read_case(parse_json(text).value());
        REQUIRE(back);
        REQUIRE(render(*back, rules) == render(one, rules));
    });
}

}  // namespace
}  // namespace shikaku::domain::test

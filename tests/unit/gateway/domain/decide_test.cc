#include "gateway/domain/decide.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

constexpr const char* kNumber = "88131248";

// Decides about one certificate of Hachioji's scheme maru-ko.
struct OneCertificate {
    RuleVersion version = rule();
    Entitlement row = entitlement("maru-ko", kNumber);
    Query asked = query();

    Case built;
    RuleBook rules;
    Decision decision;

    const SubsidyDecision& decided() {
        built = Case{.query = asked, .findings = {answered(kHachioji, {row})}};
        rules = rule_book({scheme(kHachioji, "maru-ko", kNumber, version)});
        decision = decide(built, rules);
        REQUIRE(decision.subsidies.size() == 1);
        return decision.subsidies.front();
    }

    OneCertificate() : built{.query = query(), .findings = {}} {}
};

TEST_CASE("a certificate in force gives ACTIVE with what to charge and its place on the claim") {
    OneCertificate one;
    const SubsidyDecision& subsidy = one.decided();
    CHECK(one.decision.outcome == Outcome::eligible);
    CHECK(one.decision.reason == Reason::ACTIVE);
    CHECK(subsidy.reason == Reason::ACTIVE);
    CHECK(subsidy.claim_order == 1);
    CHECK(subsidy.settlement == Settlement::in_kind);
    REQUIRE(subsidy.copay != nullptr);
    CHECK(subsidy.copay->amount_yen == 200);
    CHECK(subsidy.rule->version == "2024-04-01");
    CHECK(subsidy.notes.empty());
    CHECK(one.decision.warnings.empty());
    CHECK(one.decision.steps.empty());
}

TEST_CASE("dates decide first, to the day") {
    const auto reason_on = [](std::string_view day) {
        OneCertificate one;
        one.asked = query(day);
        return one.decided().reason;
    };
    CHECK(reason_on("2026-03-31") == Reason::NOT_YET_VALID);
    CHECK(reason_on("2026-04-01") == Reason::ACTIVE);
    CHECK(reason_on("2027-03-31") == Reason::ACTIVE);
    CHECK(reason_on("2027-04-01") == Reason::EXPIRED);
}

TEST_CASE("a row taken back gives REVOKED, but EXPIRED after its last day") {
    OneCertificate one;
    one.row.revoked_at = instant("2026-09-01");
    CHECK(one.decided().reason == Reason::REVOKED);
    CHECK(one.decision.outcome == Outcome::not_eligible);
    one.asked = query("2027-04-01");
    CHECK(one.decided().reason == Reason::EXPIRED);
    one.asked = query("2026-03-01");
    CHECK(one.decided().reason == Reason::REVOKED);
}

TEST_CASE("a list of designated institutions counts, with or without a rule") {
    OneCertificate one;
    one.row.designated_institutions = {institution(kOtherClinic)};
    CHECK(one.decided().reason == Reason::NOT_DESIGNATED);
    one.row.designated_institutions.push_back(institution(kClinic));
    CHECK(one.decided().reason == Reason::ACTIVE);
    one.row.designated_institutions.clear();
    one.version.designated_institution_required = true;
    CHECK(one.decided().notes == std::vector<std::string_view>{kDesignationNotChecked});

    const Case unknown =
        facts({answered(kTokyo, {[] {
                            Entitlement row = entitlement("unheard-of", "54136015");
                            row.designated_institutions = {institution(kOtherClinic)};
                            return row;
                        }()})});
    CHECK(decide(unknown, {}).reason == Reason::NOT_DESIGNATED);
}

TEST_CASE("a setting without a line, or with one that says so, is not covered") {
    OneCertificate one;
    one.version.copay.front().settings = {Setting::inpatient};
    CHECK(one.decided().reason == Reason::SETTING_NOT_COVERED);
    one.version.copay.front().settings = {Setting::outpatient};
    CHECK(one.decided().reason == Reason::ACTIVE);
    one.version.copay.front().copay.kind = Copay::Kind::not_covered;
    CHECK(one.decided().reason == Reason::SETTING_NOT_COVERED);
}

TEST_CASE(
    "a line that needs what the certificate does not say leaves the amount unknown, not the answer "
    "no") {
    OneCertificate one;
    one.version.copay.front().income_segments = {"taxed"};
    CHECK(one.decided().reason == Reason::ACTIVE);
    CHECK(one.decision.subsidies[0].copay == nullptr);
    CHECK(one.decision.subsidies[0].notes == std::vector<std::string_view>{kCopayUnknown});
    one.row.income_segment = "taxed";
    CHECK(one.decided().copay->amount_yen == 200);
}

TEST_CASE("age: the entitlement's birth date, else the token's, else not checked and said so") {
    OneCertificate one;
    one.version.age = AgeRange{
        .from = {}, .from_fiscal_year_after = {}, .to = {}, .to_fiscal_year_end_after = 15};
    one.asked.birth_date = date("2016-06-15");
    CHECK(one.decided().reason == Reason::ACTIVE);
    one.row.birth_date = date("2000-01-01");
    CHECK(one.decided().reason == Reason::AGE_OUT_OF_RANGE);
    one.row.birth_date = date("2016-06-15");
    one.asked.birth_date = date("2000-01-01");
    CHECK(one.decided().reason == Reason::ACTIVE);
    CHECK(one.decision.warnings.empty());
    one.row.birth_date.reset();
    one.asked.birth_date.reset();
    CHECK(one.decided().reason == Reason::ACTIVE);
    REQUIRE(one.decision.warnings.size() == 1);
    CHECK(one.decision.warnings[0].code == kAgeNotChecked);
}

TEST_CASE("conditions: required and excluded") {
    OneCertificate one;
    one.version.required_conditions = {"A-1", "B-2"};
    CHECK(one.decided().reason == Reason::CONDITION_NOT_MET);
    one.row.additional_conditions = {"B-2", "A-1", "C-3"};
    CHECK(one.decided().reason == Reason::ACTIVE);
    one.version.excluded_segments = {"over-income"};
    one.row.income_segment = "over-income";
    CHECK(one.decided().reason == Reason::CONDITION_NOT_MET);
    one.version.excluded_segments.clear();
    one.version.required_segments = {"kohi-a"};
    CHECK(one.decided().reason == Reason::CONDITION_NOT_MET);
    one.row.segment = "kohi-a";
    CHECK(one.decided().reason == Reason::ACTIVE);
    one.row.segment.clear();
    one.row.income_segment.clear();
    CHECK(one.decided().notes == std::vector<std::string_view>{kSegmentNotChecked});
}

TEST_CASE("a segment may be excluded at some ages only") {
    OneCertificate one;
    one.version.excluded_segments = {"over-income"};
    one.version.excluded_segments_age = AgeRange{
        .from = {}, .from_fiscal_year_after = 12, .to = {}, .to_fiscal_year_end_after = {}};
    one.row.income_segment = "over-income";
    one.asked.birth_date = date("2014-12-01");
    CHECK(one.decided().reason == Reason::ACTIVE);
    one.asked = query("2027-03-31");
    one.asked.birth_date = date("2014-04-01");
    CHECK(one.decided().reason == Reason::CONDITION_NOT_MET);
    one.asked.birth_date.reset();
    CHECK(one.decided().notes == std::vector<std::string_view>{kSegmentNotChecked});
    one.row.income_segment = "below";
    CHECK(one.decided().notes.empty());
}

TEST_CASE("lost insurance is a warning also where insurance is required: its data lags behind") {
    OneCertificate one;
    one.version.insurance_required = true;
    one.asked.insurance.emplace().status = Insurance::Status::invalid;
    CHECK(one.decided().reason == Reason::ACTIVE);
    CHECK(one.decided().notes == std::vector<std::string_view>{kInsuranceRequired});
    REQUIRE(one.decision.warnings.size() == 1);
    CHECK(one.decision.warnings[0].code == kInsuranceLost);
    one.asked.insurance->status = Insurance::Status::unknown;
    CHECK(one.decided().notes.empty());
    CHECK(one.decision.warnings.empty());
}

TEST_CASE("left out of a full publication: in force before that day, with a note; deleted: never") {
    OneCertificate one;
    one.row.revoked_at = instant("2026-09-01");
    const auto reason_on = [&](std::string_view day) {
        one.asked = query(day);
        return one.decided().reason;
    };
    CHECK(reason_on("2026-08-31") == Reason::REVOKED);
    one.row.left_out = true;
    CHECK(reason_on("2026-08-31") == Reason::ACTIVE);
    CHECK(one.decision.subsidies.front().notes == std::vector<std::string_view>{kLeftOutSince});
    CHECK(one.decision.last_changed == instant("2026-09-01"));
    CHECK(reason_on("2026-09-01") == Reason::REVOKED);
    CHECK(reason_on("2026-03-31") == Reason::NOT_YET_VALID);
    // Left out after it had run out: nothing was taken back.
    one.row.valid_to = date("2026-08-31");
    CHECK(reason_on("2026-08-31") == Reason::ACTIVE);
    CHECK(one.decision.subsidies.front().notes.empty());
    CHECK(reason_on("2026-09-01") == Reason::EXPIRED);
}

TEST_CASE("a line that leaves the cap open sends the desk to the certificate") {
    OneCertificate one;
    one.version.copay.front().copay.kind = Copay::Kind::percentage;
    one.version.copay.front().copay.cap_unknown = true;
    CHECK(one.decided().notes == std::vector<std::string_view>{kCapUnknown});
    one.row.cap_monthly_yen = 5000;
    CHECK(one.decided().notes.empty());
}

TEST_CASE("outside the area, or always paid back: charge the share and give a receipt") {
    OneCertificate one;
    SECTION("another prefecture") {
        one.asked.institution = institution(kOtherClinic);
    }
    SECTION("the certificate is always paid back") {
        one.row.always_reimbursement = true;
    }
    SECTION("the programme always pays back") {
        one.version.always_reimbursement = true;
    }
    SECTION("the insurer is a society that is not settled in kind") {
        one.version.insurer =
            InsurerCondition{.national_health_society_prefixes = {"13"}, .societies = {"27"}};
        one.asked.insurance.emplace().insurer = InsurerNumber::parse("273011");
    }
    const SubsidyDecision& subsidy = one.decided();
    CHECK(one.decision.reason == Reason::ACTIVE_REIMBURSEMENT);
    CHECK(subsidy.outcome == Outcome::eligible);
    CHECK(subsidy.settlement == Settlement::reimbursement);
    CHECK(subsidy.claim_order == 0);
    CHECK(subsidy.copay->kind == Copay::Kind::insurance_share);
}

TEST_CASE("automatic paying back is its own settlement, inside or outside") {
    OneCertificate one;
    SECTION("the programme's way") {
        one.version.settlement = Settlement::auto_reimbursement;
    }
    SECTION("outside the area") {
        one.version.area.outside = Settlement::auto_reimbursement;
        one.asked.institution = institution(kOtherClinic);
    }
    CHECK(one.decided().settlement == Settlement::auto_reimbursement);
    CHECK(one.decision.reason == Reason::ACTIVE_REIMBURSEMENT);
}

TEST_CASE("an unknown insurer is settled in kind, with a warning") {
    OneCertificate one;
    one.version.insurer =
        InsurerCondition{.national_health_society_prefixes = {"13"}, .societies = {"27"}};
    CHECK(one.decided().settlement == Settlement::in_kind);
    CHECK(one.decision.warnings.at(0).code == kInsurerNotChecked);
    one.asked.insurance.emplace().insurer = InsurerNumber::parse("138057");
    CHECK(one.decided().settlement == Settlement::in_kind);
    CHECK(one.decision.warnings.empty());
}

TEST_CASE("the certificate's own cap wins over the rule's") {
    OneCertificate one;
    one.version.copay.front().copay.cap_monthly_yen = 18000;
    CHECK(one.decided().monthly_cap_yen == 18000);
    one.row.cap_monthly_yen = 5000;
    CHECK(one.decided().monthly_cap_yen == 5000);
    one.row.cap_monthly_yen = 0;
    CHECK(one.decided().monthly_cap_yen == 0);
}

TEST_CASE("a service date without a rule is a yes with an unknown amount") {
    OneCertificate one;
    one.version.from = date("2026-12-01");
    CHECK(one.decided().reason == Reason::ACTIVE);
    CHECK(one.decision.subsidies[0].scheme != nullptr);
    CHECK(one.decision.subsidies[0].rule == nullptr);
    CHECK(one.decision.subsidies[0].notes == std::vector<std::string_view>{kRulesUnknown});
}

TEST_CASE("the scheme is found by its id, else by the full payer number, never by 法別番号 alone") {
    const RuleBook rules = rule_book(
        {scheme(kHachioji, "maru-ko", "88131248"), scheme(kHachioji, "maru-nyu", "88138243")});
    const auto found = [&](const char* id, const char* number) {
        const Scheme* scheme = rules.find(authority(kHachioji), id, PayerNumber::parse(number));
        return scheme == nullptr ? std::string("none") : scheme->id;
    };
    CHECK(found("maru-nyu", "88131248") == "maru-nyu");
    CHECK(found("", "88131248") == "maru-ko");
    CHECK(found("renamed", "88138243") == "maru-nyu");
    CHECK(found("", "88137003") == "none");
    CHECK(rules.find(authority(kTokyo), "maru-ko", {}) == nullptr);
}

TEST_CASE("lost insurance beside a valid subsidy is a warning, and the reverse too") {
    OneCertificate one;
    one.asked.insurance.emplace().status = Insurance::Status::invalid;
    CHECK(one.decided().reason == Reason::ACTIVE);
    CHECK(one.decision.warnings.at(0).code == kInsuranceLost);
    one.asked = query("2027-04-01");
    one.asked.insurance.emplace().status = Insurance::Status::valid;
    CHECK(one.decided().reason == Reason::EXPIRED);
    CHECK(one.decision.warnings.at(0).code == kSubsidyEndedInsuranceValid);
    one.asked.insurance->status = Insurance::Status::unknown;
    CHECK(one.decided().reason == Reason::EXPIRED);
    CHECK(one.decision.warnings.empty());
}

TEST_CASE("a yes while another source is silent says that there may be more") {
    const RuleBook rules = rule_book({scheme(kHachioji, "maru-ko", kNumber)});
    const Case silent =
        facts({answered(kHachioji, {entitlement("maru-ko", kNumber)}), failed(kTokyo)});
    const Decision decision = decide(silent, rules);
    CHECK(decision.outcome == Outcome::eligible);
    REQUIRE(decision.warnings.size() == 1);
    CHECK(decision.warnings[0].code == kSomeSourcesMissing);
    const Case apart = facts({answered(kHachioji, {entitlement("maru-ko", kNumber)}),
                              failed(kTokyo, SourceStatus::not_connected)});
    CHECK(decide(apart, rules).warnings.empty());
}

TEST_CASE(
    "only paid-back subsidies make the whole answer ACTIVE_REIMBURSEMENT; one in kind makes it "
    "ACTIVE") {
    Entitlement back = entitlement("maru-ko", kNumber);
    back.always_reimbursement = true;
    const RuleBook rules =
        rule_book({scheme(kHachioji, "maru-ko", kNumber), scheme(kTokyo, "nanbyo-54", "54136015")});
    const Case both = facts(
        {answered(kHachioji, {back}), answered(kTokyo, {entitlement("nanbyo-54", "54136015")})});
    const Decision decision = decide(both, rules);
    CHECK(decision.reason == Reason::ACTIVE);
    REQUIRE(decision.subsidies.size() == 2);
    CHECK(decision.subsidies[0].scheme->id == "nanbyo-54");
    CHECK(decision.subsidies[1].reason == Reason::ACTIVE_REIMBURSEMENT);
}

TEST_CASE("what the patient holds is told before what they held") {
    const auto overall = [](std::vector<Entitlement> rows) {
        const Case one = facts({answered(kHachioji, std::move(rows))});
        RuleVersion covered = rule();
        covered.copay.front().settings = {Setting::inpatient};
        return decide(one, rule_book({scheme(kHachioji, "maru-ko", kNumber, covered),
                                      scheme(kHachioji, "maru-oya", "81136244")}))
            .reason;
    };
    Entitlement expired = entitlement("maru-oya", "81136244");
    expired.valid_to = date("2026-10-31");
    CHECK(overall({expired}) == Reason::EXPIRED);
    CHECK(overall({expired, entitlement("maru-ko", kNumber)}) == Reason::SETTING_NOT_COVERED);
}

TEST_CASE("last_changed is the latest word about a row that bears on the service date") {
    OneCertificate one;
    one.row.changed_at = instant("2026-10-05");
    one.decided();
    CHECK(one.decision.last_changed == instant("2026-10-05"));

    Entitlement withdrawn = one.row;
    withdrawn.history_key = "older";
    withdrawn.revoked_at = instant("2026-10-06");
    Entitlement elsewhere = one.row;
    elsewhere.history_key = "other year";
    elsewhere.valid_from = date("2020-04-01");
    elsewhere.valid_to = date("2021-03-31");
    elsewhere.changed_at = instant("2026-11-19");
    const Case history = facts({answered(kHachioji, {one.row, withdrawn, elsewhere})});
    const Decision decision = decide(history, one.rules);
    CHECK(decision.subsidies.size() == 1);
    CHECK(decision.last_changed == instant("2026-10-06"));
    CHECK_FALSE(decide(facts({answered(kHachioji)}), one.rules).last_changed);
}

TEST_CASE("a pack accepted after the service date moves last_changed of what it decides about") {
    OneCertificate one;
    one.decided();
    const Instant before = one.decision.last_changed.value();
    const auto changed = [&](std::string_view accepted) {
        one.rules.accepted[authority(kHachioji)] = instant(accepted);
        return decide(one.built, one.rules).last_changed;
    };
    CHECK(changed("2026-11-19") == before);
    CHECK(changed("2026-11-20") == before);
    CHECK(changed("2026-11-21") == instant("2026-11-21"));
    one.built.findings.front().entitlements.front().valid_to = date("2026-10-31");
    CHECK(changed("2026-11-21") == before);  // ended: no rule was asked
}

}  // namespace
}  // namespace shikaku::domain::test

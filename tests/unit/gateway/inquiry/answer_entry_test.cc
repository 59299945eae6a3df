// Who may open what of an entry, and that nothing in it follows a person from one reader to
// another.
#include "gateway/inquiry/answer_entry.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "gateway/api/denial_entry.h"
#include "gateway/audit/event_entry.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/log_details.h"
#include "tests/unit/gateway/inquiry/logged_answer.h"

namespace {

using namespace shikaku;
using namespace shikaku::inquiry;
using namespace shikaku::inquiry::test;
using audit::Opened;
using identity::Role;

constexpr std::string_view kOsaka = "271004";

domain::RuleBook rules() {
    return rule_book({scheme(kHachioji, "maru-ko", "88131248")});
}

// A certificate of an authority, with everything in it that could be recognised elsewhere.
domain::Entitlement certificate(const std::string& person, std::string_view of) {
    domain::Entitlement row = entitlement("maru-ko", "88131248");
    row.history_key = "key-" + person + "-" + std::string(of);
    row.recipient_number = "number-" + person + "-" + std::string(of);
    row.certificate_name = "name-" + person + "-" + std::string(of);
    row.income_segment = "income-" + person + "-" + std::string(of);
    row.designated_institutions = {institution(kClinic), institution(kOtherClinic)};
    return row;
}

domain::Case question(const std::string& person, std::string_view at = kClinic) {
    domain::Case one = facts({answered(kHachioji, {certificate(person, kHachioji)}),
                              answered(kTokyo, {certificate(person, kTokyo)})});
    one.query.institution = institution(at);
    one.query.residence = authority(kOsaka);
    one.query.birth_date = date(person == "A" ? "2016-06-15" : "2015-02-01");
    one.query.insurance = domain::Insurance{.status = domain::Insurance::Status::valid,
                                            .insurer = {},
                                            .symbol = "symbol-" + person,
                                            .number = "insured-" + person,
                                            .branch = {},
                                            .copay_ratio_percent = {},
                                            .from_source = false,
                                            .as_of = {}};
    return one;
}

bool says(const audit::Detail& detail, std::string_view text) {
    const auto in = [text](const std::string& part) { return part.contains(text); };
    return in(detail.asker) || in(detail.rest) || std::ranges::any_of(detail.authorities, in);
}

// Every string and number in a JSON text, except what is asked of everybody.
void collect(const Json& json, std::set<std::string>& values) {
    if (json.is_structured()) {
        for (const Json& child : json)
            collect(child, values);
    } else {
        values.insert(json.dump());
    }
}
std::set<std::string> values_of(const audit::Detail& detail) {
    std::set<std::string> values;
    std::vector<std::string> texts = detail.authorities;
    texts.push_back(detail.asker);
    texts.push_back(detail.rest);
    for (const std::string& text : texts) {
        if (!text.empty()) collect(parse_json(text).value(), values);
    }
    return values;
}

TEST_CASE("who asked sees the question and the answer, an authority its own part, auditors all") {
    const audit::Detail detail = detail_of(question("A"), rules());
    const Logged logged(detail);

    const auto clinic_sees = logged.seen_by(clinic()).value();
    CHECK(clinic_sees.opened == Opened::asker);
    CHECK(clinic_sees.detail == audit::Detail{.asker = detail.asker});

    for (std::size_t i = 0; i < 2; ++i) {
        const auto own = caller(Role::authority, i == 0 ? kHachioji : kTokyo);
        const auto seen = logged.seen_by(own).value();
        CHECK(seen.opened == Opened::authority);
        CHECK(seen.detail == audit::Detail{.authorities = {detail.authorities[i]}});
    }
    const auto auditor_sees = logged.seen_by(caller(Role::auditor, "a")).value();
    CHECK(auditor_sees.opened == Opened::all);
    CHECK(auditor_sees.detail == detail);

    CHECK_FALSE(logged.seen_by(clinic(kOtherClinic)));
    CHECK_FALSE(logged.seen_by(caller(Role::authority, kOsaka)));
    CHECK_FALSE(logged.seen_by(caller(Role::operator_, "a")));
}

TEST_CASE("who may open what, for every kind of entry") {
    const std::map<std::string, identity::Caller> readers = {
        {"clinic", clinic()},
        {"other clinic", clinic(kOtherClinic)},
        {"hachioji", caller(Role::authority, kHachioji)},
        {"tokyo", caller(Role::authority, kTokyo)},
        {"auditor", caller(Role::auditor, "a")},
        {"other auditor", caller(Role::auditor, "b")},
        {"operator", caller(Role::operator_, "a")},
    };
    const std::string by_clinic = clinic().label();
    const std::string by_hachioji = readers.at("hachioji").label();
    const registry::PublicationReport report;
    const domain::SchemePack pack{.authority = authority(kHachioji), .version = "1", .schemes = {}};
    domain::Case only_hachioji = question("A");
    only_hachioji.findings.pop_back();
    struct Row {
        audit::Kind kind;
        audit::Detail detail;
        std::set<std::string> not_auditors;
    };
    using enum audit::Kind;
    const Row rows[] = {
        {eligibility, detail_of(only_hachioji, rules()), {"clinic", "hachioji"}},
        {denial, api::denial_detail(by_clinic, "r", "/x", Error{}), {"clinic"}},
        {denial, api::denial_detail(by_hachioji, "r", "/x", Error{}), {"hachioji"}},
        {denial, api::denial_detail("certificate:00", "r", "/x", Error{}), {}},
        {denial, api::denial_detail("nobody", "r", "/x", Error{}), {}},
        {denial,
         api::counted_denials_detail({.kind = {by_clinic, "/x", "c"}, .count = 2}),
         {"clinic"}},
        {denial, api::counted_denials_detail({.kind = {"", "", "c"}, .count = 2}), {}},
        {publication,
         registry::publication_detail(registry::subsidies_of(authority(kHachioji)), by_hachioji,
                                      report),
         {"hachioji"}},
        {scheme_change,
         registry::scheme_change_detail(registry::subsidies_of(authority(kHachioji)), by_hachioji,
                                        "v", {.entries = 1, .entries_are = "schemes"}),
         {"hachioji"}},
        {registry_switch,
         registry::switch_detail(registry::subsidies_of(authority(kHachioji)), "operator:a", "p",
                                 {.step = "rollback", .reason = "r"}),
         {"hachioji"}},
        {audit_search, audit::opened_detail("auditor:a", "r", 3), {}},
        {start, audit::lifecycle_detail("start", "1"), {}},
        {stop, audit::lifecycle_detail("stop", "1"), {}},
    };
    for (const Row& row : rows) {
        const Logged logged(row.detail, row.kind);
        for (const auto& [name, reader] : readers) {
            CAPTURE(audit::name(row.kind), name);
            const bool is_auditor = reader.role == Role::auditor;
            const auto seen = logged.seen_by(reader);
            CHECK(seen.has_value() == (is_auditor || row.not_auditors.contains(name)));
            if (!seen) continue;
            CHECK(seen->opened != Opened::nothing);
            CHECK((seen->opened == Opened::all) == is_auditor);
        }
    }
}

TEST_CASE("nothing that three clinics and two authorities can open links a person across them") {
    // Who, and the values they can open about each person.
    std::map<std::string, std::map<std::string, std::set<std::string>>> seen;
    int request = 0;
    for (const std::string person : {"A", "B"}) {
        for (const std::string_view at : {kClinic, kOtherClinic, std::string_view("1310170019")}) {
            const std::string number = std::to_string(++request);
            const domain::Case facts = question(person, at);
            const Logged logged(
                detail_of(facts, rules(), person, "request-" + number, "01ID" + number));
            for (const auto& reader : {clinic(at), caller(Role::authority, kHachioji),
                                       caller(Role::authority, kTokyo)}) {
                const auto entry = logged.seen_by(reader).value();
                seen[reader.label()][person].merge(values_of(entry.detail));
                for (const char* secret : {"subject", "symbol-", "insured-", "2016-06-15"})
                    CHECK_FALSE(says(entry.detail, secret));
                const bool is_clinic = reader.role == Role::institution;
                for (const char* secret : {"key-", "number-", "income-", "name-", "1410122226"}) {
                    if (is_clinic && at != kOtherClinic) CHECK_FALSE(says(entry.detail, secret));
                }
            }
        }
    }
    REQUIRE(seen.size() == 5);
    const auto only_of = [&](const std::string& reader, const std::string& person) {
        const std::string other = person == "A" ? "B" : "A";
        std::set<std::string> values;
        std::ranges::set_difference(seen[reader][person], seen[reader][other],
                                    std::inserter(values, values.end()));
        return values;
    };
    for (const auto& [one, unused] : seen) {
        for (const auto& [other, unused_too] : seen) {
            if (one >= other) continue;
            for (const std::string person : {"A", "B"}) {
                CAPTURE(one, other, person);
                CHECK_FALSE(only_of(one, person).empty());  // the comparison can find something
                std::vector<std::string> common;
                std::ranges::set_intersection(only_of(one, person), only_of(other, person),
                                              std::back_inserter(common));
                CHECK(common == std::vector<std::string>());
            }
        }
    }
}

TEST_CASE("an authority's part tells nothing of what another authority said") {
    domain::RuleVersion gives_way = rule();
    gives_way.excluded_by = {"130001/seiho"};
    const domain::RuleBook rules = rule_book(
        {scheme(kHachioji, "maru-ko", "88131248", gives_way), scheme(kTokyo, "seiho", "88131248")});
    const auto own = answered(kHachioji, {certificate("A", kHachioji)});
    const std::vector<domain::Entitlement> excluding = {entitlement("seiho", "88131248")};
    domain::Finding before = failed(kTokyo);
    before.entitlements = excluding;
    struct Row {
        domain::Finding other;
        std::string_view reason;  // of what the first authority said
    };
    const Row rows[] = {{answered(kTokyo), "ACTIVE"},
                        {answered(kTokyo, excluding), "SUPERSEDED"},
                        {before, "SOURCE_UNAVAILABLE"},
                        {failed(kTokyo), "ACTIVE"}};
    const auto alone = detail_of(facts({own}), rules).authorities.at(0);
    for (const Row& row : rows) {
        CAPTURE(row.reason);
        const auto detail = detail_of(facts({own, row.other}), rules);
        CHECK(detail.authorities.at(0) == alone);
        const auto logged = read_eligibility(Logged(detail).entry()).value();
        const auto decided = std::ranges::find(*logged.decided, authority(kHachioji),
                                               [](const Decided& one) { return one.authority; });
        REQUIRE(decided != logged.decided->end());
        CHECK(domain::info(decided->reason).name == row.reason);
    }
}

TEST_CASE("an authority's part that says what was decided is opened by auditors only") {
    const Logged old(with_decided_in_parts(detail_of(question("A"), rules())));
    CHECK(old.seen_by(caller(Role::authority, kHachioji))->opened == Opened::nothing);
    CHECK(old.seen_by(clinic())->opened == Opened::asker);
    CHECK(old.seen_by(caller(Role::auditor, "a"))->opened == Opened::all);
}

TEST_CASE("an entry about a person under protection looks like any other") {
    domain::Case usual = question("A");
    usual.findings.push_back(answered(kOsaka));  // only the residence led there
    usual.findings.back().status = domain::SourceStatus::no_record;
    domain::Case hidden = usual;
    for (domain::Finding& finding : hidden.findings) {
        for (domain::Entitlement& row : finding.entitlements)
            row.not_disclosed = true;
    }
    const Logged usual_entry(detail_of(usual, rules()));
    const Logged hidden_entry(detail_of(hidden, rules()));
    const auto usual_seen = usual_entry.seen_by(clinic()).value();
    const auto hidden_seen = hidden_entry.seen_by(clinic()).value();
    CHECK(usual_seen.detail == hidden_seen.detail);
    CHECK(usual_entry.extra(clinic())->size() == hidden_entry.extra(clinic())->size());
    CHECK_FALSE(says(hidden_seen.detail, kOsaka));
    for (const std::string_view of : {kHachioji, kTokyo}) {
        const auto own = hidden_entry.seen_by(caller(Role::authority, of)).value();
        CHECK_FALSE(says(own.detail, kOsaka));
    }
}

TEST_CASE("how many authorities were asked is in nobody's receipt but an auditor's") {
    std::set<std::size_t> sizes_of_clinic;
    std::set<std::size_t> sizes_of_authority;
    for (const std::size_t others : {0, 1, 2, 3}) {
        domain::Case one = question("A");
        one.findings.pop_back();
        for (std::size_t i = 0; i < others; ++i)
            one.findings.push_back(
                answered(std::array{kTokyo, kOsaka, std::string_view("132047")}[i]));
        const Logged logged(detail_of(one, rules()));
        sizes_of_clinic.insert(logged.extra(clinic())->size());
        sizes_of_authority.insert(logged.extra(caller(Role::authority, kHachioji))->size());
    }
    CHECK(sizes_of_clinic.size() == 1);
    CHECK(sizes_of_authority.size() == 1);
}

TEST_CASE("an answer of version 1 is opened by auditors only, other entries as before") {
    const std::string by_clinic = clinic().label();
    const Logged answer(
        R"({"v":1,"kind":"eligibility","caller":")" + by_clinic + R"(","authorities":["132012"]})",
        audit::Kind::eligibility, 1);
    CHECK(answer.seen_by(clinic())->opened == Opened::nothing);
    CHECK(answer.seen_by(caller(Role::authority, kHachioji))->opened == Opened::nothing);
    CHECK(answer.seen_by(caller(Role::auditor, "a"))->opened == Opened::all);
    CHECK_FALSE(answer.seen_by(caller(Role::authority, kTokyo)));
    CHECK_FALSE(answer.seen_by(clinic(kOtherClinic)));

    const Logged refusal(R"({"v":1,"kind":"denial","caller":")" + by_clinic + R"("})",
                         audit::Kind::denial, 2);
    CHECK(refusal.seen_by(clinic())->opened == Opened::all);
    CHECK_FALSE(refusal.seen_by(clinic(kOtherClinic)));
    const Logged published(R"({"v":1,"kind":"publication","caller":"authority:132012",)"
                           R"("authorities":["132012"]})",
                           audit::Kind::publication, 3);
    CHECK(published.seen_by(caller(Role::authority, kHachioji))->opened == Opened::all);
    CHECK_FALSE(published.seen_by(caller(Role::authority, kTokyo)));
}

TEST_CASE("an erased entry is shown to auditors, as erased, and to nobody else") {
    audit::OpenedEntry erased{.index = 7, .leaf = {}, .opened = Opened::nothing, .detail = {}};
    CHECK(share_of(caller(Role::auditor, "a"), erased));
    CHECK(share_of(clinic(), erased).error().code == ErrorCode::not_your_data);
    CHECK(read_eligibility(erased).error().code == ErrorCode::not_found);
}

TEST_CASE("parts about different questions, or not as written, are corrupt") {
    const audit::Detail good = detail_of(question("A"), rules());
    const auto read = [](const audit::Detail& detail) {
        return read_eligibility(Logged(detail).entry());
    };
    REQUIRE(read(good));
    const auto with = [](std::string text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    std::vector<audit::Detail> bad(11, good);
    bad[0].asker = with(good.asker, kClinic, kOtherClinic);
    bad[1].asker = with(good.asker, "outpatient", "pharmacy");
    bad[2].authorities[1] = with(good.authorities[1], "2026-11-20", "2026-11-21");
    bad[3].rest = with(good.rest, "\"reason\":\"ACTIVE\"", "\"reason\":\"\"");
    bad[4].authorities[0] = with(good.authorities[0], "\"finding\"", "\"other\"");
    bad[5].rest = with(good.rest, "\"texts\"", "\"other\"");
    bad[6].rest = "[]";
    bad[7].asker.clear();
    bad[8].authorities[0] = "x";
    bad[9].rest = with(good.rest, "\"decided\"", "\"other\"");
    bad[10].rest =
        with(good.rest, "\"decided\":[{\"authority\":\"", "\"decided\":[{\"authority\":\"9");
    for (const audit::Detail& detail : bad) {
        CAPTURE(detail.asker, detail.rest);
        const auto result = read(detail);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == ErrorCode::corrupt);
    }
}

}  // namespace

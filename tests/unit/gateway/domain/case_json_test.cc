#include "gateway/domain/case_json.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

std::string write(const Case& facts) {
    std::string out;
    JsonWriter json(out);
    write_case(json, facts);
    return out;
}

Case full_case() {
    Case one = facts({answered(kHachioji, {entitlement("maru-ko", "88131248"),
                                           entitlement("maru-oya", "81136244")}),
                      failed(kTokyo, SourceStatus::unavailable)});
    one.query.residence = authority(kHachioji);
    one.query.explain = true;
    one.query.insurance = Insurance{.status = Insurance::Status::valid,
                                    .insurer = InsurerNumber::parse("01130012"),
                                    .symbol = "記号",
                                    .number = "12",
                                    .branch = "01",
                                    .copay_ratio_percent = 30,
                                    .from_source = true,
                                    .as_of = instant("2026-11-20")};
    Entitlement& row = one.findings[0].entitlements[1];
    row.segment = "区分";
    row.income_segment = "taxed";
    row.additional_conditions = {"A-1", "B-2"};
    row.designated_institutions = {institution(kClinic)};
    row.always_reimbursement = true;
    row.cap_monthly_yen = 0;
    row.not_disclosed = true;
    row.birth_date = date("2016-06-15");
    row.revoked_at = instant("2026-10-01");
    one.findings[1].beyond_policy = true;
    one.findings[1].ambiguous = true;
    one.findings[1].other_linkage = true;
    one.findings[1].freshness = Freshness::stale;
    return one;
}

void check_equal(const Case& a, const Case& b) {
    CHECK(a.query.institution == b.query.institution);
    CHECK(a.query.service_date == b.query.service_date);
    CHECK(a.query.today == b.query.today);
    CHECK(a.query.setting == b.query.setting);
    CHECK(a.query.consent == b.query.consent);
    CHECK(a.query.residence == b.query.residence);
    CHECK(a.query.birth_date == b.query.birth_date);
    CHECK(a.query.insurance == b.query.insurance);
    CHECK(a.query.explain == b.query.explain);
    REQUIRE(a.findings.size() == b.findings.size());
    for (std::size_t i = 0; i < a.findings.size(); ++i) {
        const Finding& x = a.findings[i];
        const Finding& y = b.findings[i];
        CHECK(x.authority == y.authority);
        CHECK(x.status == y.status);
        CHECK(x.kind == y.kind);
        CHECK(x.freshness == y.freshness);
        CHECK(x.as_of == y.as_of);
        CHECK(x.elapsed_ms == y.elapsed_ms);
        CHECK(x.beyond_policy == y.beyond_policy);
        CHECK(x.ambiguous == y.ambiguous);
        CHECK(x.other_linkage == y.other_linkage);
        CHECK(x.entitlements == y.entitlements);
    }
}

TEST_CASE("a case comes back as it was") {
    Case bare = facts({});
    bare.query.consent = false;
    bare.query.birth_date.reset();
    for (const Case& one : {full_case(), bare}) {
        const std::string text = write(one);
        const auto back = read_case(parse_json(text).value());
        REQUIRE(back);
        check_equal(*back, one);
        CHECK(write(*back) == text);
    }
}

TEST_CASE("every value of every enumeration comes back") {
    Case one = facts({answered(kHachioji)});
    for (const Setting setting : kAllSettings) {
        one.query.setting = setting;
        CHECK(read_case(parse_json(write(one)).value())->query.setting == setting);
    }
    for (int status = 0; status <= static_cast<int>(SourceStatus::refused); ++status) {
        one.findings[0].status = static_cast<SourceStatus>(status);
        CHECK(read_case(parse_json(write(one)).value())->findings[0].status ==
              one.findings[0].status);
    }
    for (int fresh = 0; fresh <= static_cast<int>(Freshness::stale); ++fresh) {
        one.findings[0].freshness = static_cast<Freshness>(fresh);
        CHECK(read_case(parse_json(write(one)).value())->findings[0].freshness ==
              one.findings[0].freshness);
    }
}

TEST_CASE("an ordinary case takes little room") {
    const Case one = facts({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
    CHECK(write(one).size() < 400);
}

TEST_CASE("what write_case does not write is refused as corrupt, and nothing of it is quoted") {
    struct Bad {
        const char* pointer;
        const char* value;  // "remove" takes the member away
    };
    const Bad bad_ones[] = {
        {"", "[]"},
        {"", "null"},
        {"/q", "remove"},
        {"/f", "remove"},
        {"/f", "{}"},
        {"/more", "1"},
        {"/q/i", "remove"},
        {"/q/i", "\"1312012343\""},
        {"/q/d", "\"2026-02-30\""},
        {"/q/t", "7"},
        {"/q/s", "\"ward\""},
        {"/q/c", "1"},
        {"/q/r", "\"132013\""},
        {"/q/b", "\"\""},
        {"/q/zz", "1"},
        {"/q/n", "7"},
        {"/q/n/st", "remove"},
        {"/q/n/st", "\"maybe\""},
        {"/q/n/i", "\"1\""},
        {"/q/n/cr", "\"30\""},
        {"/q/n/cr", "99999999999"},
        {"/q/n/zz", "1"},
        {"/f/0", "1"},
        {"/f/0/a", "remove"},
        {"/f/0/a", "\"13201\""},
        {"/f/0/st", "\"fine\""},
        {"/f/0/fr", "remove"},
        {"/f/0/as", "1.5"},
        {"/f/0/ms", "\"1\""},
        {"/f/0/bp", "0"},
        {"/f/0/k", "1"},
        {"/f/0/zz", "1"},
        {"/f/0/e", "{}"},
        {"/f/0/e/0", "{}"},
        {"/f/0/e/0/zz", "1"},
    };
    for (const Bad& bad : bad_ones) {
        INFO(bad.pointer << " = " << bad.value);
        Json json = parse_json(write(full_case())).value();
        const Json::json_pointer pointer(bad.pointer);
        if (std::string_view(bad.value) == "remove") {
            json[pointer.parent_pointer()].erase(pointer.back());
        } else {
            json[pointer] = parse_json(bad.value).value();
        }
        const auto result = read_case(json);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == ErrorCode::corrupt);
    }
}

TEST_CASE("more findings or entitlements than the bounds allow are refused") {
    const Json good = parse_json(write(full_case())).value();
    Json many = good;
    while (many["f"].size() <= 16)
        many["f"].push_back(good["f"][1]);
    CHECK_FALSE(read_case(many));
    many = good;
    while (many["f"][0]["e"].size() <= 32)
        many["f"][0]["e"].push_back(good["f"][0]["e"][0]);
    CHECK_FALSE(read_case(many));
}

}  // namespace
}  // namespace shikaku::domain::test

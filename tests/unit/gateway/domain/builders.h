// Short ways to build cases and rules for the tests of decisions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/copay_text.h"
#include "gateway/domain/decide.h"

namespace shikaku::domain::test {

inline constexpr std::string_view kHachioji = "132012";
inline constexpr std::string_view kTokyo = "130001";
inline constexpr std::string_view kClinic = "1312012342";       // Tokyo, medical
inline constexpr std::string_view kOtherClinic = "1410122226";  // Kanagawa, medical

inline AuthorityCode authority(std::string_view code) {
    return AuthorityCode::parse(code).value();
}
inline InstitutionCode institution(std::string_view code) {
    return InstitutionCode::parse(code).value();
}
inline PayerNumber payer(std::string_view number) {
    return PayerNumber::parse(number).value();
}
inline Date date(std::string_view iso) {
    return Date::parse_iso(iso).value();
}
inline Instant instant(std::string_view iso_date) {
    return Instant(date(iso_date).days());
}

inline Query query(std::string_view service_date = "2026-11-20",
                   Setting setting = Setting::outpatient) {
    return {.institution = institution(kClinic),
            .service_date = date(service_date),
            .today = date(service_date),
            .setting = setting,
            .consent = true,
            .residence = authority(kHachioji),
            .birth_date = date("2016-06-15"),
            .insurance = {}};
}

inline Entitlement entitlement(std::string scheme_id, std::string_view payer_number = {}) {
    Entitlement result;
    result.history_key = "h-" + scheme_id;
    result.certificate_type_id = "type-" + scheme_id;
    result.scheme_id = std::move(scheme_id);
    if (!payer_number.empty()) result.payer_number = payer(payer_number);
    result.recipient_number = "1234566";
    result.certificate_name = "医療証";
    result.valid_from = date("2026-04-01");
    result.valid_to = date("2027-03-31");
    result.changed_at = instant("2026-03-20");
    return result;
}

inline Finding answered(std::string_view code, std::vector<Entitlement> entitlements = {}) {
    return {.authority = authority(code),
            .status = entitlements.empty() ? SourceStatus::no_record : SourceStatus::answered,
            .kind = "published",
            .freshness = Freshness::published,
            .as_of = instant("2026-11-20"),
            .elapsed_ms = 1,
            .entitlements = std::move(entitlements)};
}

inline Finding failed(std::string_view code, SourceStatus status = SourceStatus::timeout) {
    return {.authority = authority(code),
            .status = status,
            .kind = "rest",
            .as_of = {},
            .elapsed_ms = 3000,
            .entitlements = {}};
}

inline Case facts(std::vector<Finding> findings) {
    return {.query = query(), .findings = std::move(findings)};
}

inline Copay yen_per_visit(int yen) {
    Copay copay;
    copay.kind = Copay::Kind::per_visit;
    copay.amount_yen = yen;
    write_copay_text(copay);
    return copay;
}

inline RuleVersion rule(std::string_view from = "2024-04-01") {
    RuleVersion result;
    result.from = date(from);
    result.version = result.from.iso();
    CopayLine line;
    line.copay = yen_per_visit(200);
    result.copay.push_back(line);
    result.area.scope = Area::Scope::prefecture;
    return result;
}

inline Scheme scheme(std::string_view code, std::string id, std::string_view payer_number,
                     RuleVersion version = rule()) {
    Scheme result{.authority = authority(code),
                  .id = std::move(id),
                  .name = {.ja = "制度", .en = "scheme"},
                  .law_code = std::string(payer_number.substr(0, 2)),
                  .payer_numbers = {},
                  .claim_order = {},
                  .source = "test",
                  .unknown = {},
                  .rules = {std::move(version)}};
    if (payer_number.size() == 8) result.payer_numbers.push_back(payer(payer_number));
    return result;
}

inline RuleBook rule_book(std::vector<Scheme> schemes) {
    std::map<AuthorityCode, SchemePack> packs;
    for (Scheme& one : schemes) {
        const AuthorityCode code = one.authority;
        packs.try_emplace(code, SchemePack{.authority = code, .version = "v", .schemes = {}})
            .first->second.schemes.push_back(std::move(one));
    }
    RuleBook rules;
    for (auto& [code, pack] : packs)
        rules.packs.emplace(code, std::make_shared<const SchemePack>(std::move(pack)));
    return rules;
}

}  // namespace shikaku::domain::test

#include "gateway/api/question.h"

#include <algorithm>
#include <array>

#include "gateway/domain/numbers.h"
#include "gateway/support/bounds.h"
#include "gateway/support/json.h"

namespace shikaku::api {
namespace {

constexpr auto kMembers = std::to_array<std::string_view>(
    {"card_token", "service_date", "setting", "priority", "explain", "known_content_hash"});

std::unexpected<Error> invalid(std::string_view member, std::string detail) {
    return fail(ErrorCode::invalid_field, std::move(detail), "/" + std::string(member));
}

Result<domain::Date> parse_service_date(const std::string& text, domain::Date today) {
    const auto date = domain::Date::parse_iso(text);
    if (!date) return invalid("service_date", "service_date must be a real date, YYYY-MM-DD");
    if (*date < today.plus_years(-bounds::kServiceDateYearsBack))
        return invalid("service_date", "service_date lies more than 2 years back");
    if (*date > today.plus_months(bounds::kServiceDateMonthsAhead))
        return invalid("service_date", "service_date lies more than 3 months ahead");
    return *date;
}

Status check_members(const Json& body) {
    for (const auto& [key, value] : body.items()) {
        if (std::ranges::find(kMembers, key) == kMembers.end())
            return fail(ErrorCode::invalid_field,
                        "unknown member; allowed are card_token, service_date, setting, priority, "
                        "explain, known_content_hash");
        if (key == "explain") {
            if (!value.is_boolean()) return invalid(key, "explain must be true or false");
            continue;
        }
        if (!value.is_string()) return invalid(key, key + " must be a string");
        if (key != "card_token" && key != "known_content_hash" &&
            domain::contains_personal_number(value.get_ref<const std::string&>()))
            return fail(ErrorCode::personal_number_refused, key + " holds a My Number", "/" + key);
    }
    return {};
}

Result<Question> read_question(const Json& body, Instant now, domain::Priority usual) {
    if (!body.is_object()) return fail(ErrorCode::malformed_request, "a JSON object is expected");
    SHIKAKU_TRY(check_members(body));
    const auto text = [&body](std::string_view member) -> const std::string* {
        const auto found = body.find(member);
        return found == body.end() ? nullptr : &found->get_ref<const std::string&>();
    };

    Question question;
    question.today = domain::Date::of_instant_jst(now);
    question.service_date = question.today;
    question.priority = usual;

    const std::string* token = text("card_token");
    if (token == nullptr || token->empty()) return invalid("card_token", "card_token is missing");
    if (token->size() > bounds::kTokenBytes) return invalid("card_token", "card_token is too long");
    question.card_token = *token;

    if (const std::string* date = text("service_date")) {
        const auto parsed = parse_service_date(*date, question.today);
        if (!parsed) return fail(parsed.error());
        question.service_date = *parsed;
    }
    const std::string* setting = text("setting");
    if (setting == nullptr) return invalid("setting", "setting is missing");
    const auto parsed_setting = domain::parse_setting(*setting);
    if (!parsed_setting)
        return invalid("setting",
                       "setting must be one of outpatient, inpatient, pharmacy, dental_outpatient, "
                       "dental_inpatient, home_nursing, judo_therapy, acupuncture");
    question.setting = *parsed_setting;

    if (const std::string* priority = text("priority")) {
        const auto parsed = domain::parse_priority(*priority);
        if (!parsed)
            return invalid("priority",
                           "priority must be one of emergency, walk_in, scheduled, bulk");
        question.priority = *parsed;
    }
    if (const std::string* hash = text("known_content_hash")) {
        if (hash->size() > 80)
            return invalid("known_content_hash", "known_content_hash is too long");
        question.known_content_hash = *hash;
    }
    if (const auto explain = body.find("explain"); explain != body.end())
        question.explain = explain->get<bool>();
    return question;
}

}  // namespace

Result<Question> parse_question(std::string_view body, Instant now, domain::Priority usual) {
    const auto json = parse_json(body);
    if (!json) return fail(json.error());
    return read_question(*json, now, usual);
}

}  // namespace shikaku::api

#include "gateway/api/question_body.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/domain/numbers.h"
#include "gateway/support/bounds.h"
#include "gateway/support/json_scan.h"

namespace shikaku::api {
namespace {

enum Member : std::uint8_t {
    card_token,
    service_date,
    setting,
    priority,
    explain,
    known_content_hash,
};
constexpr auto kMembers = std::to_array<std::string_view>(
    {"card_token", "service_date", "setting", "priority", "explain", "known_content_hash"});

std::unexpected<Error> invalid(std::string_view member, std::string detail) {
    return fail(ErrorCode::invalid_field, std::move(detail), "/" + std::string(member));
}

Result<domain::Date> parse_service_date(std::string_view text, domain::Date today) {
    const auto date = domain::Date::parse_iso(text);
    if (!date) return invalid("service_date", "service_date must be a real date, YYYY-MM-DD");
    if (*date < today.plus_years(-bounds::kServiceDateYearsBack))
        return invalid("service_date", "service_date lies more than 2 years back");
    if (*date > today.plus_months(bounds::kServiceDateMonthsAhead))
        return invalid("service_date", "service_date lies more than 3 months ahead");
    return *date;
}

// Which members a question has, as bits, and how that is told.
struct Members {
    unsigned bits;
    std::string_view told;
};
constexpr unsigned bit(Member member) {
    return 1U << member;
}
constexpr Members kOfEligibility{
    .bits = ~0U,
    .told =
        "unknown member; allowed are card_token, service_date, setting, priority, explain, "
        "known_content_hash"};
constexpr Members kOfCheckups{
    .bits = bit(card_token) | bit(service_date) | bit(priority) | bit(known_content_hash),
    .told = "unknown member; allowed are card_token, service_date, priority, known_content_hash"};

// Takes the members out of what the scan tells, and stops it at the first that is wrong: behind it,
// and inside of what is neither text nor true or false, nothing is read.
class Reader {
  public:
    explicit Reader(const Members& members) : members_(members) {}
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const std::optional<std::string_view>& text(Member member) const {
        return texts_[member];
    }
    [[nodiscard]] bool explains() const { return explains_; }

    bool key(std::string_view name) {
        const auto found = std::ranges::find(kMembers, name);
        const auto place = static_cast<unsigned>(found - kMembers.begin());
        if (found == kMembers.end() || (members_.bits >> place & 1U) == 0)
            return stop(fail(ErrorCode::invalid_field, std::string(members_.told)));
        member_ = static_cast<Member>(found - kMembers.begin());
        return true;
    }
    bool open(bool object) {
        if (inside_) return stop(wrong_kind());
        if (!object) return stop(not_an_object());
        inside_ = true;
        return true;
    }
    static bool close() { return true; }
    bool value(const JsonScalar& value) {
        if (!inside_) return stop(not_an_object());
        if (member_ == explain) {
            const auto* boolean = std::get_if<bool>(&value);
            if (boolean == nullptr) return stop(wrong_kind());
            explains_ = *boolean;
            return true;
        }
        const auto* text = std::get_if<std::string_view>(&value);
        if (text == nullptr) return stop(wrong_kind());
        const std::string_view name = kMembers[member_];
        if (member_ != card_token && member_ != known_content_hash &&
            domain::contains_personal_number(*text))
            return stop(fail(ErrorCode::personal_number_refused,
                             std::string(name) + " holds a My Number", "/" + std::string(name)));
        texts_[member_] = *text;
        return true;
    }

  private:
    static std::unexpected<Error> not_an_object() {
        return fail(ErrorCode::malformed_request, "a JSON object is expected");
    }
    [[nodiscard]] std::unexpected<Error> wrong_kind() const {
        const std::string_view name = kMembers[member_];
        return invalid(name, std::string(name) + (member_ == explain ? " must be true or false"
                                                                     : " must be a string"));
    }
    bool stop(std::unexpected<Error> why) {
        error_ = std::move(why.error());
        return false;
    }

    const Members& members_;
    bool inside_ = false;  // the object
    Member member_ = card_token;
    std::array<std::optional<std::string_view>, kMembers.size()> texts_;
    bool explains_ = false;
    std::optional<Error> error_;
};

template <class AnyQuestion>
Status read_card_and_date(const Reader& body, domain::Date today, AnyQuestion& question) {
    const auto& token = body.text(card_token);
    if (!token || token->empty()) return invalid("card_token", "card_token is missing");
    if (token->size() > bounds::kTokenBytes) return invalid("card_token", "card_token is too long");
    question.card_token = *token;
    question.service_date = today;
    if (const auto& date = body.text(service_date)) {
        SHIKAKU_TRY_LET(question.service_date, parse_service_date(*date, today));
    }
    return {};
}

template <class AnyQuestion>
Status read_priority_and_hash(const Reader& body, domain::Priority usual, AnyQuestion& question) {
    question.priority = usual;
    if (const auto& wanted = body.text(priority)) {
        const auto parsed = domain::parse_priority(*wanted);
        if (!parsed)
            return invalid("priority",
                           "priority must be one of emergency, walk_in, scheduled, bulk");
        question.priority = *parsed;
    }
    if (const auto& hash = body.text(known_content_hash)) {
        if (hash->size() > 80)
            return invalid("known_content_hash", "known_content_hash is too long");
        question.known_content_hash = *hash;
    }
    return {};
}

Result<Question> read_question(const Reader& body, Instant now, domain::Priority usual) {
    Question question;
    question.today = domain::Date::of_instant_jst(now);
    SHIKAKU_TRY(read_card_and_date(body, question.today, question));
    const auto& named = body.text(setting);
    if (!named) return invalid("setting", "setting is missing");
    const auto parsed_setting = domain::parse_setting(*named);
    if (!parsed_setting)
        return invalid("setting",
                       "setting must be one of outpatient, inpatient, pharmacy, dental_outpatient, "
                       "dental_inpatient, home_nursing, judo_therapy, acupuncture");
    question.setting = *parsed_setting;
    SHIKAKU_TRY(read_priority_and_hash(body, usual, question));
    question.explain = body.explains();
    return question;
}

}  // namespace

Result<Question> parse_question(std::string_view body, Instant now, domain::Priority usual) {
    Reader reader(kOfEligibility);
    JsonScan scan(body, reader);  // keeps what the reader's texts point into
    if (scan.run()) return read_question(reader, now, usual);
    if (reader.error()) return fail(*reader.error());
    return fail(json_error(scan.problem(), scan.position()));
}

Result<inquiry::CheckupQuestion> parse_checkup_question(std::string_view body, Instant now) {
    Reader reader(kOfCheckups);
    JsonScan scan(body, reader);
    if (!scan.run()) {
        if (reader.error()) return fail(*reader.error());
        return fail(json_error(scan.problem(), scan.position()));
    }
    inquiry::CheckupQuestion question;
    SHIKAKU_TRY(read_card_and_date(reader, domain::Date::of_instant_jst(now), question));
    SHIKAKU_TRY(read_priority_and_hash(reader, domain::Priority::walk_in, question));
    return question;
}

}  // namespace shikaku::api

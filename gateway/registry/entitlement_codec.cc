#include "gateway/registry/entitlement_codec.h"

#include <array>

namespace shikaku::registry {
namespace {

using domain::Entitlement;

constexpr std::uint8_t kVersion = 1;
enum Flag : std::uint8_t {
    kHasPayer = 1,
    kHasCap = 2,
    kHasBirthDate = 4,
    kAlwaysReimbursement = 8,
    kNotDisclosed = 16,
};
constexpr std::uint8_t kAllFlags = 31;

constexpr std::array<std::string Entitlement::*, 7> kTexts{
    &Entitlement::history_key,      &Entitlement::certificate_type_id, &Entitlement::scheme_id,
    &Entitlement::recipient_number, &Entitlement::certificate_name,    &Entitlement::segment,
    &Entitlement::income_segment};

void put_raw(Bytes& out, std::string_view text) {
    const BytesView bytes = as_bytes(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void put_text(Bytes& out, std::string_view text) {
    put_u16be(out, static_cast<std::uint16_t>(text.size()));
    put_raw(out, text);
}

void put_date(Bytes& out, domain::Date date) {
    put_u32be(out, static_cast<std::uint32_t>(date.days().time_since_epoch().count()));
}

std::uint8_t flags_of(const Entitlement& e) {
    unsigned flags = 0;
    if (e.payer_number) flags |= kHasPayer;
    if (e.cap_monthly_yen) flags |= kHasCap;
    if (e.birth_date) flags |= kHasBirthDate;
    if (e.always_reimbursement) flags |= kAlwaysReimbursement;
    if (e.not_disclosed) flags |= kNotDisclosed;
    return static_cast<std::uint8_t>(flags);
}

// Takes from the front; once something was missing, everything further is empty and good() false.
class Cursor {
  public:
    explicit Cursor(BytesView bytes) : rest_(bytes) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    void spoil() { good_ = false; }

    BytesView take(std::size_t size) {
        if (!good_ || rest_.size() < size) {
            good_ = false;
            return {};
        }
        const BytesView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    std::uint8_t byte() {
        const BytesView taken = take(1);
        return taken.empty() ? std::uint8_t{0} : taken[0];
    }
    std::uint32_t number() {
        const BytesView taken = take(4);
        return taken.empty() ? 0 : get_u32be(taken);
    }
    std::string_view text() {
        const BytesView size = take(2);
        return size.empty() ? std::string_view() : as_text(take(get_u16be(size)));
    }
    domain::Date date() {
        const auto days = static_cast<std::int32_t>(number());
        return domain::Date(std::chrono::sys_days(std::chrono::days(days)));
    }
    // A number type of the field from that many digits.
    template <class Number>
    std::optional<Number> digits(std::size_t size) {
        auto number = Number::parse(as_text(take(size)));
        if (!number) spoil();
        return number;
    }

  private:
    BytesView rest_;
    bool good_ = true;
};

}  // namespace

void encode_entitlement(const Entitlement& e, Bytes& out) {
    out.push_back(kVersion);
    out.push_back(flags_of(e));
    put_date(out, e.valid_from);
    put_date(out, e.valid_to);
    if (e.payer_number) put_raw(out, e.payer_number->text());
    if (e.cap_monthly_yen) put_u32be(out, static_cast<std::uint32_t>(*e.cap_monthly_yen));
    if (e.birth_date) put_date(out, *e.birth_date);
    for (const auto text : kTexts)
        put_text(out, e.*text);
    out.push_back(static_cast<std::uint8_t>(e.additional_conditions.size()));
    for (const std::string& condition : e.additional_conditions)
        put_text(out, condition);
    out.push_back(static_cast<std::uint8_t>(e.designated_institutions.size()));
    for (const domain::InstitutionCode& code : e.designated_institutions)
        put_raw(out, code.text());
}

Result<Entitlement> decode_entitlement(BytesView bytes) {
    Cursor in(bytes);
    Entitlement e;
    if (in.byte() != kVersion) in.spoil();
    const std::uint8_t flags = in.byte();
    if ((flags & ~kAllFlags) != 0) in.spoil();
    e.valid_from = in.date();
    e.valid_to = in.date();
    if (flags & kHasPayer) e.payer_number = in.digits<domain::PayerNumber>(8);
    if (flags & kHasCap) e.cap_monthly_yen = static_cast<int>(in.number());
    if (flags & kHasBirthDate) e.birth_date = in.date();
    e.always_reimbursement = (flags & kAlwaysReimbursement) != 0;
    e.not_disclosed = (flags & kNotDisclosed) != 0;
    for (const auto text : kTexts)
        e.*text = in.text();
    for (unsigned count = in.byte(); count > 0 && in.good(); --count)
        e.additional_conditions.emplace_back(in.text());
    for (unsigned count = in.byte(); count > 0 && in.good(); --count) {
        if (const auto code = in.digits<domain::InstitutionCode>(10))
            e.designated_institutions.push_back(*code);
    }
    if (!in.good() || !in.at_end())
        return fail(ErrorCode::corrupt, "registry: the bytes of a row are no entitlement");
    return e;
}

}  // namespace shikaku::registry

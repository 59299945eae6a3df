#include "adapters/common/entitlement_builder.h"

#include <algorithm>
#include <array>

#include "gateway/domain/field_text.h"
#include "gateway/support/text.h"

namespace shikaku::adapters {
namespace {

using domain::Entitlement;
using domain::EntitlementField;
using domain::Form;

// In the order of ValueFault.
constexpr auto kSentences = std::to_array<const char*>(
    {"too long", "neither 0 nor 1", "not an amount in yen", "not a date",
     "not a payer number of 8 digits", "not a condition code", "not a condition code",
     "too many conditions", "not an institution code", "too many institutions", "not a fiscal year",
     "not an item"});
static_assert(kSentences.size() == domain::kValueFaults);

// What is wrong with the characters of a text; null: nothing.
const char* check_characters(std::string_view text) {
    if (!is_valid_utf8(text)) return "not UTF-8";
    const bool control = std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
    });
    return control ? "a control character" : nullptr;
}

std::unexpected<Error> malformed(std::string_view field, const char* what) {
    return fail(ErrorCode::source_malformed, what, std::string(field));
}

}  // namespace

const EntitlementField* EntitlementBuilder::find_field(std::string_view name) {
    const auto field = std::ranges::find(domain::kEntitlementFields, name, &EntitlementField::name);
    return field == domain::kEntitlementFields.end() || field->wire.empty() ? nullptr : &*field;
}

Status EntitlementBuilder::set(std::string_view name, std::string_view text) {
    if (text.empty()) return {};
    if (domain::contains_personal_number(text))
        return malformed(name, "holds a number of the form of a personal number");
    const EntitlementField* const field = find_field(name);
    if (field == nullptr) return fail(ErrorCode::internal, "no such field of an entitlement");

    const bool is_text = field->form == Form::text || field->form == Form::pack_entry;
    if (const char* const wrong = is_text ? check_characters(text) : nullptr)
        return malformed(name, wrong);
    const auto fault = name == "deleted" ? domain::read_text(text, 0, deleted_)
                                         : domain::read_text(*field, text, row_);
    if (fault) return malformed(name, kSentences[static_cast<std::size_t>(*fault)]);
    given_.set(field->number);
    return {};
}

Result<Entitlement> EntitlementBuilder::finish(Instant as_of) {
    const auto given = [this](std::string_view name) {
        return given_.test(find_field(name)->number);
    };
    for (const std::string_view name : {"history_key", "valid_from", "valid_to"})
        if (!given(name)) return malformed(name, "is missing");
    if (row_.valid_to < row_.valid_from) return malformed("valid_to", "lies before valid_from");
    if (!given("scheme_id") && !given("payer_number"))
        return malformed("scheme_id", "is missing, and so is payer_number");
    row_.changed_at = as_of;
    if (deleted_) row_.revoked_at = as_of;
    return std::move(row_);
}

}  // namespace shikaku::adapters

#include "gateway/kinds/checkup/checkup_kind.h"

#include "gateway/kinds/checkup/checkup_row.h"

namespace shikaku::checkup {
namespace {

class CheckupKind final : public registry::RecordKind {
  public:
    CheckupKind()
        : RecordKind(registry::RecordType::checkups, kCheckupColumns, "invited_from"_checkup) {}

    registry::PackRead read_pack(std::string_view text, domain::AuthorityCode authority,
                                 const std::string& version, registry::PackIs is) const override {
        auto read = read_checkup_pack(
            text, authority, version,
            is == registry::PackIs::new_one ? Examples::run : Examples::leave_out);
        const std::size_t checkups = read.pack ? read.pack->checkups.size() : 0;
        return {.pack = std::move(read.pack),
                .problems = std::move(read.problems),
                .examples_run = read.examples_run,
                .entries = checkups,
                .entries_are = "checkups"};
    }

    registry::RowVerdict check(const registry::RawRow& row, const registry::AnyPack& pack,
                               registry::RowContent& content) const override {
        CheckedCheckup checked = check_row(row, *static_cast<const CheckupPack*>(pack.get()));
        if (checked.refused || checked.deleted) return static_cast<registry::RowVerdict&&>(checked);
        const Checkup& checkup = checked.checkup;
        content.bytes.clear();
        encode_checkup(checkup, content.bytes);
        content.filled = registry::filled_columns(kCheckupFields, checkup);
        content.period.reset();
        if (checkup.is_invitation())
            content.period = {.from = *checkup.invited_from, .to = *checkup.invited_to};
        content.certificate = checkup.checkup_id;
        content.certificate += checkup.fiscal_year->text();
        return static_cast<registry::RowVerdict&&>(checked);
    }

    // Nobody loses a right when an invitation's period moves.
    Result<std::optional<registry::Period>> period_of(BytesView content) const override {
        SHIKAKU_TRY_LET(const auto readable, decode_checkup(content));
        return std::nullopt;
    }

    Result<std::string> history_key_of(BytesView content) const override {
        SHIKAKU_TRY_LET(auto checkup, decode_checkup(content));
        return std::move(checkup.history_key);
    }
};

}  // namespace

const registry::RecordKind& checkup_kind() {
    static const CheckupKind kind;
    return kind;
}

}  // namespace shikaku::checkup

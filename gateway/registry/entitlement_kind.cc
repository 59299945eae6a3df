#include "gateway/registry/entitlement_kind.h"

#include "gateway/registry/row_check.h"

namespace shikaku::registry {
namespace {

class EntitlementKind final : public RecordKind {
  public:
    EntitlementKind()
        : RecordKind(RecordType::subsidies, kEntitlementColumns, "valid_from"_column) {}

    PackRead read_pack(std::string_view text, domain::AuthorityCode authority,
                       const std::string& version, PackIs is) const override {
        auto read = is == PackIs::new_one ? domain::read_scheme_pack(text, authority, version)
                                          : domain::read_accepted_pack(text, authority, version);
        const std::size_t schemes = read.pack ? read.pack->schemes.size() : 0;
        return {.pack = std::move(read.pack),
                .problems = std::move(read.problems),
                .examples_run = read.examples_run,
                .entries = schemes,
                .entries_are = "schemes"};
    }

    RowVerdict check(const RawRow& row, const AnyPack& pack, RowContent& content) const override {
        CheckedRow checked =
            RowChecker(*static_cast<const domain::SchemePack*>(pack.get())).check(row);
        if (checked.refused || checked.deleted) return static_cast<RowVerdict&&>(checked);
        const domain::Entitlement& entitlement = checked.entitlement;
        content.bytes.clear();
        domain::encode_entitlement(entitlement, content.bytes);
        content.filled = filled_columns(domain::kEntitlementFields, entitlement);
        content.period = {.from = entitlement.valid_from, .to = entitlement.valid_to};
        content.certificate = entitlement.certificate_type_id;
        content.certificate += '\0';
        content.certificate += entitlement.recipient_number;
        return static_cast<RowVerdict&&>(checked);
    }

    Result<std::optional<Period>> period_of(BytesView content) const override {
        SHIKAKU_TRY_LET(const auto entitlement, domain::decode_entitlement(content));
        return Period{.from = entitlement.valid_from, .to = entitlement.valid_to};
    }

    Result<std::string> history_key_of(BytesView content) const override {
        SHIKAKU_TRY_LET(auto entitlement, domain::decode_entitlement(content));
        return std::move(entitlement.history_key);
    }
};

}  // namespace

const RecordKind& entitlement_kind() {
    static const EntitlementKind kind;
    return kind;
}

RecordKinds::RecordKinds(std::vector<const RecordKind*> more) : kinds_(std::move(more)) {
    kinds_.push_back(&entitlement_kind());
}

const RecordKind* RecordKinds::find(RecordType records) const {
    for (const RecordKind* kind : kinds_)
        if (kind->records() == records) return kind;
    return nullptr;
}

}  // namespace shikaku::registry

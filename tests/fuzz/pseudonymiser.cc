// The municipality's edge: whatever the file, nothing that passes holds a personal number where the
// gateway would see one.
#include "gateway/registry/pseudonymiser.h"
#include "gateway/registry/entitlement_kind.h"

#include "gateway/registry/row_check.h"
#include "gateway/registry/row_reader.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

Hash256 link_key_of(std::string_view digits) {
    fuzz::require(domain::is_personal_number(digits));
    Hash256 key{};
    key.fill(0xA5);
    return key;
}

std::string pass(registry::BodyFormat format, std::string_view file, std::size_t piece_bytes) {
    const auto pseudonymiser =
        registry::Pseudonymiser::make(format, registry::kEntitlementColumns, link_key_of).value();
    std::string sent;
    Status status;
    fuzz::in_pieces(file, piece_bytes, [&](std::string_view piece) {
        status = pseudonymiser->feed(piece, sent);
        return status.has_value();
    });
    if (status) status = pseudonymiser->finish(sent);
    return sent;
}

Status look(const registry::RawRow& row, std::span<const registry::RowRemark> /*faults*/) {
    for (std::size_t i = 0; i < registry::kEntitlementColumns.size(); ++i) {
        const auto column = static_cast<registry::Column>(i);
        fuzz::require(
            !registry::personal_number_in(row[column], registry::kEntitlementColumns, column));
    }
    return {};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const unsigned choice = input.choice();
    const auto format = static_cast<registry::BodyFormat>(choice % 3);
    const std::string_view file = input.text();
    const std::string sent = pass(format, file, file.size() + 1);
    fuzz::require(sent == pass(format, file, 1 + choice / 3));

    const auto gateway =
        registry::RowReader::make(format, registry::kEntitlementColumns, look).value();
    const auto fed = gateway->feed(sent);
    if (!fed) fuzz::require(fed.error().code != ErrorCode::personal_number_refused);
    return 0;
}

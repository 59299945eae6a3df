// A publication's body, CSV in either charset or NDJSON, cut anywhere: the same rows; and no row
// that is kept holds a personal number.
#include <filesystem>

#include "gateway/domain/scheme_pack.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/row_check.h"
#include "gateway/registry/row_reader.h"
#include "gateway/support/file.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

const domain::SchemePack& pack() {
    static const auto read = [] {
        const std::filesystem::path file =
            SHIKAKU_SOURCE_DIR "/municipal-mocks/schemes/132012.json";
        const auto text = read_file(file, 1'000'000).value();
        return domain::read_scheme_pack(text, *domain::AuthorityCode::parse("132012"), "v").pack;
    }();
    fuzz::require(read != nullptr);
    return *read;
}

void check(const registry::RawRow& row, std::span<const registry::RowRemark> faults) {
    const auto checked = registry::RowChecker(pack()).check(row);
    if (checked.refused) {
        fuzz::require(!checked.remarks.empty());
        return;
    }
    if (!faults.empty()) return;
    for (std::size_t i = 0; i < registry::kEntitlementColumns.size(); ++i) {
        const auto column = static_cast<registry::Column>(i);
        fuzz::require(
            !registry::personal_number_in(row[column], registry::kEntitlementColumns, column));
    }
    fuzz::require(checked.history_key ==
                  registry::usable_history_key(registry::kEntitlementColumns, row));
    if (!checked.deleted)
        fuzz::require(registry::usable_link_key(registry::kEntitlementColumns, row) ==
                      checked.link_key);
}

std::string read(registry::BodyFormat format, std::string_view body, std::size_t piece_bytes) {
    std::string rows;
    const auto take = [&](const registry::RawRow& row,
                          std::span<const registry::RowRemark> faults) -> Status {
        check(row, faults);
        rows += std::to_string(row.line) + ' ' + std::to_string(faults.size());
        for (const std::string_view value : row.values)
            rows.append("|").append(value);
        rows += '\n';
        return {};
    };
    const auto reader =
        registry::RowReader::make(format, registry::kEntitlementColumns, take).value();
    Status status;
    fuzz::in_pieces(body, piece_bytes, [&](std::string_view piece) {
        status = reader->feed(piece);
        return status.has_value();
    });
    if (status) status = reader->finish();
    if (!status) rows += status.error().detail;
    return rows;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const unsigned choice = input.choice();
    const auto format = static_cast<registry::BodyFormat>(choice % 3);
    const std::string_view body = input.text();
    fuzz::require(read(format, body, 1 + choice / 3) == read(format, body, body.size() + 1));
    return 0;
}

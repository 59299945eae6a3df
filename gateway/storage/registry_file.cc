#include "gateway/storage/registry_file.h"

#include "gateway/storage/registry_schema.h"

namespace shikaku::storage {

Status make_registry(const std::filesystem::path& file) {
    auto database = Database::open(registry_options(file));
    if (!database) return fail(std::move(database.error()));
    auto any = database->prepare(
        "SELECT 1 FROM authority UNION ALL SELECT 1 FROM publication "
        "UNION ALL SELECT 1 FROM scheme_pack LIMIT 1");
    if (!any) return fail(std::move(any.error()));
    const auto row = any->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    return fail(ErrorCode::conflict,
                file.string() +
                    ": 公開済みのデータがあります。ログが失われたなら shikaku continue-log / holds "
                    "published data; when its log was lost: shikaku continue-log");
}

}  // namespace shikaku::storage

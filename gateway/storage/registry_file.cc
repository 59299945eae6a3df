#include "gateway/storage/registry_file.h"

#include "gateway/storage/registry_schema.h"

namespace shikaku::storage {

namespace {

Result<bool> has_rows(const std::filesystem::path& file) {
    auto database = Database::open(registry_options(file));
    if (!database) return fail(std::move(database.error()));
    auto any = database->prepare(
        "SELECT 1 FROM authority UNION ALL SELECT 1 FROM publication "
        "UNION ALL SELECT 1 FROM scheme_pack UNION ALL SELECT 1 FROM log_anchor LIMIT 1");
    if (!any) return fail(std::move(any.error()));
    return any->step();
}

}  // namespace

Result<bool> registry_tells_something(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return false;
    return has_rows(file);
}

Status make_registry(const std::filesystem::path& file) {
    const auto something = has_rows(file);
    if (!something) return fail(something.error());
    if (!*something) return {};
    return fail(ErrorCode::conflict,
                file.string() +
                    ": 公開済みのデータか、ログの記録があります。ログが失われたなら shikaku "
                    "continue-log / tells of published data or of a log; when the log was lost: "
                    "shikaku continue-log");
}

}  // namespace shikaku::storage

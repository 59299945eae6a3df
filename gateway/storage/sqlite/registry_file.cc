#include "gateway/storage/sqlite/registry_file.h"

#include "gateway/storage/sqlite/registry_schema.h"

namespace shikaku::storage {

namespace {

constexpr std::string_view kPublished =
    "SELECT 1 FROM authority UNION ALL SELECT 1 FROM publication "
    "UNION ALL SELECT 1 FROM scheme_pack LIMIT 1";
constexpr std::string_view kPublishedOrAnchor =
    "SELECT 1 FROM authority UNION ALL SELECT 1 FROM publication "
    "UNION ALL SELECT 1 FROM scheme_pack UNION ALL SELECT 1 FROM log_anchor LIMIT 1";

Result<bool> has_rows(const std::filesystem::path& file, std::string_view select) {
    SHIKAKU_TRY_LET(auto database, Database::open(registry_options(file)));
    SHIKAKU_TRY_LET(auto any, database.prepare(select));
    return any.step();
}

}  // namespace

Result<bool> registry_tells_something(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return false;
    return has_rows(file, kPublishedOrAnchor);
}

Result<std::int64_t> registry_knows_log_up_to(const std::filesystem::path& file,
                                              std::string_view vkey) {
    SHIKAKU_TRY_LET(auto database, Database::open(registry_as_it_is(file)));
    SHIKAKU_TRY_LET(const auto noted, database.has_table("log_position"));
    if (!noted) return -1;
    SHIKAKU_TRY_LET(auto known, database.prepare("SELECT known FROM log_position WHERE log=?"));
    known.bind(1, vkey);
    SHIKAKU_TRY_LET(const auto row, known.step());
    return row ? known.integer(0) : -1;
}

Status make_registry(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(const auto something, has_rows(file, kPublished));
    if (!something) return {};
    return fail(ErrorCode::conflict,
                file.string() +
                    ": 公開済みのデータがあります。ログが失われたなら shikaku continue-log / "
                    "tells of published data; when the log was lost: shikaku continue-log");
}

}  // namespace shikaku::storage

#include "gateway/storage/registry_file.h"

#include "gateway/storage/registry_schema.h"

namespace shikaku::storage {

namespace {

constexpr std::string_view kPublished =
    "SELECT 1 FROM authority UNION ALL SELECT 1 FROM publication "
    "UNION ALL SELECT 1 FROM scheme_pack LIMIT 1";
constexpr std::string_view kPublishedOrAnchor =
    "SELECT 1 FROM authority UNION ALL SELECT 1 FROM publication "
    "UNION ALL SELECT 1 FROM scheme_pack UNION ALL SELECT 1 FROM log_anchor LIMIT 1";

Result<bool> has_rows(const std::filesystem::path& file, std::string_view select) {
    auto database = Database::open(registry_options(file));
    if (!database) return fail(std::move(database.error()));
    auto any = database->prepare(select);
    if (!any) return fail(std::move(any.error()));
    return any->step();
}

}  // namespace

Result<bool> registry_tells_something(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return false;
    return has_rows(file, kPublishedOrAnchor);
}

Result<std::int64_t> registry_knows_log_up_to(const std::filesystem::path& file,
                                              std::string_view vkey) {
    auto database = Database::open(registry_as_it_is(file));
    if (!database) return fail(std::move(database.error()));
    const auto noted = database->has_table("log_position");
    if (!noted) return fail(noted.error());
    if (!*noted) return -1;
    auto known = database->prepare("SELECT known FROM log_position WHERE log=?");
    if (!known) return fail(std::move(known.error()));
    known->bind(1, vkey);
    const auto row = known->step();
    if (!row) return fail(row.error());
    return *row ? known->integer(0) : -1;
}

Status make_registry(const std::filesystem::path& file) {
    const auto something = has_rows(file, kPublished);
    if (!something) return fail(something.error());
    if (!*something) return {};
    return fail(ErrorCode::conflict,
                file.string() +
                    ": 公開済みのデータがあります。ログが失われたなら shikaku continue-log / "
                    "tells of published data; when the log was lost: shikaku continue-log");
}

}  // namespace shikaku::storage

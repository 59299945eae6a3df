#include "gateway/storage/sqlite/registry_reader.h"

#include <algorithm>
#include <limits>

#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/support/bounds.h"

namespace shikaku::storage {
namespace {

// Of each thread that asks. What a question reads of 100,000 entitlements fits; of more, the upper
// levels of both trees do.
constexpr int kCacheKib = 24 * 1024;

DatabaseOptions reader_options(const std::filesystem::path& registry) {
    auto options = registry_options(registry);
    options.read_only = true;
    options.cache_kib = kCacheKib;
    return options;
}

}  // namespace

Result<std::unique_ptr<RegistryReader>> RegistryReader::prepare(Database& database) {
    auto reader = std::make_unique<RegistryReader>();
    SHIKAKU_TRY(reader->prepare_snapshot(database));
    // Backwards, so that beyond the bounds the oldest rows are left out: the newest say what is in
    // force, and without them a row that was replaced would look ended.
    SHIKAKU_TRY_LET(
        auto find,
        database.prepare(
            "SELECT p.authority,e.gen_from,e.gen_to,e.deleted,e.history,e.sealed FROM by_person p "
            "CROSS JOIN entitlement e ON e.id=p.id WHERE p.person=? AND p.authority<=? "
            "ORDER BY p.authority DESC,p.id DESC"));
    reader->find_ = std::move(find);
    return reader;
}

Status RegistryReader::find(const Key16& person, PersonRows& found) {
    SHIKAKU_TRY(find_backwards(person, found));
    const auto end = found.rows.begin() + static_cast<std::ptrdiff_t>(found.count);
    std::reverse(found.rows.begin(), end);
    std::ranges::reverse(found.cut_off);
    return {};
}

Status RegistryReader::find_backwards(const Key16& person, PersonRows& found) {
    found.count = 0;
    found.cut_off.clear();
    std::int64_t from = std::numeric_limits<AuthorityNumber>::max();
    std::size_t of_this = 0;  // authority
    const ResetOnExit reset(find_);
    while (true) {
        find_.bind(1, BytesView(person));
        find_.bind(2, from);
        while (true) {
            SHIKAKU_TRY_LET(const auto more, find_.step());
            if (!more) return {};
            const std::int64_t authority = find_.integer(0);
            if (authority != from) of_this = 0;
            from = authority;
            if (of_this == bounds::kRowsPerPersonAndAuthority ||
                found.count == bounds::kRowsPerPerson)
                break;
            ++of_this;
            if (found.rows.size() == found.count) found.rows.emplace_back();
            PersonRow& row = found.rows[found.count++];
            row.authority = static_cast<AuthorityNumber>(authority);
            row.gen_from = find_.integer(1);
            row.gen_to = find_.integer(2);
            row.deleted = find_.integer(3) != 0;
            row.history = key16(find_.blob(4));
            const BytesView sealed = find_.blob(5);
            row.sealed.assign(sealed.begin(), sealed.end());
        }
        found.cut_off.push_back(static_cast<AuthorityNumber>(from));
        --from;
        of_this = 0;
        find_.reset();
    }
}

RegistryReaders::RegistryReaders(const std::filesystem::path& registry)
    : SnapshotReaders(reader_options(registry)) {}

}  // namespace shikaku::storage

#include "gateway/storage/registry_reader.h"

#include "gateway/storage/registry_schema.h"
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
    auto find = database.prepare(
        "SELECT e.authority,e.gen_from,e.gen_to,e.deleted,e.history,e.sealed FROM by_person p "
        "CROSS JOIN entitlement e ON e.id=p.id WHERE p.person=?");
    if (!find) return fail(std::move(find.error()));
    reader->find_ = std::move(*find);
    return reader;
}

Result<std::size_t> RegistryReader::find(const Key16& person, std::vector<PersonRow>& rows) {
    find_.bind(1, BytesView(person));
    std::size_t count = 0;
    while (true) {
        auto more = find_.step();
        if (!more) return fail(std::move(more.error()));
        if (!*more) break;
        if (count == bounds::kRowsPerPerson) {
            find_.reset();
            return fail(ErrorCode::storage_unavailable,
                        "the registry holds too many rows about one person");
        }
        if (rows.size() == count) rows.emplace_back();
        PersonRow& row = rows[count++];
        row.authority = static_cast<AuthorityNumber>(find_.integer(0));
        row.gen_from = find_.integer(1);
        row.gen_to = find_.integer(2);
        row.deleted = find_.integer(3) != 0;
        row.history = key16(find_.blob(4));
        const BytesView sealed = find_.blob(5);
        row.sealed.assign(sealed.begin(), sealed.end());
    }
    find_.reset();
    return count;
}

RegistryReaders::RegistryReaders(const std::filesystem::path& registry)
    : SnapshotReaders(reader_options(registry)) {}

}  // namespace shikaku::storage

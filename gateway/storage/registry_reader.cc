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

Result<std::unique_ptr<RegistrySession>> RegistrySession::prepare(Database& database) {
    auto session = std::make_unique<RegistrySession>();
    auto begin = database.prepare("BEGIN");
    auto end = database.prepare("COMMIT");
    auto find = database.prepare(
        "SELECT e.authority,e.gen_from,e.gen_to,e.deleted,e.history,e.sealed FROM by_person p "
        "CROSS JOIN entitlement e ON e.id=p.id WHERE p.person=?");
    for (auto* prepared : {&begin, &end, &find})
        if (!*prepared) return fail(std::move(prepared->error()));
    session->begin_ = std::move(*begin);
    session->end_ = std::move(*end);
    session->find_ = std::move(*find);
    return session;
}

Status RegistrySession::begin(std::uint64_t stamp) {
    end();
    SHIKAKU_TRY(begin_.run());
    open_ = true;
    // BEGIN alone takes no snapshot; the first read does.
    std::vector<PersonRow> none;
    if (auto touched = find({}, none); !touched) {
        end();
        return fail(std::move(touched.error()));
    }
    stamp_ = stamp;
    begun_ = std::chrono::steady_clock::now();
    return {};
}

void RegistrySession::end() {
    if (!std::exchange(open_, false)) return;
    find_.reset();
    (void)end_.run();  // reading changed nothing: there is nothing to lose
}

bool RegistrySession::is_current(std::uint64_t stamp) const {
    return open_ && stamp_ == stamp &&
           std::chrono::steady_clock::now() - begun_ < bounds::kReadSnapshotAge;
}

Result<std::size_t> RegistrySession::find(const Key16& person, std::vector<PersonRow>& rows) {
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

Result<RegistryReaders::Reader> RegistryReaders::Reader::prepare(Database& database) {
    auto session = RegistrySession::prepare(database);
    if (!session) return fail(std::move(session.error()));
    return Reader{.session = std::move(*session)};
}

RegistryReaders::RegistryReaders(const std::filesystem::path& registry)
    : readers_(reader_options(registry)) {}

Result<RegistrySession*> RegistryReaders::mine() const {
    auto reader = readers_.get();
    if (!reader) return fail(std::move(reader.error()));
    RegistrySession* session = (*reader)->session.get();
    if (!session->listed_) {
        const std::lock_guard lock(mutex_);
        sessions_.push_back(session);
        session->listed_ = true;
    }
    return session;
}

void RegistryReaders::end_all() const {
    const std::lock_guard lock(mutex_);
    for (RegistrySession* session : sessions_) {
        const std::lock_guard reading(session->mutex);
        session->end();
    }
}

}  // namespace shikaku::storage

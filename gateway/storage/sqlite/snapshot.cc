#include "gateway/storage/sqlite/snapshot.h"

#include "gateway/support/bounds.h"

namespace shikaku::storage {

Status Snapshot::prepare_snapshot(Database& database) {
    const std::pair<Statement*, std::string_view> statements[] = {
        {&begin_, "BEGIN"}, {&end_, "COMMIT"}, {&touch_, "SELECT 1 FROM sqlite_schema LIMIT 1"}};
    for (const auto& [statement, sql] : statements) {
        SHIKAKU_TRY_LET(auto prepared, database.prepare(sql));
        *statement = std::move(prepared);
    }
    return {};
}

Status Snapshot::begin(std::uint64_t stamp) {
    end();
    SHIKAKU_TRY(begin_.run());
    open_ = true;
    // BEGIN alone takes no snapshot; the first read does.
    if (auto touched = touch_.run(); !touched) {
        end();
        return touched;
    }
    stamp_ = stamp;
    begun_ = std::chrono::steady_clock::now();
    return {};
}

void Snapshot::end() {
    if (!std::exchange(open_, false)) return;
    (void)end_.run();  // reading changed nothing: there is nothing to lose
}

bool Snapshot::is_current(std::uint64_t stamp) const {
    return open_ && stamp_ == stamp &&
           std::chrono::steady_clock::now() - begun_ < bounds::kReadSnapshotAge;
}

}  // namespace shikaku::storage

#include "gateway/storage/sqlite/staging_store.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "gateway/support/bounds.h"

namespace shikaku::storage {
namespace {

constexpr std::uint32_t kApplicationId = 0x53686B53;  // "ShkS"

constexpr Migration kMigrations[] = {{1, R"sql(
CREATE TABLE row(line INTEGER PRIMARY KEY, history BLOB NOT NULL, person BLOB NOT NULL,
                 content BLOB NOT NULL, filled INTEGER NOT NULL, kind INTEGER NOT NULL,
                 sealed BLOB NOT NULL);
CREATE TABLE period(certificate INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
                    line INTEGER NOT NULL);
CREATE TABLE remark(line INTEGER NOT NULL, col INTEGER NOT NULL, code INTEGER NOT NULL);
CREATE TABLE change(line INTEGER NOT NULL, history BLOB NOT NULL, person BLOB NOT NULL,
                    content BLOB NOT NULL, filled INTEGER NOT NULL, old_id INTEGER NOT NULL,
                    old_from INTEGER NOT NULL, deleted INTEGER NOT NULL);
)sql"}};

Status prepare_into(Database& database, Statement& statement, std::string_view sql) {
    SHIKAKU_TRY_LET(auto prepared, database.prepare(sql));
    statement = std::move(prepared);
    return {};
}

StagedRow read_row(const Statement& s) {
    return {.line = s.integer(0),
            .history = key16(s.blob(1)),
            .person = key16(s.blob(2)),
            .content = key16(s.blob(3)),
            .filled = static_cast<std::uint32_t>(s.integer(4)),
            .kind = static_cast<StagedRow::Kind>(s.integer(5))};
}

StagedChange read_change(const Statement& s) {
    return {.line = s.integer(0),
            .history = key16(s.blob(1)),
            .person = key16(s.blob(2)),
            .content = key16(s.blob(3)),
            .filled = static_cast<std::uint32_t>(s.integer(4)),
            .old_id = s.integer(5),
            .old_from = s.integer(6),
            .deleted = s.integer(7) != 0};
}

constexpr std::string_view kChangeColumns =
    "line,history,person,content,filled,old_id,old_from,deleted";

}  // namespace

Key16 key16(BytesView bytes) {
    Key16 key{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
    return key;
}

Result<StagingStore> StagingStore::open(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(auto database, Database::open({.file = file,
                                                   .application_id = kApplicationId,
                                                   .migrations = kMigrations,
                                                   .durable = false,
                                                   .cache_kib = 8 * 1024}));
    StagingStore store(std::move(database), file);
    SHIKAKU_TRY(store.prepare());
    return store;
}

Status StagingStore::prepare() {
    // Losing the file in a crash costs a repeated upload, so no journal on disk and no fsync;
    // sorting must not take memory.
    SHIKAKU_TRY(
        database_.execute("PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE;"
                          "PRAGMA synchronous=OFF; PRAGMA temp_store=FILE"));
    SHIKAKU_TRY(prepare_into(database_, add_row_, "INSERT INTO row VALUES(?,?,?,?,?,?,?)"));
    SHIKAKU_TRY(prepare_into(database_, add_period_, "INSERT INTO period VALUES(?,?,?,?)"));
    SHIKAKU_TRY(prepare_into(database_, sealed_, "SELECT sealed FROM row WHERE line=?"));
    SHIKAKU_TRY(prepare_into(database_, add_remark_, "INSERT INTO remark VALUES(?,?,?)"));
    return prepare_into(database_, add_change_, "INSERT INTO change VALUES(?,?,?,?,?,?,?,?)");
}

Status StagingStore::grow() {
    if (!writing_) {
        SHIKAKU_TRY(database_.execute("BEGIN"));
        writing_ = true;
    }
    if (++uncommitted_ < bounds::kSwitchBatchRows) return {};
    return commit();
}

Status StagingStore::commit() {
    uncommitted_ = 0;
    if (!std::exchange(writing_, false)) return {};
    return database_.execute("COMMIT");
}

Status StagingStore::add(const StagedRow& row, BytesView sealed) {
    SHIKAKU_TRY(grow());
    add_row_.bind(1, row.line);
    add_row_.bind(2, BytesView(row.history));
    add_row_.bind(3, BytesView(row.person));
    add_row_.bind(4, BytesView(row.content));
    add_row_.bind(5, std::int64_t{row.filled});
    add_row_.bind(6, static_cast<std::int64_t>(row.kind));
    add_row_.bind(7, sealed);
    return add_row_.run();
}

Status StagingStore::add(const StagedPeriod& period) {
    SHIKAKU_TRY(grow());
    add_period_.bind(1, period.certificate);
    add_period_.bind(2, std::int64_t{period.from});
    add_period_.bind(3, std::int64_t{period.to});
    add_period_.bind(4, period.line);
    return add_period_.run();
}

Status StagingStore::add(const StagedRemark& remark) {
    SHIKAKU_TRY(grow());
    add_remark_.bind(1, remark.line);
    add_remark_.bind(2, std::int64_t{remark.column});
    add_remark_.bind(3, std::int64_t{remark.code});
    return add_remark_.run();
}

Status StagingStore::add(const StagedChange& change) {
    SHIKAKU_TRY(grow());
    add_change_.bind(1, change.line);
    add_change_.bind(2, BytesView(change.history));
    add_change_.bind(3, BytesView(change.person));
    add_change_.bind(4, BytesView(change.content));
    add_change_.bind(5, std::int64_t{change.filled});
    add_change_.bind(6, change.old_id);
    add_change_.bind(7, change.old_from);
    add_change_.bind(8, std::int64_t{change.deleted});
    return add_change_.run();
}

Status StagingStore::walk(std::string_view sql,
                          const std::function<Status(const Statement&)>& visit) {
    SHIKAKU_TRY_LET(auto statement, database_.prepare(sql));
    while (true) {
        SHIKAKU_TRY_LET(auto row, statement.step());
        if (!row) return {};
        SHIKAKU_TRY(visit(statement));
    }
}

Status StagingStore::each_row(const Visit<StagedRow>& visit) {
    return walk("SELECT line,history,person,content,filled,kind FROM row ORDER BY history,line",
                [&](const Statement& s) { return visit(read_row(s)); });
}

Status StagingStore::take_periods(const Visit<StagedPeriod>& visit) {
    SHIKAKU_TRY(walk("SELECT certificate,first,last,line FROM period ORDER BY 1,2,4",
                     [&](const Statement& s) {
                         return visit({.certificate = s.integer(0),
                                       .from = static_cast<std::int32_t>(s.integer(1)),
                                       .to = static_cast<std::int32_t>(s.integer(2)),
                                       .line = s.integer(3)});
                     }));
    SHIKAKU_TRY(commit());
    return database_.execute(
        "PRAGMA secure_delete=ON; DELETE FROM period; PRAGMA secure_delete=OFF");
}

Status StagingStore::each_remark(std::size_t most, const Visit<StagedRemark>& visit) {
    return walk(
        "SELECT line,col,code FROM remark ORDER BY line,col,code LIMIT " + std::to_string(most),
        [&](const Statement& s) {
            return visit({.line = s.integer(0),
                          .column = static_cast<int>(s.integer(1)),
                          .code = static_cast<int>(s.integer(2))});
        });
}

Result<std::uint64_t> StagingStore::last_line() {
    std::uint64_t last = 0;
    SHIKAKU_TRY(walk("SELECT coalesce(max(line),0) FROM row", [&](const Statement& s) {
        last = static_cast<std::uint64_t>(s.integer(0));
        return Status{};
    }));
    return last;
}

Result<Bytes> StagingStore::sealed(std::int64_t line) {
    sealed_.bind(1, line);
    SHIKAKU_TRY_LET(auto found, sealed_.step());
    if (!found) return fail(ErrorCode::corrupt, "a staged row is gone");
    const BytesView blob = sealed_.blob(0);
    Bytes sealed(blob.begin(), blob.end());
    sealed_.reset();
    return sealed;
}

Status StagingStore::each_new_by_line(const VisitNew& visit) {
    return walk(
        "SELECT c.line,c.history,c.person,CASE c.content WHEN zeroblob(16) THEN x'' ELSE r.sealed "
        "END FROM (SELECT line,history,person,content FROM change WHERE line>0 ORDER BY line) c "
        "CROSS JOIN row r ON r.line=c.line",
        [&](const Statement& s) {
            return visit({.line = s.integer(0),
                          .history = key16(s.blob(1)),
                          .person = key16(s.blob(2)),
                          .sealed = s.blob(3)});
        });
}

Status StagingStore::each_new_by_person(const VisitNew& visit) {
    return walk(
        "SELECT line,person FROM change WHERE line>0 ORDER BY person,line",
        [&](const Statement& s) {
            return visit(
                {.line = s.integer(0), .history = {}, .person = key16(s.blob(1)), .sealed = {}});
        });
}

Status StagingStore::each_new_by_history(const Visit<StagedChange>& visit) {
    const std::string sql = "SELECT " + std::string(kChangeColumns) +
                            " FROM change WHERE line>0 ORDER BY rowid";  // written in that order
    return walk(sql, [&](const Statement& s) { return visit(read_change(s)); });
}

Status StagingStore::each_ended(const Visit<StagedChange>& visit) {
    const std::string sql =
        "SELECT " + std::string(kChangeColumns) + " FROM change WHERE old_id>0 ORDER BY rowid";
    return walk(sql, [&](const Statement& s) { return visit(read_change(s)); });
}

// The commit of a small change with synchronous=FULL syncs what was written before it, too.
// (Opening the file a second time for fsync would drop SQLite's locks on it.)
Status StagingStore::sync() {
    SHIKAKU_TRY(commit());
    SHIKAKU_TRY(database_.execute("PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS held(x)"));
    return database_.execute("PRAGMA synchronous=OFF");
}

void StagingStore::remove(const std::filesystem::path& file) {
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        std::filesystem::remove(file.string() + ending, ignored);
    }
}

}  // namespace shikaku::storage

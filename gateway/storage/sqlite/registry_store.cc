#include "gateway/storage/sqlite/registry_store.h"

#include "gateway/storage/sqlite/registry_schema.h"

namespace shikaku::storage {
namespace {

constexpr std::string_view kPublicationColumns =
    "SELECT id,authority,idempotency_key,parameters,state,base,report,body FROM publication ";

constexpr std::string_view kAuthorityColumns =
    "SELECT code,generation,pack_version,swept,last_generation FROM authority ";
constexpr std::string_view kGenerationColumns =
    "SELECT authority,number,base,publication,state,switched_ms,rows,first_id,last_id "
    "FROM generation ";

AuthorityRow read_authority(const Statement& s) {
    return {.authority = static_cast<AuthorityNumber>(s.integer(0)),
            .generation = s.integer(1),
            .pack_version = std::string(s.text(2)),
            .swept = s.integer(3),
            .last_generation = s.integer(4)};
}

PublicationRow read_publication(const Statement& s) {
    return {.id = std::string(s.text(0)),
            .authority = static_cast<AuthorityNumber>(s.integer(1)),
            .idempotency_key = std::string(s.text(2)),
            .parameters = std::string(s.text(3)),
            .state = static_cast<int>(s.integer(4)),
            .base = s.integer(5),
            .report = std::string(s.text(6)),
            .body = Bytes(s.blob(7).begin(), s.blob(7).end())};
}

GenerationRow read_generation(const Statement& s) {
    return {.authority = static_cast<AuthorityNumber>(s.integer(0)),
            .number = s.integer(1),
            .base = s.integer(2),
            .publication = std::string(s.text(3)),
            .state = static_cast<GenerationRow::State>(s.integer(4)),
            .switched_ms = s.integer(5),
            .rows = s.integer(6),
            .first_id = s.integer(7),
            .last_id = s.integer(8)};
}

InForceRow read_in_force(const Statement& s) {
    return {.history = key16(s.blob(0)),
            .content = key16(s.blob(1)),
            .id = s.integer(2),
            .gen_from = s.integer(3),
            .filled = static_cast<std::uint32_t>(s.integer(4))};
}

// All rows of a statement with its parameters bound.
template <class Row, class Read>
Result<std::vector<Row>> all(Result<Statement> statement, Read read) {
    if (!statement) return fail(std::move(statement.error()));
    std::vector<Row> rows;
    while (true) {
        SHIKAKU_TRY_LET(auto more, statement->step());
        if (!more) return rows;
        rows.push_back(read(*statement));
    }
}

template <class Row, class Read>
Result<std::optional<Row>> first(Result<Statement> statement, Read read) {
    SHIKAKU_TRY_LET(auto rows, all<Row>(std::move(statement), read));
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

template <class... Values>
Result<Statement> bound(Database& database, std::string_view sql, const Values&... values) {
    auto statement = database.prepare(sql);
    if (!statement) return statement;
    int position = 0;
    (statement->bind(++position, values), ...);
    return statement;
}

template <class... Values>
Status run(Database& database, std::string_view sql, const Values&... values) {
    SHIKAKU_TRY_LET(auto statement, bound(database, sql, values...));
    return statement.run();
}

std::string_view view(const std::string& text) {
    return text;
}

}  // namespace

Result<std::unique_ptr<InForceRows>> SqliteInForceRows::open(const std::filesystem::path& registry,
                                                             AuthorityNumber authority) {
    auto options = registry_options(registry);
    options.read_only = true;
    SHIKAKU_TRY_LET(auto database, Database::open(options));
    std::unique_ptr<SqliteInForceRows> opened(new SqliteInForceRows(std::move(database)));
    auto& rows = *opened;
    constexpr std::string_view kColumns = "SELECT history,content,id,gen_from,filled FROM history ";
    auto walk = bound(rows.database_,
                      std::string(kColumns) + "WHERE authority=? AND gen_to=0 ORDER BY history",
                      std::int64_t{authority});
    auto find = bound(rows.database_,
                      std::string(kColumns) + "WHERE authority=? AND gen_to=0 AND history=?",
                      std::int64_t{authority});
    if (!walk) return fail(std::move(walk.error()));
    if (!find) return fail(std::move(find.error()));
    rows.walk_ = std::move(*walk);
    SHIKAKU_TRY_LET(auto content,
                    rows.database_.prepare("SELECT person,sealed FROM entitlement WHERE id=?"));
    rows.find_ = std::move(*find);
    rows.content_ = std::move(content);
    return opened;
}

Result<bool> SqliteInForceRows::next(InForceRow& row) {
    auto more = walk_.step();
    if (more && *more) row = read_in_force(walk_);
    return more;
}

Result<std::optional<InForceRow>> SqliteInForceRows::find(const Key16& history) {
    find_.bind(2, BytesView(history));
    SHIKAKU_TRY_LET(auto more, find_.step());
    std::optional<InForceRow> found;
    if (more) found = read_in_force(find_);
    find_.reset();
    return found;
}

Result<RowContent> SqliteInForceRows::content_of(std::int64_t id) {
    content_.bind(1, id);
    SHIKAKU_TRY_LET(auto more, content_.step());
    RowContent found;
    if (more)
        found = {.person = key16(content_.blob(0)),
                 .sealed = Bytes(content_.blob(1).begin(), content_.blob(1).end())};
    content_.reset();
    return found;
}

Result<std::unique_ptr<RegistryStore>> RegistryStore::open(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(auto database, Database::open(registry_options(file)));
    SHIKAKU_TRY_LET(auto emptying, Database::open(registry_options(file)));
    SHIKAKU_TRY(emptying.execute("PRAGMA busy_timeout=0"));
    std::unique_ptr<RegistryStore> store(
        new RegistryStore(std::move(database), std::move(emptying), file));
    SHIKAKU_TRY(store->database_.execute(kLogSizeLimit));
    SHIKAKU_TRY_LET(
        const auto last,
        first<std::int64_t>(
            store->database_.prepare("SELECT max(coalesce((SELECT max(id) FROM entitlement),0),"
                                     "coalesce((SELECT max(last_id) FROM generation),0))"),
            [](const Statement& s) { return s.integer(0); }));
    store->next_id_ = last.value_or(0) + 1;
    return store;
}

RegistryStore::~RegistryStore() = default;

Reply<bool> RegistryStore::read_person(const Key16& person, const SeenView& seen,
                                       PersonRows& found) {
    const auto mine = readers_.mine();
    if (!mine) return Result<bool>(fail(mine.error()));
    RegistryReader& reader = **mine;
    const std::lock_guard lock(reader.mutex);
    if (!reader.is_current(seen.number)) {
        if (auto begun = reader.begin(seen.number); !begun)
            return Result<bool>(fail(std::move(begun.error())));
        // Unchanged after the transaction began: what this view needs was not discarded before.
        if (seen.newest.load(std::memory_order_acquire) != seen.number) return Result<bool>(false);
    }
    if (auto read = reader.find(person, found); !read)
        return Result<bool>(fail(std::move(read.error())));
    return Result<bool>(true);
}

void RegistryStore::end_idle_snapshots() {
    readers_.end_all();
}

Result<std::unique_ptr<InForceRows>> RegistryStore::in_force_rows(AuthorityNumber authority) {
    return SqliteInForceRows::open(file_, authority);
}

Status RegistryStore::expect_keys(const KeyUse& use) {
    return storage::expect_keys(database_, file_, use);
}

Result<std::optional<SealedRow>> RegistryStore::newest_row() {
    const std::lock_guard lock(mutex_);
    return first<SealedRow>(database_.prepare("SELECT authority,person,history,sealed "
                                              "FROM entitlement WHERE sealed<>x'' "
                                              "ORDER BY id DESC LIMIT 1"),
                            [](const Statement& s) {
                                const BytesView sealed = s.blob(3);
                                return SealedRow{
                                    .authority = static_cast<AuthorityNumber>(s.integer(0)),
                                    .person = key16(s.blob(1)),
                                    .history = key16(s.blob(2)),
                                    .sealed = Bytes(sealed.begin(), sealed.end())};
                            });
}

// A held publication is sealed, too: as long as one waits, every key may be needed.
Result<bool> RegistryStore::is_sealed_with(const std::array<std::uint32_t, 2>& fronts) {
    const std::lock_guard lock(mutex_);
    std::array<Bytes, 2> bytes;
    for (std::size_t i = 0; i < fronts.size(); ++i)
        put_u32be(bytes[i], fronts[i]);
    SHIKAKU_TRY_LET(
        auto statement,
        bound(database_,
              "SELECT EXISTS(SELECT 1 FROM entitlement WHERE substr(sealed,1,4) IN (?1,?2)) "
              "OR EXISTS(SELECT 1 FROM publication WHERE state=2)",
              BytesView(bytes[0]), BytesView(bytes[1])));
    SHIKAKU_TRY(statement.step());
    return statement.integer(0) != 0;
}

Result<std::vector<AuthorityRow>> RegistryStore::authorities() {
    const std::lock_guard lock(mutex_);
    return all<AuthorityRow>(database_.prepare(std::string(kAuthorityColumns) + "ORDER BY code"),
                             read_authority);
}

Result<std::optional<AuthorityRow>> RegistryStore::authority(AuthorityNumber authority) {
    const std::lock_guard lock(mutex_);
    return first<AuthorityRow>(
        bound(database_, std::string(kAuthorityColumns) + "WHERE code=?", std::int64_t{authority}),
        read_authority);
}

Result<std::vector<GenerationRow>> RegistryStore::generations() {
    const std::lock_guard lock(mutex_);
    return all<GenerationRow>(
        database_.prepare(std::string(kGenerationColumns) + "ORDER BY authority,number"),
        read_generation);
}

Result<std::vector<GenerationRow>> RegistryStore::generations(AuthorityNumber authority) {
    const std::lock_guard lock(mutex_);
    return all<GenerationRow>(
        bound(database_, std::string(kGenerationColumns) + "WHERE authority=? ORDER BY number",
              std::int64_t{authority}),
        read_generation);
}

Status RegistryStore::put(const PublicationRow& row) {
    const std::lock_guard lock(mutex_);
    return put_locked(row);
}

Status RegistryStore::put_locked(const PublicationRow& row) {
    return run(database_,
               "INSERT OR REPLACE INTO publication(id,authority,idempotency_key,parameters,state,"
               "base,report,body,key_hashed) VALUES(?,?,?,?,?,?,?,?,1)",
               view(row.id), std::int64_t{row.authority}, view(row.idempotency_key),
               view(row.parameters), std::int64_t{row.state}, row.base, view(row.report),
               BytesView(row.body));
}

Status RegistryStore::hash_clear_keys(const HashKey& hash) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(const auto clear,
                    all<PublicationRow>(
                        database_.prepare(std::string(kPublicationColumns) + "WHERE key_hashed=0"),
                        read_publication));
    if (clear.empty()) return {};
    SHIKAKU_TRY(database_.execute("PRAGMA secure_delete=ON"));
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    for (const PublicationRow& row : clear) {
        const std::string hashed = hash(row.authority, row.idempotency_key);
        SHIKAKU_TRY(run(database_,
                        "UPDATE publication SET idempotency_key=?,key_hashed=1 WHERE id=?",
                        view(hashed), view(row.id)));
    }
    SHIKAKU_TRY(transaction.commit());
    return database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

Status RegistryStore::erase_publication(const std::string& id) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY(run(database_, "DELETE FROM remark WHERE publication=?", view(id)));
    SHIKAKU_TRY(run(database_, "DELETE FROM linkage WHERE publication=?", view(id)));
    SHIKAKU_TRY(run(database_, "DELETE FROM publication WHERE id=?", view(id)));
    return transaction.commit();
}

Result<std::optional<PublicationRow>> RegistryStore::publication(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return first<PublicationRow>(
        bound(database_, std::string(kPublicationColumns) + "WHERE id=?", view(id)),
        read_publication);
}

Result<std::optional<PublicationRow>> RegistryStore::publication(AuthorityNumber authority,
                                                                 const std::string& key) {
    const std::lock_guard lock(mutex_);
    return first<PublicationRow>(
        bound(database_,
              std::string(kPublicationColumns) + "WHERE authority=? AND idempotency_key=?",
              std::int64_t{authority}, view(key)),
        read_publication);
}

Result<std::vector<PublicationRow>> RegistryStore::publications_in(int state) {
    const std::lock_guard lock(mutex_);
    return all<PublicationRow>(
        bound(database_, std::string(kPublicationColumns) + "WHERE state=?", std::int64_t{state}),
        read_publication);
}

Status RegistryStore::put_remarks(const std::string& publication,
                                  const std::vector<StagedRemark>& remarks) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY(run(database_, "DELETE FROM remark WHERE publication=?", view(publication)));
    SHIKAKU_TRY_LET(auto insert, database_.prepare("INSERT INTO remark VALUES(?,?,?,?,?)"));
    std::int64_t seq = 0;
    for (const StagedRemark& remark : remarks) {
        insert.bind(1, view(publication));
        insert.bind(2, ++seq);
        insert.bind(3, remark.line);
        insert.bind(4, std::int64_t{remark.column});
        insert.bind(5, std::int64_t{remark.code});
        SHIKAKU_TRY(insert.run());
    }
    return transaction.commit();
}

Result<std::vector<StagedRemark>> RegistryStore::remarks(const std::string& publication) {
    const std::lock_guard lock(mutex_);
    return all<StagedRemark>(
        bound(database_, "SELECT line,col,code FROM remark WHERE publication=? ORDER BY seq",
              view(publication)),
        [](const Statement& s) {
            return StagedRemark{.line = s.integer(0),
                                .column = static_cast<int>(s.integer(1)),
                                .code = static_cast<int>(s.integer(2))};
        });
}

Status RegistryStore::put_linkage(const std::string& publication, std::string_view value) {
    const std::lock_guard lock(mutex_);
    return run(database_, "INSERT OR REPLACE INTO linkage VALUES(?,?)", view(publication), value);
}

Result<std::string> RegistryStore::linkage(const std::string& publication) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(
        const auto found,
        first<std::string>(
            bound(database_, "SELECT value FROM linkage WHERE publication=?", view(publication)),
            [](const Statement& s) { return std::string(s.text(0)); }));
    return found.value_or(std::string());
}

Status RegistryStore::forget_lone_linkage() {
    const std::lock_guard lock(mutex_);
    return database_.execute(
        "DELETE FROM linkage WHERE publication NOT IN (SELECT id FROM publication) "
        "AND publication NOT IN (SELECT g.publication FROM generation g "
        "JOIN authority a ON a.code=g.authority WHERE g.number>=a.swept)");
}

Status RegistryStore::put_in_force(const PackRow& pack) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY(run(database_,
                    "INSERT INTO scheme_pack VALUES(?,?,?,?,?) "
                    "ON CONFLICT(authority, version) DO UPDATE SET "
                    "accepted_ms=excluded.accepted_ms, log_index=excluded.log_index "
                    "WHERE body=excluded.body",
                    std::int64_t{pack.authority}, view(pack.version), pack.accepted_ms,
                    pack.log_index, view(pack.body)));
    if (database_.changes() == 0)
        return fail(ErrorCode::conflict, "another scheme pack is stored under this version");
    SHIKAKU_TRY(run(database_,
                    "INSERT INTO authority(code,pack_version) VALUES(?1,?2) "
                    "ON CONFLICT(code) DO UPDATE SET pack_version=?2",
                    std::int64_t{pack.authority}, view(pack.version)));
    SHIKAKU_TRY(settle_locked(pack.authority, IntentRow::Kind::schemes, pack.log_index));
    return transaction.commit();
}

Result<std::int64_t> RegistryStore::known_of(std::string_view log) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY(run(database_,
                    "UPDATE log_position SET known=CASE WHEN log='' THEN known ELSE -1 END, "
                    "log=?1 WHERE log<>?1",
                    log));
    SHIKAKU_TRY_LET(
        const auto known,
        first<std::int64_t>(database_.prepare("SELECT known FROM log_position WHERE one=1"),
                            [](const Statement& s) { return s.integer(0); }));
    if (!known) return fail(ErrorCode::corrupt, "registry.db does not say how far it goes");
    SHIKAKU_TRY(transaction.commit());
    return *known;
}

Result<std::vector<IntentRow>> RegistryStore::intents() {
    const std::lock_guard lock(mutex_);
    return all<IntentRow>(
        database_.prepare("SELECT authority,kind,subject,step,base,target,after FROM intent "
                          "ORDER BY authority,kind"),
        [](const Statement& s) {
            return IntentRow{.authority = static_cast<AuthorityNumber>(s.integer(0)),
                             .kind = static_cast<IntentRow::Kind>(s.integer(1)),
                             .subject = std::string(s.text(2)),
                             .step = std::string(s.text(3)),
                             .base = s.integer(4),
                             .target = s.integer(5),
                             .after = s.integer(6)};
        });
}

Status RegistryStore::intend(const IntentRow& intent) {
    const std::lock_guard lock(mutex_);
    return run(database_,
               "INSERT INTO intent SELECT ?,?,?,?,?,?,known FROM log_position WHERE one=1",
               std::int64_t{intent.authority}, static_cast<std::int64_t>(intent.kind),
               view(intent.subject), view(intent.step), intent.base, intent.target);
}

Status RegistryStore::forget(const IntentRow& intent, std::optional<std::uint64_t> log_index) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY(settle_locked(intent.authority, intent.kind,
                              log_index ? static_cast<std::int64_t>(*log_index) : -1));
    return transaction.commit();
}

Status RegistryStore::take_out(const std::map<AuthorityNumber, std::int64_t>& authorities,
                               std::uint64_t log_index) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY(database_.execute("CREATE TEMP TABLE lost(code INTEGER PRIMARY KEY)"));
    for (const auto& [authority, last] : authorities) {
        SHIKAKU_TRY(run(database_, "INSERT INTO lost VALUES(?)", std::int64_t{authority}));
        SHIKAKU_TRY(run(database_,
                        "INSERT INTO authority(code,last_generation) VALUES(?1,?2) "
                        "ON CONFLICT(code) DO UPDATE SET generation=0,pack_version='',swept=0,"
                        "last_generation=max(last_generation,?2)",
                        std::int64_t{authority}, last));
    }
    SHIKAKU_TRY(
        database_.execute("DELETE FROM entitlement WHERE authority IN (SELECT code FROM lost);"
                          "DELETE FROM by_person WHERE authority IN (SELECT code FROM lost);"
                          "DELETE FROM history WHERE authority IN (SELECT code FROM lost);"
                          "DELETE FROM generation WHERE authority IN (SELECT code FROM lost);"
                          "DELETE FROM intent WHERE authority IN (SELECT code FROM lost);"
                          "DELETE FROM remark WHERE publication IN (SELECT id FROM publication "
                          "WHERE authority IN (SELECT code FROM lost));"
                          "DELETE FROM linkage WHERE publication IN (SELECT id FROM publication "
                          "WHERE authority IN (SELECT code FROM lost));"
                          "DELETE FROM publication WHERE authority IN (SELECT code FROM lost);"
                          "DROP TABLE temp.lost"));
    SHIKAKU_TRY(run(database_, "UPDATE log_position SET known=max(known,?) WHERE one=1",
                    static_cast<std::int64_t>(log_index)));
    return transaction.commit();
}

Status RegistryStore::settle_locked(AuthorityNumber authority, IntentRow::Kind kind,
                                    std::int64_t log_index) {
    SHIKAKU_TRY(run(database_, "DELETE FROM intent WHERE authority=? AND kind=?",
                    std::int64_t{authority}, static_cast<std::int64_t>(kind)));
    return run(database_, "UPDATE log_position SET known=max(known,?) WHERE one=1", log_index);
}

Result<std::optional<PackRow>> RegistryStore::pack(AuthorityNumber authority,
                                                   const std::string& version) {
    const std::lock_guard lock(mutex_);
    return first<PackRow>(
        bound(database_,
              "SELECT authority,version,body,accepted_ms,log_index FROM scheme_pack "
              "WHERE authority=? AND version=?",
              std::int64_t{authority}, view(version)),
        [](const Statement& s) {
            return PackRow{.authority = static_cast<AuthorityNumber>(s.integer(0)),
                           .version = std::string(s.text(1)),
                           .body = std::string(s.text(2)),
                           .accepted_ms = s.integer(3),
                           .log_index = s.integer(4)};
        });
}

}  // namespace shikaku::storage

// The part of RegistryStore that writes, switches and discards generations.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "gateway/support/bounds.h"

namespace shikaku::storage {
namespace {

constexpr std::int64_t kBatch = bounds::kSwitchBatchRows;

struct PersonId {
    std::int64_t id;
    Key16 person;
};

struct HistoryId {
    Key16 history;
    std::int64_t gen_from;
    std::int64_t gen_to;
    std::int64_t id;
};

// Reads a statement to its end.
template <class Row, class Read>
Result<std::vector<Row>> all(Statement& statement, Read read) {
    std::vector<Row> rows;
    while (true) {
        SHIKAKU_TRY_LET(auto more, statement.step());
        if (!more) break;
        rows.push_back(read(statement));
    }
    statement.reset();
    return rows;
}

}  // namespace

class RegistryStore::Bulk {
  public:
    explicit Bulk(RegistryStore& store, std::function<void()> between = {})
        : store_(store), between_(std::move(between)) {}

    Status open() {
        // What is written here counts only when a durable transaction has switched to it, and that
        // one syncs all of the write-ahead log before it.
        auto options = registry_options(store_.file_);
        options.durable = false;
        options.cache_kib = 32 * 1024;
        SHIKAKU_TRY_LET(auto database, Database::open(options));
        database_.emplace(std::move(database));
        SHIKAKU_TRY(database_->execute(kLogSizeLimit));
        // Pages go over into the file in big steps, because each step costs two fsyncs.
        return database_->execute("PRAGMA wal_autocheckpoint=16384");
    }

    Result<Statement> prepare(std::string_view sql) { return database_->prepare(sql); }

    // Runs the statement as part of the present transaction; a full one is committed, and others
    // may write before the next.
    Status run(Statement& statement) {
        if (!transaction_) {
            lock_ = std::unique_lock(store_.mutex_);
            SHIKAKU_TRY_LET(auto begun, Transaction::begin(*database_));
            transaction_.emplace(std::move(begun));
        }
        SHIKAKU_TRY(statement.run());
        return ++rows_ < bounds::kSwitchBatchRows ? Status{} : commit();
    }

    Status commit() {
        rows_ = 0;
        if (!transaction_) return {};
        auto committed = transaction_->commit();
        transaction_.reset();
        lock_.unlock();
        if (between_) between_();
        return committed;
    }

    ~Bulk() {
        transaction_.reset();  // before the lock and the connection
    }

    Status delete_rows(const GenerationRow& generation);
    // Rows that the generation had ended are in force again, its own are gone: one pass.
    Status restore_history(const GenerationRow& generation);

  private:
    RegistryStore& store_;
    std::function<void()> between_;
    std::optional<Database> database_;
    std::unique_lock<std::mutex> lock_;
    std::optional<Transaction> transaction_;
    std::size_t rows_ = 0;
};

Status RegistryStore::Bulk::delete_rows(const GenerationRow& g) {
    auto select = prepare("SELECT id,person FROM entitlement WHERE id BETWEEN ? AND ? LIMIT ?");
    auto person = prepare("DELETE FROM by_person WHERE person=? AND authority=? AND id=?");
    auto row = prepare("DELETE FROM entitlement WHERE id=?");
    for (auto* prepared : {&select, &person, &row})
        if (!*prepared) return fail(std::move(prepared->error()));
    while (true) {
        select->bind(1, g.first_id);
        select->bind(2, g.last_id);
        select->bind(3, kBatch);
        SHIKAKU_TRY_LET(auto batch, all<PersonId>(*select, [](const Statement& s) {
                            return PersonId{.id = s.integer(0), .person = key16(s.blob(1))};
                        }));
        if (batch.empty()) return commit();
        for (const PersonId& one : batch) {
            person->bind(1, BytesView(one.person));
            person->bind(2, std::int64_t{g.authority});
            person->bind(3, one.id);
            SHIKAKU_TRY(run(*person));
            row->bind(1, one.id);
            SHIKAKU_TRY(run(*row));
        }
    }
}

Status RegistryStore::Bulk::restore_history(const GenerationRow& g) {
    auto select = prepare(
        "SELECT history,gen_from,gen_to,id FROM history WHERE authority=?1 AND "
        "(history,gen_from)>(?2,?3) AND (gen_from=?4 OR gen_to=?4) ORDER BY history,gen_from "
        "LIMIT ?5");
    auto reopen_row = prepare("UPDATE entitlement SET gen_to=0,deleted=0 WHERE id=?");
    auto reopen =
        prepare("UPDATE history SET gen_to=0 WHERE authority=? AND history=? AND gen_from=?");
    auto remove = prepare("DELETE FROM history WHERE authority=? AND history=? AND gen_from=?");
    for (auto* prepared : {&select, &reopen_row, &reopen, &remove})
        if (!*prepared) return fail(std::move(prepared->error()));
    const auto run_on = [&](Statement& statement, const HistoryId& one) {
        statement.bind(1, std::int64_t{g.authority});
        statement.bind(2, BytesView(one.history));
        statement.bind(3, one.gen_from);
        return run(statement);
    };
    for (HistoryId after{.history = {}, .gen_from = 0, .gen_to = 0, .id = 0};;) {
        select->bind(1, std::int64_t{g.authority});
        select->bind(2, BytesView(after.history));
        select->bind(3, after.gen_from);
        select->bind(4, g.number);
        select->bind(5, kBatch);
        SHIKAKU_TRY_LET(auto batch, all<HistoryId>(*select, [](const Statement& s) {
                            return HistoryId{.history = key16(s.blob(0)),
                                             .gen_from = s.integer(1),
                                             .gen_to = s.integer(2),
                                             .id = s.integer(3)};
                        }));
        if (batch.empty()) return commit();
        for (const HistoryId& one : batch) {
            if (one.gen_from == g.number) {
                SHIKAKU_TRY(run_on(*remove, one));
                continue;
            }
            reopen_row->bind(1, one.id);
            SHIKAKU_TRY(run(*reopen_row));
            SHIKAKU_TRY(run_on(*reopen, one));
        }
        after = batch.back();
    }
}

Result<GenerationRow> RegistryStore::begin_generation(AuthorityNumber authority, std::int64_t base,
                                                      const std::string& publication,
                                                      std::uint64_t lines) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY_LET(
        auto number,
        database_.prepare("INSERT INTO authority(code,last_generation) VALUES(?,1) "
                          "ON CONFLICT(code) DO UPDATE SET last_generation=last_generation+1 "
                          "RETURNING last_generation"));
    number.bind(1, std::int64_t{authority});
    SHIKAKU_TRY(number.step());
    const auto ids = static_cast<std::int64_t>(lines) + 1;
    GenerationRow generation{.authority = authority,
                             .number = number.integer(0),
                             .base = base,
                             .publication = publication};
    SHIKAKU_TRY(number.run());
    generation.first_id = next_id_.fetch_add(ids);
    generation.last_id = generation.first_id + ids - 1;
    SHIKAKU_TRY(write_generation(generation, GenerationRow::State::pending));
    SHIKAKU_TRY(transaction.commit());
    return generation;
}

Status RegistryStore::write_generation(const GenerationRow& g, GenerationRow::State state) {
    SHIKAKU_TRY_LET(
        auto put, database_.prepare("INSERT OR REPLACE INTO generation VALUES(?,?,?,?,?,?,?,?,?)"));
    put.bind(1, std::int64_t{g.authority});
    put.bind(2, g.number);
    put.bind(3, g.base);
    put.bind(4, std::string_view(g.publication));
    put.bind(5, static_cast<std::int64_t>(state));
    put.bind(6, g.switched_ms);
    put.bind(7, g.rows);
    put.bind(8, g.first_id);
    put.bind(9, g.last_id);
    return put.run();
}

// Each walk is sorted like the table it fills, so that pages are written once and in order. Where
// two tables belong together, the one by which discard() finds the other is written first.
// Between its transactions a write-ahead log that has grown is emptied: questions that never cease
// would let it grow without end.
Status RegistryStore::write_changes(const GenerationRow& g, StagedChanges& changes) {
    Bulk bulk(*this, [this] {
        if (log_bytes() >= bounds::kRegistryLogBytes) keep_log_small();
    });
    SHIKAKU_TRY(bulk.open());
    auto row = bulk.prepare("INSERT INTO entitlement VALUES(?,?,?,?,0,?,?,0)");
    auto person = bulk.prepare("INSERT INTO by_person VALUES(?,?,?)");
    auto history = bulk.prepare("INSERT INTO history VALUES(?,?,?,0,?,?,?)");
    auto end_row = bulk.prepare("UPDATE entitlement SET gen_to=?,deleted=? WHERE id=?");
    auto end_history =
        bulk.prepare("UPDATE history SET gen_to=? WHERE authority=? AND history=? AND gen_from=?");
    for (auto* prepared : {&row, &person, &history, &end_row, &end_history})
        if (!*prepared) return fail(std::move(prepared->error()));

    SHIKAKU_TRY(changes.each_new_by_line([&](const NewRow& fresh) {
        row->bind(1, g.first_id + fresh.line);
        row->bind(2, BytesView(fresh.person));
        row->bind(3, std::int64_t{g.authority});
        row->bind(4, g.number);
        row->bind(5, BytesView(fresh.history));
        row->bind(6, fresh.sealed);
        return bulk.run(*row);
    }));
    SHIKAKU_TRY(changes.each_new_by_person([&](const NewRow& fresh) {
        person->bind(1, BytesView(fresh.person));
        person->bind(2, std::int64_t{g.authority});
        person->bind(3, g.first_id + fresh.line);
        return bulk.run(*person);
    }));
    SHIKAKU_TRY(changes.each_ended([&](const StagedChange& change) -> Status {
        end_history->bind(1, g.number);
        end_history->bind(2, std::int64_t{g.authority});
        end_history->bind(3, BytesView(change.history));
        end_history->bind(4, change.old_from);
        SHIKAKU_TRY(bulk.run(*end_history));
        end_row->bind(1, g.number);
        end_row->bind(2, std::int64_t{change.deleted});
        end_row->bind(3, change.old_id);
        return bulk.run(*end_row);
    }));
    SHIKAKU_TRY(changes.each_new_by_history([&](const StagedChange& change) {
        history->bind(1, std::int64_t{g.authority});
        history->bind(2, BytesView(change.history));
        history->bind(3, g.number);
        history->bind(4, g.first_id + change.line);
        history->bind(5, BytesView(change.content));
        history->bind(6, std::int64_t{change.filled});
        return bulk.run(*history);
    }));
    return bulk.commit();
}

Status RegistryStore::point_to(const GenerationRow& generation, std::int64_t in_force,
                               GenerationRow::State state, const PublicationRow& row,
                               std::uint64_t log_index) {
    const std::lock_guard lock(mutex_);
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    SHIKAKU_TRY_LET(
        auto point,
        database_.prepare("UPDATE authority SET generation=?1 WHERE code=?2 AND swept<=?1"));
    point.bind(1, in_force);
    point.bind(2, std::int64_t{generation.authority});
    SHIKAKU_TRY(point.run());
    if (database_.changes() == 0)
        return fail(ErrorCode::conflict, "what was in force then is erased");
    SHIKAKU_TRY(write_generation(generation, state));
    SHIKAKU_TRY(put_locked(row));
    SHIKAKU_TRY(settle_locked(generation.authority, IntentRow::Kind::switching,
                              static_cast<std::int64_t>(log_index)));
    return transaction.commit();
}

Status RegistryStore::switch_to(const GenerationRow& generation, const PublicationRow& row,
                                std::uint64_t log_index) {
    return point_to(generation, generation.number, GenerationRow::State::switched, row, log_index);
}

Status RegistryStore::roll_back(const GenerationRow& generation, const PublicationRow& row,
                                std::uint64_t log_index) {
    return point_to(generation, generation.base, GenerationRow::State::rolled_back, row, log_index);
}

Status RegistryStore::discard(const GenerationRow& generation) {
    Bulk bulk(*this);
    SHIKAKU_TRY(bulk.open());
    SHIKAKU_TRY(bulk.delete_rows(generation));
    SHIKAKU_TRY(bulk.restore_history(generation));
    SHIKAKU_TRY_LET(auto forget,
                    bulk.prepare("DELETE FROM generation WHERE authority=? AND number=?"));
    forget.bind(1, std::int64_t{generation.authority});
    forget.bind(2, generation.number);
    SHIKAKU_TRY(bulk.run(forget));
    return bulk.commit();
}

}  // namespace shikaku::storage

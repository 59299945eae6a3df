// The part of RegistryStore that erases what nobody needs any more and looks for damage.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "gateway/storage/sqlite/registry_store.h"
#include "gateway/support/bounds.h"

namespace shikaku::storage {
namespace {

// Of authority ?1, in another state than ?2, all but the newest ?3. The full publication (its
// parameters begin with ?4) that the oldest generation to go back to began with stays: without it
// no delta would be accepted.
constexpr std::string_view kOldReports =
    "(SELECT id FROM publication WHERE authority=?1 AND state<>?2 AND id NOT IN "
    "(SELECT g.publication FROM generation g JOIN authority a ON a.code=g.authority "
    "WHERE g.authority=?1 AND g.number>=a.swept) AND id IS NOT "
    "(SELECT g.publication FROM generation g JOIN authority a ON a.code=g.authority "
    "JOIN publication p ON p.id=g.publication "
    "WHERE g.authority=?1 AND g.state=1 AND g.number<=a.swept "
    "AND substr(p.parameters,1,length(?4))=?4 ORDER BY g.number DESC LIMIT 1) "
    "ORDER BY id DESC LIMIT -1 OFFSET ?3)";

struct Row {
    Key16 history, content;
    std::int64_t gen_from, gen_to, id;
};

// One that has the same key and is shown by every generation from `oldest` on.
bool hides(const Row& newer, const Row& row, std::int64_t oldest) {
    return newer.history == row.history && newer.gen_from <= oldest;
}

Status run(Result<Statement>& statement, auto... values) {
    if (!statement) return fail(statement.error());
    int position = 0;
    (statement->bind(++position, values), ...);
    return statement->run();
}

}  // namespace

Status RegistryStore::keep_from(AuthorityNumber authority, std::int64_t in_force,
                                std::int64_t oldest) {
    const std::lock_guard lock(mutex_);
    auto keep =
        database_.prepare("UPDATE authority SET swept=max(swept,?) WHERE code=? AND generation=?");
    SHIKAKU_TRY(run(keep, oldest, std::int64_t{authority}, in_force));
    if (database_.changes() == 0)
        return fail(ErrorCode::conflict, "another generation is in force");
    return {};
}

Result<SweepStep> RegistryStore::sweep(AuthorityNumber authority, std::int64_t oldest,
                                       std::int64_t ended, const SweepPlace& from) {
    const std::lock_guard lock(mutex_);
    std::vector<Row> rows;
    {
        SHIKAKU_TRY_LET(
            auto select,
            database_.prepare(
                "SELECT history,gen_from,gen_to,id,content FROM history WHERE authority=? AND "
                "(history,gen_from)>=(?,?) ORDER BY history,gen_from LIMIT ?"));
        select.bind(1, std::int64_t{authority});
        select.bind(2, BytesView(from.history));
        select.bind(3, from.gen_from);
        select.bind(4, static_cast<std::int64_t>(bounds::kSweepRows));
        while (true) {
            SHIKAKU_TRY_LET(const auto more, select.step());
            if (!more) break;
            rows.push_back({.history = key16(select.blob(0)),
                            .content = key16(select.blob(4)),
                            .gen_from = select.integer(1),
                            .gen_to = select.integer(2),
                            .id = select.integer(3)});
        }
    }
    // Whether the last row of a full step is hidden, the next step sees.
    const bool last_step = rows.size() < bounds::kSweepRows;
    std::vector<Row> needless;
    SweepStep step;
    for (std::size_t i = 0; i + (last_step ? 0 : 1) < rows.size(); ++i) {
        // What was refused explains nothing once it has ended.
        const bool gone =
            rows[i].gen_to != 0 && rows[i].gen_to <= (rows[i].content == kUnread ? oldest : ended);
        if (gone || (i + 1 < rows.size() && hides(rows[i + 1], rows[i], oldest)))
            needless.push_back(rows[i]);
        else
            for (const std::int64_t generation : {rows[i].gen_from, rows[i].gen_to})
                if (generation != 0 && generation < oldest) step.generations.push_back(generation);
    }
    if (!needless.empty()) {
        SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
        auto person = database_.prepare(
            "DELETE FROM by_person WHERE id=?1 AND authority=?2 AND "
            "person=(SELECT person FROM entitlement WHERE id=?1)");
        auto row = database_.prepare("DELETE FROM entitlement WHERE id=?");
        auto history =
            database_.prepare("DELETE FROM history WHERE authority=? AND history=? AND gen_from=?");
        for (const Row& one : needless) {
            SHIKAKU_TRY(run(person, one.id, std::int64_t{authority}));
            SHIKAKU_TRY(run(row, one.id));
            SHIKAKU_TRY(
                run(history, std::int64_t{authority}, BytesView(one.history), one.gen_from));
        }
        SHIKAKU_TRY(transaction.commit());
    }
    if (!last_step)
        step.next = SweepPlace{.history = rows.back().history, .gen_from = rows.back().gen_from};
    return step;
}

Status RegistryStore::forget_generations(AuthorityNumber authority, std::int64_t oldest,
                                         const std::set<std::int64_t>& kept,
                                         std::string_view full) {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> needless;
    {
        SHIKAKU_TRY_LET(
            auto select,
            database_.prepare(
                "SELECT g.number FROM generation g WHERE g.authority=?1 AND g.number<?2 AND "
                "g.state=1 "
                "AND g.number IS NOT (SELECT max(f.number) FROM generation f "
                "JOIN publication p ON p.id=f.publication WHERE f.authority=?1 AND f.state=1 "
                "AND f.number<=?2 AND substr(p.parameters,1,length(?3))=?3)"));
        select.bind(1, std::int64_t{authority});
        select.bind(2, oldest);
        select.bind(3, full);
        while (true) {
            SHIKAKU_TRY_LET(const auto more, select.step());
            if (!more) break;
            if (!kept.contains(select.integer(0))) needless.push_back(select.integer(0));
        }
    }
    if (needless.empty()) return {};
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    auto forget = database_.prepare("DELETE FROM generation WHERE authority=? AND number=?");
    for (const std::int64_t number : needless)
        SHIKAKU_TRY(run(forget, std::int64_t{authority}, number));
    return transaction.commit();
}

Result<bool> RegistryStore::forget_old_publications(AuthorityNumber authority,
                                                    const KeptPublications& kept) {
    const std::lock_guard lock(mutex_);
    auto old_remarks = database_.prepare(
        "DELETE FROM remark WHERE (publication,seq) IN (SELECT r.publication,r.seq FROM "
        "(SELECT id FROM publication WHERE authority=? ORDER BY id DESC LIMIT -1 OFFSET ?) p "
        "CROSS JOIN remark r ON r.publication=p.id LIMIT ?)");
    SHIKAKU_TRY(run(old_remarks, std::int64_t{authority}, static_cast<std::int64_t>(kept.remarks),
                    static_cast<std::int64_t>(bounds::kSweepRows)));
    if (database_.changes() > 0) return true;
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database_));
    for (const std::string_view of : {"linkage WHERE publication", "publication WHERE id"}) {
        auto old = database_.prepare(fmt::format("DELETE FROM {} IN {}", of, kOldReports));
        SHIKAKU_TRY(run(old, std::int64_t{authority}, std::int64_t{kept.held},
                        static_cast<std::int64_t>(kept.reports), kept.full));
    }
    SHIKAKU_TRY(transaction.commit());
    return false;
}

Result<PagesRead> RegistryStore::check_pages(std::uint32_t first, std::uint32_t count) {
    auto read = read_pages(file_, first, count);
    // A page is written now and then, and not for long: one that looks damaged each time is.
    for (int again = 0; read && !read->damaged.empty() && again < 3; ++again) {
        const std::lock_guard lock(mutex_);
        read = read_pages(file_, first, count);
    }
    return read;
}

}  // namespace shikaku::storage

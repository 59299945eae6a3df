#include "gateway/storage/sqlite/log_reader.h"

#include <utility>

#include "gateway/storage/sqlite/log_schema.h"

namespace shikaku::storage {

namespace {

Bytes copy(BytesView bytes) {
    return {bytes.begin(), bytes.end()};
}

void bind_range(Statement& statement, std::uint64_t begin, std::uint64_t end) {
    statement.bind(1, static_cast<std::int64_t>(begin));
    statement.bind(2, static_cast<std::int64_t>(end));
}

template <class Visit>
Status each_row(Statement& statement, const Visit& visit) {
    const ResetOnExit reset(statement);
    while (true) {
        SHIKAKU_TRY_LET(const auto row, statement.step());
        if (!row) return {};
        SHIKAKU_TRY(visit(static_cast<std::uint64_t>(statement.integer(0))));
    }
}

Result<std::optional<Bytes>> one_blob(Statement& statement, std::int64_t key) {
    const ResetOnExit reset(statement);
    statement.bind(1, key);
    SHIKAKU_TRY_LET(const auto row, statement.step());
    if (!row) return std::nullopt;
    return copy(statement.blob(0));
}

Result<Bytes> needed(Result<std::optional<Bytes>> found, const char* what) {
    if (!found) return fail(std::move(found.error()));
    if (!*found) return fail(ErrorCode::not_found, what);
    return std::move(**found);
}

}  // namespace

Result<LogReader> LogReader::prepare(Database& database) {
    LogReader reader;
    reader.entries_path_ = entries_of(database.file());
    const std::pair<Statement*, std::string_view> statements[] = {
        {&reader.contents_,
         "SELECT coalesce((SELECT min(idx) FROM entry), 0), "
         "coalesce((SELECT max(idx) FROM entry), -1), (SELECT count(*) FROM tile), "
         "coalesce((SELECT max(idx) FROM detail), -1)"},
        {&reader.row_, "SELECT leaf, token, at, size FROM entry WHERE idx=?"},
        {&reader.next_index_, "SELECT max(idx) FROM entry"},
        {&reader.leaf_, "SELECT leaf FROM entry WHERE idx=?"},
        // The detail itself only of an entry from before there was log.entries.
        {&reader.detail_,
         "SELECT at, size, CASE WHEN at IS NULL THEN "
         "(SELECT sealed FROM detail WHERE detail.idx=entry.idx) END FROM entry WHERE idx=?"},
        {&reader.tile_, "SELECT hashes FROM tile WHERE id=?"},
        {&reader.latest_checkpoint_,
         "SELECT minute, size, text FROM checkpoint ORDER BY minute DESC LIMIT 1"},
        {&reader.leaves_, "SELECT idx, leaf FROM entry WHERE idx>=? AND idx<? ORDER BY idx"},
        {&reader.changes_,
         "SELECT idx, leaf FROM entry INDEXED BY entry_change WHERE idx>=? AND idx<? "
         "AND instr(x'0405090a', substr(leaf, 10, 1)) > 0 ORDER BY idx"},
        {&reader.tokens_,
         "SELECT idx, leaf, token FROM entry "
         "WHERE idx>=? AND idx<? AND token IS NOT NULL ORDER BY idx"},
        {&reader.checkpoints_,
         "SELECT minute, size, text FROM checkpoint WHERE minute>? ORDER BY minute LIMIT ?"},
    };
    for (const auto& [statement, sql] : statements) {
        SHIKAKU_TRY_LET(auto prepared, database.prepare(sql));
        *statement = std::move(prepared);
    }
    return reader;
}

Result<LogContents> LogReader::contents() {
    const ResetOnExit reset(contents_);
    SHIKAKU_TRY(contents_.step());
    return LogContents{.first = contents_.integer(0),
                       .last = contents_.integer(1),
                       .tiles = static_cast<std::uint64_t>(contents_.integer(2)),
                       .last_detail = contents_.integer(3)};
}

Result<std::optional<StoredRow>> LogReader::row(std::uint64_t index) {
    const ResetOnExit reset(row_);
    row_.bind(1, static_cast<std::int64_t>(index));
    SHIKAKU_TRY_LET(const auto found, row_.step());
    if (!found) return std::nullopt;
    return StoredRow{.leaf = copy(row_.blob(0)),
                     .token = copy(row_.blob(1)),
                     .at = row_.is_null(2) ? std::nullopt : std::optional(row_.integer(2)),
                     .size = row_.integer(3)};
}

Result<std::uint64_t> LogReader::next_index() {
    const ResetOnExit reset(next_index_);
    SHIKAKU_TRY_LET(const auto row, next_index_.step());
    if (!row || next_index_.is_null(0)) return 0;
    if (next_index_.integer(0) < 0) return fail(ErrorCode::corrupt, "a negative entry index");
    return static_cast<std::uint64_t>(next_index_.integer(0)) + 1;
}

Result<Bytes> LogReader::leaf(std::uint64_t index) {
    return needed(one_blob(leaf_, static_cast<std::int64_t>(index)), "no such entry");
}

Status LogReader::open_entries() {
    if (entries_) return {};
    SHIKAKU_TRY_LET(auto opened, VfsFile::open(entries_path_, VfsFile::Mode::read));
    entries_ = std::move(opened);
    return {};
}

Result<std::optional<Bytes>> LogReader::detail(std::uint64_t index) {
    const ResetOnExit reset(detail_);
    detail_.bind(1, static_cast<std::int64_t>(index));
    SHIKAKU_TRY_LET(const auto row, detail_.step());
    if (!row) return std::nullopt;
    if (detail_.is_null(0)) {
        if (detail_.is_null(2)) return std::nullopt;
        return copy(detail_.blob(2));
    }
    const std::int64_t at = detail_.integer(0);
    const std::int64_t size = detail_.integer(1);
    if (size < 0) return std::nullopt;
    if (at < 0 || size == 0 || size > kRecordBytesMax)
        return fail(ErrorCode::corrupt, "an entry has no possible place");
    SHIKAKU_TRY(open_entries());
    Bytes sealed(static_cast<std::size_t>(size));
    SHIKAKU_TRY(entries_->read(static_cast<std::uint64_t>(at), sealed));
    return sealed;
}

Result<Bytes> LogReader::tile(int level, std::uint64_t n) {
    return needed(one_blob(tile_, tile_id(level, n)), "no such tile");
}

Result<std::optional<StoredCheckpoint>> LogReader::latest_checkpoint() {
    const ResetOnExit reset(latest_checkpoint_);
    SHIKAKU_TRY_LET(const auto row, latest_checkpoint_.step());
    if (!row) return std::nullopt;
    return StoredCheckpoint{latest_checkpoint_.integer(0),
                            static_cast<std::uint64_t>(latest_checkpoint_.integer(1)),
                            std::string(latest_checkpoint_.text(2))};
}

Status LogReader::visit_leaves(std::uint64_t begin, std::uint64_t end, const LeafVisitor& visit) {
    bind_range(leaves_, begin, end);
    return each_row(leaves_, [&](std::uint64_t index) { return visit(index, leaves_.blob(1)); });
}

Status LogReader::visit_changes(std::uint64_t begin, std::uint64_t end, const LeafVisitor& visit) {
    bind_range(changes_, begin, end);
    return each_row(changes_, [&](std::uint64_t index) { return visit(index, changes_.blob(1)); });
}

Status LogReader::visit_tokens(std::uint64_t begin, std::uint64_t end, const TokenVisitor& visit) {
    bind_range(tokens_, begin, end);
    return each_row(tokens_, [&](std::uint64_t index) {
        return visit(index, tokens_.blob(1), tokens_.blob(2));
    });
}

Status LogReader::visit_checkpoints(std::int64_t after_minute, int count,
                                    const CheckpointVisitor& visit) {
    checkpoints_.bind(1, after_minute);
    checkpoints_.bind(2, count);
    return each_row(checkpoints_, [&](std::uint64_t minute) {
        return visit({static_cast<std::int64_t>(minute),
                      static_cast<std::uint64_t>(checkpoints_.integer(1)),
                      std::string(checkpoints_.text(2))});
    });
}

}  // namespace shikaku::storage

#include "gateway/storage/sqlite/key_check.h"

#include <utility>

#include "gateway/support/log.h"

namespace shikaku::storage {
namespace {

using Values = std::map<std::string, Bytes, std::less<>>;

Result<Values> noted_values(Database& database) {
    SHIKAKU_TRY_LET(auto statement, database.prepare("SELECT name, value FROM key_check"));
    Values noted;
    while (true) {
        SHIKAKU_TRY_LET(const auto more, statement.step());
        if (!more) return noted;
        const BytesView value = statement.blob(1);
        noted.emplace(statement.text(0), Bytes(value.begin(), value.end()));
    }
}

Error missing_key(const std::filesystem::path& file, std::string_view name) {
    const std::string key(name);
    return {ErrorCode::bad_key, file.string() + " の作成に使われた鍵「" + key +
                                    "」が鍵束にありません。元の鍵を鍵束に戻してください "
                                    "/ was written with key \"" +
                                    key +
                                    "\", which the key ring does not hold; put it back into the "
                                    "ring (a seal key may stay there inactive)"};
}

Status write(Database& database, const KeyNotes& notes) {
    for (const std::string& name : notes.retired) {
        SHIKAKU_TRY_LET(auto statement, database.prepare("DELETE FROM key_check WHERE name = ?1"));
        statement.bind(1, std::string_view(name));
        SHIKAKU_TRY(statement.run());
    }
    for (const auto& [name, value] : notes.added) {
        SHIKAKU_TRY_LET(auto statement,
                        database.prepare("INSERT INTO key_check(name, value) VALUES (?1, ?2)"));
        statement.bind(1, std::string_view(name));
        statement.bind(2, BytesView(value));
        SHIKAKU_TRY(statement.run());
    }
    return {};
}

}  // namespace

Result<KeyNotes> compare_keys(Database& database, const std::filesystem::path& file,
                              const KeyUse& use) {
    SHIKAKU_TRY_LET(const auto noted, noted_values(database));
    KeyNotes notes;
    for (const auto& [name, value] : noted) {
        const auto mine = use.ring.find(name);
        if (mine != use.ring.end()) {
            if (mine->second != value) return fail(wrong_key(file, name));
            continue;
        }
        SHIKAKU_TRY_LET(const auto needed, use.needed(name));
        if (needed) return fail(missing_key(file, name));
        log_info("a key is no longer needed", {{"file", file.string()}, {"key", name}});
        notes.retired.push_back(name);
    }
    if (noted.empty()) SHIKAKU_TRY(use.proven());
    for (const std::string& name : use.used)
        if (!noted.contains(name)) notes.added.emplace(name, use.ring.at(name));
    return notes;
}

Status note_keys(Database& database, const KeyNotes& notes) {
    if (notes.added.empty() && notes.retired.empty()) return {};
    // Not a transaction: there may be one already.
    SHIKAKU_TRY(database.execute("SAVEPOINT key_check"));
    if (auto written = write(database, notes); !written) {
        (void)database.execute("ROLLBACK TO key_check; RELEASE key_check");
        return written;
    }
    return database.execute("RELEASE key_check");
}

Status expect_keys(Database& database, const std::filesystem::path& file, const KeyUse& use) {
    SHIKAKU_TRY_LET(const auto notes, compare_keys(database, file, use));
    return note_keys(database, notes);
}

}  // namespace shikaku::storage

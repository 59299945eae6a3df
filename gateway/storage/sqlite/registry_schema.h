// Identity and migrations of registry.db.
#pragma once

#include <cstdint>
#include <filesystem>

#include "gateway/storage/sqlite/key_check.h"

namespace shikaku::storage {

inline constexpr std::uint32_t kRegistryApplicationId = 0x53686B52;  // "ShkR"

inline constexpr Migration kRegistryMigrations[] = {{1, R"sql(
CREATE TABLE authority(
    code INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL DEFAULT 0,
    last_generation INTEGER NOT NULL DEFAULT 0,
    pack_version TEXT NOT NULL DEFAULT '');
CREATE TABLE generation(
    authority INTEGER NOT NULL,
    number INTEGER NOT NULL,
    base INTEGER NOT NULL,
    publication TEXT NOT NULL,
    state INTEGER NOT NULL,
    switched_ms INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    PRIMARY KEY(authority, number)) WITHOUT ROWID;
CREATE TABLE entitlement(
    id INTEGER PRIMARY KEY,
    person BLOB NOT NULL,
    authority INTEGER NOT NULL,
    gen_from INTEGER NOT NULL,
    gen_to INTEGER NOT NULL,  -- 0: has not ended
    history BLOB NOT NULL,
    sealed BLOB NOT NULL);
CREATE TABLE by_person(
    person BLOB NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY(person, id)) WITHOUT ROWID;
CREATE TABLE history(
    authority INTEGER NOT NULL,
    history BLOB NOT NULL,
    gen_from INTEGER NOT NULL,
    gen_to INTEGER NOT NULL,
    id INTEGER NOT NULL,
    content BLOB NOT NULL,
    filled INTEGER NOT NULL,
    PRIMARY KEY(authority, history, gen_from)) WITHOUT ROWID;
CREATE TABLE publication(
    id TEXT PRIMARY KEY,
    authority INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state INTEGER NOT NULL,
    base INTEGER NOT NULL,
    report TEXT NOT NULL);
CREATE UNIQUE INDEX publication_key ON publication(authority, idempotency_key);
CREATE TABLE remark(
    publication TEXT NOT NULL,
    seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    col INTEGER NOT NULL,
    code INTEGER NOT NULL,
    PRIMARY KEY(publication, seq)) WITHOUT ROWID;
CREATE TABLE scheme_pack(
    authority INTEGER NOT NULL,
    version TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE UNIQUE INDEX scheme_pack_version ON scheme_pack(authority, version);
)sql"},
                                                    {2, R"sql(
-- An ended row was deleted by the authority (1) or left out of a full publication (0).
ALTER TABLE entitlement ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
)sql"},
                                                    {3, R"sql(
-- idempotency_key holds a keyed hash; what is in clear from before is replaced at the next start.
-- body: keyed hash of the uploaded body; empty: not known.
ALTER TABLE publication ADD COLUMN key_hashed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE publication ADD COLUMN body BLOB NOT NULL DEFAULT x'';
CREATE INDEX publication_clear_key ON publication(id) WHERE key_hashed=0;
)sql"},
                                                    {4, R"sql(
-- How far into the log this file goes (-1: it has no entry), and which log that is (empty: not yet
-- opened with one).
CREATE TABLE log_position(
    one INTEGER PRIMARY KEY CHECK(one=1),
    log TEXT NOT NULL,
    known INTEGER NOT NULL);
INSERT INTO log_position SELECT 1, '', max(
    coalesce((SELECT max(json_extract(report,'$.evidence.index')) FROM publication
              WHERE json_valid(report)), -1),
    coalesce((SELECT max(log_index) FROM scheme_pack), -1));
-- A change that is being logged: from before its entry until it is in force or was undone.
CREATE TABLE intent(
    authority INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    subject TEXT NOT NULL,
    step TEXT NOT NULL,
    base INTEGER NOT NULL,
    target INTEGER NOT NULL,
    after INTEGER NOT NULL,
    PRIMARY KEY(authority, kind)) WITHOUT ROWID;
-- What an interrupted program of the version before left.
INSERT INTO intent SELECT authority,1,publication,'publish',base,max(number),
    (SELECT known FROM log_position) FROM generation WHERE state=0 GROUP BY authority;
)sql"},
                                                    {5, R"sql(
-- The last signed checkpoint of the log (anchor_place.h): one row.
CREATE TABLE log_anchor(id INTEGER PRIMARY KEY CHECK(id = 1), note TEXT NOT NULL);
)sql"},
                                                    {6, R"sql(
-- So that a question can pass over the rest of one authority's rows.
CREATE TABLE by_person_and_authority(
    person BLOB NOT NULL,
    authority INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY(person, authority, id)) WITHOUT ROWID;
INSERT INTO by_person_and_authority
    SELECT p.person, e.authority, p.id FROM by_person p CROSS JOIN entitlement e ON e.id=p.id
    ORDER BY 1, 2, 3;
DROP TABLE by_person;
ALTER TABLE by_person_and_authority RENAME TO by_person;
-- Generations before this one can no longer be gone back to: rows that only they need are erased.
ALTER TABLE authority ADD COLUMN swept INTEGER NOT NULL DEFAULT 0;
)sql"},
                                                    {7, kKeyCheckTable},
                                                    {8, R"sql(
-- Which linkage secret the link keys of a publication were made with (linkage_check.h).
CREATE TABLE linkage(publication TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql"},
                                                    {9, R"sql(
-- No table changes. "authority" may be a record set of another kind than subsidies from here on
-- (gateway/registry/record_set.h), which programs of before must not open.
)sql"}};

// The write-ahead log of a big publication does not keep its size afterwards.
inline constexpr std::string_view kLogSizeLimit = "PRAGMA journal_size_limit=16777216";

[[nodiscard]] inline DatabaseOptions registry_options(const std::filesystem::path& file) {
    return {.file = file,
            .application_id = kRegistryApplicationId,
            .migrations = kRegistryMigrations,
            .page_checksums = true,
            .cache_kib = 8 * 1024};
}

// Looked at, whatever version it is of, and changed in nothing.
[[nodiscard]] inline DatabaseOptions registry_as_it_is(const std::filesystem::path& file) {
    auto options = registry_options(file);
    options.read_only = options.any_version = true;
    return options;
}

}  // namespace shikaku::storage

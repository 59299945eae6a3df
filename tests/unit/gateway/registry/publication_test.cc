#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "gateway/storage/sqlite/registry_schema.h"
#include "registry_fixture.h"

using namespace registry_test;

TEST_CASE_METHOD(RegistryFixture, "nothing published is not_found, not an empty answer") {
    const auto found = registry->find(kHachioji, person(1));
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::not_found);
    CHECK_FALSE(registry->has_published(kHachioji));
    CHECK(registry->find_all(person(1))->empty());
}

TEST_CASE_METHOD(RegistryFixture, "a full publication is in force at once and is logged twice") {
    const auto report = full(people(3));
    CHECK(report.state == PublicationState::active);
    CHECK(report.read == 3);
    CHECK(report.added == 3);
    CHECK(report.refused == 0);
    CHECK(report.switched == clock.now());
    CHECK(registry->has_published(kHachioji));

    const auto rows = of(2);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].history_key == "H2");
    CHECK(rows[0].recipient_number == "R2");
    CHECK(rows[0].changed_at == *report.switched);
    CHECK_FALSE(rows[0].revoked_at);
    CHECK(registry->find(kHachioji, person(2))->as_of == *report.switched);
    CHECK(of(99).empty());
    CHECK(registry->authorities_of(person(2)) == std::vector{kHachioji});
    CHECK(registry->authorities_of(person(99))->empty());

    const auto all = entries();
    REQUIRE(report.log_index);
    REQUIRE(*report.log_index < all.size());
    CHECK(all[*report.log_index].leaf.kind == audit::Kind::registry_switch);
    CHECK(all[*report.log_index - 1].leaf.kind == audit::Kind::publication);
    CHECK(all[*report.log_index].detail.only().find(report.id) != std::string::npos);
    CHECK(staging_files() == 0);
}

TEST_CASE_METHOD(RegistryFixture, "nothing is published by a clock that cannot be trusted") {
    auto waiting = registry->begin(request(Mode::full));
    REQUIRE(waiting);
    REQUIRE((*waiting)->feed(csv(people(3))));
    clock.distrust();
    const auto report = (*waiting)->finish();
    REQUIRE_FALSE(report);
    CHECK(report.error().code == ErrorCode::clock_unsure);
    CHECK_FALSE(registry->has_published(kHachioji));
    waiting->reset();
    const auto refused = registry->begin(request(Mode::full));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::clock_unsure);
}

TEST_CASE_METHOD(RegistryFixture, "a full publication compares: new, changed, ended, unchanged") {
    full(people(5));
    auto rows = people(6);
    rows[1].segment = "B";           // 2 changes
    rows.erase(rows.begin());        // 1 ends
    const auto report = full(rows);  // 6 is new
    CHECK(report.state == PublicationState::active);
    CHECK(report.added == 1);
    CHECK(report.changed == 1);
    CHECK(report.ended == 1);
    CHECK(report.unchanged == 3);
    CHECK(says(1) == "A revoked");
    CHECK(says(2) == "B");
    CHECK(says(3) == "A");
    CHECK(says(6) == "A");
    CHECK(of(1)[0].revoked_at == *report.switched);
    CHECK(of(2)[0].changed_at == *report.switched);
    CHECK(of(3)[0].changed_at < *report.switched);

    full(people(6));  // 1 comes back
    CHECK(says(1) == "A");
    CHECK(says(2) == "A");
}

TEST_CASE_METHOD(RegistryFixture, "a delta changes the rows it names and no other") {
    full(people(4));
    const auto report = delta({{.key = 2, .of = 2, .segment = "B"},
                               {.key = 9, .of = 9},
                               {.key = 3, .of = 3, .deleted = true},
                               {.key = 4, .of = 4},
                               {.key = 77, .of = 77, .deleted = true}});
    CHECK(report.state == PublicationState::active);
    CHECK(report.added == 1);
    CHECK(report.changed == 1);
    CHECK(report.ended == 1);
    CHECK(report.unchanged == 1);
    CHECK(report.warnings == 1);
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows[0].code == "unknown_history_key");
    CHECK(says(1) == "A");
    CHECK(says(2) == "B");
    CHECK(says(3) == "A revoked");
    CHECK(says(9) == "A");
    CHECK(registry->authorities()[0].rows == 4);
}

TEST_CASE_METHOD(RegistryFixture,
                 "a history key that moves to another person leaves the first one") {
    full(people(2));
    const auto report = delta({{.key = 1, .of = 42}});
    CHECK(report.changed == 1);
    CHECK(says(1) == "A revoked");
    CHECK(says(42) == "A");
}

TEST_CASE_METHOD(RegistryFixture,
                 "what one person has from several authorities comes by one read") {
    REQUIRE(put_schemes(kMusashino).result.pack);
    full(people(3));
    auto other = request(Mode::full);
    other.authority = kMusashino;
    publish(other, csv({{.key = 2, .of = 2, .segment = "M"}, {.key = 5, .of = 2, .segment = "N"}}));

    const auto all = registry->find_all(person(2));
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK((*all)[0].authority == kHachioji);
    CHECK((*all)[0].entitlements.size() == 1);
    CHECK((*all)[1].authority == kMusashino);
    CHECK((*all)[1].entitlements.size() == 2);
    CHECK(registry->authorities_of(person(2)) == std::vector{kHachioji, kMusashino});
    CHECK(registry->find(kMusashino, person(1))->entitlements.empty());
    CHECK(says(2) == "A");
}

TEST_CASE_METHOD(RegistryFixture, "CP932, UTF-8 and NDJSON give the same rows") {
    full(people(1));
    auto cp932 = request(Mode::full);
    cp932.format = BodyFormat::csv_cp932;
    CHECK(publish(cp932, csv(people(1))).unchanged == 1);
    auto ndjson = request(Mode::full);
    ndjson.format = BodyFormat::ndjson;
    CHECK(publish(ndjson,
                  "{\"history_key\":\"H1\",\"certificate_type_id\":\"kodomo\",\"link_key\":\"" +
                      to_base64url(person(1)) +
                      "\",\"scheme_id\":\"child\",\"payer_number\":\"88131248\","
                      "\"recipient_number\":\"R1\",\"segment\":\"A\","
                      "\"valid_from\":\"R8.4.1\",\"valid_to\":\"20270331\"}\n")
              .unchanged == 1);
}

TEST_CASE_METHOD(RegistryFixture, "a dry run says what would happen and changes nothing") {
    full(people(3));
    auto wanted = request(Mode::full);
    wanted.dry_run = true;
    const auto report = publish(wanted, csv(people(2)));
    CHECK(report.dry_run);
    CHECK(report.state == PublicationState::active);
    CHECK(report.ended == 1);
    CHECK_FALSE(report.switched);
    CHECK(says(3) == "A");
    CHECK(registry->authorities()[0].generation == 1);
    CHECK(entries().back().leaf.kind == audit::Kind::publication);
    CHECK(registry->report(kHachioji, report.id)->dry_run);
    CHECK_FALSE(registry->release(kHachioji, report.id, "why", "authority:132012"));
    CHECK(staging_files() == 0);
}

TEST_CASE_METHOD(RegistryFixture,
                 "refused rows are reported by line and never end what is in force") {
    full(people(300));
    std::string body(kHeader);
    for (Row row : people(300)) {
        if (row.key == 7) row.valid_to = "2027-02-30";
        body += line(row);
    }
    const auto report = publish(request(Mode::full), body);
    CHECK(report.state == PublicationState::active);
    CHECK(report.refused == 1);
    CHECK(report.ended == 0);
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows[0].line == 8);
    CHECK(report.rows[0].column == "valid_to");
    CHECK(report.rows[0].code == "bad_date");
    CHECK(says(7) == "A");
    const auto errors = registry->errors_csv(kHachioji, report.id);
    REQUIRE(errors);
    CHECK(errors->find("\r\n8,valid_to,bad_date,") != std::string::npos);
}

TEST_CASE_METHOD(RegistryFixture, "of two rows with the same history key the first counts") {
    const auto report =
        full({{.key = 1, .of = 1, .segment = "A"}, {.key = 1, .of = 1, .segment = "B"}});
    CHECK(report.state == PublicationState::held);  // one of two rows refused
    CHECK(report.refused == 1);
    REQUIRE_FALSE(report.rows.empty());
    CHECK(report.rows[0].line == 3);
    CHECK(report.rows[0].code == "duplicate_history_key");
    full(people(1));
    const auto loose =
        delta({{.key = 1, .of = 1, .segment = "A"}, {.key = 1, .of = 1, .segment = "B"}});
    CHECK(loose.state == PublicationState::active);
    CHECK(says(1) == "A");
}

TEST_CASE_METHOD(RegistryFixture, "overlapping periods of one certificate are a warning") {
    const std::string who = to_base64url(person(1));
    const auto row = [&who](std::string key, std::string recipient, std::string from,
                            std::string to) {
        return key + ",kodomo," + who + ",child,," + recipient + ",A," + from + "," + to + ",0\n";
    };
    const auto report = publish(request(Mode::full),
                                std::string(kHeader) + row("a", "R1", "2026-04-01", "2027-03-31") +
                                    row("b", "R1", "2027-03-31", "2028-03-31") +
                                    row("c", "R2", "2026-04-01", "2027-03-31") +
                                    row("d", "R1", "2028-04-01", "2029-03-31"));
    CHECK(report.state == PublicationState::active);
    CHECK(report.warnings == 1);
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows[0].line == 3);
    CHECK(report.rows[0].code == "overlapping_period");
    CHECK(report.rows[0].warning);
    CHECK(of(1).size() == 4);
}

TEST_CASE_METHOD(RegistryFixture, "a publication that would end many rows is held, then released") {
    full(people(100));
    const auto report = full(people(70));
    CHECK(report.state == PublicationState::held);
    CHECK(report.ended == 30);
    REQUIRE(report.held_because.size() == 1);
    CHECK(says(100) == "A");
    CHECK(staging_files() == 1);
    CHECK(entries().back().leaf.kind == audit::Kind::publication);

    SECTION("released") {
        clock.advance(std::chrono::hours(1));
        const auto released =
            registry->release(kHachioji, report.id, "確認した", "operator:operator-a");
        REQUIRE(released);
        CHECK(released->state == PublicationState::active);
        CHECK(released->switched == clock.now());
        CHECK(says(100) == "A revoked");
        CHECK(says(70) == "A");
        CHECK(registry->authorities()[0].rows == 70);
        CHECK(entries().back().detail.only().find("確認した") != std::string::npos);
        CHECK(staging_files() == 0);
        CHECK_FALSE(registry->release(kHachioji, report.id, "again", "operator:operator-a"));
    }
    SECTION("released after a restart") {
        close();
        open();
        CHECK(registry->report(kHachioji, report.id)->state == PublicationState::held);
        REQUIRE(registry->release(kHachioji, report.id, "ok", "operator:operator-a"));
        CHECK(says(100) == "A revoked");
    }
    SECTION("overtaken by another publication") {
        delta({{.key = 1, .of = 1, .segment = "B"}});
        const auto now = registry->report(kHachioji, report.id);
        REQUIRE(now);
        CHECK(now->state == PublicationState::rejected);
        CHECK(now->rejected_because.size() == 1);
        CHECK(staging_files() == 0);
        const auto released = registry->release(kHachioji, report.id, "ok", "operator:operator-a");
        REQUIRE_FALSE(released);
        CHECK(released.error().code == ErrorCode::conflict);
        CHECK(says(100) == "A");
    }
    SECTION("overtaken, and the disk forgot that it was refused for it") {
        const auto file = storage::registry_options(folder.path() / "registry.db");
        const auto kept = folder.path() / "kept";
        std::filesystem::copy(folder.path() / "staging", kept,
                              std::filesystem::copy_options::recursive);
        const auto edit = [&file](const std::string& sql) {
            auto other = storage::Database::open(file);
            REQUIRE(other);
            REQUIRE(other->execute(sql));
        };
        edit("CREATE TABLE kept AS SELECT state, report FROM publication WHERE id='" + report.id +
             "'");
        delta({{.key = 1, .of = 1, .segment = "B"}});
        edit("UPDATE publication SET (state, report)=(SELECT state, report FROM kept) WHERE id='" +
             report.id + "'");
        std::filesystem::copy(kept, folder.path() / "staging",
                              std::filesystem::copy_options::recursive);
        REQUIRE(registry->report(kHachioji, report.id)->state == PublicationState::held);
        const auto released = registry->release(kHachioji, report.id, "ok", "operator:operator-a");
        REQUIRE_FALSE(released);
        CHECK(released.error().code == ErrorCode::conflict);
        CHECK(says(100) == "A");
        CHECK(registry->report(kHachioji, report.id)->state == PublicationState::rejected);
    }
    SECTION("replaced by a newer one that is held") {
        const auto newer = full(people(60));
        CHECK(newer.state == PublicationState::held);
        CHECK(registry->report(kHachioji, report.id)->state == PublicationState::rejected);
        CHECK(staging_files() == 1);
        REQUIRE(registry->release(kHachioji, newer.id, "ok", "operator:operator-a"));
        CHECK(says(61) == "A revoked");
    }
    SECTION("its staging area was lost") {
        for (const auto& file : std::filesystem::directory_iterator(folder.path() / "staging"))
            std::filesystem::remove(file);
        CHECK_FALSE(registry->release(kHachioji, report.id, "ok", "operator:operator-a"));
        CHECK(registry->report(kHachioji, report.id)->state == PublicationState::rejected);
    }
}

TEST_CASE_METHOD(RegistryFixture, "a switch that fails after its entry is undone in the log too") {
    full(people(3));
    auto other = storage::Database::open(storage::registry_options(folder.path() / "registry.db"));
    REQUIRE(other);
    REQUIRE(
        other->execute("CREATE TRIGGER broken BEFORE UPDATE OF generation ON authority "
                       "BEGIN SELECT RAISE(ABORT, 'on purpose'); END"));
    CHECK_FALSE(try_publish(request(Mode::delta), csv({{.key = 1, .of = 1, .segment = "B"}})));
    CHECK(says(1) == "A");
    const auto all = entries();
    REQUIRE(all.size() >= 2);
    const auto& logged = all[all.size() - 2];
    const auto& undone = all.back();
    CHECK(logged.leaf.kind == audit::Kind::registry_switch);
    CHECK(undone.leaf.kind == audit::Kind::registry_switch);
    CHECK(undone.detail.only().contains(R"("step":"undo")"));

    REQUIRE(other->execute("DROP TRIGGER broken"));
    delta({{.key = 1, .of = 1, .segment = "B"}});
    CHECK(says(1) == "B");
}

TEST_CASE_METHOD(RegistryFixture, "the accident of an emptied column is held and named") {
    full(people(100));
    auto rows = people(100);
    for (Row& row : rows)
        row.segment = "";
    const auto report = full(rows);
    CHECK(report.state == PublicationState::held);
    CHECK(report.changed == 100);
    REQUIRE(report.held_because.size() == 1);
    CHECK(report.held_because[0].en.find("\"segment\"") != std::string::npos);
    CHECK(report.held_because[0].ja.find("segment") != std::string::npos);
    CHECK(says(50) == "A");
}

TEST_CASE_METHOD(RegistryFixture, "a lost protection flag (不開示) is held and named") {
    const auto with_protected = [](std::uint64_t first_ones) {
        std::string body(kHeader);
        body.insert(body.size() - 1, ",not_disclosed");
        for (const Row& row : people(100)) {
            body += line(row);
            body.insert(body.size() - 1, row.key <= first_ones ? ",1" : ",0");
        }
        return body;
    };
    REQUIRE(publish(request(Mode::full), with_protected(25)).state == PublicationState::active);
    REQUIRE(of(25).at(0).not_disclosed);
    REQUIRE_FALSE(of(26).at(0).not_disclosed);
    const auto report = publish(request(Mode::full), with_protected(0));
    CHECK(report.state == PublicationState::held);
    REQUIRE(report.held_because.size() == 1);
    CHECK(report.held_because[0].en.contains("\"not_disclosed\""));
    CHECK(of(25).at(0).not_disclosed);
}

TEST_CASE_METHOD(RegistryFixture, "files that cannot be used are rejected and change nothing") {
    full(people(3));
    struct Case {
        std::string body, says;
    };
    const std::string good = csv(people(3));
    const Case cases[] = {
        {"", "empty"},
        {"nonsense\n", "not known"},
        {good.substr(kHeader.size()), "not known"},  // the header is missing
        {good + "H4,kodomo,\"cut", "cut off"},
        {"\xFF" + good, "UTF-8"},
        {std::string("\0", 1) + good, "NUL"},
        {good + "H4,\x94\xAA\x89\xA4\x8E\x71\n", "CP932"},
        {"history_key\nH1\n", "lacks"},
        {good + std::string(70'000, 'x'), "64 KiB"},
        {good + std::string(100, ','), "64 columns"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.says);
        const auto report = publish(request(Mode::full), one.body);
        CHECK(report.state == PublicationState::rejected);
        REQUIRE(report.rejected_because.size() == 1);
        CHECK(report.rejected_because[0].en.find(one.says) != std::string::npos);
        CHECK(registry->report(kHachioji, report.id)->state == PublicationState::rejected);
    }
    CHECK(says(3) == "A");
    CHECK(registry->authorities()[0].generation == 1);
    CHECK(staging_files() == 0);
}

TEST_CASE_METHOD(RegistryFixture,
                 "UTF-8 sent as CP932 does not come into force as other characters") {
    full(people(3));
    auto rows = people(3);
    for (Row& row : rows)
        row.segment = "区分";
    auto wanted = request(Mode::delta);
    wanted.format = BodyFormat::csv_cp932;
    const auto report = publish(wanted, csv(rows));
    CHECK(report.state == PublicationState::rejected);
    REQUIRE(report.rejected_because.size() == 1);
    CHECK(report.rejected_because[0].en.contains("UTF-8"));
    CHECK(says(1) == "A");
}

TEST_CASE_METHOD(RegistryFixture, "a byte that cannot be read refuses its row, not the delta") {
    full(people(9));
    auto rows = people(9);
    for (Row& row : rows)
        row.segment = "B";
    for (const std::string& bad : {std::string("\xFF"), std::string("\x88"), std::string("\0", 1),
                                   std::string("\x94\xAA")}) {
        full(people(9));
        rows[4].segment = "B" + bad;
        const auto report = delta(rows);
        CHECK(report.state == PublicationState::active);
        CHECK(report.changed == 8);
        CHECK(report.refused == 1);
        REQUIRE(report.rows.size() == 1);
        CHECK(report.rows[0].line == 6);
        CHECK(report.rows[0].column == "segment");
        CHECK(says(5) == "A");
        CHECK(says(6) == "B");
    }
}

TEST_CASE_METHOD(RegistryFixture, "a column of personal numbers stops the upload") {
    auto publication = registry->begin(request(Mode::full));
    REQUIRE(publication);
    const auto fed = (*publication)->feed("history_key,個人番号\nk,123456789018\n");
    REQUIRE_FALSE(fed);
    CHECK(fed.error().code == ErrorCode::personal_number_refused);
    CHECK_FALSE((*publication)->feed("more"));
    CHECK_FALSE((*publication)->finish());
    const std::string id = (*publication)->id();
    publication->reset();
    CHECK(registry->report(kHachioji, id).error().code == ErrorCode::not_found);
    CHECK(staging_files() == 0);
}

TEST_CASE_METHOD(RegistryFixture, "an upload that is given up leaves nothing behind") {
    auto wanted = request(Mode::full);
    std::string id;
    {
        auto publication = registry->begin(wanted);
        REQUIRE(publication);
        id = (*publication)->id();
        REQUIRE((*publication)->feed(csv(people(2))));
        CHECK(registry->report(kHachioji, id)->state == PublicationState::receiving);
    }
    CHECK(registry->report(kHachioji, id).error().code == ErrorCode::not_found);
    CHECK(staging_files() == 0);
    CHECK_FALSE(registry->has_published(kHachioji));
    CHECK(publish(wanted, csv(people(2))).state == PublicationState::active);
}

TEST_CASE_METHOD(RegistryFixture, "one publication of an authority at a time") {
    auto first = registry->begin(request(Mode::full));
    REQUIRE(first);
    const auto second = registry->begin(request(Mode::delta));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::conflict);
    REQUIRE(put_schemes(kMusashino).result.pack);
    auto other = request(Mode::full);
    other.authority = kMusashino;
    CHECK(publish(other, csv(people(1))).state == PublicationState::active);
    REQUIRE((*first)->feed(csv(people(1))));
    CHECK((*first)->finish()->state == PublicationState::active);
    first->reset();
    CHECK(delta(people(2)).state == PublicationState::active);
}

TEST_CASE_METHOD(RegistryFixture, "the same idempotency key gives the same publication") {
    const auto wanted = request(Mode::full);
    const auto report = publish(wanted, csv(people(2)));
    auto again = registry->begin(wanted);
    REQUIRE(again);
    CHECK((*again)->id() == report.id);
    for (const char byte : csv(people(2)))
        REQUIRE((*again)->feed({&byte, 1}));
    const auto repeated = (*again)->finish();
    REQUIRE(repeated);
    CHECK(repeated->id == report.id);
    CHECK(repeated->added == 2);
    again->reset();
    CHECK(registry->authorities()[0].generation == 1);

    auto different = wanted;
    different.mode = Mode::delta;
    CHECK(registry->begin(different).error().code == ErrorCode::conflict);
    different = wanted;
    different.dry_run = true;
    CHECK(registry->begin(different).error().code == ErrorCode::conflict);
    different = wanted;
    different.idempotency_key = "";
    CHECK(registry->begin(different).error().code == ErrorCode::idempotency_key_required);
    different.idempotency_key = std::string(129, 'k');
    CHECK(registry->begin(different).error().code == ErrorCode::invalid_field);

    close();
    open();
    CHECK((*registry->begin(wanted))->id() == report.id);
}

TEST_CASE_METHOD(RegistryFixture, "an idempotency key used with another body is refused") {
    const auto wanted = request(Mode::full);
    auto dry = request(Mode::full);
    dry.dry_run = true;
    const auto held = [] {
        auto rows = people(100);
        rows.resize(50);
        return csv(rows);
    };
    REQUIRE(publish(wanted, csv(people(100))).state == PublicationState::active);
    REQUIRE(publish(dry, csv(people(100))).state == PublicationState::active);
    auto kept = request(Mode::full);
    REQUIRE(publish(kept, held()).state == PublicationState::held);
    auto rejected = request(Mode::full);
    REQUIRE(publish(rejected, "nonsense\n").state == PublicationState::rejected);
    for (const bool restarted : {false, true}) {
        if (restarted) {
            close();
            open();
        }
        for (const PublicationRequest& used : {wanted, dry, kept, rejected}) {
            CAPTURE(restarted, used.idempotency_key);
            for (const std::string& other : {csv(people(99)), std::string()}) {
                const auto again = try_publish(used, other);
                REQUIRE_FALSE(again);
                CHECK(again.error().code == ErrorCode::idempotency_key_reused);
            }
        }
        CHECK(publish(wanted, csv(people(100))).state == PublicationState::active);
        CHECK(publish(kept, held()).state == PublicationState::held);
    }
    CHECK(registry->authorities()[0].generation == 1);
}

TEST_CASE_METHOD(RegistryFixture,
                 "idempotency keys are not in the files, those of before neither") {
    auto wanted = request(Mode::full);
    wanted.idempotency_key = "NEWKEYMARK";
    const auto report = publish(wanted, csv(people(2)));
    close();
    {
        auto old =
            storage::Database::open(storage::registry_options(folder.path() / "registry.db"));
        REQUIRE(old);
        REQUIRE(
            old->execute("INSERT INTO publication(id,authority,idempotency_key,parameters,state,"
                         "base,report) SELECT '01JD0000000000000000000000',authority,"
                         "'OLDKEYMARK',parameters,state,base,report FROM publication"));
    }
    open();
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
        if (!file.is_regular_file()) continue;
        const auto bytes = read_file(file.path(), 1U << 30U);
        REQUIRE(bytes);
        CAPTURE(file.path().filename().string());
        CHECK_FALSE(bytes->contains("KEYMARK"));
    }
    CHECK(publish(wanted, csv(people(2))).id == report.id);
    // The key of before still stands for its publication; what its body was, nobody knows.
    auto old = wanted;
    old.idempotency_key = "OLDKEYMARK";
    const auto again = try_publish(old, csv(people(2)));
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::idempotency_key_reused);
}

TEST_CASE_METHOD(RegistryFixture, "a delta is refused until a full publication is in force") {
    const auto refused = [this] {
        const auto begun = registry->begin(request(Mode::delta));
        return begun ? std::string("begun") : std::string(name(begun.error().code));
    };
    CHECK(refused() == "full_publication_required");
    CHECK_FALSE(registry->has_published(kHachioji));
    auto dry = request(Mode::full);
    dry.dry_run = true;
    publish(dry, csv(people(3)));
    CHECK(refused() == "full_publication_required");
    const auto first = full(people(3));
    CHECK(refused() == "begun");
    const auto second = delta({{.key = 4, .of = 4}});
    CHECK(refused() == "begun");
    REQUIRE(registry->rollback(kHachioji, second.id, "why", "c"));
    CHECK(refused() == "begun");
    REQUIRE(registry->rollback(kHachioji, first.id, "why", "c"));
    CHECK(refused() == "full_publication_required");
}

TEST_CASE_METHOD(RegistryFixture, "deltas alone, of an older program, do not stand for the whole") {
    full(people(3));
    delta({{.key = 4, .of = 4}});
    auto other = storage::Database::open(storage::registry_options(folder.path() / "registry.db"));
    REQUIRE(other);
    REQUIRE(other->execute("UPDATE publication SET parameters='delta real csv_utf8'"));
    const auto begun = registry->begin(request(Mode::delta));
    REQUIRE_FALSE(begun);
    CHECK(begun.error().code == ErrorCode::full_publication_required);
    CHECK(full(people(4)).state == PublicationState::active);
    CHECK(delta({{.key = 5, .of = 5}}).state == PublicationState::active);
}

TEST_CASE_METHOD(RegistryFixture, "a publication needs a scheme pack first") {
    auto wanted = request(Mode::full);
    wanted.authority = kMusashino;
    CHECK(registry->begin(wanted).error().code == ErrorCode::conflict);
}

TEST_CASE_METHOD(RegistryFixture, "rolling back brings the generation before, one step") {
    const auto first = full(people(3));
    auto rows = people(4);
    rows[0].segment = "B";
    rows.erase(rows.begin() + 1);
    const auto second = full(rows);
    CHECK(says(1) == "B");
    CHECK(says(2) == "A revoked");
    CHECK(says(4) == "A");

    const auto not_in_force = registry->rollback(kHachioji, first.id, "why", "operator:operator-a");
    REQUIRE_FALSE(not_in_force);
    CHECK(not_in_force.error().code == ErrorCode::conflict);

    const auto back = registry->rollback(kHachioji, second.id, "間違い", "operator:operator-a");
    REQUIRE(back);
    CHECK(back->state == PublicationState::rolled_back);
    CHECK(says(1) == "A");
    CHECK(says(2) == "A");
    CHECK(says(4).empty());
    CHECK(registry->find(kHachioji, person(1))->as_of == *first.switched);
    CHECK(registry->authorities()[0].generation == 1);
    CHECK(registry->authorities()[0].rows == 3);
    CHECK(entries().back().leaf.kind == audit::Kind::registry_switch);
    CHECK(entries().back().detail.only().find("間違い") != std::string::npos);
    CHECK_FALSE(registry->rollback(kHachioji, second.id, "again", "operator:operator-a"));

    SECTION("a later publication is compared with what is in force again") {
        const auto third = full(people(5));
        CHECK(third.added == 2);
        CHECK(third.unchanged == 3);
        CHECK(registry->authorities()[0].generation == 3);  // 2 is never used again
        CHECK(says(1) == "A");
        CHECK(says(4) == "A");
    }
    SECTION("it stays so after a restart") {
        close();
        open();
        CHECK(says(1) == "A");
        CHECK(says(4).empty());
        CHECK(full(rows).changed == 1);
        CHECK(says(1) == "B");
    }
    SECTION("the first publication can be rolled back to nothing") {
        REQUIRE(registry->rollback(kHachioji, first.id, "all wrong", "operator:operator-a"));
        CHECK_FALSE(registry->has_published(kHachioji));
        CHECK(registry->find_all(person(1))->empty());
        CHECK(full(people(2)).added == 2);
    }
}

TEST_CASE_METHOD(RegistryFixture, "reasons are required, bounded, and hold no personal number") {
    const auto report = full(people(1));
    struct Case {
        std::string reason;
        ErrorCode code;
    };
    const Case cases[] = {{"", ErrorCode::invalid_field},
                          {std::string(1001, 'x'), ErrorCode::invalid_field},
                          {"\xFF", ErrorCode::invalid_field},
                          {"of 123456789018", ErrorCode::personal_number_refused}};
    for (const Case& one : cases) {
        CHECK(registry->rollback(kHachioji, report.id, one.reason, "c").error().code == one.code);
        CHECK(registry->release(kHachioji, report.id, one.reason, "c").error().code == one.code);
    }
    CHECK(registry->rollback(kHachioji, "nope", "why", "c").error().code == ErrorCode::not_found);
    CHECK(registry->rollback(kMusashino, report.id, "why", "c").error().code ==
          ErrorCode::not_found);
    CHECK(registry->report(kMusashino, report.id).error().code == ErrorCode::not_found);
    CHECK(registry->errors_csv(kMusashino, report.id).error().code == ErrorCode::not_found);
}

TEST_CASE_METHOD(RegistryFixture, "a second registry on the same files is refused") {
    const auto second = Registry::open(folder.path() / "registry.db", *keys, *log, clock);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::conflict);
}

TEST_CASE_METHOD(RegistryFixture, "no personal value is in the database or the log in clear") {
    full(people(1));
    std::string body(kHeader);
    body += "HISTMARK,TYPEMARK," + to_base64url(person(1)) +
            ",child,88131248,RECIPMARK,SEGMARK,2026-04-01,2027-03-31,0\n";
    body += "HISTMARK2,TYPEMARK,BADLINKMARK,child,88131248,RECIPMARK,SEGMARK,2026-04-01,x,0\n";
    const auto held = publish(request(Mode::full), body);
    CHECK(held.state == PublicationState::held);
    REQUIRE(publish(request(Mode::delta), body).state == PublicationState::active);
    close();
    const std::string link_key = to_base64url(person(1));
    const Hash256 raw = person(1);
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        std::stringstream content;
        content << in.rdbuf();
        const std::string bytes = content.str();
        CAPTURE(file.path().filename().string());
        for (const std::string& mark :
             {std::string("HISTMARK"), std::string("TYPEMARK"), std::string("RECIPMARK"),
              std::string("SEGMARK"), std::string("BADLINKMARK"), link_key,
              std::string(as_text(raw))})
            CHECK(bytes.find(mark) == std::string::npos);
    }
}

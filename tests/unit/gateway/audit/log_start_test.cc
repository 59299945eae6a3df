// What a log accepts when it is opened again.
#include <set>

#include "gateway/audit/log.h"
#include "tests/unit/gateway/audit/log_fixture.h"

using namespace log_test;

TEST_CASE("a second writer is refused while the first lives") {
    LogFixture fixture;
    fixture.open();
    CHECK(fixture.try_open().error().code == ErrorCode::conflict);
    fixture.close();
    CHECK(fixture.try_open());
}

TEST_CASE("a closed log is two files and a lock") {
    LogFixture fixture;
    std::filesystem::remove(fixture.keyring_file);
    fixture.open();
    fixture.wait_covered(fixture.append("{}"));
    CHECK(fixture.log->receipt(0));
    fixture.close();
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(fixture.folder.path()))
        names.insert(file.path().filename().string());
    CHECK(names == std::set<std::string>{"log.db", "log.db.lock", "log.entries"});
}

TEST_CASE("an origin that cannot be a key name is refused") {
    LogFixture fixture;
    for (const char* origin : {"", "a b", "a+b", "a\n"}) {
        const auto opened =
            Log::open({fixture.database, origin}, *fixture.keys, fixture.signer, fixture.clock);
        CHECK(opened.error().code == ErrorCode::bad_configuration);
    }
    const auto rsa = crypto::SigningKey::generate(crypto::Algorithm::ES256);
    CHECK_FALSE(Log::open({fixture.database, kOrigin}, *fixture.keys, rsa, fixture.clock));
}

TEST_CASE("a log changed behind its back does not start") {
    LogFixture fixture;
    fixture.open();
    fixture.append_many(600);
    fixture.close();
    const char* const changes[] = {
        "UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE idx=0) WHERE idx=599",
        "UPDATE entry SET leaf=zeroblob(42) WHERE idx=520",
        "DELETE FROM entry WHERE idx=599",
        "DELETE FROM entry WHERE idx=550",
        "UPDATE tile SET hashes=zeroblob(8192) WHERE id=8",
        "UPDATE tile SET hashes=substr(hashes, 1, 8160) WHERE id=16",
        "DELETE FROM tile WHERE id=16",
        "DELETE FROM checkpoint",
        "UPDATE checkpoint SET text=replace(text, '600', '599')",
        "UPDATE checkpoint SET text=''",
        "DELETE FROM entry WHERE idx>0; UPDATE entry SET idx=-7",
    };
    const auto pristine = fixture.folder.path() / "pristine.db";
    std::filesystem::copy_file(fixture.database, pristine);
    for (const char* sql : changes) {
        INFO(sql);
        std::filesystem::copy_file(pristine, fixture.database,
                                   std::filesystem::copy_options::overwrite_existing);
        fixture.tamper(sql);
        const auto opened = fixture.try_open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::corrupt);
    }
    std::filesystem::copy_file(pristine, fixture.database,
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(fixture.try_open());
}

TEST_CASE("another signing key or origin does not take over a log") {
    LogFixture fixture;
    fixture.open();
    fixture.append("{}");
    fixture.close();
    const auto other = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    const auto by_key = Log::open({fixture.database, kOrigin}, *fixture.keys, other, fixture.clock);
    REQUIRE_FALSE(by_key);
    CHECK(by_key.error().code == ErrorCode::corrupt);
    const auto by_origin = Log::open({fixture.database, "other.example/log"}, *fixture.keys,
                                     fixture.signer, fixture.clock);
    REQUIRE_FALSE(by_origin);
    CHECK(by_origin.error().code == ErrorCode::corrupt);
}

TEST_CASE("entries behind the last checkpoint are taken over and signed at start") {
    LogFixture fixture;
    fixture.open();
    fixture.append_many(100);
    fixture.close();
    const auto old_text = [&] {
        fixture.open();
        auto text = fixture.log->checkpoint().text;
        fixture.close();
        return text;
    }();
    fixture.open();
    fixture.append_many(500);
    fixture.close();
    // As after a crash before the second checkpoint.
    fixture.tamper("UPDATE checkpoint SET size=100, text='" + old_text + "'");
    fixture.open();
    CHECK(fixture.log->checkpoint().checkpoint.size == 600);
    CHECK(fixture.append("{}") == 600);
}

TEST_CASE("a tile behind the last checkpoint is held against its entries at a start") {
    LogFixture fixture;
    fixture.open();
    fixture.clock.advance(std::chrono::minutes(1));  // the checkpoint of the empty log stays
    fixture.append_many(300);
    fixture.close();
    fixture.tamper("DELETE FROM checkpoint WHERE size>0");  // as after a crash before the next
    const auto pristine = fixture.folder.path() / "pristine.db";
    std::filesystem::copy_file(fixture.database, pristine);
    REQUIRE(fixture.try_open());
    std::filesystem::copy_file(pristine, fixture.database,
                               std::filesystem::copy_options::overwrite_existing);
    fixture.tamper("UPDATE tile SET hashes=zeroblob(8192)");
    const auto opened = fixture.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().detail.contains("a stored tile differs from its entries"));
}

TEST_CASE("one checkpoint a minute is kept, and the clock going back loses none") {
    LogFixture fixture;
    fixture.open();
    const auto signed_at = [&](std::chrono::minutes offset) {
        fixture.clock.set(kStart + offset);
        fixture.wait_covered(fixture.append("{}"));
    };
    for (const int minutes : {0, 0, 1, 0, 2})
        signed_at(std::chrono::minutes(minutes));
    fixture.close();
    auto file = storage::Database::open(storage::log_database(fixture.database, true));
    REQUIRE(file);
    auto sizes = file->prepare("SELECT group_concat(size, ' ') FROM checkpoint");
    REQUIRE(sizes);
    REQUIRE(sizes->step().value());
    CHECK(sizes->text(0) == "2 4 5");
}

// A log as it was written before entries had parts (leaves of version 1, schema version 2 of
// log.db), byte for byte, from the program of that time: it opens, proves, verifies and goes on.
#include <catch2/catch.hpp>

#include "gateway/audit/receipt.h"
#include "gateway/audit/verifier.h"
#include "gateway/storage/sqlite/log_schema.h"
#include "tests/unit/gateway/audit/log_fixture.h"

using namespace log_test;

namespace {

constexpr std::string_view kKeyRing =
    R"({"keys":[{"purpose":"registry","id":1,"secret":"/vn5GS0FgCUCwjiJGIxnOlTl4wAb5jDdWXCCiBvXkH4=","active":true},{"purpose":"cache","id":1,"secret":"Tnkt2TLeut4DzvgOIzBLKWCpbibugjvsHbumxer6Nfc=","active":true},{"purpose":"audit","id":1,"secret":"qKPyIf3GXXh6uuve/NJlDvpSBmFzD4SsCVpR+RZyO2w=","active":true},{"purpose":"token","id":1,"secret":"g37zKeDaDo+ehVrtaDFZteU4AgKXvp5YWPWsWWO5opA=","active":true},{"purpose":"seal","id":1,"secret":"db9zbejupAV58WZ/zWq1MXY+kLENhvDiD5wHFgMAsBE=","active":true}]})";
constexpr std::string_view kSigner =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIOMG/Rxh7OjaRTRWdMNfWj6JNzM6rjskXwm7AVxr"
    "r2JD\n-----END PRIVATE KEY-----\n";
const std::string kVkey =
    "shikaku.example/log+41026645+AXPxlYT6AyD9CbEYm6zb7XzsxLFCpC1o7TXjN0dfHiLU";
constexpr std::string_view kRows =
    "INSERT INTO entry VALUES(0,x'01000001a1f640c3d00983b30c6fb7ef2e62ad9954ec231da002e9a9c28"
    "92f49e543939c77a3f6343824',NULL,78,104);INSERT INTO entry VALUES(1,x'01000001a1f640c7b80"
    "15d57ad1ccde602ebe675433404e68b05bb361a2f360b891299d00d7c5730fa83',x'0707070707070707070"
    "7070707070707000000006aff8eac0808080808080808',292,178);INSERT INTO entry VALUES(2,x'010"
    "00001a1f640cba0028297af3887b7b932f4edb4dcc042d9ead3dfe8db6320e0b27c66f5f643ceaa6d',NULL,"
    "548,144);INSERT INTO checkpoint VALUES(29918880,3,'shikaku.example/log\n3\nv3KDtrINIh6wcqA"
    "EYZwdE2AhUF6gyXF/UwU77YRgJgQ=\n\n— shikaku.example/log QQJmRQ1d3KBSUU+DJYrFuX8qs6jL1hindvO"
    "RtgbCVYKcY5nZacQ+R4Q8kl4/aUlRiAFMaHg4HKGx2QJ1oc4LZR7WNwo=\n');";
constexpr std::string_view kEntries =
    "53484531000000b600000000000000000000000000000000002a0000f7560f366f8f10b901000001a1f640c3"
    "d00983b30c6fb7ef2e62ad9954ec231da002e9a9c2892f49e543939c77a3f634382400000001311efdcc1319"
    "8d39e64a8601d91f85a7c51a7313aa6812a4a2c2410565670178f891f727ecfd61b182c74e2355de361f2080"
    "82bf118b00ecf88280973b5cb538cb8687d01de9f8c2ca34484078de2410de1830e5ec3e22f29dbda2fcd0ff"
    "0219e1160957534845310000012000000000000000010000000000000001002a00206ee7c283e1e334000100"
    "0001a1f640c7b8015d57ad1ccde602ebe675433404e68b05bb361a2f360b891299d00d7c5730fa8307070707"
    "070707070707070707070707000000006aff8eac080808080808080800000001c25920d70e776c78e210142d"
    "f71b52e46a2458b37d715d3be43d915322dc919702f87ee1251f70b201ee48e919c1602e6cc00d20529d6aae"
    "a7a6114c988567db14a1d8821c0e522cd1036962d610f205d6ca137da3aac1f35611464888ef6aae6a28ac23"
    "04c5998cbb5864d79fb31a0c66bbc5416efdf2a89b25138bd3d61dfd4a7f0484db5d7e5999a9480db770b0f0"
    "67959eb8f9c6d0a378615d77662c1bf1fe888eb2d99e8a306d4084f82b4553484531000000de000000000000"
    "00020000000000000002002a000085ee741dc7d2715301000001a1f640cba0028297af3887b7b932f4edb4dc"
    "c042d9ead3dfe8db6320e0b27c66f5f643ceaa6d00000001db04ebeea30003bf2f66a92bdc60c0e17eddf877"
    "f5e145269acbc8732caf6577fbeb769ffaef363aaf648aeb482502c0e42eb12e08464e23ded0989a00a18d9a"
    "2fe18aaa792eaa53a259e870a7c70380215de4b03777323ea95d323f552c5d2112201ddae7cc5c13269143e4"
    "5ad860089c017ab861b6518bc9266a790ed328c6df9f3c52bb5cd072447c5b8a";
constexpr std::string_view kDetails[] = {
    R"({"v":1,"kind":"start","version":"0.1.0"})",
    R"({"v":1,"kind":"eligibility","caller":"institution:1312345675","content_hash":"sha256:00","authorities":["132012"]})",
    R"({"v":1,"kind":"denial","caller":"institution:1312345675","code":"token_expired"})"};

struct OldLog : LogFixture {
    OldLog() {
        REQUIRE(write_file(keyring_file, std::string(kKeyRing), 0600));
        keys = std::move(crypto::KeyRing::load(keyring_file).value());
        signer = std::move(crypto::SigningKey::from_pem(std::string(kSigner)).value());
        auto options = storage::log_database(database, false);
        options.migrations = options.migrations.first(2);
        auto old = storage::Database::open(options);
        REQUIRE(old);
        REQUIRE(old->execute(kRows));
        REQUIRE(write_file(entries(), std::string(as_text(from_hex(kEntries).value()))));
    }
    void check_old_entries() const {
        for (std::uint64_t index = 0; index < std::size(kDetails); ++index) {
            CAPTURE(index);
            const auto entry = log->open_entry(index);
            REQUIRE(entry);
            CHECK(entry->leaf.version == kLeafWhole);
            CHECK(entry->detail.rest == kDetails[index]);
            const auto receipt = log->receipt(index, {Opened::all});
            REQUIRE(receipt);
            const auto verified = verify_receipt(*receipt, kVkey);
            REQUIRE(verified);
            CHECK(verified->entry.opened == Opened::all);
            CHECK(verified->entry.detail.rest == kDetails[index]);
        }
    }
};

}  // namespace

TEST_CASE("a log of version 1 opens, proves its entries and goes on in version 2") {
    OldLog fixture;
    fixture.open();
    CHECK(fixture.log->vkey() == kVkey);
    fixture.check_old_entries();
    int tokens = 0;
    REQUIRE(fixture.log->visit_tokens_since(Instant{},
                                            [&](std::uint64_t index, Instant, const TokenUse& use) {
                                                ++tokens;
                                                CHECK(index == 1);
                                                CHECK(use.expires_s == 1'795'133'100);
                                            }));
    CHECK(tokens == 1);

    const auto next = fixture.append("new");
    fixture.wait_covered(next);
    CHECK(fixture.log->open_entry(next)->leaf.version == kLeafInParts);
    fixture.check_old_entries();
    fixture.close();

    const auto verified = verify_database(fixture.database, kVkey, fixture.keys.get(),
                                          [](std::uint64_t, std::uint64_t) {});
    if (!verified) FAIL(verified.error().error.detail);
    CHECK(verified->checkpoint.size == 4);
    CHECK(verified->opened == 4);
    fixture.open();
    fixture.check_old_entries();
}

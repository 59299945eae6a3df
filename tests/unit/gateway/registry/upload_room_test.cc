#include "gateway/registry/upload_room.h"

#include "gateway/support/metrics.h"
#include "registry_fixture.h"

using namespace registry_test;

namespace {

constexpr std::uint64_t kFloor = 1'000'000'000;

double refused(const std::string& what) {
    return counter("shikaku_uploads_refused_total",
                   "Uploads refused for want of room, by what is short", {{"short", what}})
        .Value();
}

// A registry whose disk has as much free as the test says.
struct RoomFixture : RegistryFixture {
    std::uint64_t capacity = 1000 * kFloor;
    std::uint64_t free = 100 * kFloor;

    void reopen(std::uint64_t staged, std::uint64_t of_authority) {
        close();
        limits = {.staged = staged,
                  .staged_per_authority = of_authority,
                  .check_every = 1000,
                  .free_min = kFloor,
                  .space = [this](const auto&) {
                      return std::filesystem::space_info{
                          .capacity = capacity, .free = free, .available = free};
                  }};
        open();
    }
};

}  // namespace

TEST_CASE_METHOD(RoomFixture,
                 "below the floor of free space uploads are refused, questions go on") {
    reopen(100 * kFloor, 100 * kFloor);
    full(people(10));
    const double before = refused("free_space");
    free = kFloor - 1;
    const auto begun = registry->begin(request(Mode::full));
    REQUIRE_FALSE(begun);
    CHECK(begun.error().code == ErrorCode::storage_full);
    CHECK(info(ErrorCode::storage_full).http_status == 503);
    CHECK(info(ErrorCode::storage_full).retryable);
    CHECK(refused("free_space") == before + 1);
    CHECK(says(1) == "A");

    free = 2 * kFloor;
    auto during = registry->begin(request(Mode::full));
    REQUIRE(during);
    free = kFloor - 1;
    CHECK((*during)->feed(csv(people(20))).error().code == ErrorCode::storage_full);
    CHECK((*during)->finish().error().code == ErrorCode::storage_full);
    during->reset();
    CHECK(staging_files() == 0);

    free = 2 * kFloor;  // the way back needs no restart
    CHECK(full(people(11)).state == PublicationState::active);
}

TEST_CASE_METHOD(RoomFixture, "a switch that would reach the floor does not begin") {
    reopen(100 * kFloor, 100 * kFloor);
    full(people(100));
    const auto held = full(people(50));
    REQUIRE(held.state == PublicationState::held);
    free = kFloor + 1000;
    auto changed = people(100);
    for (Row& row : changed)
        row.segment = "B";
    const auto wanted = request(Mode::full);
    const auto refused_one = try_publish(wanted, csv(changed));
    REQUIRE_FALSE(refused_one);
    CHECK(refused_one.error().code == ErrorCode::storage_full);
    CHECK(registry->release(kHachioji, held.id, "ok", "c").error().code == ErrorCode::storage_full);
    CHECK(says(1) == "A");
    CHECK(registry->report(kHachioji, held.id)->state == PublicationState::held);
    CHECK(staging_files() == 1);
    CHECK(registry->authorities()[0].generation == 1);

    free = 2 * kFloor;
    REQUIRE(registry->release(kHachioji, held.id, "ok", "c"));
    CHECK(says(100) == "A revoked");
    CHECK(publish(wanted, csv(people(50))).unchanged == 50);  // under the key that was refused
}

TEST_CASE_METHOD(RoomFixture, "what one authority has received and held is bounded") {
    reopen(100 * kFloor, 200'000);
    full(people(100));
    const double before = refused("authority");
    const auto big = try_publish(request(Mode::full), csv(people(60'000)));
    REQUIRE_FALSE(big);
    CHECK(big.error().code == ErrorCode::storage_full);
    CHECK(refused("authority") == before + 1);
    CHECK(staging_files() == 0);
    CHECK(says(1) == "A");
}

TEST_CASE_METHOD(RoomFixture, "what all have received and held is bounded") {
    reopen(100 * kFloor, 100 * kFloor);
    full(people(1000));
    REQUIRE(full(people(500)).state == PublicationState::held);
    REQUIRE(put_schemes(kMusashino).result.pack);
    reopen(10'000, 100 * kFloor);
    const double before = refused("staged");
    auto other = request(Mode::full);
    other.authority = kMusashino;
    const auto begun = registry->begin(other);
    REQUIRE_FALSE(begun);
    CHECK(begun.error().code == ErrorCode::storage_full);
    CHECK(refused("staged") == before + 1);
}

TEST_CASE_METHOD(RoomFixture, "on a small disk the floor is a tenth of it") {
    capacity = kFloor / 10;
    free = kFloor / 50;
    reopen(100 * kFloor, 100 * kFloor);
    CHECK(full(people(10)).state == PublicationState::active);
    free = kFloor / 100;
    CHECK(registry->begin(request(Mode::full)).error().code == ErrorCode::storage_full);
}

TEST_CASE("space that cannot be told is none") {
    CHECK(space_of("/no/such/folder").available == 0);
    CHECK(space_of("/").available > 0);
}

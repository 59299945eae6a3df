#include "gateway/api/rate_limits.h"

#include <catch2/catch.hpp>

namespace {

using namespace shikaku;
using namespace std::chrono_literals;
using api::Allowance;
using api::Client;
using api::Rate;
using api::RateLimits;
using api::Rates;

Client clinic(std::uint64_t number) {
    return {.role = identity::Role::institution, .key = 1ULL << 60 | number};
}

Rates rates(Rate institution) {
    Rates all;
    all.institution = institution;
    return all;
}

struct Clock {
    RateLimits::Time now{std::chrono::hours(1)};
    void advance(std::chrono::milliseconds by) { now += by; }
};

TEST_CASE("a client asks so much at once, and then as fast as its bucket fills") {
    RateLimits limits(rates({.per_minute = 600, .burst = 5}));  // one in 100 ms
    Clock clock;
    struct Row {
        std::chrono::milliseconds later;
        std::int64_t cost;
        bool allowed;
        std::int64_t left;
        std::int64_t retry_after_s;
    };
    for (const Row& row : std::vector<Row>{{0ms, 1, true, 4, 0},
                                           {0ms, 4, true, 0, 0},
                                           {0ms, 1, false, 0, 1},
                                           {99ms, 1, false, 0, 1},
                                           {1ms, 1, true, 0, 0},
                                           {0ms, 1, false, 0, 1},
                                           {250ms, 3, false, 2, 1},
                                           {50ms, 3, true, 0, 0},
                                           {10s, 5, true, 0, 0},
                                           {10s, 5, true, 0, 0}}) {
        clock.advance(row.later);
        const Allowance got = limits.take(clinic(1), row.cost, clock.now);
        CAPTURE(row.later.count(), row.cost);
        CHECK(got.allowed == row.allowed);
        CHECK(got.left == row.left);
        CHECK(got.retry_after.count() == row.retry_after_s);
        CHECK(got.quota == 5);
        CHECK(got.window == 1s);
    }
}

TEST_CASE("what was refused costs nothing, what is charged always does") {
    RateLimits limits(rates({.per_minute = 60, .burst = 10}));
    Clock clock;
    CHECK(limits.take(clinic(1), 10, clock.now).allowed);
    for (int i = 0; i < 100; ++i)
        CHECK_FALSE(limits.take(clinic(1), 1, clock.now).allowed);
    clock.advance(1s);
    CHECK(limits.take(clinic(1), 1, clock.now).allowed);

    // A debt ends with the bucket: ten seconds later all of it is there.
    limits.charge(clinic(1), 1'000'000, clock.now);
    CHECK(limits.charge(clinic(1), 1'000'000, clock.now).whole_after == 10s);
    clock.advance(10s);
    CHECK(limits.take(clinic(1), 10, clock.now).allowed);
}

TEST_CASE("what costs more than the burst passes with a whole bucket and is paid in full") {
    RateLimits limits(rates({.per_minute = 600, .burst = 10}));  // one in 100 ms
    Clock clock;
    CHECK(limits.look(clinic(1), 1'000, clock.now).allowed);
    const Allowance batch = limits.take(clinic(1), 1'000, clock.now);
    CHECK(batch.allowed);
    CHECK(batch.left == 0);
    CHECK(batch.whole_after == 100s);
    CHECK(limits.look(clinic(1), 1, clock.now).retry_after == 100s);
    clock.advance(99s);
    CHECK_FALSE(limits.take(clinic(1), 1, clock.now).allowed);
    // A charge (an emergency) does not make the debt smaller.
    CHECK(limits.charge(clinic(1), 1, clock.now).whole_after == 1s);
    clock.advance(100ms);
    CHECK(limits.take(clinic(1), 1, clock.now).allowed);
    CHECK_FALSE(limits.take(clinic(1), 1'000, clock.now).allowed);
}

TEST_CASE("clients and roles do not share a bucket") {
    Rates all = rates({.per_minute = 60, .burst = 1});
    all.auditor = {.per_minute = 60, .burst = 3};
    RateLimits limits(all);
    const Clock clock;
    CHECK(limits.take(clinic(1), 1, clock.now).allowed);
    CHECK_FALSE(limits.take(clinic(1), 1, clock.now).allowed);
    CHECK(limits.take(clinic(2), 1, clock.now).allowed);
    CHECK(limits.take({.role = identity::Role::auditor, .key = 7}, 3, clock.now).allowed);
}

TEST_CASE("a client is its role and holder, not its certificate") {
    identity::Caller one;
    one.institution = domain::InstitutionCode::parse("1312345676");
    REQUIRE(one.institution);
    identity::Caller other = one;
    other.certificate[0] = 1;
    CHECK(api::client_of(one) == api::client_of(other));

    identity::Caller hachioji;
    hachioji.role = identity::Role::authority;
    hachioji.authority = domain::AuthorityCode::parse("132012");
    identity::Caller auditor;
    auditor.role = identity::Role::auditor;
    auditor.name = "132012";
    CHECK_FALSE(api::client_of(hachioji).key == api::client_of(auditor).key);
    CHECK_FALSE(api::client_of(hachioji).key == api::client_of(one).key);
}

TEST_CASE("no limit, and a limit changed while it runs") {
    RateLimits limits(rates({.per_minute = 0, .burst = 1}));
    const Clock clock;
    for (int i = 0; i < 1'000; ++i)
        REQUIRE(limits.take(clinic(1), 1'000, clock.now).allowed);
    CHECK(limits.take(clinic(1), 1, clock.now).quota == 0);
    limits.replace(rates({.per_minute = 60, .burst = 2}));
    CHECK(limits.take(clinic(1), 2, clock.now).allowed);
    CHECK_FALSE(limits.take(clinic(1), 1, clock.now).allowed);
    limits.replace(rates({.per_minute = 60'000, .burst = 1}));
    CHECK_FALSE(limits.take(clinic(1), 1, clock.now).allowed);
    CHECK(limits.take(clinic(1), 1, clock.now + 1s).allowed);  // no debt of before but a batch's
}

TEST_CASE("releases and rollbacks are counted apart from all else") {
    RateLimits limits(rates({.per_minute = 60, .burst = 1}));
    Clock clock;
    CHECK(limits.take(clinic(1), 1, clock.now).allowed);
    CHECK_FALSE(limits.take(clinic(1), 1, clock.now).allowed);
    for (int i = 0; i < 20; ++i)
        CHECK(limits.take_change(clinic(1), clock.now).allowed);
    const Allowance none = limits.take_change(clinic(1), clock.now);
    CHECK_FALSE(none.allowed);
    CHECK(api::too_many_requests(clinic(1), none).detail ==
          "more than 20 releases and rollbacks within 20 s");
    clock.advance(1s);
    CHECK(limits.take_change(clinic(1), clock.now).allowed);
    CHECK(limits.take(clinic(1), 1, clock.now).allowed);
}

TEST_CASE("a client's share of emergencies is its own meter") {
    Rates all = rates({.per_minute = 60, .burst = 1});
    all.emergency = {.per_minute = 60, .burst = 2};
    RateLimits limits(all);
    Clock clock;
    CHECK(limits.take(clinic(1), 1, clock.now).allowed);
    CHECK(limits.take_emergency(clinic(1), clock.now));
    CHECK(limits.take_emergency(clinic(1), clock.now));
    CHECK_FALSE(limits.take_emergency(clinic(1), clock.now));
    CHECK(limits.take_emergency(clinic(2), clock.now));
    clock.advance(1s);
    CHECK(limits.take_emergency(clinic(1), clock.now));
}

TEST_CASE("after so many forged signatures none of the sender's is looked at for a while") {
    Rates all;
    all.forged = {.per_minute = 20, .burst = 3};
    RateLimits limits(all);
    Clock clock;
    for (int i = 0; i < 3; ++i) {
        // Looking is free: good tokens are never counted.
        for (int good = 0; good < 100; ++good)
            REQUIRE(limits.may_check_signature(clinic(1), clock.now).allowed);
        limits.count_forged(clinic(1), clock.now);
    }
    const Allowance none = limits.may_check_signature(clinic(1), clock.now);
    CHECK_FALSE(none.allowed);
    CHECK(none.retry_after == 3s);
    CHECK(limits.may_check_signature(clinic(2), clock.now).allowed);
    clock.advance(3s);
    CHECK(limits.may_check_signature(clinic(1), clock.now).allowed);
    limits.count_forged(clinic(1), clock.now);
    CHECK_FALSE(limits.may_check_signature(clinic(1), clock.now).allowed);
}

TEST_CASE("memory is fixed: whole buckets are forgotten first, a limited client stays limited") {
    RateLimits limits(rates({.per_minute = 60, .burst = 10}), 64);
    Clock clock;
    CHECK(limits.take(clinic(0), 10, clock.now).allowed);
    for (std::uint64_t other = 1; other <= 10'000; ++other) {
        clock.advance(1ms);  // each is whole again a second later, clinic 0 after ten
        static_cast<void>(limits.take(clinic(other), 1, clock.now));
        if (other == 1'000) {
            CHECK_FALSE(limits.take(clinic(0), 10, clock.now).allowed);
        }
    }
}

TEST_CASE("refusals tell how long to wait, not all clients the same") {
    const Allowance rate{.allowed = false, .quota = 5, .window = 10s, .retry_after = 7s};
    std::array<int, 4> seen{};
    for (int i = 0; i < 200; ++i) {
        const Error error = api::too_many_requests(clinic(1), rate);
        CHECK(error.code == ErrorCode::rate_limited);
        REQUIRE(error.retry_after_s >= 7);
        REQUIRE(error.retry_after_s <= 9);
        ++seen[static_cast<std::size_t>(error.retry_after_s - 7)];
    }
    CHECK(seen[0] > 0);
    CHECK(seen[1] > 0);
    CHECK(seen[2] > 0);
}

}  // namespace

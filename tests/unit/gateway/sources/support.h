// What tests of gateway/sources share: an io_context that runs a coroutine to its end, sources that
// do as they are told, rows, and a cache in a folder of its own. The test library counts assertions
// of one thread: what runs on several (rows, sources) asserts nothing.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <stdexcept>

#include "gateway/sources/sources.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

namespace shikaku::sources::test {

namespace asio = boost::asio;

inline domain::AuthorityCode authority(std::string_view code) {
    return domain::AuthorityCode::parse(code).value();
}

inline domain::Date date(std::string_view text) {
    return domain::Date::parse_iso(text).value();
}

inline Hash256 person(std::uint8_t number) {
    Hash256 link_key{};
    link_key.fill(number);
    return link_key;
}

inline domain::Entitlement row(std::string history_key, Instant changed_at = {}) {
    domain::Entitlement entitlement;
    entitlement.history_key = std::move(history_key);
    entitlement.scheme_id = "maru-ko";
    entitlement.recipient_number = "1234566";
    entitlement.valid_from = date("2026-04-01");
    entitlement.valid_to = date("2027-03-31");
    entitlement.changed_at = changed_at;
    return entitlement;
}

class FakeSource final : public adapters::Adapter {
  public:
    std::string_view kind() const override { return "fake"; }
    std::string configuration() const override { return where; }
    domain::Freshness freshness() const override { return domain::Freshness::live; }
    asio::awaitable<Result<adapters::Records>> look_up(const adapters::LookUp& lookup) override {
        ++asked;
        ++at_once;
        most_at_once = std::max(most_at_once, at_once);
        about.push_back(lookup);
        if (throws) throw std::runtime_error("source of 1234566");
        if (deaf) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        if (pause.count() > 0 && asked <= slow) {
            asio::steady_timer timer(co_await asio::this_coro::executor, pause);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        if (meets_ != nullptr) co_await meet();
        --at_once;
        co_return says;
    }
    // Goes on only when the other source has been asked too.
    void meet_with(FakeSource& other) {
        meets_ = &other;
        other.meets_ = this;
    }

    std::string where = "https://one.example";
    Result<adapters::Records> says = adapters::Records{};
    std::chrono::milliseconds pause{0};  // before it answers, unless it is cancelled
    int slow = 1'000'000;                // only so many look-ups pause
    bool deaf = false;                   // does not mind being cancelled
    bool throws = false;
    int asked = 0, at_once = 0, most_at_once = 0;
    std::vector<adapters::LookUp> about;

  private:
    asio::awaitable<void> meet() {
        if (meets_->waiting_ != nullptr) {
            meets_->waiting_->cancel();
            co_return;
        }
        asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
        waiting_ = &timer;
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        waiting_ = nullptr;
    }

    FakeSource* meets_ = nullptr;
    asio::steady_timer* waiting_ = nullptr;
};

// What a connection of kind "published" looks like.
class FakePublished final : public adapters::Adapter {
  public:
    std::string_view kind() const override { return "published"; }
    std::string configuration() const override { return {}; }
    domain::Freshness freshness() const override { return domain::Freshness::published; }
    asio::awaitable<Result<adapters::Records>> look_up(const adapters::LookUp&) override {
        throw std::logic_error("the registry is read once, not through the port");
        co_return adapters::Records{};
    }
};

struct CacheHouse {
    CacheHouse() {
        const auto file = folder.path() / "keyring.json";
        REQUIRE(write_file(file, crypto::KeyRing::generate_json(), 0600));
        auto ring = crypto::KeyRing::load(file);
        REQUIRE(ring);
        keys = std::move(*ring);
        open();
    }
    void open() {
        cache.reset();
        auto opened = Cache::open(database(), *keys);
        REQUIRE(opened);
        cache = std::move(*opened);
    }
    std::filesystem::path database() const { return folder.path() / "cache.db"; }

    testing::TemporaryFolder folder;
    std::unique_ptr<crypto::KeyRing> keys;
    std::unique_ptr<Cache> cache;
};

// Runs a coroutine to its end and gives its value; fails when it ended by an exception.
template <class T>
T run(asio::io_context& context, asio::awaitable<T> coroutine) {
    std::optional<T> value;
    asio::co_spawn(context, std::move(coroutine), [&value](std::exception_ptr thrown, T result) {
        REQUIRE_FALSE(thrown);
        value = std::move(result);
    });
    context.restart();
    while (!value && context.run_one() > 0) {
    }
    REQUIRE(value);
    return std::move(*value);
}

}  // namespace shikaku::sources::test

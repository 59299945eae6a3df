#include "gateway/http/host_addresses.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "gateway/http/client.h"
#include "tests/unit/gateway/http/http_fixture.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;
namespace ip = boost::asio::ip;

namespace {

const HostAddresses::Time kStart = std::chrono::steady_clock::now();
const Addresses kOne{ip::make_address("192.0.2.1")};
const Addresses kOther{ip::make_address("2001:db8::1")};

// A name server in the test's hands: each look-up waits until it is told what to say. A look-up may
// outlive the test that began it.
class HeldServer {
  public:
    Resolve resolve() {
        return [state = state_](const std::string&) -> Result<Addresses> {
            std::unique_lock lock(state->mutex);
            ++state->asked;
            state->changed.notify_all();
            state->changed.wait(lock, [&] { return state->answers > 0; });
            --state->answers;
            return state->says;
        };
    }
    void wait_for_look_ups(int count) {
        std::unique_lock lock(state_->mutex);
        state_->changed.wait(lock, [&] { return state_->asked >= count; });
    }
    [[nodiscard]] int asked() {
        const std::lock_guard lock(state_->mutex);
        return state_->asked;
    }
    void answer(Result<Addresses> with) {
        const std::lock_guard lock(state_->mutex);
        state_->says = std::move(with);
        ++state_->answers;
        state_->changed.notify_all();
    }

  private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        Result<Addresses> says;
        int answers = 0, asked = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

// A name server that is there and never answers.
class MuteServer {
  public:
    MuteServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&any), size) == 0);
        REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&any), &size) == 0);
        asking_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        REQUIRE(::connect(asking_, reinterpret_cast<sockaddr*>(&any), size) == 0);
    }
    ~MuteServer() {
        ::shutdown(asking_, SHUT_RDWR);  // who still waits for it goes on
        ended_->wait();
        ::close(asking_);
        ::close(socket_);
    }
    MuteServer(const MuteServer&) = delete;
    MuteServer& operator=(const MuteServer&) = delete;

    Resolve resolve() {
        return [this, ended = ended_](const std::string& host) -> Result<Addresses> {
            static_cast<void>(::send(asking_, host.data(), host.size(), 0));
            char byte = 0;
            static_cast<void>(::recv(asking_, &byte, 1, 0));
            ended->count_down();
            return fail(ErrorCode::source_unavailable, "no answer");
        };
    }
    // The question has come.
    void wait_until_asked() const {
        char byte = 0;
        REQUIRE(::recv(socket_, &byte, 1, 0) == 1);
    }

  private:
    int socket_ = -1, asking_ = -1;
    std::shared_ptr<std::latch> ended_ = std::make_shared<std::latch>(1);
};

// Until the look-up that was told what to say has been heard.
Addresses wait_for(HostAddresses& host, HostAddresses::Time now, const Addresses& addresses) {
    auto got = host.get(now).addresses;
    while (got != addresses) {
        std::this_thread::yield();
        got = host.get(now).addresses;
    }
    return got;
}

}  // namespace

TEST_CASE("an IP literal is never looked up") {
    const char* literal = GENERATE("127.0.0.1", "::1");
    HostAddresses host(literal, [](const std::string&) -> Result<Addresses> { std::abort(); });
    CHECK(host.get(kStart).addresses == Addresses{ip::make_address(literal)});
    host.doubt(kStart);
    CHECK(host.get(kStart + 1h).addresses.size() == 1);
}

TEST_CASE("a host that was never heard of has no addresses, at once; one look-up is under way") {
    HeldServer server;
    HostAddresses host("a.example", server.resolve(), {.retry = 0ms});
    for (int i = 0; i < 100; ++i) {
        const auto now = host.get(kStart + i * 1ms);
        CHECK(now.addresses.empty());
        CHECK(now.first_since == kStart);
    }
    server.wait_for_look_ups(1);
    server.answer(kOne);
    CHECK(wait_for(host, kStart, kOne) == kOne);
    CHECK(server.asked() == 1);
}

TEST_CASE("when the first look-up has failed nobody waits for the next") {
    HeldServer server;
    HostAddresses host("a.example", server.resolve(), {.retry = 0ms});
    REQUIRE(host.get(kStart).first_since);
    server.answer(fail(ErrorCode::source_unavailable, "no such host"));
    server.wait_for_look_ups(1);
    while (host.get(kStart).first_since)
        std::this_thread::yield();
    CHECK(host.get(kStart).addresses.empty());
    server.answer(kOne);
    server.answer(kOne);  // for a look-up that may have begun in between
    CHECK(wait_for(host, kStart, kOne) == kOne);
}

TEST_CASE("old addresses are used while the name server is dead, up to their bound") {
    HeldServer server;
    const auto now = std::chrono::steady_clock::now();
    HostAddresses host("a.example", server.resolve(), {.life = 1h, .old_up_to = 24h, .retry = 1s});
    REQUIRE(host.get(now).addresses.empty());
    server.answer(kOne);
    wait_for(host, now, kOne);
    CHECK(host.get(now + 29min).addresses == kOne);
    CHECK(server.asked() == 1);
    CHECK(host.get(now + 31min).addresses == kOne);  // looked up ahead
    server.wait_for_look_ups(2);
    for (const auto later : {1h, 12h, 23h})
        CHECK(host.get(now + later).addresses == kOne);
    CHECK(host.get(now + 25h).addresses.empty());
    CHECK_FALSE(host.get(now + 25h).first_since);
    CHECK(server.asked() == 2);
    server.answer(kOther);
    CHECK(wait_for(host, now + 1s, kOther) == kOther);
}

TEST_CASE("addresses that lead nowhere are looked up anew, but not with every request") {
    HeldServer server;
    const auto now = std::chrono::steady_clock::now();
    HostAddresses host("a.example", server.resolve(),
                       {.life = 1h, .old_up_to = 24h, .retry = 1min});
    REQUIRE(host.get(now).addresses.empty());
    server.answer(kOne);
    wait_for(host, now, kOne);
    host.doubt(now + 59s);
    CHECK(server.asked() == 1);
    host.doubt(now + 61s);
    server.wait_for_look_ups(2);
    host.doubt(now + 200s);
    server.answer(kOther);
    CHECK(wait_for(host, now + 2s, kOther) == kOther);
    CHECK(server.asked() == 2);
}

TEST_CASE("a host whose look-ups fail is asked less and less often, until one succeeds") {
    HeldServer server;
    HostAddresses host("a.example", server.resolve(),
                       {.life = 1h, .old_up_to = 24h, .retry = 1min, .retry_max = 5min});
    const auto answered = [&](HostAddresses::Time now, Result<Addresses> with) {
        const bool good = with.has_value();
        server.answer(std::move(with));
        while (good ? host.get(now).addresses.empty() : host.get(now).first_since.has_value())
            std::this_thread::yield();
    };
    auto now = kStart;
    static_cast<void>(host.get(now));
    server.wait_for_look_ups(1);
    answered(now, fail(ErrorCode::source_unavailable, "no such host"));
    int asked = 1;
    for (const auto pause : {2min, 4min, 5min, 5min}) {
        CAPTURE(asked);
        static_cast<void>(host.get(now + pause - 1ms));
        for (int i = 0; i < 1'000; ++i)  // a look-up that had begun would be heard of
            std::this_thread::yield();
        CHECK(server.asked() == asked);
        // Until the look-up before has been heard, which nothing tells but that the next begins.
        now += pause;
        while (server.asked() == asked) {
            static_cast<void>(host.get(now));
            std::this_thread::yield();
        }
        server.answer(fail(ErrorCode::source_unavailable, "no such host"));
        ++asked;
    }
}

TEST_CASE("more hosts than may be looked up at once wait for their turn") {
    HeldServer server;
    std::vector<HostAddresses> hosts;
    for (int i = 0; i <= bounds::kNameLookups; ++i)
        static_cast<void>(hosts.emplace_back("host.example", server.resolve()).get(kStart));
    server.wait_for_look_ups(bounds::kNameLookups);
    CHECK(hosts.back().get(kStart).first_since == kStart);  // who asks for it waits
    CHECK(server.asked() == bounds::kNameLookups);
    for (int i = 0; i <= bounds::kNameLookups; ++i)
        server.answer(kOne);
    server.wait_for_look_ups(bounds::kNameLookups + 1);
    CHECK(wait_for(hosts.back(), kStart, kOne) == kOne);
    for (auto& host : hosts)
        wait_for(host, kStart, kOne);
}

TEST_CASE("who comes while another knows the host shares what it knows; then it is forgotten") {
    const std::string name = "shared.example";
    HeldServer server;
    std::optional<HostAddresses> before = HostAddresses::shared(name, server.resolve());
    const auto now = std::chrono::steady_clock::now();
    static_cast<void>(before->get(now));
    server.answer(kOne);
    wait_for(*before, now, kOne);
    // A reload: the new one is made before the old one goes.
    std::optional<HostAddresses> after =
        HostAddresses::shared(name, [](const std::string&) -> Result<Addresses> { std::abort(); });
    before.reset();
    CHECK(after->get(now).addresses == kOne);
    CHECK(server.asked() == 1);
    after.reset();
    HeldServer other;
    HostAddresses anew = HostAddresses::shared(name, other.resolve());
    CHECK(anew.get(now).addresses.empty());
    other.answer(kOther);
    CHECK(wait_for(anew, now, kOther) == kOther);
}

TEST_CASE("an address that is silent does not use up the time of the next") {
    PlainServer plain;
    // A port on which the queue of connections is full is as silent as a host that is down.
    const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(plain.server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);  // 127.0.0.2
    REQUIRE(::bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(silent, 0) == 0);
    std::vector<int> filling;
    for (int i = 0; i < 4; ++i) {
        filling.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        static_cast<void>(
            ::connect(filling.back(), reinterpret_cast<sockaddr*>(&address), sizeof address));
    }
    auto client =
        Client::make("http://two.example:" + std::to_string(plain.server.port()), nullptr,
                     [](const std::string&) {
                         return Result<Addresses>(Addresses{ip::make_address("127.0.0.2"),
                                                            ip::make_address("127.0.0.1")});
                     });
    REQUIRE(client);
    const auto response = (*client)->send_and_wait({.target = "/"}, 10s);
    REQUIRE(response);
    CHECK(response->body == "ok");
    for (const int one : filling)
        ::close(one);
    ::close(silent);
}

TEST_CASE("a mute name server stops its own host only, and that one without waiting for it") {
    PlainServer plain;
    const std::string port = std::to_string(plain.server.port());
    std::vector<std::unique_ptr<MuteServer>> mute;
    std::vector<std::unique_ptr<Client>> stuck;
    for (int i = 0; i < 8; ++i) {
        mute.push_back(std::make_unique<MuteServer>());
        auto client = Client::make("http://mute.example:" + port, nullptr, mute.back()->resolve());
        REQUIRE(client);
        stuck.push_back(std::move(*client));
        mute.back()->wait_until_asked();
    }
    auto other = Client::make(
        "http://good.example:" + port, nullptr, [](const std::string& host) -> Result<Addresses> {
            if (host != "good.example") {  // on a thread of its own: nothing is asserted here
                return fail(ErrorCode::source_unavailable, "asked for " + host);
            }
            return Addresses{ip::make_address("127.0.0.1")};
        });
    REQUIRE(other);
    const auto response = (*other)->send_and_wait({.target = "/"});
    REQUIRE(response);
    CHECK(response->body == "ok");
    const auto none = stuck.front()->send_and_wait({.target = "/"}, 10ms);
    REQUIRE_FALSE(none);
    CHECK((none.error().code == ErrorCode::source_unavailable ||
           none.error().code == ErrorCode::source_timeout));
}

TEST_CASE("the system's own look-up knows this machine") {
    const auto found = resolve_by_system("127.0.0.1");
    REQUIRE(found);
    CHECK(*found == Addresses{ip::make_address("127.0.0.1")});
    CHECK_FALSE(resolve_by_system(std::string(300, 'a')));  // longer than a name can be
}

}  // namespace shikaku::http::testing

// kill -9 while desks ask and a municipality publishes, again and again: every answer a desk
// received is in the log under its index, every checkpoint anyone saw holds, a publication is there
// whole or not at all, no token works twice.
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "gateway/audit/checkpoint.h"
#include "gateway/audit/tile_path.h"
#include "gateway/audit/tile_tree.h"
#include "tests/reliability/town.h"

namespace {

using namespace shikaku;
using namespace shikaku::reliability;
using http::Method;
using test::GatewayFixture;

constexpr int kDesks = 3;
constexpr int kChildren = 8;

struct Received {
    std::string token;
    std::string answer_id;
    std::uint64_t index = 0;
};

// 受給者番号 by which a publication is known again in an answer.
std::string recipient_number(int publication) {
    const auto body = fmt::format("{:06}", publication);
    return body + domain::luhn_check_digit(body);
}

// What a mirror of the log keeps: the tree as far as it has seen it, and every checkpoint.
class Mirror {
  public:
    // Checkpoints that were signed before are on the way to this one; this one is of the tree.
    void follow(GatewayFixture& gateway) {
        const auto note = gateway.call("auditor-a", Method::get, "/log/checkpoint");
        REQUIRE(note.status == 200);
        see(note.body);
        const auto now = audit::verify_checkpoint(note.body, gateway.vkey());
        REQUIRE(now);
        while (tree_.size() < now->size)
            take_bundle(gateway, now->size);
        for (const auto& [size, root] : seen_) {
            INFO("a checkpoint of size " << size);
            REQUIRE(size <= tree_.size());
        }
        REQUIRE(tree_.root() == now->root);
    }
    void see(const std::string& note) {
        const auto checkpoint = audit::verify_checkpoint(note, vkey_);
        REQUIRE(checkpoint);
        const std::scoped_lock lock(mutex_);
        const auto [at, fresh] = seen_.try_emplace(checkpoint->size, checkpoint->root);
        REQUIRE(at->second == checkpoint->root);
        // The mirror has been there already: it knows the root of that size.
        if (fresh && checkpoint->size < tree_.size() && roots_.contains(checkpoint->size))
            REQUIRE(roots_.at(checkpoint->size) == checkpoint->root);
    }
    void trust(const std::string& vkey) { vkey_ = vkey; }
    [[nodiscard]] std::size_t checkpoints() const { return seen_.size(); }

  private:
    void take_bundle(GatewayFixture& gateway, std::uint64_t end) {
        const auto n = tree_.size() / audit::kTileWidth;
        const auto width = std::min<std::uint64_t>(end - n * audit::kTileWidth, audit::kTileWidth);
        const auto name = audit::to_string(
            {.entries = true, .level = 0, .n = n, .width = static_cast<int>(width)});
        const auto bundle = gateway.call("auditor-a", Method::get, "/log/" + name);
        REQUIRE(bundle.status == 200);
        std::vector<audit::FullTile> full;
        auto index = n * audit::kTileWidth;
        for (BytesView rest = as_bytes(bundle.body); rest.size() > 2; ++index) {
            const std::size_t size = get_u16be(rest);
            if (index >= tree_.size()) {
                tree_.append(audit::leaf_hash(rest.subspan(2, size)), full);
                if (const auto seen = seen_.find(tree_.size()); seen != seen_.end()) {
                    INFO("a checkpoint of size " << seen->first);
                    REQUIRE(seen->second == tree_.root());
                }
                roots_[tree_.size()] = tree_.root();
            }
            rest = rest.subspan(2 + size);
        }
    }

    std::string vkey_;
    audit::TileTree tree_;
    std::map<std::uint64_t, Hash256> roots_;
    std::mutex mutex_;
    std::map<std::uint64_t, Hash256> seen_;
};

// One desk asks more than a clinic may.
constexpr const char* kNoLimits = R"(
[limits.institution]
per_minute = 0
[limits.authority]
per_minute = 0
[limits.auditor]
per_minute = 0
)";

struct Town {
    GatewayFixture gateway{kNoLimits};
    std::vector<identity::DemoCard> children;
    Mirror mirror;
    std::mt19937_64 random{20261121};

    // Written by the threads of one round.
    std::mutex mutex;
    std::vector<Received> received;
    std::atomic<int> answered = 0;
    std::atomic<bool> over = false;
    int published = 0;  // the last that was acknowledged
    int begun = 0;

    Town() {
        for (int i = 0; i < kChildren; ++i)
            children.push_back(test::person());
        gateway.start();
        mirror.trust(gateway.vkey());
        gateway.publish_hachioji(recipients(0));
    }

    [[nodiscard]] std::string recipients(int publication) const {
        std::string csv = test::csv_header();
        for (int i = 0; i < kChildren; ++i)
            csv += test::csv_row(children[static_cast<std::size_t>(i)], fmt::format("h-{}", i),
                                 recipient_number(publication));
        return csv;
    }

    [[nodiscard]] std::unique_ptr<http::Client> client(const std::string& certificate) const {
        auto tls = http::TlsContext::client({.certificate = test::certs() / (certificate + ".crt"),
                                             .key = test::certs() / (certificate + ".key"),
                                             .ca = test::certs() / "ca.crt",
                                             .crl = {}});
        if (!tls) throw std::runtime_error(tls.error().detail);
        auto made = http::Client::make(gateway.url(), *tls);
        if (!made) throw std::runtime_error(made.error().detail);
        return std::move(*made);
    }

    void ask_until_gone(std::size_t desk) {
        const auto own = client("clinic-a");
        for (std::size_t n = desk; !over; ++n) {
            const std::string token = gateway.token("clinic-a", children[n % kChildren]);
            http::ClientRequest request;
            request.method = Method::post;
            request.target = "/v1/eligibility";
            request.content_type = "application/json";
            request.body = GatewayFixture::question(token);
            const auto response = own->send_and_wait(std::move(request));
            if (!response || response->status != 200) return;
            const auto answer = parse_json(response->body);
            const std::scoped_lock lock(mutex);
            received.push_back({.token = token,
                                .answer_id = answer->at("answer_id"),
                                .index = answer->at("evidence").at("index")});
            ++answered;
        }
    }

    void publish_until_gone() {
        const auto own = client("authority-132012");
        while (!over) {
            const int number = ++begun;
            http::ClientRequest request;
            request.method = Method::post;
            request.target = "/v1/publications?mode=full";
            request.headers = {{"Idempotency-Key", identity::random_token_id()}};
            request.content_type = "text/csv; charset=utf-8";
            request.body = recipients(number);
            const auto response = own->send_and_wait(std::move(request));
            if (!response || response->status != 202) return;
            const auto report = parse_json(response->body);
            if (!report || report->value("state", "") != "active") return;
            published = number;
        }
    }

    void watch_until_gone() {
        const auto own = client("auditor-a");
        while (!over) {
            http::ClientRequest request;
            request.target = "/log/checkpoint";
            const auto response = own->send_and_wait(std::move(request));
            if (!response || response->status != 200) return;
            const std::scoped_lock lock(mutex);
            notes.push_back(response->body);
        }
    }
    std::vector<std::string> notes;

    // Everyone at work, then the kill: after a few answers and a moment of chance.
    void work_and_kill() {
        received.clear();
        notes.clear();
        answered = 0;
        over = false;
        const auto enough = static_cast<int>(random() % 40);
        const auto chance = std::chrono::microseconds(random() % 5000);
        std::vector<std::jthread> people;
        for (std::size_t desk = 0; desk < kDesks; ++desk)
            people.emplace_back([this, desk] { ask_until_gone(desk * 7); });
        people.emplace_back([this] { publish_until_gone(); });
        people.emplace_back([this] { watch_until_gone(); });
        while (answered < enough && gateway.process().running())
            std::this_thread::yield();
        const auto moment = std::chrono::steady_clock::now() + chance;  // where it falls is chance
        while (std::chrono::steady_clock::now() < moment) {
        }
        gateway.kill9();
        over = true;
    }

    void check_receipt(const Received& one) {
        const auto receipt =
            gateway.call("clinic-a", Method::get, "/v1/receipts/" + std::to_string(one.index));
        REQUIRE(receipt.status == 200);
        REQUIRE(receipt_names(receipt.body, one.answer_id));
    }

    void check_single_use(const Received& one) {
        const auto again = gateway.call("clinic-a", Method::post, "/v1/eligibility",
                                        GatewayFixture::question(one.token, "pharmacy"));
        REQUIRE(again.status == 401);
    }

    void check_generation() {
        std::set<std::string> found;
        for (const auto& child : children) {
            const auto response = gateway.ask("clinic-a", child);
            REQUIRE(response.status == 200);
            const auto answer = parse_json(response.body);
            REQUIRE(answer->at("reason") == "ACTIVE");
            found.insert(answer->at("subsidies").at(0).at("claim").at("recipient_number"));
        }
        REQUIRE(found.size() == 1);
        int now = published;
        while (now <= begun && recipient_number(now) != *found.begin())
            ++now;
        REQUIRE(now <= begun);
        published = begun = now;
    }
};

TEST_CASE("kill -9 under questions and publications loses nothing that anyone was told") {
    const char* const wanted = std::getenv("SHIKAKU_RELIABILITY_KILLS");
    const int kills = wanted ? std::atoi(wanted) : long_run() ? 1000 : 20;
    Town town;
    std::vector<Received> all;
    std::set<std::uint64_t> indexes;
    for (int kill = 0; kill < kills; ++kill) {
        CAPTURE(kill);
        town.work_and_kill();
        town.gateway.start();
        for (const auto& note : town.notes)
            town.mirror.see(note);
        town.mirror.follow(town.gateway);
        for (const Received& one : town.received) {
            REQUIRE(indexes.insert(one.index).second);
            town.check_receipt(one);
        }
        // Those the kill came closest to.
        const auto last =
            town.received.size() > 6 ? town.received.end() - 6 : town.received.begin();
        for (auto one = last; one != town.received.end(); ++one)
            town.check_single_use(*one);
        town.check_generation();
        all.insert(all.end(), town.received.begin(), town.received.end());
    }
    for (const Received& one : all)
        town.check_receipt(one);
    const auto verified = town.gateway.verify_log();
    INFO(verified.output);
    REQUIRE(verified.exit_code == 0);
    report({.fault = "kill -9 under questions and publications",
            .tried = static_cast<std::uint64_t>(kills),
            .outcome = fmt::format("nothing lost: {} answers each in the log under their index, {} "
                                   "publications whole, {} checkpoints consistent",
                                   all.size(), town.published, town.mirror.checkpoints()),
            .how = "the real program with three desks, a publishing municipality and a mirror; "
                   "killed after a random number of answers and microseconds, started again"});
}

}  // namespace

#include "tests/reliability/house.h"

#include <fmt/format.h>

#include <latch>
#include <set>
#include <stdexcept>

#include "gateway/audit/tile_tree.h"
#include "gateway/audit/verifier.h"
#include "gateway/storage/anchor_place.h"
#include "gateway/storage/sqlite/registry_file.h"
#include "gateway/support/file.h"

namespace shikaku::reliability {
namespace {

namespace fs = std::filesystem;

const domain::AuthorityCode kHachioji = *domain::AuthorityCode::parse("132012");
const std::string kOrigin = "shikaku.example/log";

constexpr std::string_view kPack =
    R"({"authority":"132012","schemes":[{"id":"child","name":{"ja":"子ども医療","en":"Child subsidy"},
        "law_code":"88","payer_numbers":["88131248"],"source":"test",
        "rules":[{"from":"2020-04-01","copay":[{"settings":["outpatient"],"kind":"free"}],
                  "area":{"scope":"prefecture"}}],
        "examples":[{"name":"free","question":{"service_date":"2026-11-20","setting":"outpatient",
                     "institution":"1312012342","birth_date":"2015-05-05"},
                     "expect":{"outcome":"eligible","reason":"ACTIVE","copay":{"kind":"free"}}}]}]})";

Hash256 link_key(std::uint64_t person) {
    Hash256 key{};
    for (std::size_t i = 0; i < 8; ++i)
        key[i] = static_cast<std::uint8_t>(person >> 8 * i);
    return key;
}

std::string recipients(std::uint64_t people, const std::string& segment) {
    std::string csv =
        "history_key,certificate_type_id,link_key,scheme_id,payer_number,recipient_number,segment,"
        "valid_from,valid_to,deleted\n";
    for (std::uint64_t i = 1; i <= people; ++i)
        csv += fmt::format("H{},kodomo,{},child,88131248,R{},{},2026-04-01,2027-03-31,0\n", i,
                           to_base64url(link_key(i)), i, segment);
    return csv;
}

audit::LogOptions log_in(const fs::path& folder) {
    audit::LogOptions options{.database = folder / "log.db", .origin = kOrigin};
    options.anchors.push_back(storage::anchor_file(folder / "log.anchor"));
    options.anchors.push_back(storage::anchor_in_registry(folder / "registry.db"));
    return options;
}

std::string words(const Error& error) {
    return fmt::format("{}: {}", name(error.code), error.detail);
}

// The root over the first `size` leaves for each size asked, from what the log serves.
Result<std::map<std::uint64_t, Hash256>> roots(const audit::Log& log,
                                               const std::set<std::uint64_t>& sizes) {
    std::map<std::uint64_t, Hash256> found{{0, audit::empty_root()}};
    audit::TileTree tree;
    std::vector<audit::FullTile> full;
    const std::uint64_t end = log.checkpoint().checkpoint.size;
    while (tree.size() < end) {
        const auto width = std::min<std::uint64_t>(end - tree.size(), audit::kTileWidth);
        const auto bundle =
            log.entry_bundle(tree.size() / audit::kTileWidth, static_cast<int>(width));
        if (!bundle) return fail(bundle.error());
        for (BytesView rest = *bundle; rest.size() > 2;) {
            const std::size_t size = get_u16be(rest);
            tree.append(audit::leaf_hash(rest.subspan(2, size)), full);
            rest = rest.subspan(2 + size);
            if (sizes.contains(tree.size())) found[tree.size()] = tree.root();
        }
    }
    return found;
}

std::string keeps_log(audit::Log& log, const Promises& promises, std::size_t moment) {
    std::set<std::array<std::uint8_t, 16>> tokens;
    const auto visited = log.visit_tokens_since(
        Instant{},
        [&](std::uint64_t, Instant, const audit::TokenUse& use) { tokens.insert(use.key); });
    if (!visited) return "tokens: " + words(visited.error());
    for (const auto& promise : promises.entries) {
        if (promise.moment > moment) continue;
        const auto entry = log.open_entry(promise.index);
        if (!entry) return fmt::format("entry {}: {}", promise.index, words(entry.error()));
        if (entry->detail.rest != promise.detail)
            return fmt::format("entry {} is another", promise.index);
        if (!tokens.contains(promise.token))
            return fmt::format("the token of entry {} is forgotten", promise.index);
    }
    std::set<std::uint64_t> sizes;
    for (const auto& promise : promises.checkpoints)
        if (promise.moment <= moment) sizes.insert(promise.checkpoint.size);
    const auto now = roots(log, sizes);
    if (!now) return "leaves: " + words(now.error());
    for (const auto& promise : promises.checkpoints) {
        if (promise.moment > moment) continue;
        const auto root = now->find(promise.checkpoint.size);
        if (root == now->end())
            return fmt::format("shorter than a checkpoint of {}", promise.checkpoint.size);
        if (root->second != promise.checkpoint.root)
            return fmt::format("another past than a checkpoint of {}", promise.checkpoint.size);
    }
    return {};
}

std::string keeps_registry(const registry::Registry& registry, std::uint64_t people,
                           const Promises& promises, std::size_t moment) {
    std::set<std::string> allowed;
    for (const auto& one : promises.generations) {
        if (one.begun > moment) break;
        if (one.acknowledged <= moment) allowed.clear();
        allowed.insert(one.segment);
    }
    std::set<std::string> found;
    for (std::uint64_t i = 1; i <= people; ++i) {
        const auto records = registry.find(kHachioji, link_key(i));
        if (!records && records.error().code != ErrorCode::not_found)
            return "registry: " + words(records.error());
        const auto count = records ? records->entitlements.size() : 0;
        if (count > 1) return "one row became several";
        found.insert(count == 0 ? "" : records->entitlements.front().segment);
    }
    const bool nothing_yet =
        promises.generations.empty() || promises.generations.front().acknowledged > moment;
    if (nothing_yet) allowed.insert("");
    if (found.size() > 1) return "a mix of generations";
    if (!allowed.contains(*found.begin()))
        return fmt::format("generation '{}' is in force, none of '{}'", *found.begin(),
                           fmt::join(allowed, " "));
    return {};
}

}  // namespace

House::House(std::uint64_t people) : people_(people) {
    fs::create_directory(data_);
    const auto file = scratch_.path() / "keyring.json";
    auto keys = write_file(file, crypto::KeyRing::generate_json(), 0600)
                    ? crypto::KeyRing::load(file)
                    : fail(ErrorCode::io_failed);
    if (!keys) throw std::runtime_error(words(keys.error()));
    keys_ = std::move(*keys);
    auto made = storage::make_registry(data_ / "registry.db");
    if (made) made = audit::Log::create(log_in(data_), *keys_, signer_, clock_);
    if (!made) throw std::runtime_error(words(made.error()));
}

Result<House::Stores> House::open(const fs::path& folder) const {
    auto log = audit::Log::open(log_in(folder), *keys_, signer_, clock_);
    if (!log) return fail(std::move(log.error()));
    auto registry = registry::Registry::open(folder / "registry.db", *keys_, **log, clock_);
    if (!registry) return fail(std::move(registry.error()));
    return Stores{.log = std::move(*log), .registry = std::move(*registry)};
}

Status House::ask(Stores& stores, int questions, Promises& promises, const Moment& moment) {
    std::latch all(questions);
    Status failed;
    for (int i = 0; i < questions; ++i) {
        const std::uint64_t number = ++questions_;
        Promises::Entry promise{.detail = fmt::format(R"({{"question":{}}})", number)};
        for (std::size_t at = 0; at < 8; ++at)
            promise.token[at] = static_cast<std::uint8_t>(number >> 8 * at);
        audit::EntryDraft draft{
            .kind = audit::Kind::eligibility,
            .detail = {.rest = promise.detail},
            .token =
                audit::TokenUse{.key = promise.token, .expires_s = 4'000'000'000, .request = {}}};
        stores.log->append(std::move(draft), [&, promise = std::move(promise)](
                                                 const Result<audit::Appended>& done) mutable {
            {
                const std::lock_guard lock(mutex_);
                if (done) {
                    promise.index = done->index;
                    promise.moment = moment();
                    promises.entries.push_back(std::move(promise));
                } else {
                    failed = fail(done.error());
                }
            }
            all.count_down();
        });
    }
    all.wait();
    return failed;
}

Status House::publish(Stores& stores, Promises& promises, const Moment& moment) {
    const std::uint64_t number = ++publications_;
    const std::string segment = fmt::format("G{}", number);
    if (!stores.registry->rules()->packs.contains(kHachioji)) {
        const auto pack = stores.registry->put_schemes(kHachioji, kPack, "authority:132012");
        if (!pack) return fail(pack.error());
        if (!pack->result.pack) return fail(ErrorCode::internal, "pack refused");
    }
    promises.generations.push_back({.begun = moment(), .segment = segment});
    auto publication = stores.registry->begin(
        {.authority = kHachioji, .caller = "authority:132012", .idempotency_key = segment});
    if (!publication) return fail(std::move(publication.error()));
    SHIKAKU_TRY((*publication)->feed(recipients(people_, segment)));
    const auto report = (*publication)->finish();
    if (!report) return fail(report.error());
    if (report->state != registry::PublicationState::active)
        return fail(ErrorCode::internal, "not active: " + std::string(name(report->state)));
    promises.generations.back().acknowledged = moment();
    last_publication_ = report->id;
    return {};
}

Status House::roll_back(Stores& stores, Promises& promises, const Moment& moment) {
    const auto before = promises.generations[promises.generations.size() - 2].segment;
    promises.generations.push_back({.begun = moment(), .segment = before});
    const auto report =
        stores.registry->rollback(kHachioji, last_publication_, "by mistake", "authority:132012");
    if (!report) return fail(report.error());
    promises.generations.back().acknowledged = moment();
    return {};
}

Status House::look(Stores& stores, Promises& promises, const Moment& moment) const {
    const auto checkpoint = stores.log->checkpoint().checkpoint;
    promises.checkpoints.push_back({.moment = moment(), .checkpoint = checkpoint});
    return {};
}

std::string House::keeps(const fs::path& folder, const Promises& promises,
                         std::size_t moment) const {
    std::string vkey;
    {
        auto stores = open(folder);
        if (!stores) return "does not start: " + words(stores.error());
        vkey = stores->log->vkey();
        if (auto wrong = keeps_log(*stores->log, promises, moment); !wrong.empty()) return wrong;
        if (auto wrong = keeps_registry(*stores->registry, people_, promises, moment);
            !wrong.empty())
            return wrong;
        const auto goes_on = stores->log->append_and_wait(
            {.kind = audit::Kind::start, .detail = {.rest = "{}"}, .token = {}});
        if (!goes_on) return "does not go on: " + words(goes_on.error());
    }
    const auto verified = audit::verify_database(folder / "log.db", vkey, keys_.get(),
                                                 [](std::uint64_t, std::uint64_t) {});
    if (!verified) return "does not verify: " + words(verified.error().error);
    return {};
}

}  // namespace shikaku::reliability

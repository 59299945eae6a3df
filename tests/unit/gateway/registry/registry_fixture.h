// A registry with a real log and key ring in a folder of its own, and rows to publish.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "gateway/registry/registry.h"
#include "gateway/support/file.h"
#include "tests/support/shared_clock.h"
#include "tests/support/temporary_folder.h"

namespace registry_test {

using namespace shikaku;
using namespace shikaku::registry;

inline const domain::AuthorityCode kHachioji = *domain::AuthorityCode::parse("132012");
inline const domain::AuthorityCode kMusashino = *domain::AuthorityCode::parse("132039");
inline const Instant kStart{std::chrono::milliseconds(1'795'132'800'000)};

inline std::string pack_of(domain::AuthorityCode authority) {
    return R"({"authority":")" + std::string(authority.text()) + R"(","schemes":[{"id":"child",
        "name":{"ja":"子ども医療","en":"Child subsidy"},"law_code":"88",
        "payer_numbers":["88131248"],"source":"test",
        "rules":[{"from":"2020-04-01",
                  "copay":[{"settings":["outpatient"],"kind":"free"}],
                  "area":{"scope":"prefecture"}}],
        "examples":[{"name":"free","question":{"service_date":"2026-11-20","setting":"outpatient",
                     "institution":"1312012342","birth_date":"2015-05-05"},
                     "expect":{"outcome":"eligible","reason":"ACTIVE","copay":{"kind":"free"}}}]}]})";
}

inline Hash256 person(std::uint64_t number) {
    Hash256 link_key{};
    for (std::size_t i = 0; i < 8; ++i)
        link_key[i] = static_cast<std::uint8_t>(number >> 8 * i);
    link_key[31] = 0x5A;
    return link_key;
}

inline constexpr std::string_view kHeader =
    "history_key,certificate_type_id,link_key,scheme_id,payer_number,recipient_number,segment,"
    "valid_from,valid_to,deleted\n";

struct Row {
    std::uint64_t key = 0;
    std::uint64_t of = 0;  // whose
    std::string segment = "A";
    std::string valid_to = "2027-03-31";
    bool deleted = false;
    std::string valid_from = "2026-04-01";
};

inline std::string line(const Row& row) {
    return "H" + std::to_string(row.key) + ",kodomo," + to_base64url(person(row.of)) +
           ",child,88131248,R" + std::to_string(row.key) + "," + row.segment + "," +
           row.valid_from + "," + row.valid_to + "," + (row.deleted ? "1" : "0") + "\n";
}

inline std::string csv(const std::vector<Row>& rows) {
    std::string body(kHeader);
    for (const Row& row : rows)
        body += line(row);
    return body;
}

// Rows 1..count, each of a person of the same number.
inline std::vector<Row> people(std::uint64_t count) {
    std::vector<Row> rows;
    for (std::uint64_t i = 1; i <= count; ++i)
        rows.push_back({.key = i, .of = i});
    return rows;
}

struct RegistryFixture {
    shikaku::testing::TemporaryFolder folder;
    std::unique_ptr<crypto::KeyRing> keys;
    crypto::SigningKey signer = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    shikaku::testing::SharedClock clock{kStart};
    std::unique_ptr<audit::Log> log;
    std::unique_ptr<Registry> registry;
    int last_key = 0;
    UploadLimits limits;
    RecordKinds kinds;

    explicit RegistryFixture(RecordKinds known = RecordKinds()) : kinds(std::move(known)) {
        const auto file = folder.path() / "keyring.json";
        REQUIRE(write_file(file, crypto::KeyRing::generate_json(), 0600));
        keys = std::move(crypto::KeyRing::load(file).value());
        open();
        REQUIRE(put_schemes(kHachioji).result.pack);
    }

    void open() {
        const auto log_file = folder.path() / "log.db";
        if (!std::filesystem::exists(log_file))
            REQUIRE(audit::Log::create({log_file, "shikaku.example/log"}, *keys, signer, clock));
        auto opened_log = audit::Log::open({folder.path() / "log.db", "shikaku.example/log"}, *keys,
                                           signer, clock);
        REQUIRE(opened_log);
        log = std::move(*opened_log);
        auto opened =
            Registry::open(folder.path() / "registry.db", *keys, *log, clock, limits, kinds);
        if (!opened) FAIL(opened.error().detail);
        registry = std::move(*opened);
    }
    void close() {
        registry.reset();
        log.reset();
    }

    Registry::PackOutcome put_schemes(domain::AuthorityCode authority) const {
        auto outcome = registry->put_schemes(authority, pack_of(authority), "authority:test");
        REQUIRE(outcome);
        return *outcome;
    }

    PublicationRequest request(Mode mode) {
        return {.authority = kHachioji,
                .caller = "authority:132012",
                .mode = mode,
                .idempotency_key = "key-" + std::to_string(++last_key)};
    }

    Result<PublicationReport> try_publish(PublicationRequest wanted, std::string_view body) {
        clock.advance(std::chrono::minutes(1));
        auto publication = registry->begin(std::move(wanted));
        if (!publication) return fail(publication.error());
        for (std::size_t i = 0; i < body.size(); i += 64 * 1024)
            SHIKAKU_TRY((*publication)->feed(body.substr(i, 64 * 1024)));
        return (*publication)->finish();
    }

    PublicationReport publish(PublicationRequest wanted, std::string_view body) {
        auto report = try_publish(std::move(wanted), body);
        if (!report) FAIL(report.error().detail);
        return *report;
    }
    PublicationReport full(const std::vector<Row>& rows) {
        return publish(request(Mode::full), csv(rows));
    }
    PublicationReport delta(const std::vector<Row>& rows) {
        return publish(request(Mode::delta), csv(rows));
    }

    [[nodiscard]] std::vector<domain::Entitlement> of(std::uint64_t number) const {
        const auto found = registry->find(kHachioji, person(number));
        if (!found) FAIL(found.error().detail);
        return found->entitlements;
    }
    // "A", "B revoked", or several joined by commas; empty when nothing is known.
    [[nodiscard]] std::string says(std::uint64_t number) const {
        std::string text;
        for (const domain::Entitlement& one : of(number)) {
            if (!text.empty()) text += ',';
            text += one.segment + (one.revoked_at ? " revoked" : "");
        }
        return text;
    }
    [[nodiscard]] std::vector<audit::OpenedEntry> entries() const {
        std::vector<audit::OpenedEntry> all;
        while (covered(all.size())) {
            auto entry = log->open_entry(all.size());
            REQUIRE(entry);
            all.push_back(std::move(*entry));
        }
        return all;
    }
    // Waits for the checkpoint that shows the entry; false: there is no such entry.
    [[nodiscard]] bool covered(std::uint64_t index) const {
        std::promise<bool> promise;
        auto answer = promise.get_future();
        log->when_covered(index, [promise = std::move(promise)](const Status& status) mutable {
            promise.set_value(status.has_value());
        });
        return answer.get();
    }
    [[nodiscard]] std::size_t staging_files() const {
        const auto files = std::filesystem::directory_iterator(folder.path() / "staging");
        return static_cast<std::size_t>(std::distance(begin(files), end(files)));
    }
};

}  // namespace registry_test

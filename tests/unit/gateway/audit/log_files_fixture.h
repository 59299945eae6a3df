// A log of 600 numbered entries whose two files can be kept and put back, for tests of what a start
// makes of them.
#pragma once

#include <fstream>

#include "gateway/audit/receipt.h"
#include "gateway/audit/verifier.h"
#include "tests/unit/gateway/audit/log_fixture.h"

namespace log_test {

inline const VerifyProgress kSilent = [](std::uint64_t, std::uint64_t) {};
inline constexpr std::uint64_t kEntries = 600;  // two full tiles and part of a third

inline std::string detail_of(std::uint64_t index) {
    return "{\"n\":" + std::to_string(index) + "}";
}

// Every third has one.
inline std::optional<TokenUse> token_of(std::uint64_t index) {
    if (index % 3 != 0) return {};
    TokenUse token;
    token.key.fill(static_cast<std::uint8_t>(index));
    token.expires_s = static_cast<std::int64_t>(index);
    token.request.fill(static_cast<std::uint8_t>(index / 256));
    return token;
}

inline Instant time_of(std::uint64_t index) {
    return kStart + std::chrono::seconds(index);
}

struct Shown {
    std::string checkpoint_root;
    std::vector<Bytes> tiles;
    bool operator==(const Shown&) const = default;
};

struct FilesFixture : LogFixture {
    // Entries up to `end`, in groups of some, one a second.
    void fill(std::uint64_t begin, std::uint64_t end) {
        constexpr std::uint64_t kAtOnce = 17;
        for (auto index = begin; index < end;) {
            const auto count = std::min(kAtOnce, end - index);
            auto all = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(count));
            for (std::uint64_t i = 0; i < count; ++i, ++index) {
                clock.set(time_of(index));
                log->append({Kind::eligibility, {detail_of(index)}, token_of(index)},
                            [all](const Result<Appended>& done) {
                                if (!done) std::abort();
                                all->count_down();
                            });
            }
            all->wait();
        }
    }

    [[nodiscard]] std::filesystem::path kept(const std::string& name) const {
        return folder.path() / ("kept-" + name);
    }
    void keep(const std::filesystem::path& file, const std::string& name) const {
        std::filesystem::copy_file(file, kept(name));
    }
    void put_back(const std::filesystem::path& file, const std::string& name) const {
        std::filesystem::copy_file(kept(name), file,
                                   std::filesystem::copy_options::overwrite_existing);
    }

    // What anyone may fetch of the first kEntries.
    [[nodiscard]] Shown shown() const {
        Shown shown{to_hex(log->checkpoint().checkpoint.root), {}};
        for (const auto& [level, n, width] :
             {std::tuple{0, 0, 256}, {0, 1, 256}, {0, 2, 88}, {1, 0, 2}})
            shown.tiles.push_back(log->tile(level, static_cast<std::uint64_t>(n), width).value());
        for (const auto& [n, width] : {std::pair{0, 256}, {1, 256}, {2, 88}})
            shown.tiles.push_back(log->entry_bundle(static_cast<std::uint64_t>(n), width).value());
        return shown;
    }

    // Every one of the first `count` entries: opening, receipt, token.
    void check_entries(std::uint64_t count) const {
        const auto vkey = log->vkey();
        for (std::uint64_t index = 0; index < count; ++index) {
            CAPTURE(index);
            const auto entry = log->open_entry(index);
            REQUIRE(entry);
            REQUIRE(entry->detail.rest == detail_of(index));
            REQUIRE(entry->leaf.time == time_of(index));
            const auto receipt = log->receipt(index, {Opened::all});
            REQUIRE(receipt);
            const auto verified = verify_receipt(*receipt, vkey);
            REQUIRE(verified);
            REQUIRE(verified->entry.detail.rest == detail_of(index));
        }
        check_tokens(count, 0);
        check_tokens(count, count / 2);
    }
    void check_tokens(std::uint64_t count, std::uint64_t since) const {
        auto expected = since;
        while (expected % 3 != 0)
            ++expected;
        const auto visited = log->visit_tokens_since(
            time_of(since), [&](std::uint64_t index, Instant time, const TokenUse& use) {
                REQUIRE(index == expected);
                REQUIRE(time == time_of(index));
                const auto token = token_of(index);
                REQUIRE(use.key == token->key);
                REQUIRE(use.expires_s == token->expires_s);
                REQUIRE(use.request == token->request);
                expected += 3;
            });
        REQUIRE(visited);
        REQUIRE(expected >= count);
    }
    [[nodiscard]] Verification verify(const std::string& vkey) const {
        const auto verified = verify_database(database, vkey, keys.get(), kSilent);
        if (!verified) FAIL(verified.error().error.detail);
        return *verified;
    }
    // With the key ring and without.
    void check_refuted(const std::string& vkey, std::optional<std::uint64_t> first_bad) const {
        for (const auto* with : {keys.get(), static_cast<crypto::KeyRing*>(nullptr)}) {
            CAPTURE(with != nullptr);
            const auto verified = verify_database(database, vkey, with, kSilent);
            REQUIRE_FALSE(verified);
            CAPTURE(verified.error().error.detail);
            CHECK(verified.error().error.code == ErrorCode::corrupt);
            CHECK(verified.error().first_bad == first_bad);
        }
    }
};

inline std::string content(const std::filesystem::path& file) {
    return read_file(file).value();
}

inline void put(const std::filesystem::path& file, std::string_view bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    REQUIRE(out);
}

}  // namespace log_test

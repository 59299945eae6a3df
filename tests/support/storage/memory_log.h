// The log's storage in memory, for tests: as many processes as a test likes open the same
// MemoryLog::Data, as gateways beside each other would a database. Nothing outlives the Data.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "gateway/storage/ports/log_storage.h"

namespace shikaku::testing {

class MemoryLog final : public storage::LogStorage {
  public:
    struct Entry {
        Bytes leaf, token, sealed;
    };
    struct Data {
        std::mutex mutex;
        std::vector<Entry> entries;
        std::map<Bytes, std::uint64_t> token_used_by;  // key -> entry
        std::map<std::pair<int, std::uint64_t>, Bytes> tiles;
        std::map<std::int64_t, storage::StoredCheckpoint> checkpoints;
        std::map<std::string, Bytes, std::less<>> keys;
    };

    explicit MemoryLog(std::shared_ptr<Data> data) : data_(std::move(data)) {}

    Status expect_keys(const storage::KeyUse& use) override {
        const std::lock_guard lock(data_->mutex);
        for (const auto& [name, value] : data_->keys) {
            const auto mine = use.ring.find(name);
            if (mine == use.ring.end() ? use.needed(name).value_or(true) : mine->second != value)
                return fail(storage::wrong_key(place(), name));
        }
        used_ = use;
        return {};
    }
    Result<std::uint64_t> recover(const Known& /*known*/) override { return size(); }
    Status accept(std::string_view /*now*/) override {
        const std::lock_guard lock(data_->mutex);
        for (const std::string& name : used_.used)
            data_->keys.emplace(name, used_.ring.at(name));
        return {};
    }
    Status remember_tokens(std::uint64_t /*first*/) override { return {}; }

    Status append(std::span<const storage::NewEntry> entries, Instant now,
                  const Acknowledge& acknowledge) override {
        std::vector<storage::Placed> placed;
        {
            const std::lock_guard lock(data_->mutex);
            for (const storage::NewEntry& entry : entries)
                placed.push_back(place_entry(entry, now));
        }
        acknowledge(placed);
        return {};
    }
    Status try_again() override { return {}; }
    Status put_tiles(std::span<const storage::NewTile> tiles) override {
        const std::lock_guard lock(data_->mutex);
        put_locked(tiles);
        return {};
    }
    Status cover(const Covering& covering) override {
        const std::lock_guard lock(data_->mutex);
        std::optional<std::uint64_t> newest;
        if (!data_->checkpoints.empty()) newest = data_->checkpoints.rbegin()->second.size;
        if (newest != covering.after) return fail(ErrorCode::conflict);
        put_locked(covering.tiles);
        data_->checkpoints.insert_or_assign(covering.checkpoint.minute, covering.checkpoint);
        return {};
    }
    Status keep_house() override { return {}; }
    Status make_safe() override { return {}; }

    Result<std::uint64_t> size() override {
        const std::lock_guard lock(data_->mutex);
        return data_->entries.size();
    }
    Result<std::optional<storage::StoredCheckpoint>> newest_checkpoint() override {
        const std::lock_guard lock(data_->mutex);
        if (data_->checkpoints.empty()) return std::nullopt;
        return data_->checkpoints.rbegin()->second;
    }
    // These are not there at once, as from a server.
    storage::Reply<Bytes> leaf(std::uint64_t index) override {
        return later<Bytes>([this, index]() -> Result<Bytes> {
            if (index >= data_->entries.size()) return fail(ErrorCode::not_found);
            return data_->entries[index].leaf;
        });
    }
    storage::Reply<std::optional<Bytes>> detail(std::uint64_t index) override {
        return later<std::optional<Bytes>>([this, index]() -> Result<std::optional<Bytes>> {
            if (index >= data_->entries.size()) return std::nullopt;
            return data_->entries[index].sealed;
        });
    }
    storage::Reply<Bytes> tile(int level, std::uint64_t n) override {
        return later<Bytes>([this, level, n]() -> Result<Bytes> {
            const auto found = data_->tiles.find({level, n});
            if (found == data_->tiles.end()) return fail(ErrorCode::not_found);
            return found->second;
        });
    }

    Status visit_leaves(std::uint64_t begin, std::uint64_t end, const LeafVisitor& visit) override {
        return each(begin, end, [&](std::uint64_t index, const Entry& entry) {
            return visit(index, entry.leaf);
        });
    }
    Status visit_changes(std::uint64_t begin, std::uint64_t end,
                         const LeafVisitor& visit) override {
        return each(begin, end, [&](std::uint64_t index, const Entry& entry) {
            const auto& kinds = storage::kChangeKinds;
            const bool change =
                entry.leaf.size() > 9 && std::ranges::find(kinds, entry.leaf[9]) != kinds.end();
            return change ? visit(index, entry.leaf) : Status{};
        });
    }
    Status visit_tokens(std::uint64_t begin, std::uint64_t end,
                        const TokenVisitor& visit) override {
        return each(begin, end, [&](std::uint64_t index, const Entry& entry) {
            return entry.token.empty() ? Status{} : visit(index, entry.leaf, entry.token);
        });
    }

    std::string place() const override { return "memory"; }

  private:
    static Bytes copy(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

    storage::Placed place_entry(const storage::NewEntry& entry, Instant now) {
        using How = storage::Placed::How;
        const auto index = data_->entries.size();
        const Instant long_ago = now - std::chrono::minutes(5);
        if (!entry.token.empty() &&
            Instant(std::chrono::seconds(storage::token_expires_s(entry.token))) >= long_ago) {
            const auto [used, first] =
                data_->token_used_by.emplace(copy(storage::token_key(entry.token)), index);
            if (!first) {
                const Bytes& token = data_->entries[used->second].token;
                const bool same = std::ranges::equal(storage::token_request(token),
                                                     storage::token_request(entry.token));
                return {.how = same ? How::repeated : How::replayed, .index = used->second};
            }
        }
        data_->entries.push_back({copy(entry.leaf), copy(entry.token), copy(entry.sealed)});
        return {.how = How::appended, .index = index};
    }
    void put_locked(std::span<const storage::NewTile> tiles) {
        for (const storage::NewTile& tile : tiles)
            data_->tiles.try_emplace({tile.level, tile.n}, copy(tile.hashes));
    }
    template <class T, class Read>
    storage::Reply<T> later(Read read) {
        return storage::Reply<T>::later([this, read](typename storage::Reply<T>::Done done) {
            Result<T> found = [&] {
                const std::lock_guard lock(data_->mutex);
                return read();
            }();
            done(std::move(found));
        });
    }
    template <class Visit>
    Status each(std::uint64_t begin, std::uint64_t end, const Visit& visit) {
        for (auto index = begin; index < end; ++index) {
            Entry entry;
            {
                const std::lock_guard lock(data_->mutex);
                if (index >= data_->entries.size()) return {};
                entry = data_->entries[index];
            }
            SHIKAKU_TRY(visit(index, entry));
        }
        return {};
    }

    std::shared_ptr<Data> data_;
    storage::KeyUse used_;
};

}  // namespace shikaku::testing

#include <algorithm>
#include <utility>

#include "gateway/audit/opening.h"
#include "gateway/audit/tree_verifier.h"
#include "gateway/storage/log_reader.h"
#include "gateway/storage/log_schema.h"

namespace shikaku::audit {

namespace {

// Read transactions stay this short, so that a log in use is not held up.
constexpr std::uint64_t kRowsAtOnce = 4096;

class DatabaseVerifier {
  public:
    DatabaseVerifier(storage::LogReader& reader, std::string_view vkey, const crypto::KeyRing* keys)
        : reader_(reader),
          vkey_(vkey),
          keys_(keys),
          tree_([&reader](int level, std::uint64_t n, std::size_t) {
              return reader.tile(level, n);  // full ones only are stored
          }) {}

    VerifyResult run(const VerifyProgress& progress);

  private:
    [[nodiscard]] VerifyStatus find_end();
    [[nodiscard]] VerifyStatus take_leaves(std::uint64_t begin, std::uint64_t end);
    [[nodiscard]] VerifyStatus open_details(std::uint64_t begin);
    // Checks the stored checkpoints that are about exactly the tree so far.
    [[nodiscard]] VerifyStatus check_checkpoints();
    [[nodiscard]] VerifyStatus next_checkpoint();

    storage::LogReader& reader_;
    std::string_view vkey_;
    const crypto::KeyRing* keys_;
    TreeVerifier tree_;
    Verification report_;
    std::optional<storage::StoredCheckpoint> next_;
    std::int64_t minute_ = -1;
    std::vector<Hash256> commitments_;  // of the rows at hand
};

VerifyResult DatabaseVerifier::run(const VerifyProgress& progress) {
    if (auto found = find_end(); !found) return std::unexpected(std::move(found.error()));
    if (auto found = next_checkpoint(); !found) return std::unexpected(std::move(found.error()));
    const std::uint64_t size = report_.checkpoint.size;
    for (std::uint64_t begin = 0; begin < size; begin = tree_.size()) {
        auto done = take_leaves(begin, std::min(size, begin + kRowsAtOnce));
        if (done && keys_) done = open_details(begin);
        if (!done) return std::unexpected(std::move(done.error()));
        progress(tree_.size(), size);
    }
    auto done = check_checkpoints();
    if (done) done = tree_.expect(report_.checkpoint);
    if (!done) return std::unexpected(std::move(done.error()));
    return report_;
}

VerifyStatus DatabaseVerifier::find_end() {
    const auto stored = reader_.latest_checkpoint();
    if (!stored) return verify_failed(stored.error());
    if (!*stored) return not_as_signed("there is no checkpoint");
    auto checkpoint = verify_checkpoint((*stored)->text, vkey_);
    if (!checkpoint) return verify_failed(std::move(checkpoint.error()));
    const auto count = reader_.next_index();
    if (!count) return verify_failed(count.error());
    if (*count < checkpoint->size)
        return not_as_signed("fewer entries than the last checkpoint covers", *count);
    const auto more = reader_.not_yet_noted();
    if (!more) return verify_failed(more.error());
    report_.behind = *count - checkpoint->size + *more;
    report_.checkpoint = std::move(*checkpoint);
    return {};
}

VerifyStatus DatabaseVerifier::take_leaves(std::uint64_t begin, std::uint64_t end) {
    commitments_.clear();
    VerifyStatus verdict;
    const auto stop = [&verdict](VerifyFailure failure) -> Status {
        verdict = std::unexpected(std::move(failure));
        return fail(ErrorCode::corrupt);
    };
    const auto missing = [this] {
        return VerifyFailure{{ErrorCode::corrupt, "an entry is missing"}, tree_.size()};
    };
    const auto visited =
        reader_.visit_leaves(begin, end, [&](std::uint64_t index, BytesView bytes) -> Status {
            if (index != tree_.size()) return stop(missing());
            if (auto checked = check_checkpoints(); !checked) return stop(checked.error());
            const auto leaf = tree_.add(bytes);
            if (!leaf) return stop(leaf.error());
            commitments_.push_back(leaf->commitment);
            return {};
        });
    if (!verdict) return verdict;
    if (!visited) return verify_failed(visited.error(), tree_.size());
    if (tree_.size() != end) return std::unexpected(missing());
    return {};
}

VerifyStatus DatabaseVerifier::open_details(std::uint64_t begin) {
    std::uint64_t next = begin;
    std::uint64_t opened = 0;
    const auto visited = reader_.visit_details(
        begin, tree_.size(), [&](std::uint64_t index, BytesView sealed) -> Status {
            next = index;
            const auto detail = open_detail(*keys_, commitments_[index - begin], sealed);
            if (!detail) return fail(detail.error());
            ++next;
            ++opened;
            return {};
        });
    if (!visited) {
        // What cannot be read is not visited: it is the next that is not erased.
        for (; next < tree_.size(); ++next) {
            const auto detail = reader_.detail(next);
            if (!detail || *detail) break;
        }
        return verify_failed(visited.error(), next);
    }
    report_.opened += opened;
    report_.erased += commitments_.size() - opened;
    return {};
}

VerifyStatus DatabaseVerifier::check_checkpoints() {
    while (next_ && next_->size <= tree_.size()) {
        const auto checkpoint = verify_checkpoint(next_->text, vkey_);
        if (!checkpoint) return verify_failed(checkpoint.error(), next_->size);
        if (checkpoint->size != next_->size || checkpoint->size != tree_.size())
            return not_as_signed(
                "a checkpoint is about another size than its row or its order says", tree_.size());
        if (auto same = tree_.expect(*checkpoint); !same) return same;
        ++report_.checkpoints;
        if (auto found = next_checkpoint(); !found) return found;
    }
    return {};
}

VerifyStatus DatabaseVerifier::next_checkpoint() {
    next_.reset();
    const auto visited = reader_.visit_checkpoints(
        minute_, 1, [this](const storage::StoredCheckpoint& stored) -> Status {
            next_ = stored;
            minute_ = stored.minute;
            return {};
        });
    if (!visited) return verify_failed(visited.error());
    return {};
}

}  // namespace

VerifyResult verify_database(const std::filesystem::path& file, std::string_view vkey,
                             const crypto::KeyRing* keys, const VerifyProgress& progress) {
    auto database = storage::Database::open(storage::log_database(file, true));
    if (!database) return verify_failed(std::move(database.error()));
    auto reader = storage::LogReader::prepare(*database);
    if (!reader) return verify_failed(std::move(reader.error()));
    return DatabaseVerifier(*reader, vkey, keys).run(progress);
}

}  // namespace shikaku::audit

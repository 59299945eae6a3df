// The question's read of registry.db: all rows about one person, by one look-up.
//
// A thread keeps its read transaction open between questions, because opening one costs more than
// the read. begin() starts a new one; the owner does so when its view of generations has changed or
// the transaction is old. end_all() ends those of idle threads so that the write-ahead log can be
// emptied.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/storage/per_thread.h"
#include "gateway/storage/registry_store.h"

namespace shikaku::storage {

struct PersonRow {
    AuthorityNumber authority = 0;
    std::int64_t gen_from = 0;
    std::int64_t gen_to = 0;  // 0: has not ended
    bool deleted = false;     // how it ended: deleted, or left out of a full publication
    Key16 history{};
    Bytes sealed;
};

// One thread's transaction; locked by the thread for the length of a question.
class RegistrySession {
  public:
    [[nodiscard]] static Result<std::unique_ptr<RegistrySession>> prepare(Database& database);

    // `stamp` is the owner's mark of what this transaction at least sees.
    [[nodiscard]] Status begin(std::uint64_t stamp);
    void end();
    [[nodiscard]] bool is_current(std::uint64_t stamp) const;
    // Into `rows`, whose memory is used again; the number of rows found. storage_unavailable: more
    // than bounds::kRowsPerPerson, which no real person has; a question must not stall on them.
    [[nodiscard]] Result<std::size_t> find(const Key16& person, std::vector<PersonRow>& rows);

    std::mutex mutex;

  private:
    Statement begin_, end_, find_;
    bool open_ = false;
    std::uint64_t stamp_ = 0;
    std::chrono::steady_clock::time_point begun_{};
    friend class RegistryReaders;
    bool listed_ = false;
};

class RegistryReaders {
  public:
    explicit RegistryReaders(const std::filesystem::path& registry);
    [[nodiscard]] Result<RegistrySession*> mine() const;  // the calling thread's
    void end_all() const;

  private:
    struct Reader {
        std::unique_ptr<RegistrySession> session;
        static Result<Reader> prepare(Database& database);
    };
    PerThread<Reader> readers_;
    mutable std::mutex mutex_;
    mutable std::vector<RegistrySession*> sessions_;
};

}  // namespace shikaku::storage

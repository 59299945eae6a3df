// The anchors of a log: the last signed checkpoint, kept outside the log's own files. A start
// compares: the log must hold every anchor, at its size with its root. So a log whose files were
// cut, changed, removed or put back from an older copy is refused, not signed again.
//
// keep() is for the writer's thread and costs it a lock; a thread of its own writes, each place at
// most once in its period, and at stop(). An anchor may therefore be behind the log, never ahead.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/audit/checkpoint.h"
#include "gateway/storage/anchor_place.h"

namespace shikaku::audit {

class Anchors {
  public:
    // `some_lost`: there were others, which know as much of a log as these.
    Anchors(std::vector<std::unique_ptr<storage::AnchorPlace>> places, std::string vkey,
            bool some_lost = false);
    ~Anchors();
    Anchors(const Anchors&) = delete;
    Anchors& operator=(const Anchors&) = delete;

    // Whether any place knows a log, or did.
    [[nodiscard]] Result<bool> any();
    // conflict: one does. That some know the empty log of an init that was cut short is no such
    // case.
    [[nodiscard]] Status expect_none();

    // The log as it is found at start.
    struct Found {
        std::vector<std::filesystem::path> files;  // the main one first
        std::uint64_t size = 0;
        bool may_be_older;  // than anchors: written before there were any; places may lack it
        std::function<Result<Hash256>(std::uint64_t size)> root_at;
    };
    // corrupt, naming both sizes, the files with their times and what to do.
    [[nodiscard]] Status compare(const Found& found);

    // Writes every place now, then starts the thread.
    [[nodiscard]] Status start(const SignedCheckpoint& checkpoint);
    void keep(const SignedCheckpoint& checkpoint);
    void stop();  // writes what is not written yet

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Place {
        std::unique_ptr<storage::AnchorPlace> place;
        std::string written{};
        SteadyTime tried{};
        SteadyTime done{};
        bool late = false;  // and told
    };

    [[nodiscard]] Result<std::vector<std::optional<std::string>>> read();
    [[nodiscard]] Status compare(const std::filesystem::path& file,
                                 const std::optional<std::string>& note, const Found& found) const;
    void run();
    void write(Place& place, const std::string& note);
    // When the next place is due; now or earlier: there is one.
    [[nodiscard]] SteadyTime next_due() const;

    std::vector<Place> places_;
    std::string vkey_;
    bool some_lost_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::string note_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace shikaku::audit

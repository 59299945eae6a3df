// A log and a registry with their keys in a folder, as the gateway opens them, and what was
// promised to those who used them: entries and publications acknowledged, checkpoints shown.
// keeps() holds what another folder contains against the promises made up to a moment of the disk's
// trace.
#pragma once

#include <functional>
#include <mutex>

#include "gateway/registry/registry.h"
#include "tests/reliability/disk.h"
#include "tests/support/temporary_folder.h"

namespace shikaku::reliability {

// One moment is a number of operations of the disk.
struct Promises {
    struct Entry {
        std::size_t moment = 0;
        std::uint64_t index = 0;
        std::string detail;
        std::array<std::uint8_t, 16> token{};
    };
    struct Checkpoint {
        std::size_t moment = 0;
        audit::Checkpoint checkpoint;
    };
    struct Generation {
        std::size_t begun = 0;
        std::size_t acknowledged = SIZE_MAX;
        std::string segment;
    };
    std::vector<Entry> entries;
    std::vector<Checkpoint> checkpoints;
    std::vector<Generation> generations;
};

class House {
  public:
    explicit House(std::uint64_t people);

    // The same keys over any folder.
    struct Stores {
        std::unique_ptr<audit::Log> log;
        std::unique_ptr<registry::Registry> registry;
    };
    [[nodiscard]] Result<Stores> open(const std::filesystem::path& folder) const;

    // Empty: every promise made at or before the moment is kept by what is in the folder, and both
    // stores can go on. Else what is wrong.
    [[nodiscard]] std::string keeps(const std::filesystem::path& folder, const Promises& promises,
                                    std::size_t moment) const;

    // The steps of a day, over the stores in folder(); `moment` is asked after each promise.
    using Moment = std::function<std::size_t()>;
    Status ask(Stores& stores, int questions, Promises& promises, const Moment& moment);
    Status publish(Stores& stores, Promises& promises, const Moment& moment);
    // Takes the last publication back.
    Status roll_back(Stores& stores, Promises& promises, const Moment& moment);
    Status look(Stores& stores, Promises& promises, const Moment& moment) const;

    [[nodiscard]] const std::filesystem::path& folder() const { return data_; }

  private:
    shikaku::testing::TemporaryFolder scratch_;
    std::filesystem::path data_ = scratch_.path() / "data";
    std::unique_ptr<crypto::KeyRing> keys_;
    crypto::SigningKey signer_ = crypto::SigningKey::generate(crypto::Algorithm::EdDSA);
    SystemClock clock_;
    std::uint64_t people_;
    std::uint64_t questions_ = 0;
    std::uint64_t publications_ = 0;
    std::string last_publication_;
    std::mutex mutex_;
};

}  // namespace shikaku::reliability

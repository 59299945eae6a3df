// A disk that keeps what was flushed and loses what was only written: the same operations as the
// real one, then, at a power cut, whatever the promises of a disk allow.
//
// A write becomes durable with the next flush of its file. Until then each of its sectors (512
// bytes) may be there as it was, as any write since left it, torn between two of those, or, where
// the file was not so long before, zero; the file may have any of the sizes it had since. A name
// made, moved or removed becomes durable with the next flush of its folder, in order. After a flush
// that failed the written pages count as clean: no later flush makes them durable unless they are
// written again. What the model takes for granted: a write does not harm sectors it does not touch.
#pragma once

#include <random>

#include "tests/reliability/disk.h"

namespace shikaku::reliability {

enum class Loss : std::uint8_t { all, none, some, torn };  // of what was not flushed

class DiskModel {
  public:
    explicit DiskModel(const Trace& trace);

    // The first `count` operations have happened; never fewer than before.
    void advance(std::size_t count);
    // What is found after a power cut now, put into an empty folder.
    void lay_out(const std::filesystem::path& folder, Loss loss, std::mt19937_64& random) const;

  private:
    static constexpr std::size_t kSectorBytes = 512;
    static constexpr std::size_t kPageBytes = 4096;
    using Sector = std::array<std::uint8_t, kSectorBytes>;

    struct Written {
        std::vector<Sector> versions;  // since the last flush, oldest first
        bool clean = false;            // a failed flush has let go of it
    };
    struct File {
        Bytes durable, current;
        std::map<std::size_t, Written> written;
        std::vector<std::size_t> sizes;  // since the last flush

        void write(std::size_t at, BytesView bytes);
        void resize(std::size_t size);
        void flush();
        void fail_to_flush();
        void note(std::size_t sector);
        [[nodiscard]] Bytes left(Loss loss, std::mt19937_64& random) const;
    };
    using Names = std::map<std::filesystem::path, int>;
    struct Folder {
        Names durable, current;
        std::vector<Names> since;  // after each operation since the last flush
    };

    void apply(const Operation& operation);
    void rename(const std::filesystem::path& folder, const std::function<void(Names&)>& change);

    const Trace& trace_;
    std::size_t done_ = 0;
    std::map<int, File> files_;
    std::map<std::filesystem::path, Folder> folders_;
};

}  // namespace shikaku::reliability

// The rows of one publication before they are in force: a file of its own beside registry.db,
// deleted when the publication ends. Not durable until sync(), which a held publication needs.
//
// Keys are keyed hashes and payloads are sealed already when they get here. Walks go through rows
// in sorted order with memory that does not grow (SQLite sorts in temporary files). One thread at a
// time.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>

#include "gateway/storage/database.h"
#include "gateway/support/bytes.h"

namespace shikaku::storage {

using Key16 = std::array<std::uint8_t, 16>;
[[nodiscard]] Key16 key16(BytesView bytes);  // the first 16 of at least 16 bytes

// The content of a row that was refused, and of which no more than its person is known. It is kept
// without a payload, so that what its authority says of the person is unknown, not "no record".
inline constexpr Key16 kUnread{};

struct StagedRow {
    enum class Kind : std::uint8_t {  // on disk: never renumber
        good = 0,
        deleted = 1,
        keep = 2,          // refused: what is in force under this history key stays
        unattributed = 3,  // refused, and its history key is not known: one of its own, or none
    };
    std::int64_t line = 0;
    Key16 history{}, person{}, content{};  // of good rows; person also of refused ones, if known
    std::uint32_t filled = 0;              // bit per column that says something
    Kind kind = Kind::good;
};

struct StagedPeriod {
    std::int64_t certificate = 0;   // hash of person, certificate type and recipient number
    std::int32_t from = 0, to = 0;  // days since 1970
    std::int64_t line = 0;
};

struct StagedRemark {
    std::int64_t line = 0;
    int column = -1;
    int code = 0;
};

// What the publication does to the registry: a new row (line set), the end of an old one (old_id
// set), or a replacement (both).
struct StagedChange {
    std::int64_t line = 0;
    Key16 history{}, person{}, content{};  // content: kUnread of a refused row
    std::uint32_t filled = 0;
    std::int64_t old_id = 0;    // 0: none
    std::int64_t old_from = 0;  // its gen_from
    bool deleted = false;       // the old row ends because the upload says so
};

class StagingStore {
  public:
    [[nodiscard]] static Result<StagingStore> open(const std::filesystem::path& file);

    [[nodiscard]] Status add(const StagedRow& row, BytesView sealed);  // sealed: of good rows
    [[nodiscard]] Status add(const StagedPeriod& period);
    [[nodiscard]] Status add(const StagedRemark& remark);
    [[nodiscard]] Status add(const StagedChange& change);

    template <class T>
    using Visit = std::function<Status(const T&)>;
    // By history key, then line.
    [[nodiscard]] Status each_row(const Visit<StagedRow>& visit);
    // By certificate, then beginning, then line. Afterwards the periods are forgotten.
    [[nodiscard]] Status take_periods(const Visit<StagedPeriod>& visit);
    [[nodiscard]] Status each_remark(std::size_t most,
                                     const Visit<StagedRemark>& visit);  // by line
    [[nodiscard]] Result<std::uint64_t> last_line();
    [[nodiscard]] Result<Bytes> sealed(std::int64_t line);  // of a good row

    // New rows by line; by person, with line and person only; by history key. Ended rows.
    struct NewRow {
        std::int64_t line;
        Key16 history, person;
        BytesView sealed;  // valid during the visit
    };
    using VisitNew = Visit<NewRow>;
    [[nodiscard]] Status each_new_by_line(const VisitNew& visit);
    [[nodiscard]] Status each_new_by_person(const VisitNew& visit);
    [[nodiscard]] Status each_new_by_history(const Visit<StagedChange>& visit);
    [[nodiscard]] Status each_ended(const Visit<StagedChange>& visit);

    [[nodiscard]] Status sync();  // everything so far is on disk
    static void remove(const std::filesystem::path& file);

  private:
    StagingStore(Database database, std::filesystem::path file)
        : database_(std::move(database)), file_(std::move(file)) {}
    Status prepare();
    Status grow();
    Status commit();
    Status walk(std::string_view sql, const std::function<Status(const Statement&)>& visit);

    Database database_;
    std::filesystem::path file_;
    Statement add_row_, add_period_, add_remark_, add_change_, sealed_;
    std::size_t uncommitted_ = 0;
    bool writing_ = false;
};

}  // namespace shikaku::storage

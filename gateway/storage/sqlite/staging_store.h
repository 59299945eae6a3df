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

#include "gateway/storage/ports/registry_storage.h"
#include "gateway/storage/sqlite/database.h"
#include "gateway/support/bytes.h"

namespace shikaku::storage {

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

class StagingStore final : public StagedChanges {
  public:
    [[nodiscard]] static Result<StagingStore> open(const std::filesystem::path& file);

    [[nodiscard]] Status add(const StagedRow& row, BytesView sealed);  // sealed: of good rows
    [[nodiscard]] Status add(const StagedPeriod& period);
    [[nodiscard]] Status add(const StagedRemark& remark);
    [[nodiscard]] Status add(const StagedChange& change);

    // By history key, then line.
    [[nodiscard]] Status each_row(const Visit<StagedRow>& visit);
    // By certificate, then beginning, then line. Afterwards the periods are forgotten.
    [[nodiscard]] Status take_periods(const Visit<StagedPeriod>& visit);
    [[nodiscard]] Status each_remark(std::size_t most,
                                     const Visit<StagedRemark>& visit);  // by line
    [[nodiscard]] Result<std::uint64_t> last_line();
    [[nodiscard]] Result<Bytes> sealed(std::int64_t line);  // of a good row

    [[nodiscard]] Status each_new_by_line(const VisitNew& visit) override;
    [[nodiscard]] Status each_new_by_person(const VisitNew& visit) override;
    [[nodiscard]] Status each_new_by_history(const Visit<StagedChange>& visit) override;
    [[nodiscard]] Status each_ended(const Visit<StagedChange>& visit) override;

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

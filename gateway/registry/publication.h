// One upload of recipients, from the first byte to its report (docs/contract.md 5).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/linkage_check.h"
#include "gateway/domain/localized.h"
#include "gateway/registry/record_set.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::registry {

// In registry.db: never renumber, never rename.
enum class PublicationState : std::uint8_t {
    receiving = 0,
    checking = 1,
    held = 2,
    active = 3,
    rejected = 4,
    rolled_back = 5,
};
[[nodiscard]] std::string_view name(PublicationState state);
[[nodiscard]] std::optional<PublicationState> parse_publication_state(std::string_view text);

enum class Mode : std::uint8_t { full, delta };
[[nodiscard]] std::string_view name(Mode mode);
[[nodiscard]] std::optional<Mode> parse_mode(std::string_view text);
enum class BodyFormat : std::uint8_t { csv_cp932, csv_utf8, ndjson };
[[nodiscard]] std::string_view name(BodyFormat format);

struct PublicationRequest {
    domain::AuthorityCode authority;
    std::string caller;  // label for the log
    Mode mode = Mode::full;
    bool dry_run = false;
    BodyFormat format = BodyFormat::csv_utf8;
    std::string idempotency_key;
    // Of the secret its link keys were made with. Not told: as what is in force.
    std::optional<domain::LinkageCheck> linkage{};
    RecordType records = RecordType::subsidies;

    [[nodiscard]] RecordSet set() const { return {.records = records, .authority = authority}; }
};

struct RefusedRow {
    std::uint64_t line = 0;  // 1-based, of the uploaded file
    std::string column;
    std::string code;           // e.g. "bad_date"
    domain::Localized message;  // never quotes the row's values
    bool warning = false;       // kept all the same
};

// A dry run ends in the state the publication would have got, without `switched`.
struct PublicationReport {
    std::string id;
    PublicationState state = PublicationState::receiving;
    Mode mode = Mode::full;
    bool dry_run = false;
    std::uint64_t read = 0, added = 0, changed = 0, ended = 0, unchanged = 0, refused = 0,
                  warnings = 0;
    std::vector<RefusedRow> rows{};  // the first bounds::kRefusedRowsShown
    std::vector<domain::Localized> held_because{};
    std::vector<domain::Localized> rejected_because{};
    RecordType records = RecordType::subsidies;
    Instant received{};
    std::optional<Instant> switched{};
    std::optional<std::uint64_t> log_index{};
};

// Feed the body, then finish(). Destroying it before finish() leaves nothing behind. One thread at
// a time; blocking (SQLite): call from a worker thread, not from an io thread.
//
// feed() fails with personal_number_refused when the upload has a column of personal numbers, and
// when the storage fails; then nothing more should be sent. A file that cannot be used for another
// reason is read to its end, and finish() reports it as rejected.
//
// With an Idempotency-Key that was seen before, id() is the earlier publication's; its body has to
// come again, and finish() gives the earlier report, or idempotency_key_reused when the bodies
// differ or the earlier one is not known.
class Publication {
  public:
    virtual ~Publication() = default;
    [[nodiscard]] virtual const std::string& id() const = 0;
    [[nodiscard]] virtual Status feed(std::string_view bytes) = 0;
    // Checks the whole, compares, holds back or logs and switches. The report says which.
    [[nodiscard]] virtual Result<PublicationReport> finish() = 0;
};

}  // namespace shikaku::registry

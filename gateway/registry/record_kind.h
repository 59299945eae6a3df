// What a kind of record supplies, so that everything from upload to generation can be the same for
// all kinds: its columns, the authority's pack that its rows are checked against, the check of one
// row, and what of a stored row the comparison must understand. Stateless; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/domain/scheme_pack.h"
#include "gateway/registry/record_set.h"
#include "gateway/registry/row_examination.h"
#include "gateway/support/bytes.h"

namespace shikaku::registry {

// What an authority says of its programmes of this kind. Only the kind knows the type behind it.
using AnyPack = std::shared_ptr<const void>;

struct PackRead {
    AnyPack pack{};  // null when refused
    std::vector<domain::PackProblem> problems{};
    std::size_t examples_run = 0;
    std::size_t entries = 0;
    std::string_view entries_are{};  // "schemes", in the log
};
// A pack that was accepted before stays readable, whatever a later program would say of it.
enum class PackIs : std::uint8_t { new_one, accepted_before };

struct Period {
    domain::Date from, to;
};

// A row that is kept, as it is stored and compared. Its memory is used again by the next row.
struct RowContent {
    Bytes bytes{};             // equal when nothing changed
    std::uint32_t filled = 0;  // a bit for each optional column that says something
    // Two rows of one person whose periods overlap under the same text are told as a warning; no
    // period: they are not looked at.
    std::optional<Period> period{};
    std::string certificate{};
};

class RecordKind {
  public:
    // `period_begins`: the column of a row that is told when its period overlaps another's.
    RecordKind(RecordType records, const Columns& columns, Column period_begins)
        : records_(records), columns_(columns), period_begins_(period_begins) {}
    virtual ~RecordKind() = default;
    RecordKind(const RecordKind&) = delete;
    RecordKind& operator=(const RecordKind&) = delete;

    [[nodiscard]] RecordType records() const { return records_; }
    [[nodiscard]] const Columns& columns() const { return columns_; }
    [[nodiscard]] Column period_begins() const { return period_begins_; }

    [[nodiscard]] virtual PackRead read_pack(std::string_view text, domain::AuthorityCode authority,
                                             const std::string& version, PackIs is) const = 0;
    // `content` is filled for a row that is neither refused nor deleted.
    [[nodiscard]] virtual RowVerdict check(const RawRow& row, const AnyPack& pack,
                                           RowContent& content) const = 0;

    // Of stored bytes (corrupt when they are not this kind's): when the row says yes to a desk,
    // which a publication must not take from many unseen; nullopt: this kind has no such time.
    [[nodiscard]] virtual Result<std::optional<Period>> period_of(BytesView content) const = 0;
    [[nodiscard]] virtual Result<std::string> history_key_of(BytesView content) const = 0;

  private:
    RecordType records_;
    const Columns& columns_;
    Column period_begins_;
};

// The kinds this gateway knows, one for each number at most; subsidies are always among them.
class RecordKinds {
  public:
    explicit RecordKinds(std::vector<const RecordKind*> more = {});
    // nullptr: not this gateway's.
    [[nodiscard]] const RecordKind* find(RecordType records) const;

  private:
    std::vector<const RecordKind*> kinds_;
};

// A bit for each column that may be empty and is not.
template <class Record>
[[nodiscard]] std::uint32_t filled_columns(domain::Fields<Record> fields, const Record& record) {
    std::uint32_t filled = 0;
    for (const domain::Field<Record>& field : fields)
        if (field.need == domain::Need::optional && says_something(field, record))
            filled |= 1U << field.number;
    return filled;
}

}  // namespace shikaku::registry

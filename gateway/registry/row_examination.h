// One uploaded row under examination: what is checked alike for every kind of record. Keys, the
// flag of deletion, personal numbers, characters, and each field as its form says.
//
// Pure. A row is refused or kept; every remark names line, column and code, and none quotes a
// value.
#pragma once

#include <bitset>
#include <functional>
#include <optional>
#include <vector>

#include "gateway/domain/field_text.h"
#include "gateway/registry/row_remark.h"
#include "gateway/support/bytes.h"
#include "gateway/support/text.h"

namespace shikaku::registry {

struct RowVerdict {
    bool refused = false;
    bool deleted = false;
    std::vector<RowRemark> remarks{};
    // usable_history_key(), also of a refused row: what is in force under it stays then.
    std::string history_key{};
    Hash256 link_key{};  // of a row that is neither refused nor deleted
};

// What is wrong with the characters of a value: undecodable, control_character or hidden_character.
[[nodiscard]] std::optional<RowCode> fault_of_characters(std::string_view value);

// personal_number or shortened_personal_number (domain/numbers.h). A history key may well have
// eleven digits; in other columns such a number has lost its zero.
enum class ValueOf : std::uint8_t { history_key, another_column };
[[nodiscard]] std::optional<RowCode> personal_number_in(std::string_view value, ValueOf column);
[[nodiscard]] std::optional<RowCode> personal_number_in(std::string_view value,
                                                        const Columns& columns, Column column);

// The row's history key without spaces around it; empty where it cannot be used: missing, too long,
// with characters that no key has, or a personal number.
[[nodiscard]] std::string_view usable_history_key(const Columns& columns, const RawRow& row);

// 32 bytes as base64url, with spaces around it or not.
[[nodiscard]] std::optional<Hash256> read_link_key(std::string_view text);

// Whose row it is, whatever else is wrong with it; nullopt: it does not say.
[[nodiscard]] std::optional<Hash256> usable_link_key(const Columns& columns, const RawRow& row);

class RowExamination {
  public:
    RowExamination(const Columns& columns, const RawRow& row, RowVerdict& out)
        : columns_(columns), row_(row), out_(out) {}

    // What concerns the row as a whole. False: nothing more of it matters.
    [[nodiscard]] bool begin();

    // Each field by itself. Of texts that name an entry of the authority's pack `in_pack` says
    // whether it has that entry.
    struct Rules {
        std::function<bool(std::string_view id)> in_pack;
        RowCode not_in_pack;
        RowCode bad_yen;
    };
    template <class Record>
    void read(domain::Fields<Record> fields, const Rules& rules, Record& record) {
        for (const domain::Field<Record>& field : fields) {
            const Column column{field.number};
            if (column == columns_.history_key() || column == columns_.deleted()) continue;
            if (!may_be_read(column, rules)) continue;
            take(column, read_text(field, value(column), record), rules);
        }
    }

    [[nodiscard]] std::string_view value(Column column) const { return trim_wide(row_[column]); }
    void remark(Column column, RowCode code);
    // It has a value, with which nothing is wrong so far.
    [[nodiscard]] bool is_good(Column column) const {
        return !value(column).empty() && !faulty_.test(static_cast<std::size_t>(column));
    }

  private:
    [[nodiscard]] bool says_nothing() const;
    void check_personal_numbers();
    void check_characters();
    void check_history_key();
    void check_deleted();
    [[nodiscard]] bool may_be_read(Column column, const Rules& rules);
    void take(Column column, domain::Fault fault, const Rules& rules);

    const Columns& columns_;
    const RawRow& row_;
    RowVerdict& out_;
    std::bitset<kColumnsMax> faulty_;
};

}  // namespace shikaku::registry

// The columns of an upload: the fields of one kind of record, by their own and by their Japanese
// names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/domain/field.h"
#include "gateway/registry/text_decoder.h"
#include "gateway/support/result.h"

namespace shikaku::registry {

// The number of a field, within its kind of record. On disk.
enum class Column : std::uint8_t {};
// What is filled in a row is a bit each in 32.
inline constexpr std::size_t kColumnsMax = 32;

// A field as far as reading a file needs it.
struct ColumnSpec {
    std::string_view name;
    std::array<std::string_view, 2> japanese;
    domain::Form form;
    domain::Need need;
};

// The columns of one kind of record, by number. Every kind has these three.
class Columns {
  public:
    template <class Record>
    constexpr explicit Columns(domain::Fields<Record> fields) : size_(fields.size()) {
        for (const auto& field : fields)
            specs_[field.number] = {field.name, field.japanese, field.form, field.need};
        history_key_ = named("history_key");
        link_key_ = named("link_key");
        deleted_ = named("deleted");
    }

    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr const ColumnSpec& operator[](Column column) const {
        return specs_[static_cast<std::size_t>(column)];
    }
    [[nodiscard]] constexpr std::string_view name(Column column) const {
        return (*this)[column].name;
    }
    [[nodiscard]] constexpr std::span<const ColumnSpec> all() const {
        return std::span(specs_).first(size_);
    }
    [[nodiscard]] constexpr Column history_key() const { return history_key_; }
    [[nodiscard]] constexpr Column link_key() const { return link_key_; }
    [[nodiscard]] constexpr Column deleted() const { return deleted_; }

    // By one of its names in a header line.
    [[nodiscard]] std::optional<Column> find(std::string_view header) const;
    // By its own; a table that lacks the column does not compile.
    [[nodiscard]] constexpr Column named(std::string_view wanted) const {
        for (std::size_t i = 0; i < size_; ++i)
            if (specs_[i].name == wanted) return static_cast<Column>(i);
        throw "there is no such column";
    }

  private:
    std::array<ColumnSpec, kColumnsMax> specs_{};
    std::size_t size_;
    Column history_key_{}, link_key_{}, deleted_{};
};

// One row as uploaded; the views live as long as the call that hands it over. Absent columns are
// empty.
struct RawRow {
    std::uint64_t line = 0;
    std::array<std::string_view, kColumnsMax> values{};

    [[nodiscard]] std::string_view operator[](Column column) const {
        return values[static_cast<std::size_t>(column)];
    }
    [[nodiscard]] std::string_view& operator[](Column column) {
        return values[static_cast<std::size_t>(column)];
    }
};

// personal_number or 個人番号: only shikaku-publish takes such a column.
[[nodiscard]] bool is_personal_number_column(std::string_view header);

// A file fault when a name in the header line could not be read as text.
[[nodiscard]] Status check_header_text(TextDecoder::Charset charset, std::string_view field,
                                       std::uint64_t line);

// Which column stands at which place of the file.
using Header = std::vector<Column>;
// personal_number_refused, or a file fault: unknown (with the name it resembles), twice, or
// missing.
[[nodiscard]] Result<Header> read_header(const Columns& columns,
                                         std::span<const std::string_view> fields);

}  // namespace shikaku::registry

// The municipality's edge: replaces the personal_number (個人番号) column of a file by link_key
// while the file streams through, in the file's own charset, and forgets the numbers.
//
// Nothing passes before every name of the header line is known, and nothing that holds a personal
// number, in whatever form a spreadsheet gives it (domain/numbers.h): a row whose number is wrong,
// or which has one in another column, passes with its keys alone (history key and link key, each
// where it is good), so that the gateway refuses it, counts it, keeps what is in force under the
// one and knows whose it is by the other; where neither can be read or sent an empty row passes, so
// that the gateway knows that somebody's is missing.
// Line numbers stay those of the original file. A file without such a column passes, checked the
// same way.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/registry/publication.h"
#include "gateway/registry/row_remark.h"
#include "gateway/support/bytes.h"

namespace shikaku::registry {

// HMAC-SHA256(linkage secret, 12 ASCII digits). Without one, a file with personal numbers is
// refused (bad_key).
using LinkKeyOf = std::function<Hash256(std::string_view twelve_digits)>;

class Pseudonymiser {
  public:
    // `columns` must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<Pseudonymiser>> make(BodyFormat format,
                                                                     const Columns& columns,
                                                                     LinkKeyOf link_key_of);
    virtual ~Pseudonymiser() = default;

    // Appends what may be sent. Errors: a file fault (file_fault.h).
    [[nodiscard]] virtual Status feed(std::string_view bytes, std::string& out) = 0;
    [[nodiscard]] virtual Status finish(std::string& out) = 0;

    // Rows that were kept back, at most bounds::kRowRemarksKept of them.
    [[nodiscard]] const std::vector<RowRemark>& kept_back() const { return kept_back_; }
    [[nodiscard]] std::uint64_t rows() const { return rows_; }

  protected:
    explicit Pseudonymiser(const Columns& columns) : columns_(columns) {}
    void keep_back(std::uint64_t line, std::optional<Column> column, RowCode code);
    // Blank lines, so that the next line written has this number.
    void go_to_line(std::uint64_t line, std::string& out);
    void count_lines(std::string_view written);

    const Columns& columns_;
    std::uint64_t rows_ = 0;

  private:
    std::vector<RowRemark> kept_back_;
    std::uint64_t line_ = 1;  // of what is written next
};

// The 12 digits of a valid personal number, full-width digits and spaces or hyphens between groups
// of four allowed; empty when it is none.
[[nodiscard]] std::string personal_number_digits(std::string_view text);

}  // namespace shikaku::registry

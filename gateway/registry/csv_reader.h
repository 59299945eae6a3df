// RFC 4180 records out of a stream of text pieces, in memory that does not grow with the file:
// quoted fields, doubled quotes, line breaks inside quotes, CRLF or LF, a last line with or without
// an end.
//
// Works on UTF-8 and on raw CP932 alike, because no trail byte of CP932 is a comma, quote or line
// end. Blank lines are skipped. A record with quotes where none may be is handed over as not well
// formed and reading goes on at the next line; a record beyond bounds::kCsvLineBytes or
// kCsvColumns, or a file that ends inside quotes, is a file fault (file_fault.h).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/support/result.h"

namespace shikaku::registry {

struct CsvRecord {
    std::uint64_t line = 0;                    // where it begins, 1-based
    std::span<const std::string_view> fields;  // valid during the call
    bool well_formed = true;
};

class CsvReader {
  public:
    using Handler = std::function<Status(const CsvRecord&)>;
    explicit CsvReader(Handler handler) : handler_(std::move(handler)) {}

    // An error of the handler ends the reading and is passed on.
    [[nodiscard]] Status feed(std::string_view text);
    [[nodiscard]] Status finish();

  private:
    enum class State : std::uint8_t { field_start, plain, quoted, quote_seen };

    Status take(char c);
    Status take_outside_quotes(char c);
    Status append(std::string_view text);
    Status end_field();
    Status end_record();

    Handler handler_;
    State state_ = State::field_start;
    bool carriage_return_ = false;  // seen outside quotes, its line feed not yet
    bool quoted_field_ = false;     // some field of the record was quoted, so it is not blank
    bool well_formed_ = true;
    std::uint64_t line_ = 1;
    std::uint64_t record_line_ = 1;
    std::string text_;               // the record's fields, one after the other
    std::vector<std::size_t> ends_;  // where each ends in text_
    std::vector<std::string_view> fields_;
};

// Appends the field as RFC 4180 wants it, quoted only where needed.
void append_csv_field(std::string& out, std::string_view field);

}  // namespace shikaku::registry

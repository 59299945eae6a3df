// What makes a whole upload unusable, as an Error (unprocessable) while it travels and as a
// sentence in both languages for the report. Neither ever quotes the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/domain/localized.h"
#include "gateway/support/result.h"

namespace shikaku::registry {

enum class FileFault : std::uint8_t {
    nul_byte,
    bad_utf8,
    bad_cp932,
    cut_character,
    open_quote,
    line_too_long,
    too_many_columns,
    empty_file,
    bad_header_quoting,
    unknown_column,
    duplicate_column,
    missing_column,
    utf8_as_cp932,
    cp932_as_utf8,
};

// `place`: "line 12" or "column 3"; `hint`: the name of one of our columns.
[[nodiscard]] Error file_fault(FileFault fault, std::string place, std::string_view hint = {});
[[nodiscard]] bool is_file_fault(const Error& error);
[[nodiscard]] domain::Localized describe_file_fault(const Error& error);

}  // namespace shikaku::registry

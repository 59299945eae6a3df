// The log of the process: one JSON object a line on stderr or in a file, for operators.
//
// Never personal data: the types of gateway/domain that carry some have no formatter, so passing
// one does not compile. Use plain facts: codes, counts, times, file names, error codes.
//
//   log_info("publication active", {{"authority", code}, {"rows", n}});
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/support/result.h"

namespace shikaku {

struct LogField {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, bool> value;

    LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
    LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
    LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
    LogField(std::string_view n, bool v) : name(n), value(v) {}
    template <std::integral T>
    LogField(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
};

using LogFields = std::initializer_list<LogField>;

void log_debug(std::string_view message, LogFields fields = {});
void log_info(std::string_view message, LogFields fields = {});
void log_warn(std::string_view message, LogFields fields = {});
void log_error(std::string_view message, LogFields fields = {});
void log_error(std::string_view message, const Error& error);

// level: debug, info, warn, error, off. An empty file means stderr.
[[nodiscard]] Status configure_log(std::string_view level, const std::string& file);

}  // namespace shikaku

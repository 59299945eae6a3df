// Result<T>: a value, or the one Error a caller can act on.
//
// Errors are values everywhere; exceptions are caught in the file that includes the library that
// throws. `detail` is for operators and logs: it never holds personal data. `pointer` names the
// place in the caller's input (a JSON pointer, or "line 12, column valid_to") when there is one.
#pragma once

#include <expected>
#include <string>
#include <type_traits>
#include <utility>

#include "gateway/support/error_code.h"

namespace shikaku {

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string detail{};
    std::string pointer{};
    int retry_after_s = 0;  // when asking again may help; 0: what is usual for the code
};

template <class T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

// Nothing happens when a value of this type ends: no lock is let go, no file closed.
template <class Value>
constexpr bool kMayBeDropped = std::is_void_v<Value> || std::is_trivially_destructible_v<Value>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {},
                                                 std::string pointer = {}) {
    return std::unexpected(Error{code, std::move(detail), std::move(pointer)});
}

[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
    return std::unexpected(std::move(error));
}

}  // namespace shikaku

// An error ends the enclosing function: it returns (in a coroutine: co_returns) that error. LET
// keeps the value under the name that is declared.
//
//   SHIKAKU_TRY(file.flush());
//   SHIKAKU_TRY_LET(const auto row, read_row(bytes));
//   SHIKAKU_CO_TRY_LET(auto answer, co_await ask(source));
#define SHIKAKU_TRY(...) SHIKAKU_TRY_(return, __VA_ARGS__)
#define SHIKAKU_CO_TRY(...) SHIKAKU_TRY_(co_return, __VA_ARGS__)
#define SHIKAKU_TRY_LET(declaration, ...) \
    SHIKAKU_TRY_LET_(return, SHIKAKU_TRY_NAME_(__COUNTER__), declaration, __VA_ARGS__)
#define SHIKAKU_CO_TRY_LET(declaration, ...) \
    SHIKAKU_TRY_LET_(co_return, SHIKAKU_TRY_NAME_(__COUNTER__), declaration, __VA_ARGS__)

#define SHIKAKU_TRY_(leave, ...)                                                          \
    do {                                                                                  \
        auto shikaku_try = (__VA_ARGS__);                                                 \
        static_assert(shikaku::kMayBeDropped<typename decltype(shikaku_try)::value_type>, \
                      "a lock would be let go at once: keep it with SHIKAKU_TRY_LET");    \
        if (!shikaku_try) leave std::unexpected(std::move(shikaku_try.error()));          \
    } while (false)
#define SHIKAKU_TRY_LET_(leave, result, declaration, ...)          \
    auto result = (__VA_ARGS__);                                   \
    if (!result) leave std::unexpected(std::move(result.error())); \
    declaration = *std::move(result)
#define SHIKAKU_TRY_NAME_(number) SHIKAKU_TRY_NAMED_(number)
#define SHIKAKU_TRY_NAMED_(number) shikaku_try_##number

// Result<T>: a value, or the one Error a caller can act on.
//
// Errors are values everywhere; exceptions are caught in the file that includes the library that
// throws. `detail` is for operators and logs: it never holds personal data. `pointer` names the
// place in the caller's input (a JSON pointer, or "line 12, column valid_to") when there is one.
#pragma once

#include <expected>
#include <string>
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

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {},
                                                 std::string pointer = {}) {
    return std::unexpected(Error{code, std::move(detail), std::move(pointer)});
}

[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
    return std::unexpected(std::move(error));
}

}  // namespace shikaku

// Returns the error of a Result from the enclosing function (or co_returns, see TRY_CO).
#define SHIKAKU_TRY(expression)                                      \
    do {                                                             \
        if (auto shikaku_try_ = (expression); !shikaku_try_)         \
            return std::unexpected(std::move(shikaku_try_.error())); \
    } while (false)

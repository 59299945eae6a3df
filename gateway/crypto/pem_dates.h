// Until when the certificates and revocation lists of a PEM file hold, for people: nothing here
// checks a signature. bad_key: the file holds neither, or a date that cannot be read.
#pragma once

#include <string>
#include <vector>

#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::crypto {

struct PemDate {
    enum class What : std::uint8_t { certificate, revocation_list };
    What what = What::certificate;
    std::string name;  // subject, or whose list it is
    Instant until{};   // the end of time where the file does not say
};

[[nodiscard]] Result<std::vector<PemDate>> pem_dates(const std::string& path);

}  // namespace shikaku::crypto

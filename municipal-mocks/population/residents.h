// Everyone else: residents drawn from the seed, so that an authority's file has a believable size.
#pragma once

#include <vector>

#include "municipal-mocks/population/certificates.h"
#include "municipal-mocks/population/synthetic.h"

namespace shikaku::mocks {

// `count` people with certificates of Hachioji, and a tenth as many patients known to Tokyo.
[[nodiscard]] std::vector<Resident> random_residents(std::size_t count, domain::Date today,
                                                     Dice& dice, Certificates& certificates);

}  // namespace shikaku::mocks

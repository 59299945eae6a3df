// The certificates that the demo's two authorities issue, with the periods in which they are
// renewed: Hachioji's マル乳, マル子 and マル青 on 1 October, マル親 on 1 January; Tokyo's 54
// 指定難病 and マル障 on 1 October. Payer numbers are the real ones.
#pragma once

#include "municipal-mocks/population/resident.h"

namespace shikaku::mocks {

class Certificates {
  public:
    explicit Certificates(domain::Date today) : today_(today) {}

    // By age: マル乳, マル子 or マル青; nothing for someone older. Ends with the age limit.
    [[nodiscard]] std::optional<Row> child(domain::Date birth);
    [[nodiscard]] Row single_parent(bool copay_free);
    // Of the income class 一般所得I; an empty list of institutions is no patient's case.
    [[nodiscard]] Row intractable_disease(const std::string& institutions);
    [[nodiscard]] Row severe_disability();
    // The period before the given row's.
    [[nodiscard]] Row before(const Row& row);

  private:
    [[nodiscard]] Row issue(const char* prefix, const char* scheme, const char* payer,
                            const char* name);
    void set_period(Row& row, unsigned renewed_in_month) const;

    domain::Date today_;
    unsigned issued_ = 0;
};

}  // namespace shikaku::mocks

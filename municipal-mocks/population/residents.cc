#include "municipal-mocks/population/residents.h"

namespace shikaku::mocks {
namespace {

constexpr const char* kHospitals[] = {"1318814790", "1310170019", "1312345676;1318814790"};

Resident random_child(domain::Date today, Dice& dice, Certificates& certificates) {
    while (true) {
        Resident person{
            .personal_number = {},
            .birth_date = dice.day_between(today.plus_years(-19), today.plus_days(-30))};
        const auto row = certificates.child(person.birth_date);
        if (!row) continue;  // too old already
        person.hachioji.push_back(*row);
        person.personal_number = dice.personal_number();
        return person;
    }
}

Resident random_adult(domain::Date today, Dice& dice, int youngest, int oldest) {
    return {.personal_number = dice.personal_number(),
            .birth_date = dice.day_between(today.plus_years(-oldest), today.plus_years(-youngest))};
}

}  // namespace

std::vector<Resident> random_residents(std::size_t count, domain::Date today, Dice& dice,
                                       Certificates& certificates) {
    std::vector<Resident> people;
    people.reserve(count + count / 10);
    for (std::size_t i = 0; i < count; ++i) {
        constexpr unsigned kParents = 15, kWithHistory = 5, kNotDisclosed = 1;  // percent
        if (dice.chance(kParents)) {
            people.push_back(random_adult(today, dice, 20, 55));
            people.back().hachioji.push_back(certificates.single_parent(dice.chance(50)));
        } else {
            people.push_back(random_child(today, dice, certificates));
        }
        std::vector<Row>& rows = people.back().hachioji;
        rows.back().not_disclosed = dice.chance(kNotDisclosed);
        if (dice.chance(kWithHistory) && rows.back().scheme_id == "maru-oya")
            rows.insert(rows.begin(), certificates.before(rows.back()));
    }
    for (std::size_t i = 0; i < count / 10; ++i) {
        constexpr unsigned kDisabled = 30;  // percent
        people.push_back(random_adult(today, dice, 20, 90));
        if (dice.chance(kDisabled))
            people.back().tokyo.push_back(certificates.severe_disability());
        else
            people.back().tokyo.push_back(
                certificates.intractable_disease(kHospitals[dice.below(std::size(kHospitals))]));
    }
    return people;
}

}  // namespace shikaku::mocks

#include "municipal-mocks/population/synthetic.h"

#include "gateway/domain/numbers.h"

namespace shikaku::mocks {
namespace {

std::string digits(std::uint64_t number, std::size_t width) {
    std::string text = std::to_string(number);
    text.insert(0, width - std::min(width, text.size()), '0');
    return text;
}

}  // namespace

domain::Date Dice::day_between(domain::Date first, domain::Date last) {
    const auto days = static_cast<std::uint64_t>((last.days() - first.days()).count()) + 1;
    return first.plus_days(static_cast<int>(below(days)));
}

std::string Dice::personal_number() {
    while (true) {
        const std::string body = digits(below(100'000'000'000), 11);
        char check = '0';
        while (!domain::is_personal_number(body + check))
            ++check;
        if (used_.insert(body).second) return body + check;
    }
}

std::string recipient_number(unsigned body) {
    const std::string six = digits(body % 1'000'000, 6);
    return six + domain::luhn_check_digit(six);
}

}  // namespace shikaku::mocks

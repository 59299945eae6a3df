#include "gateway/domain/houbetsu.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

constexpr char kCsv[] = {
#embed "data/houbetsu.csv"
};

int to_int(std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

struct Table {
    std::vector<LawCode> rows;
    std::array<const LawCode*, 100> by_number{};
    int local_order = 0;

    Table() {
        for (std::string_view line : split({kCsv, sizeof kCsv}, '\n')) {
            const auto cells = split(line, ',');
            if (cells.size() != 5 || !is_digits(cells[0])) continue;
            rows.push_back({.code = cells[0],
                            .name_ja = cells[1],
                            .name_en = cells[2],
                            .national = cells[3] == "national",
                            .order = to_int(cells[4])});
        }
        for (const LawCode& row : rows) {
            by_number[static_cast<std::size_t>(to_int(row.code))] = &row;
            local_order = std::max(local_order, row.order);
        }
    }
};

const Table& table() {
    static const Table the_table;
    return the_table;
}

}  // namespace

std::span<const LawCode> all_law_codes() {
    return table().rows;
}

const LawCode* find_law_code(std::string_view code) {
    if (code.size() != 2 || !is_digits(code)) return nullptr;
    return table().by_number[static_cast<std::size_t>(to_int(code))];
}

bool is_national_law_code(std::string_view code) {
    const LawCode* const found = find_law_code(code);
    return found != nullptr && found->national;
}

int national_order(std::string_view code) {
    const LawCode* const found = find_law_code(code);
    return found == nullptr ? table().local_order : found->order;
}

}  // namespace shikaku::domain

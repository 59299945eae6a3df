#include "gateway/domain/authority_names.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

constexpr unsigned char kCsv[] = {
#embed "data/authorities.csv"
};

struct Names {
    std::string_view ja;
    std::string_view en;
};

std::uint32_t number(std::string_view digits) {
    std::uint32_t value = 0;
    for (const char c : digits)
        value = value * 10 + static_cast<std::uint32_t>(c - '0');
    return value;
}

// Codes and names apart, so that a search touches a few lines of four-byte codes only.
struct Table {
    std::vector<std::uint32_t> codes;  // ascending, as the file is
    std::vector<Names> names;
};

Table read_table() {
    const std::string_view csv(reinterpret_cast<const char*>(kCsv), sizeof(kCsv));
    Table table;
    for (const std::string_view line : split(csv.substr(csv.find('\n') + 1), '\n')) {
        const auto columns = split(line, ',');
        if (columns.size() != 3) continue;  // what follows the last line's end
        table.codes.push_back(number(columns[0]));
        table.names.push_back({columns[1], columns[2]});
    }
    return table;
}

Names find(AuthorityCode code) {
    static const Table table = read_table();
    const auto place = std::ranges::lower_bound(table.codes, number(code.text()));
    if (place == table.codes.end() || *place != number(code.text())) return {};
    return table.names[static_cast<std::size_t>(place - table.codes.begin())];
}

}  // namespace

std::string_view authority_name(AuthorityCode code) {
    return find(code).ja;
}

std::string_view authority_name_en(AuthorityCode code) {
    return find(code).en;
}

}  // namespace shikaku::domain

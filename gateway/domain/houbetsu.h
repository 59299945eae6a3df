// 法別番号: the law codes of public payers and their national order on a claim (診療報酬請求書等の
// 記載要領; data/houbetsu.csv). A local code has no national meaning: it is only named here, as an
// example, and all local codes share one place behind the national ones.
#pragma once

#include <span>
#include <string_view>

namespace shikaku::domain {

struct LawCode {
    std::string_view code;  // two digits
    std::string_view name_ja;
    std::string_view name_en;
    bool national = false;
    int order = 0;  // 1 is the first payer; equal for all local codes
};

[[nodiscard]] std::span<const LawCode> all_law_codes();
// Null: not in the list.
[[nodiscard]] const LawCode* find_law_code(std::string_view code);
[[nodiscard]] bool is_national_law_code(std::string_view code);
// The place in the national order; codes that are not in the list count as local.
[[nodiscard]] int national_order(std::string_view code);

}  // namespace shikaku::domain

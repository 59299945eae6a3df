// 検診パック: what kinds of checkup a municipality has, and what the codes in its rows mean, as
// data of the authority (gateway/docs/checkup-packs.md; JSON Schema in checkup-pack.schema.json).
// Read strictly: unknown keys are refused with their JSON pointer. Its examples are rows that are
// checked as an upload's are, each with what should come out; a pack that fails anywhere is refused
// whole.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/localized.h"
#include "gateway/domain/numbers.h"
#include "gateway/domain/scheme_pack.h"

namespace shikaku::checkup {

struct Coded {
    std::string code;
    domain::Localized name;
};

struct ItemType {
    enum class Form : std::uint8_t { text, number, choice };
    std::string code;
    domain::Localized name;
    std::string unit;  // empty: none
    Form form = Form::text;
    std::vector<std::string> choices{};
};

// One kind of checkup (検診種別).
struct CheckupType {
    std::string id;
    domain::Localized name;
    std::string source;  // the by-law or page that it is taken from
    std::vector<ItemType> items{};
    std::vector<Coded> judgements{};       // of the whole (総合判定)
    std::vector<Coded> item_judgements{};  // of one item
    std::vector<Coded> outcomes{};         // of the detailed examination (精密検査結果)
};

struct CheckupPack {
    domain::AuthorityCode authority;
    std::string version;  // the hash of its bytes
    std::vector<CheckupType> checkups;

    [[nodiscard]] const CheckupType* find(std::string_view id) const;
};

[[nodiscard]] const ItemType* find_item(const CheckupType& type, std::string_view code);
[[nodiscard]] const Coded* find_coded(const std::vector<Coded>& list, std::string_view code);

struct CheckupPackResult {
    std::shared_ptr<const CheckupPack> pack;      // null when refused
    std::vector<domain::PackProblem> problems{};  // at most 100
    std::size_t examples_run = 0;
};
// The authority must match the pack's own "authority" member. Examples of one that was accepted
// before are not run again: what was accepted then must stay readable.
enum class Examples : std::uint8_t { run, leave_out };
[[nodiscard]] CheckupPackResult read_checkup_pack(std::string_view text,
                                                  domain::AuthorityCode authority,
                                                  std::string version, Examples examples);

}  // namespace shikaku::checkup

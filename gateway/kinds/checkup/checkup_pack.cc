#include "gateway/kinds/checkup/checkup_pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gateway/domain/pack_reader.h"
#include "gateway/kinds/checkup/pack_example.h"

namespace shikaku::checkup {
namespace {

using domain::ObjectReader;
using domain::Place;
using domain::Problems;

// On a name's way into rows and answers: what a code may be made of.
bool is_code(std::string_view text) {
    return !text.empty() && text.size() <= bounds::kItemCodeMax &&
           std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '-' || c == '_' || c == '.';
           });
}

void check_code(const ObjectReader& reader, std::string_view key, std::string_view code) {
    if (reader.find(key) == nullptr || is_code(code)) return;
    reader.problem(key, fmt::format("英数字と - _ . で{}文字までです", bounds::kItemCodeMax),
                   fmt::format("must be at most {} letters, digits, - _ .", bounds::kItemCodeMax));
}

template <class Entry, class Name>
void check_unique(Problems& problems, const Place& parent, std::string_view key,
                  const std::vector<Entry>& list, Name name) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string& one = list[i].*name;
        if (one.empty() || seen.insert(one).second) continue;
        const Json& entries = parent.json()[std::string(key)];
        const Place place(parent, key, entries);
        problems.add(Place(place, i, entries[i]), fmt::format("「{}」が重複しています", one),
                     fmt::format("\"{}\" is used twice", one));
    }
}

std::vector<Coded> read_coded(const ObjectReader& checkup, std::string_view key) {
    static constexpr auto kKeys = std::to_array<std::string_view>({"code", "name"});
    std::vector<Coded> list;
    checkup.for_each(key, [&](const Place& item) {
        const ObjectReader reader(checkup.problems(), item, kKeys);
        reader.require({"code", "name"});
        Coded coded;
        reader.read("code", coded.code);
        reader.read("name", coded.name);
        check_code(reader, "code", coded.code);
        list.push_back(std::move(coded));
    });
    if (checkup.problems().none())
        check_unique(checkup.problems(), checkup.place(), key, list, &Coded::code);
    return list;
}

std::optional<ItemType::Form> parse_form(std::string_view text) {
    if (text == "text") return ItemType::Form::text;
    if (text == "number") return ItemType::Form::number;
    if (text == "choice") return ItemType::Form::choice;
    return std::nullopt;
}

ItemType read_item(Problems& problems, const Place& place) {
    static constexpr auto kKeys =
        std::to_array<std::string_view>({"code", "name", "unit", "form", "choices"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"code", "name", "form"});
    ItemType item;
    reader.read("code", item.code);
    reader.read("name", item.name);
    reader.read("unit", item.unit);
    std::optional<ItemType::Form> form;
    reader.read_as("form", form, parse_form, "text, number, choice のどれか",
                   "one of text, number, choice");
    item.form = form.value_or(ItemType::Form::text);
    reader.read("choices", item.choices);
    check_code(reader, "code", item.code);
    if (form && (*form == ItemType::Form::choice) == item.choices.empty())
        reader.problem("choices", "choice のときだけ、1つ以上が必要です",
                       "is needed with form choice, and only with it");
    return item;
}

CheckupType read_checkup(Problems& problems, const Place& place) {
    static constexpr auto kKeys = std::to_array<std::string_view>(
        {"id", "name", "source", "items", "judgements", "item_judgements", "outcomes"});
    const ObjectReader reader(problems, place, kKeys);
    reader.require({"id", "name", "source"});
    CheckupType type;
    reader.read("id", type.id);
    reader.read("name", type.name);
    reader.read("source", type.source);
    reader.for_each(
        "items", [&](const Place& item) { type.items.push_back(read_item(problems, item)); },
        bounds::kItemsPerCheckup);
    type.judgements = read_coded(reader, "judgements");
    type.item_judgements = read_coded(reader, "item_judgements");
    type.outcomes = read_coded(reader, "outcomes");
    check_code(reader, "id", type.id);
    if (problems.none()) check_unique(problems, place, "items", type.items, &ItemType::code);
    return type;
}

std::shared_ptr<CheckupPack> read_pack(Problems& problems, const Place& root,
                                       domain::AuthorityCode authority, std::string version) {
    static constexpr auto kKeys =
        std::to_array<std::string_view>({"$schema", "authority", "checkups", "examples"});
    const ObjectReader reader(problems, root, kKeys);
    reader.require({"authority", "checkups", "examples"});
    auto pack = std::make_shared<CheckupPack>(
        CheckupPack{.authority = authority, .version = std::move(version), .checkups = {}});
    std::string schema;
    reader.read("$schema", schema);
    std::optional<domain::AuthorityCode> own;
    reader.read_as("authority", own, domain::AuthorityCode::parse, "全国地方公共団体コード6桁",
                   "a 6-digit authority code");
    if (own && *own != authority)
        reader.problem("authority", fmt::format("{}のパックではありません", authority.text()),
                       fmt::format("this is not the pack of {}", authority.text()));
    reader.for_each(
        "checkups",
        [&](const Place& item) { pack->checkups.push_back(read_checkup(problems, item)); },
        bounds::kCheckupsPerPack);
    if (problems.none()) check_unique(problems, root, "checkups", pack->checkups, &CheckupType::id);
    return pack;
}

// A pack that tries nothing out is not tested.
std::size_t run_examples(Problems& problems, const Place& root, const CheckupPack& pack) {
    static constexpr auto kKeys =
        std::to_array<std::string_view>({"$schema", "authority", "checkups", "examples"});
    const ObjectReader reader(problems, root, kKeys);
    std::size_t run = 0;
    reader.for_each(
        "examples",
        [&](const Place& example) {
            run_example(problems, example, pack);
            ++run;
        },
        bounds::kExamplesPerCheckupPack);
    if (run == 0 && problems.none())
        reader.problem("examples", "例が1つ以上必要です", "at least one example is needed");
    return run;
}

}  // namespace

const CheckupType* CheckupPack::find(std::string_view id) const {
    const auto found = std::ranges::find(checkups, id, &CheckupType::id);
    return found == checkups.end() ? nullptr : &*found;
}

const ItemType* find_item(const CheckupType& type, std::string_view code) {
    const auto found = std::ranges::find(type.items, code, &ItemType::code);
    return found == type.items.end() ? nullptr : &*found;
}

const Coded* find_coded(const std::vector<Coded>& list, std::string_view code) {
    const auto found = std::ranges::find(list, code, &Coded::code);
    return found == list.end() ? nullptr : &*found;
}

CheckupPackResult read_checkup_pack(std::string_view text, domain::AuthorityCode authority,
                                    std::string version, Examples examples) {
    Problems problems;
    CheckupPackResult result;
    if (text.size() > bounds::kSchemePackBytes) {
        problems.add_at("", "ファイルが大きすぎます", "the file is too large");
    } else if (const auto json = parse_json(text); !json) {
        problems.add_at("", fmt::format("JSONとして読めません: {}", json.error().detail),
                        fmt::format("not readable as JSON: {}", json.error().detail));
    } else {
        const Place root(*json);
        const auto pack = read_pack(problems, root, authority, std::move(version));
        if (examples == Examples::run && problems.none())
            result.examples_run = run_examples(problems, root, *pack);
        if (problems.none()) result.pack = pack;
    }
    result.problems = problems.take();
    return result;
}

}  // namespace shikaku::checkup

#include "gateway/domain/texts.h"

#include <toml++/toml.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <unordered_map>

#include "gateway/domain/answer_writer.h"
#include "gateway/domain/reasons.h"
#include "gateway/support/json.h"

namespace shikaku::domain {
namespace {

constexpr char kToml[] = {
#embed "texts.toml"
};

// The compiler reads the headings, so that a reason without its text does not compile. That each
// text is whole is looked at when the catalogue is read.
consteval std::vector<std::string_view> headings() {
    const std::string_view file(kToml, sizeof kToml);
    std::vector<std::string_view> all;
    for (std::size_t at = file.find("\n["); at != std::string_view::npos;
         at = file.find("\n[", at)) {
        at += 2;
        all.push_back(file.substr(at, file.find(']', at) - at));
    }
    return all;
}

// Not constexpr: where the compiler arrives here it complains, and shows the arguments.
void has_no_text_in_texts_toml(std::string_view /*section*/, std::string_view /*name*/) {}

consteval void must_have_text(const std::vector<std::string_view>& headings,
                              std::string_view section, std::string_view name) {
    const bool found = std::ranges::any_of(headings, [&](std::string_view heading) {
        return heading.size() == section.size() + 1 + name.size() && heading.starts_with(section) &&
               heading.ends_with(name);
    });
    if (!found) has_no_text_in_texts_toml(section, name);
}

consteval bool every_code_has_its_text() {
    const std::vector<std::string_view> all = headings();
    for (const ReasonInfo& reason : kReasons)
        must_have_text(all, "reasons", reason.name);
    for (const std::string_view code : kWarnings)
        must_have_text(all, "warnings", code);
    for (const std::string_view code : kNotes)
        must_have_text(all, "notes", code);
    return true;
}
static_assert(every_code_has_its_text());

struct Entry {
    Advice advice;
    std::string json;
};
struct NameHash : std::hash<std::string_view> {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's name
};
using Catalogue = std::unordered_map<std::string, Entry, NameHash, std::equal_to<>>;

// The catalogue is compiled in: a fault in it is ours, and the tests find it before anyone else.
[[noreturn]] void refuse(std::string_view where) {
    std::fprintf(stderr, "texts.toml: %.*s\n", static_cast<int>(where.size()), where.data());
    std::abort();
}

Localized read_localized(const toml::table& entry, std::string_view key, std::string_view name) {
    const toml::node_view<const toml::node> node = entry[key];
    const std::optional<std::string> ja = node["ja"].value<std::string>();
    const std::optional<std::string> en = node["en"].value<std::string>();
    if (!ja || !en || ja->empty() || en->empty()) refuse(name);
    return {.ja = *ja, .en = *en};
}

std::string to_json(const Advice& advice) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_text(json, "desk", advice.desk);
    write_text(json, "it", advice.it);
    json.end_object();
    return out;
}

void add_section(Catalogue& catalogue, std::string_view section, const toml::table& entries) {
    for (const auto& [key, node] : entries) {
        const std::string name(key.str());
        const toml::table* const entry = node.as_table();
        if (entry == nullptr || entry->size() != 3) refuse(name);
        Advice advice{.section = std::string(section),
                      .title = read_localized(*entry, "title", name),
                      .desk = read_localized(*entry, "desk", name),
                      .it = read_localized(*entry, "it", name)};
        std::string json = to_json(advice);
        if (!catalogue.try_emplace(name, Entry{std::move(advice), std::move(json)}).second)
            refuse(name);
    }
}

Catalogue read_catalogue() {
    Catalogue catalogue;
    try {
        const toml::table file = toml::parse(std::string_view(kToml, sizeof kToml));
        for (const auto& [key, node] : file) {
            if (!node.is_table()) refuse(key.str());
            add_section(catalogue, key.str(), *node.as_table());
        }
    } catch (const toml::parse_error& error) {
        refuse(error.description());
    }
    return catalogue;
}

const Catalogue& catalogue() {
    static const Catalogue the_catalogue = read_catalogue();
    return the_catalogue;
}

const Entry& find(std::string_view name) {
    static const Entry& general = catalogue().at("internal");
    const auto found = catalogue().find(name);
    return found == catalogue().end() ? general : found->second;
}

}  // namespace

const Advice& advice(std::string_view name) {
    return find(name).advice;
}

std::string_view advice_json(std::string_view name) {
    return find(name).json;
}

std::vector<std::string> all_advice_names() {
    std::vector<std::string> names;
    for (const auto& [name, entry] : catalogue())
        names.push_back(name);
    return names;
}

}  // namespace shikaku::domain

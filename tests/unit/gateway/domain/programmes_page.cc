#include "tests/unit/gateway/domain/programmes_page.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "gateway/domain/authority_names.h"
#include "gateway/domain/explain_texts.h"
#include "gateway/support/json.h"
#include "tests/unit/gateway/domain/pack_files.h"

namespace shikaku::domain::test {
namespace {

struct Part {
    const char* authority;
    const char* scheme;
};
struct Programme {
    int number;
    const char* title;
    std::vector<Part> parts;
};

const std::vector<Programme>& programmes() {
    static const std::vector<Programme> list = {
        {1,
         "Hachioji: マル乳, マル子, マル青, マル親",
         {{"132012", "maru-nyu"},
          {"132012", "maru-ko"},
          {"132012", "maru-sei"},
          {"132012", "maru-oya"}}},
        {2, "Fussa: マル子", {{"132187", "maru-ko"}}},
        {3, "Higashikurume: マル子", {{"132225", "maru-ko"}}},
        {4, "Kodaira: マル子 and the insurer's condition", {{"132110", "maru-ko"}}},
        {5, "Tadaoka: 500 yen a day, person cap by refund", {{"273414", "kodomo"}}},
        {6, "Takatsuki: free from 1 April 2025", {{"272078", "kodomo"}}},
        {7, "Osaka City: こども", {{"271004", "kodomo"}}},
        {8,
         "Daito, Kadoma, Shijonawate: separate counters, exclusions",
         {{"272183", "kodomo"}, {"272230", "kodomo"}, {"272299", "kodomo"}}},
        {9, "Abira: 重度心身障害", {{"015857", "judo"}}},
        {10,
         "Shinhidaka, Nakashibetsu: monthly, many-times and yearly caps",
         {{"016101", "judo"}, {"016926", "judo"}}},
        {11, "Eniwa: visiting nurse", {{"012319", "judo"}}},
        {12, "Akabira: other amounts in the same prefecture", {{"012181", "judo"}}},
        {13, "Tomika: free in the prefecture", {{"215023", "kodomo"}}},
        {14, "Seki: renewal on 1 September", {{"212059", "fukushi"}}},
        {15, "Okinawa: paid back automatically", {{"470007", "kodomo"}}},
        {16, "54 指定難病", {{"130001", "nanbyo-54"}}},
        {17,
         "21, 15, 16 自立支援",
         {{"130001", "seishin-21"}, {"132187", "kosei-15"}, {"132187", "ikusei-16"}}},
        {18, "10 結核", {{"100005", "kekkaku-10"}}},
    };
    return list;
}

std::string plain(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const Json& item : value) {
        if (!text.empty()) text += " ";
        text += item.is_object() ? item.value("scheme_id", item.value("payer_number", ""))
                                 : plain(item);
    }
    return text.empty() ? "none" : text;
}

// "birth_date 2016-06-15, income_segment taxed": everything but what has its own column.
std::string other_facts(const Json& question) {
    std::string text;
    for (const auto& [key, value] : question.items()) {
        if (key == "service_date" || key == "setting" || key == "institution") continue;
        if (!text.empty()) text += ", ";
        text += key + " " + plain(value);
    }
    return text;
}

std::string expectation(const Json& expect) {
    std::string text = expect.at("reason").get<std::string>();
    for (const auto& [key, value] : expect.items()) {
        if (key == "outcome" || key == "reason") continue;
        if (key != "copay") {
            text += ", " + key + " " + plain(value);
            continue;
        }
        for (const auto& [member, figure] : value.items())
            text += ", " + (member == "kind" ? std::string() : member + " ") + plain(figure);
    }
    return text;
}

std::string versions(const Scheme& scheme) {
    std::string text;
    for (const RuleVersion& rule : scheme.rules) {
        if (!text.empty()) text += "; ";
        text += rule.from.iso() + " to " + (rule.to ? rule.to->iso() : "further notice");
        if (rule.age) text += " (" + explain_texts::age_range(*rule.age).en + ")";
    }
    return text;
}

std::string numbers(const Scheme& scheme) {
    std::string text;
    for (const PayerNumber& number : scheme.payer_numbers) {
        if (!text.empty()) text += ", ";
        text += number.text();
    }
    return text.empty() ? "unknown" : text;
}

std::string section(const Part& part, const Scheme& scheme, const Json& json) {
    std::string text = fmt::format(
        "### {} {}: {} ({})\n\n- scheme `{}`, 法別 {}, payer numbers {}\n- rules: {}\n- source: "
        "{}\n",
        part.authority, authority_name(scheme.authority), scheme.name.ja, scheme.name.en, scheme.id,
        scheme.law_code.empty() ? "unknown" : scheme.law_code, numbers(scheme), versions(scheme),
        scheme.source);
    for (const Localized& unknown : scheme.unknown)
        text += fmt::format("- not known: {} / {}\n", unknown.ja, unknown.en);
    text +=
        "\n| example | service date | setting | institution | certificate and person | expected |\n"
        "|---|---|---|---|---|---|\n";
    for (const Json& example : json.at("examples")) {
        const Json& question = example.at("question");
        text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", plain(example.at("name")),
                            plain(question.at("service_date")), plain(question.at("setting")),
                            plain(question.at("institution")), other_facts(question),
                            expectation(example.at("expect")));
    }
    return text + "\n";
}

// Says what is charged after the coming 1 April, so that a change from then on shows.
bool looks_ahead(const Json& example) {
    return example.at("question").at("service_date").get<std::string>() >= "2027-04-01" &&
           example.at("expect").contains("copay");
}

struct Loaded {
    std::shared_ptr<const SchemePack> pack;
    Json json;
};

std::map<std::string, Loaded> load_all() {
    std::map<std::string, Loaded> packs;
    for (const PackFile& file : pack_files())
        packs[file.path.stem().string()] = {load(file).pack, parse_json(file.text).value()};
    return packs;
}

}  // namespace

std::string programmes_page() {
    const std::map<std::string, Loaded> packs = load_all();
    std::string body;
    std::string summary = "| # | programme | examples |\n|---|---|---|\n";
    for (const Programme& programme : programmes()) {
        std::size_t examples = 0;
        body += fmt::format("## {}. {}\n\n", programme.number, programme.title);
        for (const Part& part : programme.parts) {
            INFO(part.authority << "/" << part.scheme);
            const Loaded& loaded = packs.at(part.authority);
            REQUIRE(loaded.pack != nullptr);
            const auto scheme = std::ranges::find(loaded.pack->schemes, part.scheme, &Scheme::id);
            REQUIRE(scheme != loaded.pack->schemes.end());
            const auto index = static_cast<std::size_t>(scheme - loaded.pack->schemes.begin());
            const Json& json = loaded.json.at("schemes").at(index);
            examples += json.at("examples").size();
            CHECK(std::ranges::any_of(json.at("examples"), looks_ahead));
            body += section(part, *scheme, json);
        }
        INFO(programme.title);
        CHECK(examples >= 6);
        summary += fmt::format("| {} | {} | {} |\n", programme.number, programme.title, examples);
    }
    return "# Programmes and their examples\n\n"
           "Made from the scheme packs in `municipal-mocks/schemes/` by the domain tests, which "
           "fail when\n"
           "this page differs; `SHIKAKU_UPDATE_DOCS=1 build/dev/bin/unit_domain` writes it anew. "
           "Every\n"
           "example runs whenever its pack is loaded, and a pack whose example fails is refused: "
           "all rows\n"
           "below hold. What is not known about a programme is said so, here and at the desk.\n\n" +
           summary + "\n" + body;
}

}  // namespace shikaku::domain::test

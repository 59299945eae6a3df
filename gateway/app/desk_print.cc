#include "gateway/app/desk_print.h"

#include <fmt/format.h>

#include "gateway/domain/date.h"

namespace shikaku::app {
namespace {

std::string text(const Json& json, std::string_view member) {
    const auto found = json.find(member);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& object(const Json& json, std::string_view member) {
    static const Json kNothing = Json::object();
    const auto found = json.find(member);
    return found != json.end() && found->is_object() ? *found : kNothing;
}

// "日本語 / English", or whichever is there.
std::string both(const Json& localized) {
    const std::string ja = text(localized, "ja");
    const std::string en = text(localized, "en");
    if (ja.empty() || en.empty() || ja == en) return ja + (ja == en ? "" : en);
    return ja + " / " + en;
}

std::string japanese_date(const std::string& iso) {
    const auto date = domain::Date::parse_iso(iso);
    return date ? fmt::format("{} ({})", iso, date->japanese()) : iso;
}

std::string age(std::int64_t seconds) {
    if (seconds < 120) return fmt::format("{}秒前 / {} s ago", seconds, seconds);
    if (seconds < 7200) return fmt::format("{}分前 / {} min ago", seconds / 60, seconds / 60);
    if (seconds < 172'800)
        return fmt::format("{}時間前 / {} h ago", seconds / 3600, seconds / 3600);
    return fmt::format("{}日前 / {} days ago", seconds / 86'400, seconds / 86'400);
}

struct Word {
    std::string_view code, text;
};

std::string_view word(std::span<const Word> words, std::string_view code) {
    for (const Word& entry : words) {
        if (entry.code == code) return entry.text;
    }
    return code;
}

constexpr auto kOutcomes = std::to_array<Word>({
    {"eligible", "使えます / May be used"},
    {"not_eligible", "使えません / Cannot be used"},
    {"unknown", "確認できません / Not known"},
});
constexpr auto kSettlements = std::to_array<Word>({
    {"in_kind", "現物給付 / settled here"},
    {"reimbursement", "償還払い / patient pays and claims back"},
    {"auto_reimbursement", "自動償還 / paid back without application"},
});
constexpr auto kFreshness = std::to_array<Word>({
    {"published", "公開データ / published"},
    {"live", "照会直後 / live"},
    {"cached", "控え / cached"},
    {"stale", "古い控え(照会先が応答しません) / stale (source does not answer)"},
});

class Printer {
  public:
    Printer(std::ostream& out, PrintOptions options) : out_(out), colour_(options.colour) {}

    void headline(std::string_view outcome, std::string_view reason) {
        const std::string_view mark =
            outcome == "eligible" ? "○" : (outcome == "not_eligible" ? "×" : "？");
        out_ << paint(outcome) << mark << ' ' << word(kOutcomes, outcome) << end() << "  ["
             << reason << "]\n";
    }
    void line(std::string_view label, std::string_view value) {
        if (!value.empty()) out_ << "     " << label << ": " << value << '\n';
    }
    void subsidy(const Json& subsidy);

  private:
    [[nodiscard]] std::string_view paint(std::string_view outcome) const {
        if (!colour_) return "";
        return outcome == "eligible" ? "\033[1;32m"
                                     : (outcome == "not_eligible" ? "\033[1;31m" : "\033[1;33m");
    }
    [[nodiscard]] std::string_view end() const { return colour_ ? "\033[0m" : ""; }

    std::ostream& out_;
    bool colour_;
};

void Printer::subsidy(const Json& subsidy) {
    const std::string outcome = text(subsidy, "outcome");
    const Json& claim = object(subsidy, "claim");
    const std::int64_t order = claim.value("order", std::int64_t{0});
    out_ << "  " << (order > 0 ? fmt::format("第{}公費 ", order) : std::string("・ "))
         << text(object(subsidy, "authority"), "name") << ' '
         << both(object(object(subsidy, "scheme"), "name")) << '\n';
    out_ << "     " << paint(outcome) << word(kOutcomes, outcome) << end() << "  ["
         << text(subsidy, "reason") << "]\n";
    line("窓口負担 / Charge", both(object(object(subsidy, "copay"), "text")));
    if (!claim.empty()) {
        line("請求 / Claim",
             fmt::format("負担者番号 {}  受給者番号 {}  {}", text(claim, "payer_number"),
                         text(claim, "recipient_number"),
                         word(kSettlements, text(claim, "settlement"))));
    }
    const Json& valid = object(subsidy, "valid");
    if (!valid.empty())
        line("有効期間 / Valid",
             japanese_date(text(valid, "from")) + " 〜 " + japanese_date(text(valid, "to")));
    const Json& freshness = object(subsidy, "freshness");
    if (!freshness.empty())
        line("情報 / Data", fmt::format("{}、{}", word(kFreshness, text(freshness, "class")),
                                        age(freshness.value("age_s", std::int64_t{0}))));
    if (text(subsidy, "reason") != "ACTIVE")
        line("次に / Next", both(object(object(subsidy, "advice"), "desk")));
}

}  // namespace

void print_answer(std::ostream& out, const Json& answer, PrintOptions options) {
    Printer printer(out, options);
    if (answer.value("unchanged", false)) {
        out << "＝ 前回から変わりません / Unchanged since the last answer\n";
    } else {
        printer.headline(text(answer, "outcome"), text(answer, "reason"));
        const auto subsidies = answer.find("subsidies");
        const bool none = subsidies == answer.end() || subsidies->empty();
        if (none)
            printer.line("次に / Next", both(object(object(answer, "advice"), "desk")));
        else
            for (const Json& subsidy : *subsidies)
                printer.subsidy(subsidy);
        if (const auto warnings = answer.find("warnings"); warnings != answer.end())
            for (const Json& warning : *warnings)
                printer.line("注意 / Note", both(object(warning, "text")));
        if (const auto steps = answer.find("explanation"); steps != answer.end())
            for (const Json& step : *steps)
                printer.line(step.value("passed", true) ? "規則 ✓" : "規則 ✗",
                             both(object(step, "text")));
    }
    const Json& evidence = object(answer, "evidence");
    printer.line("記録 / Log", fmt::format("{} #{}", text(evidence, "log"),
                                           evidence.value("index", std::int64_t{0})));
}

void print_problem(std::ostream& out, const Json& problem, PrintOptions options) {
    out << (options.colour ? "\033[1;33m" : "") << "！ " << text(problem, "code")
        << (options.colour ? "\033[0m" : "") << "  " << text(problem, "title") << '\n';
    Printer printer(out, options);
    printer.line("詳しく / Detail", text(problem, "detail"));
    printer.line("場所 / Where", text(problem, "pointer"));
    printer.line("次に / Next", both(object(object(problem, "advice"), "desk")));
    printer.line("IT", both(object(object(problem, "advice"), "it")));
}

}  // namespace shikaku::app

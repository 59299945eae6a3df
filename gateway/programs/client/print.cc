#include "gateway/programs/client/print.h"

#include <fmt/format.h>

#include "gateway/domain/date.h"
#include "gateway/domain/texts.h"

namespace shikaku::programs {
namespace {

std::string text(const Json& json, std::string_view member) {
    const auto found = json.find(member);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& object(const Json& json, std::string_view member) {
    static const Json nothing = Json::object();
    const auto found = json.find(member);
    return found != json.end() && found->is_object() ? *found : nothing;
}

const Json& array(const Json& json, std::string_view member) {
    static const Json nothing = Json::array();
    if (!json.is_object()) return nothing;
    const auto found = json.find(member);
    return found != json.end() && found->is_array() ? *found : nothing;
}

// "日本語 / English", or whichever is there.
std::string both(const Json& localized) {
    const std::string ja = text(localized, "ja");
    const std::string en = text(localized, "en");
    if (ja.empty() || en.empty() || ja == en) return ja + (ja == en ? "" : en);
    return ja + " / " + en;
}

std::string both(const domain::Localized& localized) {
    return localized.ja + " / " + localized.en;
}

std::string japanese_date(const std::string& iso) {
    const auto date = domain::Date::parse_iso(iso);
    return date ? fmt::format("{} ({})", iso, date->japanese()) : iso;
}

// 2026-11-20T08:59:12+09:00 -> 2026-11-20 08:59
std::string minute(std::string rfc3339) {
    if (const auto t = rfc3339.find('T'); t != std::string::npos) rfc3339[t] = ' ';
    return rfc3339.substr(0, 16);
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
// Valid, but with no place among the payers of this claim: paid back later, or a fifth payer.
constexpr std::string_view kNotOnClaim =
    "資格はありますが、この請求には載せられません / Valid, but not on this claim";
constexpr std::string_view kNotSettledHere = "この請求では使えません / not settled here";
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
    Printer(std::ostream& out, const PrintOptions& options) : out_(out), colour_(options.colour) {}

    void headline(std::string_view outcome, std::string_view reason) {
        const std::string_view mark =
            outcome == "eligible" ? "○" : (outcome == "not_eligible" ? "×" : "？");
        out_ << paint(outcome) << mark << ' ' << word(kOutcomes, outcome) << end() << "  ["
             << reason << "]\n";
    }
    void line(std::string_view label, std::string_view value) {
        if (!value.empty()) out_ << "     " << label << ": " << value << '\n';
    }
    void say(std::string_view label, const Json& localized) { line(label, both(localized)); }
    void say(std::string_view label, const Json& localized, const domain::Localized& otherwise) {
        const std::string said = both(localized);
        line(label, said.empty() ? both(otherwise) : said);
    }
    void trouble(std::string_view code, std::string_view title) {
        out_ << (colour_ ? "\033[1;33m" : "") << "！ " << code << end() << "  " << title << '\n';
    }
    // `said`: the reason whose advice stands above already.
    void subsidy(const Json& subsidy, std::string_view said);

  private:
    void claim(const Json& claim, bool on_claim);
    [[nodiscard]] std::string_view paint(std::string_view outcome) const {
        if (!colour_) return "";
        return outcome == "eligible" ? "\033[1;32m"
                                     : (outcome == "not_eligible" ? "\033[1;31m" : "\033[1;33m");
    }
    [[nodiscard]] std::string_view end() const { return colour_ ? "\033[0m" : ""; }

    std::ostream& out_;
    bool colour_;
};

void Printer::claim(const Json& claim, bool on_claim) {
    const auto number = [&claim](std::string_view member) {
        const std::string digits = text(claim, member);
        return digits.empty() ? "(受給者証から / from the certificate)" : digits;
    };
    const std::string settlement = text(claim, "settlement");
    line("請求 / Claim",
         fmt::format("負担者番号 {}  受給者番号 {}  {}", number("payer_number"),
                     number("recipient_number"),
                     !on_claim && settlement == "in_kind" ? kNotSettledHere
                                                          : word(kSettlements, settlement)));
}

void Printer::subsidy(const Json& subsidy, std::string_view said) {
    const std::string outcome = text(subsidy, "outcome");
    const std::string reason = text(subsidy, "reason");
    const Json& claimed = object(subsidy, "claim");
    const std::int64_t order = claimed.value("order", std::int64_t{0});
    const bool left_out = outcome == "eligible" && !claimed.empty() && order <= 0;
    const bool in_kind = text(claimed, "settlement") == "in_kind";
    out_ << "  " << (order > 0 ? fmt::format("第{}公費 ", order) : std::string("・ "))
         << text(object(subsidy, "authority"), "name") << ' '
         << both(object(object(subsidy, "scheme"), "name")) << '\n';
    out_ << "     " << paint(left_out ? "unknown" : outcome)
         << (left_out ? kNotOnClaim : word(kOutcomes, outcome)) << end() << "  [" << reason
         << "]\n";
    if (!left_out || !in_kind) say("窓口負担 / Charge", object(object(subsidy, "copay"), "text"));
    if (!claimed.empty()) claim(claimed, !left_out);
    const Json& valid = object(subsidy, "valid");
    if (!valid.empty())
        line("有効期間 / Valid",
             japanese_date(text(valid, "from")) + " 〜 " + japanese_date(text(valid, "to")));
    const Json& freshness = object(subsidy, "freshness");
    if (!freshness.empty())
        line("情報 / Data", fmt::format("{}、{}", word(kFreshness, text(freshness, "class")),
                                        age(freshness.value("age_s", std::int64_t{0}))));
    if (reason != "ACTIVE" && reason != said)
        say("次に / Next", object(object(subsidy, "advice"), "desk"));
    for (const Json& note : array(subsidy, "notes"))
        say("注意 / Note", object(note, "text"));
}

// Whether the advice on the whole answer has to be seen: where there is no row to speak for itself,
// and whenever something is not known, whatever the rows say.
bool needs_advice(const Json& answer) {
    return array(answer, "subsidies").empty() || text(answer, "outcome") == "unknown";
}

void print_known(Printer& printer, const Json& answer, domain::Date today) {
    const std::string reason = text(answer, "reason");
    const bool advised = needs_advice(answer);
    printer.headline(text(answer, "outcome"), reason);
    if (advised) printer.say("次に / Next", object(object(answer, "advice"), "desk"));
    for (const Json& subsidy : array(answer, "subsidies"))
        printer.subsidy(subsidy, advised ? reason : std::string());
    for (const Json& warning : array(answer, "warnings"))
        printer.say("注意 / Note", object(warning, "text"));
    const auto service_date = domain::Date::parse_iso(text(answer, "service_date"));
    if (service_date && *service_date < today)
        printer.line("この日の回答の最終変更 / Answer for that date last changed",
                     minute(text(answer, "last_changed")));
    for (const Json& step : array(answer, "explanation"))
        printer.say(step.value("passed", true) ? "規則 ✓" : "規則 ✗", object(step, "text"));
}

}  // namespace

void print_answer(std::ostream& out, const Json& answer, PrintOptions options) {
    Printer printer(out, options);
    if (answer.value("unchanged", false)) {
        out << "＝ 前回から変わりません / Unchanged since the last answer\n";
        printer.line("前回の回答 / Last answer", word(kOutcomes, text(answer, "outcome")));
    } else {
        print_known(printer, answer, options.today);
    }
    const Json& evidence = object(answer, "evidence");
    printer.line("記録 / Log", fmt::format("{} #{}", text(evidence, "log"),
                                           evidence.value("index", std::int64_t{0})));
}

void print_problem(std::ostream& out, const Json& problem, PrintOptions options) {
    Printer printer(out, options);
    const std::string code = text(problem, "code");
    printer.trouble(code, text(problem, "title"));
    printer.line("詳しく / Detail", text(problem, "detail"));
    printer.line("場所 / Where", text(problem, "pointer"));
    // One without advice is not left without.
    const domain::Advice& ours = domain::advice(code);
    const Json& advice = object(problem, "advice");
    printer.say("次に / Next", object(advice, "desk"), ours.desk);
    printer.say("IT", object(advice, "it"), ours.it);
    printer.line("連絡先 / Call", options.support);
}

void print_no_answer(std::ostream& out, const NoAnswer& why, PrintOptions options) {
    Printer printer(out, options);
    const domain::Advice& advice = domain::advice(why.text);
    printer.trouble(why.text, both(advice.title));
    printer.line("次に / Next", both(advice.desk));
    printer.line("連絡先 / Call", options.support);
    printer.line("IT", both(advice.it));
    printer.line("詳しく / Detail", why.detail);
}

}  // namespace shikaku::programs

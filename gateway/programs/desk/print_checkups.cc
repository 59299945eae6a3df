#include "gateway/programs/desk/print_checkups.h"

#include <fmt/format.h>

#include <string>

namespace shikaku::programs {
namespace {

std::string text(const Json& json, const char* member) {
    const auto found = json.find(member);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json object(const Json& json, const char* member) {
    return json.value(member, Json::object());
}

std::string both(const Json& localized) {
    const std::string ja = text(localized, "ja");
    const std::string en = text(localized, "en");
    return ja == en || en.empty() ? ja : ja + " / " + en;
}

std::string headline(std::string_view outcome) {
    if (outcome == "found") return "○ 検診の情報があります / Checkups found";
    if (outcome == "none") return "－ 検診の登録はありません / No checkup is registered";
    return "？ 確認できません / Not known";
}

std::string state_of(std::string_view state) {
    if (state == "open") return "受診できます / can be taken now";
    if (state == "not_yet") return "まだ始まっていません / not yet";
    if (state == "over") return "期間が終わりました / over";
    return "受診済み / taken";
}

std::string what(const Json& record) {
    return fmt::format("{}  {}年度 / FY {}", both(object(object(record, "checkup"), "name")),
                       text(record, "fiscal_year"), text(record, "fiscal_year"));
}

void print_invitation(std::ostream& out, const Json& one) {
    const Json period = object(one, "period");
    out << "  案内 / Invitation  " << what(one) << '\n'
        << fmt::format("     期間 / Period: {} - {}  {}\n", text(period, "from"),
                       text(period, "to"), state_of(text(one, "state")));
    if (const std::string number = text(one, "ticket_number"); !number.empty())
        out << "     受診券 / Ticket: " << number << '\n';
    if (one.contains("own_payment_yen"))
        out << fmt::format("     自己負担 / Own payment: {0}円 / {0} yen\n",
                           one.value("own_payment_yen", 0));
    out << "     実施 / By: " << text(object(one, "authority"), "name") << '\n';
}

void print_item(std::ostream& out, const Json& item) {
    out << fmt::format("       {}: {}{}{}", both(object(item, "name")), text(item, "value"),
                       item.contains("unit") ? " " : "", text(item, "unit"));
    if (item.contains("judgement")) out << "  [" << both(object(item["judgement"], "name")) << ']';
    out << '\n';
}

// That it is not known is said, because silence would read as "not needed".
void print_detailed(std::ostream& out, const Json& one) {
    const Json detailed = object(one, "detailed_exam");
    out << "     精密検査 / Detailed examination: ";
    if (!detailed.contains("needed"))
        out << "要否不明 / not known whether needed";
    else
        out << (detailed.value("needed", false) ? "必要 / needed" : "不要 / not needed");
    if (const std::string day = text(detailed, "examined_on"); !day.empty())
        out << ", 受診 / taken " << day;
    if (detailed.contains("outcome")) out << ", " << both(object(detailed["outcome"], "name"));
    out << '\n';
}

void print_result(std::ostream& out, const Json& one) {
    out << "  結果 / Result  " << what(one) << '\n'
        << "     受診日 / Examined on: " << text(one, "examined_on") << "  "
        << text(object(one, "institution"), "name") << '\n';
    for (const Json& item : one.value("items", Json::array()))
        print_item(out, item);
    if (one.contains("judgement"))
        out << "     総合判定 / Judgement: " << both(object(one["judgement"], "name")) << '\n';
    print_detailed(out, one);
}

}  // namespace

void print_checkups(std::ostream& out, const Json& answer, bool colour) {
    const std::string outcome = text(answer, "outcome");
    out << (colour && outcome == "found" ? "\033[1;32m" : "") << headline(outcome)
        << (colour && outcome == "found" ? "\033[0m" : "") << "  [" << text(answer, "reason")
        << "]\n";
    const std::string advice = both(object(object(answer, "advice"), "desk"));
    if (!advice.empty()) out << "     " << advice << '\n';
    for (const Json& one : answer.value("invitations", Json::array()))
        print_invitation(out, one);
    for (const Json& one : answer.value("results", Json::array()))
        print_result(out, one);
    const Json evidence = object(answer, "evidence");
    out << fmt::format("     記録 / Log entry: {}\n", evidence.value("index", 0));
}

}  // namespace shikaku::programs

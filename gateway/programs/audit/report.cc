#include "gateway/programs/audit/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "gateway/programs/client/client_options.h"
#include "gateway/support/json.h"

namespace shikaku::programs {
namespace {

constexpr int kBarWidth = 40;
constexpr int kLineEvery = 10;  // per cent, when not on a terminal

void print_proven(const audit::Verification& found) {
    std::cout << fmt::format(
        "○ ログは署名どおりです / The log is as it was signed\n"
        "     ログ / Log: {}\n     件数 / Entries: {}\n     根 / Root: {}\n"
        "     署名 / Signatures checked: {}\n",
        found.checkpoint.origin, found.checkpoint.size, to_base64(found.checkpoint.root),
        found.checkpoints);
    if (found.kept > 0)
        std::cout << fmt::format("     保管したもの / Kept checkpoints: {} 件一致 / match\n",
                                 found.kept);
    if (found.opened > 0)
        std::cout << fmt::format("     内容 / Details: {} 件一致 / match\n", found.opened);
    else
        std::cout
            << "     内容は確かめていません / Details were not checked (--database, --keyring)\n";
    if (found.behind > 0)
        std::cout << fmt::format("     未署名 / Not signed yet: {}\n", found.behind);
    if (found.behind_without_key > 0)
        std::cout << fmt::format(
            "     "
            "うち{}件は鍵のない旧形式の記録で、署名もありません。ファイルを書ける人ならだれでも"
            "作れます / {} of them are records of before there was a key, and not signed: whoever "
            "can write the file may have made them\n",
            found.behind_without_key, found.behind_without_key);
}

std::string_view opened_name(audit::Opened opened) {
    switch (opened) {
        case audit::Opened::all:
            return "all";
        case audit::Opened::asker:
            return "asker";
        case audit::Opened::authority:
            return "authority";
        case audit::Opened::nothing:
            break;
    }
    return "nothing";
}

// Whose part, and what it says; those that are there.
std::vector<std::pair<std::string_view, const std::string*>> parts_of(const audit::Detail& detail) {
    std::vector<std::pair<std::string_view, const std::string*>> parts;
    const auto add = [&parts](std::string_view part, const std::string& text) {
        if (!text.empty()) parts.emplace_back(part, &text);
    };
    add("asker", detail.asker);
    for (const std::string& text : detail.authorities)
        add("authority", text);
    add("auditors", detail.rest);
    return parts;
}

int report_failure(const audit::VerifyFailure& failure, bool json) {
    const bool refuted = failure.error.code == ErrorCode::corrupt;
    if (json) {
        Json out{{"verified", false}, {"code", name(failure.error.code)}};
        out["detail"] = failure.error.detail;
        if (refuted && failure.first_bad) out["first_bad_index"] = *failure.first_bad;
        std::cout << out.dump() << '\n';
    }
    if (!refuted) {
        const int code = report_error("shikaku-audit", failure.error);
        // A log that is not there was not read.
        return failure.error.code == ErrorCode::not_found ? kExitUnreachable : code;
    }
    if (json) return kExitNo;
    std::cout << "✕ ログは署名どおりではありません / The log is NOT as it was signed\n";
    if (failure.first_bad)
        std::cout << fmt::format("     最初の不一致 / First bad index: {}\n", *failure.first_bad);
    std::cout << "     " << failure.error.detail << '\n';
    return kExitNo;
}

}  // namespace

ProgressReport::ProgressReport(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

void ProgressReport::clear() {
    if (percent_ >= 0 && terminal_) std::cerr << "\r\033[K" << std::flush;
}

void ProgressReport::show(std::uint64_t done, std::uint64_t total) {
    if (quiet_ || total == 0) return;
    const int percent = static_cast<int>(done * 100 / total);
    if (percent == percent_) return;
    if (terminal_) {
        const auto filled = static_cast<std::size_t>(percent * kBarWidth / 100);
        std::cerr << '\r' << '[' << std::string(filled, '#') << std::string(kBarWidth - filled, ' ')
                  << "] " << percent << " % " << done << '/' << total << std::flush;
    } else if (percent / kLineEvery != percent_ / kLineEvery || percent_ < 0) {
        std::cerr << fmt::format("{} % ({}/{})\n", percent, done, total);
    }
    percent_ = percent;
}

std::string not_the_entry(std::uint64_t asked, std::uint64_t given) {
    return fmt::format("entry {} was asked for, and this is the receipt of entry {}", asked, given);
}

int report_verification(const audit::VerifyResult& result, bool json) {
    if (!result) return report_failure(result.error(), json);
    if (!json) {
        print_proven(*result);
        return kExitOk;
    }
    std::cout << Json{{"verified", true},
                      {"log", result->checkpoint.origin},
                      {"size", result->checkpoint.size},
                      {"root", to_base64(result->checkpoint.root)},
                      {"checkpoints", result->checkpoints},
                      {"kept", result->kept},
                      {"records", result->records},
                      {"opened", result->opened},
                      {"not_signed_yet", result->behind},
                      {"not_signed_and_without_key", result->behind_without_key}}
                     .dump()
              << '\n';
    return kExitOk;
}

int report_receipt(const audit::VerifiedReceipt& receipt, bool json) {
    const auto& [entry, checkpoint] = receipt;
    if (json) {
        Json out{{"verified", true},
                 {"log", checkpoint.origin},
                 {"index", entry.index},
                 {"size", checkpoint.size},
                 {"time", to_rfc3339_jst(entry.leaf.time)},
                 {"kind", audit::name(entry.leaf.kind)},
                 {"opened", opened_name(entry.opened)},
                 {"erased", entry.opened == audit::Opened::nothing}};
        if (auto only = parse_json(entry.detail.only())) out["detail"] = std::move(*only);
        for (const auto& [part, text] : parts_of(entry.detail)) {
            auto content = parse_json(*text);
            out["parts"].push_back({{"part", part}, {"content", content ? *content : Json(*text)}});
        }
        std::cout << out.dump() << '\n';
        return kExitOk;
    }
    std::cout << fmt::format(
        "○ 検証できました / Verified\n"
        "     ログ / Log: {} #{} (全 {} 件 / of {})\n     時刻 / Time: {}\n     種別 / Kind: {}\n",
        checkpoint.origin, entry.index, checkpoint.size, checkpoint.size,
        to_rfc3339_jst(entry.leaf.time), audit::name(entry.leaf.kind));
    if (entry.opened == audit::Opened::nothing)
        std::cout << "     内容は消去済みか、示されません / The detail was erased or is withheld\n";
    for (const auto& [part, text] : parts_of(entry.detail))
        std::cout << fmt::format("     内容 / Detail ({}): {}\n", part, *text);
    return kExitOk;
}

}  // namespace shikaku::programs

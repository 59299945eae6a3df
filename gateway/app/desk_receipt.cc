#include "gateway/app/desk_receipt.h"

#include <fmt/format.h>
#include <iostream>

#include "gateway/app/client_options.h"
#include "gateway/audit/receipt.h"
#include "gateway/crypto/hash.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::app {
namespace {

// What content_hash leaves out, at every level (gateway/docs/audit-format.md).
void drop_volatile(Json& json) {
    if (json.is_object()) {
        for (const char* member : {"answer_id", "freshness", "ms", "content_hash", "evidence"})
            json.erase(member);
    }
    if (json.is_structured()) {
        for (Json& child : json)
            drop_volatile(child);
    }
}

std::string content_hash(Json answer) {
    drop_volatile(answer);
    return "sha256:" + to_hex(crypto::sha256(as_bytes(answer.dump())));
}

struct Evidence {
    std::string receipt;
    std::string content_hash;  // of the answer on file; empty when the file is a bare receipt
};

Result<Evidence> read_evidence(const std::string& file) {
    auto text = read_file(file, 4 * 1024 * 1024);
    if (!text) return fail(text.error());
    if (!text->starts_with('{')) return Evidence{.receipt = std::move(*text), .content_hash = {}};
    const auto answer = parse_json(*text);
    if (!answer) return fail(answer.error());
    const auto evidence = answer->find("evidence");
    const bool has_receipt = evidence != answer->end() && evidence->is_object() &&
                             evidence->contains("receipt") && evidence->at("receipt").is_string();
    if (!has_receipt)
        return fail(ErrorCode::invalid_field, "the answer carries no receipt: ask with --receipt");
    // A short "unchanged" answer carries the hash only; there is nothing else to compare.
    const bool whole = answer->contains("subsidies");
    return Evidence{.receipt = evidence->at("receipt"),
                    .content_hash = whole ? content_hash(*answer)
                                          : answer->value("content_hash", std::string())};
}

Status compare(const Evidence& evidence, const audit::OpenedEntry& entry) {
    if (evidence.content_hash.empty() || entry.erased) return {};
    const auto detail = parse_json(entry.detail);
    if (!detail || !detail->is_object() ||
        detail->value("content_hash", std::string()) != evidence.content_hash)
        return fail(ErrorCode::corrupt, "the answer on file is not the one that was logged");
    return {};
}

}  // namespace

void DeskReceipt::add_to(CLI::App& command) {
    auto* verify = command.add_subcommand("verify", "Check a receipt offline / 受領証を検証する");
    command.require_subcommand(1);
    verify->add_option("file", file_, "Answer as JSON, or a .tlog-proof / 回答または受領証")
        ->required();
    verify->add_option("--vkey", vkey_, "Public key of the log / ログの公開鍵")
        ->envname("SHIKAKU_LOG_VKEY")
        ->required();
    verify->add_flag("--json", json_, "Print the result as JSON");
    verify->footer(
        "Exit code / 終了コード:\n"
        "  0  proven / 証明できた\n"
        "  1  not proven / 証明できない\n"
        "  2  wrong use, or no receipt in the file / 使い方の誤り、または受領証がない");
}

int DeskReceipt::run() const {
    const auto evidence = read_evidence(file_);
    if (!evidence) return report_wrong_use("shikaku-desk", evidence.error());
    const auto verified = audit::verify_receipt(evidence->receipt, vkey_);
    if (!verified) return report_error("shikaku-desk", verified.error());
    if (const auto same = compare(*evidence, verified->entry); !same)
        return report_error("shikaku-desk", same.error());

    const auto& [entry, checkpoint] = *verified;
    if (json_) {
        std::cout << Json{{"verified", true},
                          {"log", checkpoint.origin},
                          {"index", entry.index},
                          {"size", checkpoint.size},
                          {"time", to_rfc3339_jst(entry.leaf.time)},
                          {"answer_compared", !evidence->content_hash.empty()}}
                         .dump()
                  << '\n';
        return kExitOk;
    }
    std::cout << fmt::format(
        "○ 検証できました / Verified\n"
        "     ログ / Log: {} #{} (全 {} 件 / of {})\n     時刻 / Time: {}\n",
        checkpoint.origin, entry.index, checkpoint.size, checkpoint.size,
        to_rfc3339_jst(entry.leaf.time));
    if (!evidence->content_hash.empty())
        std::cout << "     回答は記録と一致します / The answer on file is the one logged\n";
    return kExitOk;
}

}  // namespace shikaku::app

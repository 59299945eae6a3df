#include "gateway/programs/desk/receipt.h"

#include <fmt/format.h>
#include <iostream>
#include <optional>

#include "gateway/audit/receipt.h"
#include "gateway/crypto/hash.h"
#include "gateway/programs/client/client_options.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::programs {
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
    // Of the answer on file; all empty when the file is a bare receipt.
    std::string answer_id, content_hash;
    std::optional<std::uint64_t> index;
    std::string log;

    [[nodiscard]] bool has_answer() const { return !content_hash.empty(); }
};

std::string text(const Json& json, const char* member) {
    const auto found = json.find(member);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<Evidence> read_evidence(const std::string& file) {
    SHIKAKU_TRY_LET(auto content, read_file(file, 4 * 1024 * 1024));
    if (!content.starts_with('{'))
        return Evidence{.receipt = std::move(content),
                        .answer_id = {},
                        .content_hash = {},
                        .index = {},
                        .log = {}};
    SHIKAKU_TRY_LET(const auto answer, parse_json(content));
    const Json evidence = answer.value("evidence", Json());
    if (!evidence.is_object() || text(evidence, "receipt").empty())
        return fail(ErrorCode::invalid_field, "the answer carries no receipt: ask with --receipt");
    // A short "unchanged" answer carries the hash only; there is nothing else to compare.
    const bool whole = answer.contains("subsidies");
    const auto index = evidence.find("index");
    return Evidence{.receipt = text(evidence, "receipt"),
                    .answer_id = text(answer, "answer_id"),
                    .content_hash = whole ? content_hash(answer) : text(answer, "content_hash"),
                    .index = index != evidence.end() && index->is_number_unsigned()
                                 ? std::optional(index->get<std::uint64_t>())
                                 : std::nullopt,
                    .log = text(evidence, "log")};
}

// What the opened part says was answered; empty when it is not open.
std::string logged_answer(const audit::OpenedEntry& entry) {
    const bool whole = entry.leaf.version == audit::kLeafWhole;
    const auto part = parse_json(whole ? entry.detail.rest : entry.detail.asker);
    if (!part || !part->is_object()) return {};
    return text(*part, whole ? "content_hash" : "answer");
}

// What an entry holds of this answer (gateway/docs/audit-format.md, "Details").
std::string hash_of(const Evidence& evidence, const audit::Leaf& leaf) {
    if (leaf.version == audit::kLeafWhole) return evidence.content_hash;
    return to_base64(crypto::sha256(
        {as_bytes(evidence.answer_id), as_bytes("\n"), as_bytes(evidence.content_hash)}));
}

Status compare(const Evidence& evidence, const audit::VerifiedReceipt& receipt) {
    if (!evidence.has_answer()) return {};
    const auto& [entry, checkpoint] = receipt;
    if (evidence.index != entry.index || evidence.log != checkpoint.origin)
        return fail(ErrorCode::corrupt, "the receipt is about another entry than the answer names");
    const std::string logged = logged_answer(entry);
    if (logged.empty())
        return fail(
            ErrorCode::not_found,
            "受領証は記録の内容を示さないため、回答と照合できません / the entry is in the log, "
            "but the receipt does not open what was answered: nothing to compare with");
    if (logged != hash_of(evidence, entry.leaf))
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
    if (const auto same = compare(*evidence, *verified); !same)
        return report_error("shikaku-desk", same.error());

    const auto& [entry, checkpoint] = *verified;
    if (json_) {
        std::cout << Json{{"verified", true},
                          {"log", checkpoint.origin},
                          {"index", entry.index},
                          {"size", checkpoint.size},
                          {"time", to_rfc3339_jst(entry.leaf.time)},
                          {"answer_compared", evidence->has_answer()}}
                         .dump()
                  << '\n';
        return kExitOk;
    }
    std::cout << fmt::format(
        "○ 検証できました / Verified\n"
        "     ログ / Log: {} #{} (全 {} 件 / of {})\n     時刻 / Time: {}\n",
        checkpoint.origin, entry.index, checkpoint.size, checkpoint.size,
        to_rfc3339_jst(entry.leaf.time));
    if (evidence->has_answer())
        std::cout << "     回答は記録と一致します / The answer on file is the one logged\n";
    return kExitOk;
}

}  // namespace shikaku::programs

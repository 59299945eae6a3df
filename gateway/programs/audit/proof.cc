#include "gateway/programs/audit/proof.h"

#include <iostream>

#include "gateway/programs/audit/report.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::programs {
namespace {

constexpr std::size_t kReceiptBytesMax = 1024 * 1024;

}  // namespace

void AuditProof::add_to(CLI::App& command) {
    client_.add_to(command);
    index_option_ = command.add_option("--index", index_, "Entry / 記録の番号");
    command.require_subcommand(0, 1);
    verify_command_ =
        command.add_subcommand("verify", "Check a receipt offline / 受領証を検証する");
    verify_command_->fallthrough();  // proof verify FILE --index N
    verify_command_->add_option("file", file_, "A .tlog-proof / 受領証")->required();
    verify_command_->add_option("--vkey", vkey_, "Public key of the log / ログの公開鍵")
        ->envname("SHIKAKU_LOG_VKEY")
        ->required();
    verify_command_->add_flag("--json", json_, "Print the result as JSON");
}

int AuditProof::run() const {
    if (verify_command_->parsed()) return verify();
    if (index_option_->empty())
        return report_error("shikaku-audit", {ErrorCode::bad_configuration, "--index is missing"});
    return fetch();
}

int AuditProof::fetch() const {
    const auto client = client_.connect();
    if (!client) return report_wrong_use("shikaku-audit", client.error());
    http::ClientRequest request;
    request.target = "/v1/receipts/" + std::to_string(index_);
    request.response_bytes_max = kReceiptBytesMax;
    const auto answer = (*client)->send_and_wait(std::move(request));
    if (!answer) return report_no_answer("shikaku-audit", **client, answer.error());
    if (answer->status == 200) {
        if (const auto same = check_index(answer->body); !same)
            return report_error("shikaku-audit", same.error());
        std::cout << answer->body;
        return kExitOk;
    }
    std::cerr << "shikaku-audit: HTTP " << answer->status << '\n' << answer->body << '\n';
    return not_answered(answer->status) ? kExitUnreachable : kExitNo;
}

Status AuditProof::check_index(const std::string& receipt) const {
    SHIKAKU_TRY_LET(const auto parsed, audit::parse_receipt(receipt));
    if (parsed.index == index_) return {};
    return fail(ErrorCode::corrupt, not_the_entry(index_, parsed.index));
}

int AuditProof::verify() const {
    const auto text = read_file(file_, kReceiptBytesMax);
    if (!text) return report_wrong_use("shikaku-audit", text.error());
    auto receipt = audit::verify_receipt(*text, vkey_);
    if (receipt && !index_option_->empty())
        if (auto same = check_index(*text); !same) receipt = fail(std::move(same.error()));
    if (receipt) return report_receipt(*receipt, json_);
    if (json_)
        std::cout << Json{{"verified", false},
                          {"code", name(receipt.error().code)},
                          {"detail", receipt.error().detail}}
                         .dump()
                  << '\n';
    return report_error("shikaku-audit", receipt.error());
}

}  // namespace shikaku::programs

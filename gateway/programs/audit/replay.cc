#include "gateway/programs/audit/replay.h"

#include <fmt/format.h>
#include <iostream>

#include "gateway/audit/pack_version.h"
#include "gateway/audit/receipt.h"
#include "gateway/domain/scheme_pack.h"
#include "gateway/domain/wording.h"
#include "gateway/inquiry/checkup_entry.h"
#include "gateway/inquiry/replay.h"
#include "gateway/programs/audit/report.h"

namespace shikaku::programs {
namespace {

constexpr std::string_view kProgram = "shikaku-audit";

std::string headline(const inquiry::Replayed& replayed) {
    switch (replayed.state()) {
        case inquiry::Replayed::State::same:
            return "○ 同じ回答が導かれました / The same answer comes out\n";
        case inquiry::Replayed::State::other_wording: {
            const std::string_view then =
                replayed.logged.texts.empty() ? "unknown" : std::string_view(replayed.logged.texts);
            return fmt::format(
                "○ 判定は同じですが、文面の版が違います(当時 {0}、現在 {1}) / "
                "The same decision, in another wording (texts {0} then, {1} here)\n",
                then, domain::wording());
        }
        case inquiry::Replayed::State::different:
            break;
    }
    return "× 記録と違う回答になりました / Another answer comes out\n";
}

// An entry in parts holds it only bound to its answer_id: known when the same bytes came out.
std::string logged_content_hash(const inquiry::Replayed& replayed) {
    return replayed.same_bytes() ? replayed.answer.content_hash : replayed.logged.content_hash;
}

void print(const inquiry::Replayed& replayed, bool json) {
    const domain::ReasonInfo& reason = domain::info(replayed.answer.reason);
    if (json) {
        std::cout << Json{{"same", replayed.same()},
                          {"state", inquiry::name(replayed.state())},
                          {"logged_texts", replayed.logged.texts},
                          {"texts", domain::wording()},
                          {"answer_id", replayed.answer.answer_id},
                          {"outcome", domain::name(replayed.answer.outcome)},
                          {"reason", reason.name},
                          {"logged_content_hash", logged_content_hash(replayed)},
                          {"logged_answer", replayed.logged.answer},
                          {"derived_content_hash", replayed.answer.content_hash}}
                         .dump()
                  << '\n';
        return;
    }
    std::cout << headline(replayed)
              << fmt::format("     回答 / Answer: {}  {} [{}]\n     照会者 / Asked by: {}\n",
                             replayed.answer.answer_id, domain::name(replayed.answer.outcome),
                             reason.name, replayed.logged.caller);
    for (const auto& [authority, version] : replayed.logged.packs)
        std::cout << fmt::format("     制度パック / Pack: {} {}\n", authority.text(), version);
    std::cout << fmt::format("     内容 / Content: {}\n", replayed.answer.content_hash);
    if (!replayed.same_bytes())
        std::cout << fmt::format("     記録 / Logged:  {}{}\n", replayed.logged.content_hash,
                                 replayed.logged.answer);
}

void print(const inquiry::ReplayedCheckups& replayed, bool json) {
    const checkup::ReasonInfo& reason = checkup::info(replayed.answer.reason);
    if (json) {
        std::cout << Json{{"same", replayed.same()},
                          {"same_bytes", replayed.same_bytes()},
                          {"records", "checkups"},
                          {"logged_texts", replayed.texts},
                          {"texts", checkup::wording()},
                          {"answer_id", replayed.answer.answer_id},
                          {"outcome", checkup::name(reason.outcome)},
                          {"reason", reason.name},
                          {"logged_answer", replayed.answer_hash},
                          {"derived_content_hash", replayed.answer.content_hash}}
                         .dump()
                  << '\n';
        return;
    }
    std::cout << (replayed.same()
                      ? "○ 同じ回答が導かれました(検診) / The same answer comes out (checkups)\n"
                      : "× 記録と違う回答になりました / Another answer comes out\n")
              << fmt::format("     回答 / Answer: {}  {} [{}]\n     照会者 / Asked by: {}\n",
                             replayed.answer.answer_id, checkup::name(reason.outcome), reason.name,
                             replayed.caller);
}

}  // namespace

void AuditReplay::add_to(CLI::App& command) {
    client_.add_to(command);
    command.add_option("--index", index_, "Entry / 記録の番号")->required();
    command.add_option("--vkey", vkey_, "Public key of the log / ログの公開鍵")
        ->envname("SHIKAKU_LOG_VKEY")
        ->required();
    command.add_flag("--json", json_, "Print the result as JSON");
}

Result<std::string> AuditReplay::fetch(http::Client& client, const std::string& target) const {
    http::ClientRequest request;
    request.target = target;
    SHIKAKU_TRY_LET(auto response, client.send_and_wait(std::move(request)));
    if (response.status != 200)
        return fail(
            not_answered(response.status) ? ErrorCode::source_unavailable : ErrorCode::not_found,
            fmt::format("{}: HTTP {}", target, response.status));
    return std::move(response.body);
}

Result<audit::OpenedEntry> AuditReplay::proven_entry(http::Client& client) const {
    SHIKAKU_TRY_LET(const auto receipt, fetch(client, fmt::format("/v1/receipts/{}", index_)));
    SHIKAKU_TRY_LET(auto verified, audit::verify_receipt(receipt, vkey_));
    if (verified.entry.index != index_)
        return fail(ErrorCode::corrupt, not_the_entry(index_, verified.entry.index));
    return std::move(verified.entry);
}

Result<std::string> AuditReplay::fetch_pack(http::Client& client, std::string_view route,
                                            domain::AuthorityCode authority,
                                            const std::string& version) const {
    SHIKAKU_TRY_LET(auto text,
                    fetch(client, fmt::format("/v1/{}/{}/{}", route, authority.text(), version)));
    if (!audit::is_version_of(version, text))
        return fail(ErrorCode::corrupt,
                    fmt::format("the gateway's scheme pack {} {} is another one than its version "
                                "says",
                                authority.text(), version));
    return text;
}

int AuditReplay::run_checkups(http::Client& client, const audit::OpenedEntry& entry) const {
    const auto replayed = inquiry::replay_checkups(
        entry,
        [&](domain::AuthorityCode authority,
            const std::string& version) -> Result<std::shared_ptr<const checkup::CheckupPack>> {
            SHIKAKU_TRY_LET(const auto text,
                            fetch_pack(client, "checkup-packs", authority, version));
            auto read =
                checkup::read_checkup_pack(text, authority, version, checkup::Examples::leave_out);
            if (!read.pack) return fail(ErrorCode::corrupt, "the checkup pack cannot be read");
            return std::move(read.pack);
        });
    if (!replayed) return report_error(kProgram, replayed.error());
    print(*replayed, json_);
    return replayed->same() ? kExitOk : kExitNo;
}

int AuditReplay::run() const {
    const auto client = client_.connect();
    if (!client) return report_wrong_use(kProgram, client.error());
    const auto entry = proven_entry(**client);
    if (!entry) return report_error(kProgram, entry.error());

    if (entry->leaf.kind == audit::Kind::checkups) return run_checkups(**client, *entry);
    const auto replayed = inquiry::replay(
        *entry,
        [&](domain::AuthorityCode authority,
            const std::string& version) -> Result<std::shared_ptr<const domain::SchemePack>> {
            SHIKAKU_TRY_LET(const auto text, fetch_pack(**client, "schemes", authority, version));
            auto read = domain::read_accepted_pack(text, authority, version);
            if (!read.pack) return fail(ErrorCode::corrupt, "the scheme pack cannot be read");
            return std::move(read.pack);
        });
    if (!replayed) return report_error(kProgram, replayed.error());
    print(*replayed, json_);
    return replayed->same() ? kExitOk : kExitNo;
}

}  // namespace shikaku::programs

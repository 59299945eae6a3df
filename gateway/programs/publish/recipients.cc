#include "gateway/programs/publish/recipients.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>

#include "gateway/identity/linkage.h"
#include "gateway/programs/client/progress.h"
#include "gateway/programs/publish/commands.h"
#include "gateway/programs/publish/print.h"
#include "gateway/programs/publish/upload_file.h"
#include "gateway/registry/file_fault.h"
#include "gateway/support/bounds.h"
#include "gateway/support/clock.h"
#include "gateway/support/id.h"

namespace shikaku::programs {
namespace {

constexpr auto kUploadTime = std::chrono::hours(2);

std::string default_linkage_file() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
    const char* certs = std::getenv("SHIKAKU_CERTS");
    const std::string file = certs ? std::string(certs) + "/linkage.secret" : std::string();
    return !file.empty() && std::filesystem::exists(file) ? file : std::string();
}

// Null when no secret is at hand: enough for files without personal numbers.
using Secret = std::shared_ptr<const identity::LinkageSecret>;
Result<Secret> load_secret(const std::string& file) {
    if (file.empty()) return nullptr;
    SHIKAKU_TRY_LET(auto loaded, identity::LinkageSecret::load(file));
    return std::make_shared<const identity::LinkageSecret>(std::move(loaded));
}

registry::LinkKeyOf link_keys(const Secret& secret) {
    if (!secret) return {};
    return [secret](std::string_view digits) { return secret->link_key(digits).value(); };
}

// The gateway holds it against what is in force and against card tokens.
void add_check_value(const Secret& secret, std::vector<http::Header>& headers) {
    if (!secret) return;
    const std::string value(secret->check_value().text());
    std::cerr << "連携用秘密鍵の確認値 / linkage check: " << value << '\n';
    headers.push_back({"X-Shikaku-Linkage-Check", value});
}

void print_kept_back(const registry::Pseudonymiser& pseudonymiser,
                     const registry::Columns& columns) {
    if (pseudonymiser.kept_back().empty()) return;
    std::cerr << fmt::format("{}行を送りませんでした / {} rows were kept back here\n",
                             pseudonymiser.kept_back().size(), pseudonymiser.kept_back().size());
    std::vector<registry::RefusedRow> rows;
    for (const registry::RowRemark& remark : pseudonymiser.kept_back()) {
        if (rows.size() == bounds::kRefusedRowsShown) break;
        rows.push_back(describe(remark, columns));
    }
    print_rows(std::cerr, rows);
}

int report_file_fault(const Error& error) {
    const auto text = registry::describe_file_fault(error);
    std::cerr << "shikaku-publish: " << text.ja << "\n  " << text.en << '\n';
    return kExitNo;
}

}  // namespace

void PublishRecords::add_to(CLI::App& command) {
    command.add_option("file", file_, "CSV or NDJSON (.ndjson) / 送るファイル")->required();
    command.add_option("--mode", mode_, "full or delta / 全件か差分")
        ->check(CLI::IsMember({"full", "delta"}));
    command.add_option("--charset", charset_, "cp932, utf-8 or auto / 文字コード")
        ->check(CLI::IsMember({"cp932", "utf-8", "auto"}));
    command.add_option("--linkage", linkage_,
                       "Linkage secret for a personal number column; default: "
                       "$SHIKAKU_CERTS/linkage.secret / 連携用秘密鍵");
    command.add_option("--idempotency-key", idempotency_key_,
                       "Of an earlier try that was cut off / 中断した送信をやり直すときの鍵");
    command.add_flag("--dry-run", dry_run_, "Compare only / 比較だけ行い、何も変えない");
    command.add_flag("--json", json_, "Print the report as JSON");
}

int PublishRecords::run() {
    const auto secret = load_secret(linkage_.empty() ? default_linkage_file() : linkage_);
    if (!secret) return report_wrong_use("shikaku-publish", secret.error());
    auto file = UploadFile::open(file_, charset_, kind_.columns(), link_keys(*secret));
    if (!file) return report_wrong_use("shikaku-publish", file.error());
    const auto client = client_.connect();
    if (!client) return report_wrong_use("shikaku-publish", client.error());
    if (idempotency_key_.empty()) idempotency_key_ = make_ulid(SystemClock().now());

    Progress progress(std::cerr, file->bytes(), isatty(STDERR_FILENO) != 0);
    std::optional<Error> local;  // why this side stopped sending
    http::ClientRequest request{
        .method = http::Method::post,
        .target = fmt::format("/v1/publications?records={}&mode={}&dry_run={}",
                              registry::name(kind_.records()), mode_, dry_run_),
        .headers = {{"Idempotency-Key", idempotency_key_}},
        .content_type = file->content_type(),
        .body = {},
        .body_pieces = [&]() -> Result<std::string> {
            auto piece = file->next();
            if (!piece) local = piece.error();
            progress.advance(file->bytes_read(), file->pseudonymiser().rows());
            return piece;
        }};
    add_check_value(*secret, request.headers);
    const auto response = (*client)->send_and_wait(std::move(request), kUploadTime);
    progress.finish();
    print_kept_back(file->pseudonymiser(), kind_.columns());
    if (local && registry::is_file_fault(*local)) return report_file_fault(*local);
    if (local) return report_error("shikaku-publish", *local);
    if (!response) {
        std::cerr << "--idempotency-key " << idempotency_key_
                  << "  を付けてやり直せます / repeats this very publication\n";
        return report_no_answer("shikaku-publish", **client, response.error());
    }
    return show_report(*response, json_);
}

}  // namespace shikaku::programs

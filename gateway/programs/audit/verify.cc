#include "gateway/programs/audit/verify.h"

#include "gateway/programs/audit/report.h"
#include "gateway/support/file.h"

namespace shikaku::programs {
namespace {

constexpr std::string_view kLogPrefix = "/log/";
constexpr std::size_t kResourceBytesMax = 1024 * 1024;  // a bundle is at most 256 leaves

audit::FetchResource fetch_over_http(http::Client& client) {
    return [&client](const std::string& name) -> Result<Bytes> {
        http::ClientRequest request;
        request.target = std::string(kLogPrefix) + name;
        request.response_bytes_max = kResourceBytesMax;
        SHIKAKU_TRY_LET(const auto answer, client.send_and_wait(std::move(request)));
        if (answer.status == 404) return fail(ErrorCode::not_found, name + " is not there");
        if (answer.status != 200)
            return fail(ErrorCode::source_unavailable,
                        name + ": HTTP status " + std::to_string(answer.status));
        const auto bytes = as_bytes(answer.body);
        return Bytes(bytes.begin(), bytes.end());
    };
}

}  // namespace

void AuditVerify::add_to(CLI::App& command) {
    client_.add_to(command);
    auto* database = command.add_option("--database", database_, "log.db / ログのファイル");
    auto* tiles = command.add_option("--tiles", tiles_,
                                     "Folder with checkpoint and tile/ / "
                                     "タイルのフォルダ");
    database->excludes(tiles);
    command.add_option("--keyring", keyring_, "Also open every detail / 内容も検証する")
        ->needs(database);
    command.add_option("--vkey", vkey_, "Public key of the log / ログの公開鍵")
        ->envname("SHIKAKU_LOG_VKEY")
        ->required();
    command.add_option("--since", since_,
                       "A checkpoint or receipt kept from before / 以前に保管したもの");
    command.add_flag("--json", json_, "Print the result as JSON");
}

int AuditVerify::run() const {
    std::vector<audit::KeptCheckpoint> kept;
    for (const std::string& file : since_) {
        const auto text = read_file(file, kResourceBytesMax);
        if (!text) return report_wrong_use("shikaku-audit", text.error());
        auto checkpoint = audit::read_kept_checkpoint(*text, vkey_);
        if (!checkpoint)
            return report_verification(
                std::unexpected(audit::VerifyFailure{
                    {checkpoint.error().code, file + ": " + checkpoint.error().detail}, {}}),
                json_);
        kept.push_back({file, std::move(*checkpoint)});
    }
    ProgressReport progress(json_);
    const auto result = verify(
        kept, [&progress](std::uint64_t done, std::uint64_t total) { progress.show(done, total); });
    progress.clear();
    return report_verification(result, json_);
}

audit::VerifyResult AuditVerify::verify(std::span<const audit::KeptCheckpoint> kept,
                                        const audit::VerifyProgress& progress) const {
    const auto cannot = [](const Error& error) {
        return std::unexpected(audit::VerifyFailure{error, std::nullopt});
    };
    if (!tiles_.empty())
        return audit::verify_tiles(audit::fetch_from_folder(tiles_), vkey_, progress, kept);
    if (database_.empty()) {
        const auto client = client_.connect();
        if (!client) return cannot(client.error());
        return audit::verify_tiles(fetch_over_http(**client), vkey_, progress, kept);
    }
    std::unique_ptr<crypto::KeyRing> keys;
    if (!keyring_.empty()) {
        auto loaded = crypto::KeyRing::load(keyring_);
        if (!loaded) return cannot(loaded.error());
        keys = std::move(*loaded);
    }
    return audit::verify_database(database_, vkey_, keys.get(), progress, kept);
}

}  // namespace shikaku::programs

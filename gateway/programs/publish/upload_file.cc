#include "gateway/programs/publish/upload_file.h"

#include <array>
#include <system_error>

#include "gateway/registry/text_decoder.h"

namespace shikaku::programs {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

// As much of the file as there is, up to one piece; empty at the end.
std::string_view read_piece(std::ifstream& stream, std::string& buffer) {
    buffer.resize(kPieceBytes);
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    return std::string_view(buffer).substr(0, static_cast<std::size_t>(stream.gcount()));
}

// One bad byte makes no other character set of a file.
bool is_utf8(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    registry::CharsetEvidence evidence;
    std::string buffer;
    for (auto piece = read_piece(stream, buffer); !piece.empty();
         piece = read_piece(stream, buffer))
        evidence.feed(piece);
    return evidence.all_utf8() || evidence.is_utf8();
}

bool is_ndjson(const std::filesystem::path& file) {
    const auto ending = file.extension();
    return ending == ".ndjson" || ending == ".jsonl" || ending == ".json";
}

Result<registry::BodyFormat> format_of(const std::filesystem::path& file,
                                       const std::string& charset) {
    if (is_ndjson(file)) return registry::BodyFormat::ndjson;
    if (charset == "cp932") return registry::BodyFormat::csv_cp932;
    if (charset == "utf-8") return registry::BodyFormat::csv_utf8;
    if (charset != "auto")
        return fail(ErrorCode::bad_configuration, "--charset is cp932, utf-8 or auto");
    return is_utf8(file) ? registry::BodyFormat::csv_utf8 : registry::BodyFormat::csv_cp932;
}

}  // namespace

Result<UploadFile> UploadFile::open(const std::filesystem::path& file, const std::string& charset,
                                    const registry::Columns& columns,
                                    registry::LinkKeyOf link_key_of) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    std::ifstream stream(file, std::ios::binary);
    if (error || !stream) return fail(ErrorCode::io_failed, file.string() + " cannot be read");
    SHIKAKU_TRY_LET(const auto format, format_of(file, charset));
    SHIKAKU_TRY_LET(auto pseudonymiser,
                    registry::Pseudonymiser::make(format, columns, std::move(link_key_of)));
    return UploadFile(std::move(stream), bytes, format, std::move(pseudonymiser));
}

UploadFile::UploadFile(std::ifstream stream, std::uint64_t bytes, registry::BodyFormat format,
                       std::unique_ptr<registry::Pseudonymiser> pseudonymiser)
    : stream_(std::move(stream)),
      bytes_(bytes),
      format_(format),
      pseudonymiser_(std::move(pseudonymiser)) {}

std::string UploadFile::content_type() const {
    switch (format_) {
        case registry::BodyFormat::csv_cp932:
            return "text/csv; charset=windows-31j";
        case registry::BodyFormat::csv_utf8:
            return "text/csv; charset=utf-8";
        case registry::BodyFormat::ndjson:
            return "application/x-ndjson";
    }
    return {};
}

Result<std::string> UploadFile::next() {
    std::string out;
    std::string buffer;
    while (out.empty() && !ended_) {
        const std::string_view piece = read_piece(stream_, buffer);
        if (stream_.bad()) return fail(ErrorCode::io_failed, "the file cannot be read to its end");
        bytes_read_ += piece.size();
        ended_ = piece.empty();
        SHIKAKU_TRY(ended_ ? pseudonymiser_->finish(out) : pseudonymiser_->feed(piece, out));
    }
    return out;
}

}  // namespace shikaku::programs

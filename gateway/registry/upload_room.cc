#include "gateway/registry/upload_room.h"

#include <algorithm>
#include <system_error>

#include "gateway/support/metrics.h"

namespace shikaku::registry {
namespace {

std::uint64_t size_of(const std::filesystem::path& file) {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(file, none);
    return none ? 0 : bytes;
}

std::unexpected<Error> refuse(std::string reason, std::string detail) {
    counter("shikaku_uploads_refused_total", "Uploads refused for want of room, by what is short",
            {{"short", std::move(reason)}})
        .Increment();
    return fail(ErrorCode::storage_full, std::move(detail));
}

}  // namespace

std::filesystem::space_info space_of(const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    return error ? std::filesystem::space_info{.capacity = 0, .free = 0, .available = 0} : space;
}

Status UploadRoom::check(const std::vector<std::filesystem::path>& of_authority) const {
    SHIKAKU_TRY(check_free(0));
    std::uint64_t own = 0;
    for (const std::filesystem::path& file : of_authority)
        own += size_of(file);
    if (own > limits_.staged_per_authority)
        return refuse("authority",
                      "this authority has too much received and held: deal with what is held");
    std::uint64_t all = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
        all += size_of(entry.path());
    if (error) return fail(ErrorCode::storage_unavailable, "the staging folder cannot be read");
    if (all > limits_.staged)
        return refuse("staged", "too much is received and held at once, over all authorities");
    return {};
}

Status UploadRoom::check_switch(const std::filesystem::path& staged) const {
    return check_free(bounds::kSwitchSpaceFactor * size_of(staged));
}

Status UploadRoom::check_free(std::uint64_t needed) const {
    const auto space = limits_.space(folder_);
    const std::uint64_t floor =
        std::min<std::uint64_t>(limits_.free_min, space.capacity / bounds::kFreePartForUploads);
    if (space.available > floor && space.available - floor >= needed) return {};
    return refuse("free_space", "what is free on the disk is kept for the log");
}

}  // namespace shikaku::registry

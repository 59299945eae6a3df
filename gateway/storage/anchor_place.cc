#include "gateway/storage/anchor_place.h"

#include <utility>

#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"

namespace shikaku::storage {

namespace {

// lstat: a link that leads nowhere is there, and reading it says what is wrong.
bool is_there(const std::filesystem::path& file) {
    std::error_code unknown;
    return std::filesystem::symlink_status(file, unknown).type() !=
           std::filesystem::file_type::not_found;
}

class AnchorFile final : public AnchorPlace {
  public:
    explicit AnchorFile(std::filesystem::path file) : file_(std::move(file)) {}

    [[nodiscard]] Result<std::optional<std::string>> read() override {
        if (!is_there(file_)) return std::nullopt;
        return read_file(file_, bounds::kAnchorBytes);
    }
    [[nodiscard]] Status write(std::string_view note) override { return write_file(file_, note); }
    [[nodiscard]] const std::filesystem::path& file() const override { return file_; }
    [[nodiscard]] std::chrono::seconds period() const override { return bounds::kAnchorFileEvery; }

  private:
    std::filesystem::path file_;
};

class RegistryAnchor final : public AnchorPlace {
  public:
    explicit RegistryAnchor(std::filesystem::path file) : file_(std::move(file)) {}

    [[nodiscard]] Result<std::optional<std::string>> read() override {
        if (!is_there(file_)) return std::nullopt;
        // The keys are not checked yet: nothing of it may change.
        SHIKAKU_TRY_LET(auto database, Database::open(registry_as_it_is(file_)));
        SHIKAKU_TRY_LET(const auto kept, database.has_table("log_anchor"));
        if (!kept) return std::nullopt;
        SHIKAKU_TRY_LET(auto select, database.prepare("SELECT note FROM log_anchor"));
        SHIKAKU_TRY_LET(const auto row, select.step());
        if (!row) return std::nullopt;
        return std::string(select.text(0));
    }

    [[nodiscard]] Status write(std::string_view note) override {
        SHIKAKU_TRY(open());
        SHIKAKU_TRY_LET(auto put, database_->prepare(
                                      "INSERT OR REPLACE INTO log_anchor(id, note) VALUES (1, ?)"));
        put.bind(1, note);
        return put.run();
    }
    [[nodiscard]] const std::filesystem::path& file() const override { return file_; }
    [[nodiscard]] std::chrono::seconds period() const override {
        return bounds::kAnchorRegistryEvery;
    }

  private:
    [[nodiscard]] Status open() {
        if (database_) return {};
        if (!is_there(file_))
            return fail(ErrorCode::storage_unavailable, file_.string() + " is missing");
        auto options = registry_options(file_);
        options.durable = false;  // an anchor that a power cut takes back is an older anchor
        SHIKAKU_TRY_LET(auto opened, Database::open(options));
        database_ = std::move(opened);
        return {};
    }

    std::filesystem::path file_;
    std::optional<Database> database_;
};

}  // namespace

std::unique_ptr<AnchorPlace> anchor_file(std::filesystem::path file) {
    return std::make_unique<AnchorFile>(std::move(file));
}

std::unique_ptr<AnchorPlace> anchor_in_registry(std::filesystem::path registry) {
    return std::make_unique<RegistryAnchor>(std::move(registry));
}

}  // namespace shikaku::storage

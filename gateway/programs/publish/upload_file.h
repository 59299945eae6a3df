// A municipality's file on its way out: what it is, and its pieces with personal numbers replaced.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gateway/registry/pseudonymiser.h"

namespace shikaku::programs {

class UploadFile {
  public:
    // charset: cp932, utf-8 or auto (UTF-8 when all of the file is valid UTF-8, else CP932). An
    // empty function is enough for files without personal numbers. io_failed, bad_configuration.
    [[nodiscard]] static Result<UploadFile> open(const std::filesystem::path& file,
                                                 const std::string& charset,
                                                 const registry::Columns& columns,
                                                 registry::LinkKeyOf link_key_of);

    [[nodiscard]] std::string content_type() const;
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] const registry::Pseudonymiser& pseudonymiser() const { return *pseudonymiser_; }

    // The next piece to send; empty at the end.
    [[nodiscard]] Result<std::string> next();

  private:
    UploadFile(std::ifstream stream, std::uint64_t bytes, registry::BodyFormat format,
               std::unique_ptr<registry::Pseudonymiser> pseudonymiser);

    std::ifstream stream_;
    std::uint64_t bytes_ = 0;
    std::uint64_t bytes_read_ = 0;
    bool ended_ = false;
    registry::BodyFormat format_;
    std::unique_ptr<registry::Pseudonymiser> pseudonymiser_;
};

}  // namespace shikaku::programs

// Takes an upload in: reads, checks and seals row by row into the staging area.
//
// Blocking, one thread at a time. After a file fault further bytes are ignored; fault() says which.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "gateway/registry/publication.h"
#include "gateway/registry/record_kind.h"
#include "gateway/registry/row_keys.h"
#include "gateway/registry/row_reader.h"
#include "gateway/storage/sqlite/staging_store.h"

namespace shikaku::registry {

class Intake {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Intake>> make(const PublicationRequest& request,
                                                              const std::filesystem::path& staging,
                                                              const RecordKind& kind, AnyPack pack,
                                                              const RowKeys& keys);

    [[nodiscard]] Status feed(std::string_view bytes);
    [[nodiscard]] Status finish();

    [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }
    [[nodiscard]] std::uint64_t read() const { return read_; }
    [[nodiscard]] std::uint64_t refused() const { return refused_; }
    [[nodiscard]] std::uint64_t warnings() const { return warnings_; }
    [[nodiscard]] storage::StagingStore& staging() { return staging_; }

  private:
    Intake(storage::StagingStore staging, storage::AuthorityNumber set, const RecordKind& kind,
           AnyPack pack, const RowKeys& keys);

    Status on_row(const RawRow& raw, std::span<const RowRemark> faults);
    Status stage(const RawRow& raw, const RowVerdict& row);
    Status stage_refused(const RawRow& raw, std::string_view history_key);
    Status stage_deleted(const RawRow& raw, std::string_view history_key);
    Status remark(const RowRemark& remark);
    Status settle(Status status);  // keeps a file fault, passes other errors on

    storage::StagingStore staging_;
    storage::AuthorityNumber set_;
    const RecordKind& kind_;
    AnyPack pack_;
    const RowKeys& keys_;
    std::unique_ptr<RowReader> reader_;
    std::optional<Error> fault_;
    std::uint64_t certificate_seed_;  // fresh for each upload
    RowContent content_;              // of the row in hand; its memory is used again
    std::uint64_t read_ = 0, refused_ = 0, warnings_ = 0;
    std::size_t remarks_ = 0;
};

}  // namespace shikaku::registry

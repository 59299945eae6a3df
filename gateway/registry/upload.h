// Private to the publisher: the two kinds of Publication that begin() gives.
#pragma once

#include "gateway/crypto/sha256_stream.h"
#include "gateway/registry/publisher.h"

namespace shikaku::registry {

class Publisher::Claim {
  public:
    Claim(Publisher& publisher, RecordSet set) : publisher_(publisher), set_(set) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim();
    void show(const PublicationReport& report);  // to whoever asks meanwhile

  private:
    Publisher& publisher_;
    RecordSet set_;
};

class Publisher::Upload final : public Publication {
  public:
    Upload(Publisher& publisher, PublicationRequest request, std::unique_ptr<Claim> claim,
           std::unique_ptr<Intake> intake, PublicationReport report,
           std::vector<std::filesystem::path> staged);
    ~Upload() override;

    [[nodiscard]] const std::string& id() const override { return report_.id; }
    [[nodiscard]] Status feed(std::string_view bytes) override;
    [[nodiscard]] Result<PublicationReport> finish() override;

  private:
    void close();
    Status settle();
    Status compare_with_what_is_in_force();
    void compare_linkage(const std::optional<InForce>& told);
    Status note_linkage();
    Status conclude();  // logs and keeps a publication that switches nothing
    Status switch_in();
    Status collect_remarks();

    Publisher& publisher_;
    PublicationRequest request_;
    std::unique_ptr<Claim> claim_;
    std::unique_ptr<Intake> intake_;
    PublicationReport report_;
    std::vector<std::filesystem::path> staged_;  // of the set: held, and this one
    std::uint64_t unchecked_ = 0;                // bytes since there was seen to be room
    std::int64_t base_ = 0;
    crypto::Sha256Stream body_;
    Hash256 body_hash_{};
    std::optional<Error> failed_;
    bool keep_staging_ = false;
};

// The idempotency key was used before, with the same parameters: nothing is taken in, only
// compared.
class Publisher::Repeated final : public Publication {
  public:
    Repeated(const RowKeys& keys, PublicationReport report, Bytes earlier_body)
        : keys_(keys), report_(std::move(report)), earlier_body_(std::move(earlier_body)) {}
    [[nodiscard]] const std::string& id() const override { return report_.id; }
    [[nodiscard]] Status feed(std::string_view bytes) override;
    [[nodiscard]] Result<PublicationReport> finish() override;

  private:
    const RowKeys& keys_;
    PublicationReport report_;
    Bytes earlier_body_;  // keyed hash; empty: not known
    crypto::Sha256Stream body_;
};

}  // namespace shikaku::registry

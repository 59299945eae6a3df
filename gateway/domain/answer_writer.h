// Writes an answer once and remembers which stretches change with every question, so that the bytes
// for content_hash come without writing twice.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/domain/answer.h"
#include "gateway/domain/localized.h"
#include "gateway/support/json.h"

namespace shikaku::domain {

class AnswerWriter {
  public:
    explicit AnswerWriter(std::size_t bytes_expected);
    AnswerWriter(const AnswerWriter&) = delete;

    [[nodiscard]] JsonWriter& json() { return json_; }

    // Left out of the hash. answer_id must be the first member, the others must not be.
    void answer_id(std::string_view id);
    void freshness(Freshness freshness, Instant as_of, Instant now);
    void elapsed(std::int64_t milliseconds);

    void date(std::string_view key, Date date);
    void dates(std::string_view key, Date from, Date to);
    void instant(std::string_view key, Instant instant);

    // The answer without its closing bracket, and what the hash covers with it.
    [[nodiscard]] RenderedAnswer take();

  private:
    std::string out_;
    JsonWriter json_;
    std::vector<std::pair<std::size_t, std::size_t>> left_out_;  // from, to
};

void write_text(JsonWriter& json, std::string_view key, const Localized& text);
// {"code", "text"} of a warning or note.
void write_coded_text(JsonWriter& json, std::string_view code);

}  // namespace shikaku::domain

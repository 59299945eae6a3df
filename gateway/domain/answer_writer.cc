#include "gateway/domain/answer_writer.h"

#include <algorithm>

#include "gateway/domain/texts.h"

namespace shikaku::domain {

AnswerWriter::AnswerWriter(std::size_t bytes_expected) : json_(out_) {
    out_.reserve(bytes_expected);
    left_out_.reserve(8);
}

void AnswerWriter::answer_id(std::string_view id) {
    const std::size_t from = out_.size();
    json_.field("answer_id", id);
    left_out_.emplace_back(from, out_.size() + 1);  // with the comma that follows
}

void AnswerWriter::freshness(Freshness freshness, Instant as_of, Instant now) {
    const std::size_t from = out_.size();
    const auto age = std::chrono::floor<std::chrono::seconds>(now - as_of).count();
    json_.key("freshness").begin_object().field("class", name(freshness));
    instant("as_of", as_of);
    json_.field("age_s", std::max<std::int64_t>(0, age)).end_object();
    left_out_.emplace_back(from, out_.size());
}

void AnswerWriter::elapsed(std::int64_t milliseconds) {
    const std::size_t from = out_.size();
    json_.field("ms", milliseconds);
    left_out_.emplace_back(from, out_.size());
}

void AnswerWriter::date(std::string_view key, Date date) {
    json_.field(key, date.iso());
}

void AnswerWriter::dates(std::string_view key, Date from, Date to) {
    json_.key(key).begin_object();
    date("from", from);
    date("to", to);
    json_.end_object();
}

void AnswerWriter::instant(std::string_view key, Instant instant) {
    json_.field(key, to_rfc3339_jst(instant));
}

RenderedAnswer AnswerWriter::take() {
    RenderedAnswer answer;
    answer.hashed.reserve(out_.size() + 1);
    std::size_t at = 0;
    for (const auto& [from, to] : left_out_) {
        answer.hashed.append(out_, at, from - at);
        at = to;
    }
    answer.hashed.append(out_, at);
    answer.hashed += '}';
    answer.head = std::move(out_);
    return answer;
}

void write_text(JsonWriter& json, std::string_view key, const Localized& text) {
    json.key(key).begin_object().field("ja", text.ja).field("en", text.en).end_object();
}

void write_coded_text(JsonWriter& json, std::string_view code) {
    json.begin_object().field("code", code);
    write_text(json, "text", advice(code).desk);
    json.end_object();
}

}  // namespace shikaku::domain

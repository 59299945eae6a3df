#include "gateway/registry/csv_reader.h"

#include "gateway/registry/file_fault.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {
namespace {

bool is_special(char c) {
    return c == ',' || c == '"' || c == '\r' || c == '\n';
}

std::string line_text(std::uint64_t line) {
    return "line " + std::to_string(line);
}

// The run of bytes at the beginning that need no look at the state.
std::size_t plain_run(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && !is_special(text[i]))
        ++i;
    return i;
}

}  // namespace

Status CsvReader::feed(std::string_view text) {
    while (!text.empty()) {
        if (!carriage_return_ && (state_ == State::plain || state_ == State::field_start)) {
            if (const std::size_t run = plain_run(text); run > 0) {
                SHIKAKU_TRY(append(text.substr(0, run)));
                state_ = State::plain;
                text.remove_prefix(run);
                continue;
            }
        } else if (state_ == State::quoted) {
            if (const std::size_t run = plain_run(text); run > 0) {
                SHIKAKU_TRY(append(text.substr(0, run)));
                text.remove_prefix(run);
                continue;
            }
        }
        SHIKAKU_TRY(take(text.front()));
        text.remove_prefix(1);
    }
    return {};
}

Status CsvReader::take(char c) {
    if (c == '\n') ++line_;
    if (state_ == State::quoted) {
        if (c != '"') return append({&c, 1});
        state_ = State::quote_seen;
        return {};
    }
    if (state_ == State::quote_seen && c == '"') {
        state_ = State::quoted;
        return append({&c, 1});
    }
    return take_outside_quotes(c);
}

Status CsvReader::take_outside_quotes(char c) {
    if (carriage_return_ && c != '\n') {  // a carriage return alone ends nothing
        carriage_return_ = false;
        well_formed_ = false;
        state_ = State::plain;
    }
    switch (c) {
        case ',':
            return end_field();
        case '\n':
            return end_record();
        case '\r':
            carriage_return_ = true;
            return {};
        case '"':
            if (state_ == State::field_start) {
                state_ = State::quoted;
                quoted_field_ = true;
                return {};
            }
            well_formed_ = false;
            state_ = State::plain;
            return append({&c, 1});
        default:
            if (state_ == State::quote_seen) well_formed_ = false;
            state_ = State::plain;
            return append({&c, 1});
    }
}

Status CsvReader::append(std::string_view text) {
    if (text_.size() + text.size() > bounds::kCsvLineBytes)
        return fail(file_fault(FileFault::line_too_long, line_text(record_line_)));
    text_ += text;
    return {};
}

Status CsvReader::end_field() {
    if (ends_.size() + 1 >= bounds::kCsvColumns)
        return fail(file_fault(FileFault::too_many_columns, line_text(record_line_)));
    ends_.push_back(text_.size());
    state_ = State::field_start;
    return {};
}

Status CsvReader::end_record() {
    ends_.push_back(text_.size());
    fields_.clear();
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
        fields_.push_back(std::string_view(text_).substr(begin, end - begin));
        begin = end;
    }
    Status handled;
    const bool blank = fields_.size() == 1 && text_.empty() && !quoted_field_ && well_formed_;
    if (!blank)
        handled = handler_({.line = record_line_, .fields = fields_, .well_formed = well_formed_});
    text_.clear();
    ends_.clear();
    state_ = State::field_start;
    carriage_return_ = false;
    quoted_field_ = false;
    well_formed_ = true;
    record_line_ = line_;
    return handled;
}

Status CsvReader::finish() {
    if (state_ == State::quoted)
        return fail(file_fault(FileFault::open_quote, line_text(record_line_)));
    return end_record();
}

void append_csv_field(std::string& out, std::string_view field) {
    if (plain_run(field) == field.size()) {
        out += field;
        return;
    }
    out += '"';
    for (const char c : field) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace shikaku::registry

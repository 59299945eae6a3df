#include "gateway/registry/row_reader.h"

#include "gateway/registry/csv_reader.h"
#include "gateway/registry/file_fault.h"
#include "gateway/registry/ndjson_row.h"
#include "gateway/registry/text_decoder.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {
namespace {

class CsvRows final : public RowReader {
  public:
    CsvRows(TextDecoder::Charset charset, TextDecoder decoder, const Columns& columns, Take take)
        : charset_(charset),
          decoder_(std::move(decoder)),
          columns_(columns),
          take_(std::move(take)),
          reader_([this](const CsvRecord& record) { return on_record(record); }) {}

    Status feed(std::string_view bytes) override {
        evidence_.feed(bytes);
        text_.clear();
        decoder_.feed(bytes, text_);
        return reader_.feed(text_);
    }

    Status finish() override {
        SHIKAKU_TRY(check_charset(charset_, evidence_));
        SHIKAKU_TRY(decoder_.finish());
        SHIKAKU_TRY(reader_.finish());
        if (header_.empty()) return fail(file_fault(FileFault::empty_file, {}));
        return {};
    }

  private:
    Status on_record(const CsvRecord& record) {
        if (header_.empty()) return on_header(record);
        RawRow row{.line = record.line};
        if (!record.well_formed) return broken(row, RowCode::bad_quoting);
        if (record.fields.size() != header_.size()) return broken(row, RowCode::column_count);
        for (std::size_t i = 0; i < header_.size(); ++i) {
            // No column has lines. Where a closing quote is missing, the rows that follow are
            // inside this cell: it is not known whose they are.
            if (record.fields[i].find_first_of("\r\n") != std::string_view::npos)
                return broken({.line = record.line}, RowCode::control_character, header_[i]);
            row[header_[i]] = record.fields[i];
        }
        return take_(row, {});
    }

    Status on_header(const CsvRecord& record) {
        if (!record.well_formed)
            return fail(
                file_fault(FileFault::bad_header_quoting, "line " + std::to_string(record.line)));
        for (const std::string_view field : record.fields)
            SHIKAKU_TRY(check_header_text(charset_, field, record.line));
        SHIKAKU_TRY_LET(auto header, read_header(columns_, record.fields));
        header_ = std::move(header);
        return {};
    }

    // Whatever stands in the key's cell, it may be another column's.
    Status broken(const RawRow& row, RowCode code, std::optional<Column> column = std::nullopt) {
        const RowRemark fault{.line = row.line, .column = column, .code = code};
        return take_(row, {&fault, 1});
    }

    TextDecoder::Charset charset_;
    TextDecoder decoder_;
    const Columns& columns_;
    CharsetEvidence evidence_;
    Take take_;
    CsvReader reader_;
    Header header_;
    std::string text_;
};

class NdjsonRows final : public RowReader {
  public:
    NdjsonRows(TextDecoder decoder, const Columns& columns, Take take)
        : decoder_(std::move(decoder)), take_(std::move(take)), row_(columns) {}

    Status feed(std::string_view bytes) override {
        evidence_.feed(bytes);
        decoder_.feed(bytes, text_);
        std::string_view rest = text_;
        for (std::size_t end = rest.find('\n'); end != std::string_view::npos;
             end = rest.find('\n')) {
            SHIKAKU_TRY(on_line(rest.substr(0, end)));
            rest.remove_prefix(end + 1);
        }
        if (rest.size() > bounds::kCsvLineBytes) return too_long();
        text_.erase(0, text_.size() - rest.size());
        return {};
    }

    Status finish() override {
        SHIKAKU_TRY(check_charset(TextDecoder::Charset::utf8, evidence_));
        SHIKAKU_TRY(decoder_.finish());
        return on_line(text_);
    }

  private:
    Status on_line(std::string_view line) {
        if (line.size() > bounds::kCsvLineBytes) return too_long();
        const std::uint64_t number = line_++;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") == std::string_view::npos) return {};
        SHIKAKU_TRY(row_.read(line, number));
        return take_(row_.row(), row_.faults());
    }

    Status too_long() const {
        return fail(file_fault(FileFault::line_too_long, "line " + std::to_string(line_)));
    }

    TextDecoder decoder_;
    CharsetEvidence evidence_;
    Take take_;
    NdjsonRow row_;
    std::string text_;  // the line that is not complete yet
    std::uint64_t line_ = 1;
};

}  // namespace

Result<std::unique_ptr<RowReader>> RowReader::make(BodyFormat format, const Columns& columns,
                                                   Take take) {
    const auto charset =
        format == BodyFormat::csv_cp932 ? TextDecoder::Charset::cp932 : TextDecoder::Charset::utf8;
    SHIKAKU_TRY_LET(auto decoder, TextDecoder::make(charset));
    if (format == BodyFormat::ndjson)
        return std::make_unique<NdjsonRows>(std::move(decoder), columns, std::move(take));
    return std::make_unique<CsvRows>(charset, std::move(decoder), columns, std::move(take));
}

}  // namespace shikaku::registry

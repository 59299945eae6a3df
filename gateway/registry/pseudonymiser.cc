#include "gateway/registry/pseudonymiser.h"

#include <algorithm>

#include "gateway/registry/csv_reader.h"
#include "gateway/registry/file_fault.h"
#include "gateway/registry/row_examination.h"
#include "gateway/registry/text_decoder.h"
#include "gateway/support/bounds.h"
#include "gateway/support/json.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::unexpected<Error> no_secret() {
    return fail(ErrorCode::bad_key, "the file has personal numbers: a linkage secret is needed");
}

class CsvPseudonymiser final : public Pseudonymiser {
  public:
    CsvPseudonymiser(TextDecoder::Charset charset, const Columns& columns, LinkKeyOf link_key_of)
        : Pseudonymiser(columns),
          charset_(charset),
          link_key_of_(std::move(link_key_of)),
          reader_([this](const CsvRecord& record) { return on_record(record); }) {}

    Status feed(std::string_view bytes, std::string& out) override {
        evidence_.feed(bytes);
        std::string joined;
        if (at_start_ && charset_ == TextDecoder::Charset::utf8) {
            beginning_ += bytes;
            if (beginning_.size() < kByteOrderMark.size()) return {};
            joined = std::move(beginning_);
            bytes = joined;
            if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
        }
        at_start_ = false;
        out_ = &out;
        return reader_.feed(bytes);
    }

    Status finish(std::string& out) override {
        out_ = &out;
        SHIKAKU_TRY(check_charset(charset_, evidence_));
        if (at_start_) SHIKAKU_TRY(reader_.feed(beginning_));
        SHIKAKU_TRY(reader_.finish());
        if (header_.empty()) return fail(file_fault(FileFault::empty_file, {}));
        return {};
    }

  private:
    Status on_record(const CsvRecord& record) {
        if (header_.empty()) return on_header(record);
        ++rows_;
        if (const auto broken = fault_of(record)) {
            keep_back(record.line, std::nullopt, *broken);
            fields_.assign(header_.size(), {});  // the gateway has to know that there was a row
            write(record.line);
            return {};
        }
        fields_.assign(record.fields.begin(), record.fields.end());
        link_key_.clear();
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const auto wrong = is_number(i) ? replace_number(i) : fault_of_value(i);
            if (!wrong) continue;
            keep_back(record.line, header_[i], *wrong);
            leave_keys_only();
            break;
        }
        write(record.line);
        return {};
    }

    // What leaves open whose row it is; a line break in a cell may hide the rows that follow.
    std::optional<RowCode> fault_of(const CsvRecord& record) const {
        if (!record.well_formed) return RowCode::bad_quoting;
        if (record.fields.size() != header_.size()) return RowCode::column_count;
        const bool lines = std::ranges::any_of(record.fields, [](std::string_view field) {
            return field.find_first_of("\r\n") != std::string_view::npos;
        });
        return lines ? std::optional(RowCode::control_character) : std::nullopt;
    }

    Status on_header(const CsvRecord& record) {
        if (!record.well_formed)
            return fail(
                file_fault(FileFault::bad_header_quoting, "line " + std::to_string(record.line)));
        // Nothing is sent before every column is known: without a header line the first person
        // would stand in its place.
        fields_.assign(record.fields.begin(), record.fields.end());
        std::vector<std::string> names;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            names.push_back(decoded(fields_[i]));
            SHIKAKU_TRY(check_header_text(charset_, names[i], record.line));
            if (!is_personal_number_column(trim_wide(names[i]))) continue;
            if (!link_key_of_) return no_secret();
            if (number_at_)
                return fail(file_fault(FileFault::duplicate_column,
                                       "column " + std::to_string(i + 1), "personal_number"));
            number_at_ = i;
            fields_[i] = columns_.name(columns_.link_key());
            names[i] = fields_[i];
        }
        const std::vector<std::string_view> views(names.begin(), names.end());
        SHIKAKU_TRY_LET(auto header, read_header(columns_, views));
        header_ = std::move(header);
        write(record.line);
        return {};
    }

    bool is_number(std::size_t place) const { return number_at_ == place; }

    // Puts the link key in the number's place; what is wrong with it otherwise.
    std::optional<RowCode> replace_number(std::size_t place) {
        const std::string text = decoded(fields_[place]);
        if (trim_wide(text).empty()) return std::nullopt;  // the gateway says that it is missing
        const std::string digits = personal_number_digits(text);
        if (digits.empty()) return RowCode::bad_personal_number;
        link_key_ = to_base64url(link_key_of_(digits));
        fields_[place] = link_key_;
        return std::nullopt;
    }

    std::optional<RowCode> fault_of_value(std::size_t place) const {
        const std::string text = decoded(fields_[place]);
        if (text.contains(kUndecodable)) return RowCode::undecodable;
        return personal_number_in(text, columns_, header_[place]);
    }

    void leave_keys_only() {
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (!leave_key(i)) fields_[i] = {};
    }

    bool leave_key(std::size_t place) {
        if (is_number(place)) return !link_key_.empty() || !replace_number(place);
        if (fault_of_value(place)) return false;
        return header_[place] == columns_.history_key() ||
               (header_[place] == columns_.link_key() && read_link_key(fields_[place]));
    }

    // With kUndecodable for what means nothing.
    std::string decoded(std::string_view field) const {
        if (std::ranges::all_of(field, [](char c) { return static_cast<signed char>(c) >= 0; }))
            return std::string(field);
        auto decoder = TextDecoder::make(charset_);
        std::string text;
        if (decoder) decoder->feed(field, text);
        if (!decoder || !decoder->finish()) text += kUndecodable;
        return text;
    }

    void write(std::uint64_t line) {
        go_to_line(line, *out_);
        const std::size_t before = out_->size();
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (i > 0) *out_ += ',';
            append_csv_field(*out_, fields_[i]);
        }
        *out_ += '\n';
        count_lines(std::string_view(*out_).substr(before));
    }

    TextDecoder::Charset charset_;
    LinkKeyOf link_key_of_;
    CsvReader reader_;
    bool at_start_ = true;
    std::string beginning_;
    std::string* out_ = nullptr;
    Header header_;
    std::optional<std::size_t> number_at_;  // the place of the personal numbers
    CharsetEvidence evidence_;
    std::vector<std::string_view> fields_;
    std::string link_key_;
};

class NdjsonPseudonymiser final : public Pseudonymiser {
  public:
    NdjsonPseudonymiser(const Columns& columns, LinkKeyOf link_key_of)
        : Pseudonymiser(columns), link_key_of_(std::move(link_key_of)) {}

    Status feed(std::string_view bytes, std::string& out) override {
        evidence_.feed(bytes);
        text_ += bytes;
        std::string_view rest = text_;
        for (std::size_t end = rest.find('\n'); end != std::string_view::npos;
             end = rest.find('\n')) {
            SHIKAKU_TRY(on_line(rest.substr(0, end), out));
            rest.remove_prefix(end + 1);
        }
        if (rest.size() > bounds::kCsvLineBytes) return too_long();
        text_.erase(0, text_.size() - rest.size());
        return {};
    }

    Status finish(std::string& out) override {
        SHIKAKU_TRY(check_charset(TextDecoder::Charset::utf8, evidence_));
        return on_line(text_, out);
    }

  private:
    Status too_long() const {
        return fail(file_fault(FileFault::line_too_long, "line " + std::to_string(line_)));
    }

    Status on_line(std::string_view line, std::string& out) {
        if (line.size() > bounds::kCsvLineBytes) return too_long();
        const std::uint64_t number = line_++;
        if (number == 1 && line.starts_with(kByteOrderMark))
            line.remove_prefix(kByteOrderMark.size());
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
        ++rows_;
        auto parsed = parse_json(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
        if (!parsed || !parsed->is_object()) {
            keep_back(number, std::nullopt, parsed ? RowCode::not_an_object : RowCode::bad_json);
            write(number, Json::object(), out);
            return {};
        }
        if (!link_key_of_ && has_number(*parsed)) return no_secret();
        if (const auto code = replace_number(*parsed)) {
            keep_back(number, std::nullopt, *code);
            *parsed = keys_only(*parsed);
        }
        write(number, *parsed, out);
        return {};
    }

    Json keys_only(const Json& object) const {
        Json out = Json::object();
        const std::string link_key(columns_.name(columns_.link_key()));
        std::size_t link_keys = 0;  // of two it is not known which one counts
        for (const auto& [member, value] : object.items()) {
            const auto column = columns_.find(member);
            if (column == columns_.history_key() && !number_in(value, ValueOf::history_key))
                out[member] = value;
            const bool number = is_personal_number_column(member);
            if (!number && column != columns_.link_key()) continue;
            const std::string key = number ? link_key_in(value) : sent_link_key(value);
            if (++link_keys == 1 && !key.empty()) out[link_key] = key;
        }
        if (link_keys > 1) out.erase(link_key);
        return out;
    }

    // Empty: it is none, or no number.
    std::string link_key_in(const Json& number) const {
        const auto* text = number.get_ptr<const std::string*>();
        const std::string digits = text ? personal_number_digits(*text) : std::string();
        return digits.empty() ? digits : to_base64url(link_key_of_(digits));
    }

    static std::string sent_link_key(const Json& value) {
        const auto* text = value.get_ptr<const std::string*>();
        const bool passes =
            text && read_link_key(*text) && !number_in(value, ValueOf::another_column);
        return passes ? *text : std::string();
    }

    void write(std::uint64_t number, const Json& object, std::string& out) {
        go_to_line(number, out);
        const std::size_t before = out.size();
        out += object.dump();
        out += '\n';
        count_lines(std::string_view(out).substr(before));
    }

    static bool has_number(const Json& object) {
        return std::ranges::any_of(object.items(), [](const auto& member) {
            return is_personal_number_column(member.key());
        });
    }

    // In whatever form JSON allows. Numbers that are no integers are a spreadsheet's, and where
    // they are as great as a personal number, digits may be lost.
    static std::optional<RowCode> number_in(const Json& value, ValueOf column) {
        if (const auto* text = value.get_ptr<const std::string*>())
            return personal_number_in(*text, column);
        if (value.is_structured()) {
            for (const auto& [member, inner] : value.items()) {
                if (personal_number_in(member, column)) return RowCode::personal_number;
                if (const auto found = number_in(inner, column)) return found;
            }
            return std::nullopt;
        }
        if (const auto found = personal_number_in(value.dump(), column)) return found;
        constexpr double kLeast = 1e10;
        constexpr double kMost = 1e12;
        const bool great =
            value.is_number_float() && value.get<double>() >= kLeast && value.get<double>() < kMost;
        return great ? std::optional(RowCode::shortened_personal_number) : std::nullopt;
    }

    std::optional<RowCode> replace_number(Json& object) {
        Json out = Json::object();
        for (const auto& [member, value] : object.items()) {
            if (!is_personal_number_column(member)) {
                const auto column = columns_.find(member);
                if (!column) return RowCode::unknown_member;
                const auto of = *column == columns_.history_key() ? ValueOf::history_key
                                                                  : ValueOf::another_column;
                if (const auto found = number_in(value, of)) return found;
                out[member] = value;
                continue;
            }
            const std::string key = link_key_in(value);
            if (key.empty()) return RowCode::bad_personal_number;
            out[std::string(columns_.name(columns_.link_key()))] = key;
        }
        object = std::move(out);
        return std::nullopt;
    }

    CharsetEvidence evidence_;
    LinkKeyOf link_key_of_;
    std::string text_;
    std::uint64_t line_ = 1;
};

}  // namespace

Result<std::unique_ptr<Pseudonymiser>> Pseudonymiser::make(BodyFormat format,
                                                           const Columns& columns,
                                                           LinkKeyOf link_key_of) {
    if (format == BodyFormat::ndjson)
        return std::make_unique<NdjsonPseudonymiser>(columns, std::move(link_key_of));
    const auto charset =
        format == BodyFormat::csv_cp932 ? TextDecoder::Charset::cp932 : TextDecoder::Charset::utf8;
    SHIKAKU_TRY_LET(const auto known, TextDecoder::make(charset));
    return std::make_unique<CsvPseudonymiser>(charset, columns, std::move(link_key_of));
}

void Pseudonymiser::keep_back(std::uint64_t line, std::optional<Column> column, RowCode code) {
    if (kept_back_.size() < bounds::kRowRemarksKept)
        kept_back_.push_back({.line = line, .column = column, .code = code});
}

void Pseudonymiser::go_to_line(std::uint64_t line, std::string& out) {
    if (line <= line_) return;
    out.append(line - line_, '\n');
    line_ = line;
}

void Pseudonymiser::count_lines(std::string_view written) {
    line_ += static_cast<std::uint64_t>(std::ranges::count(written, '\n'));
}

std::string personal_number_digits(std::string_view text) {
    std::string digits;
    text = trim_wide(text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        constexpr std::string_view kWideDigitLead = "\xEF\xBC";  // U+FF10-U+FF19: EF BC 90-99
        const bool separator = text[i] == ' ' || text[i] == '-';
        if (text[i] >= '0' && text[i] <= '9') {
            digits += text[i];
        } else if (text.substr(i).starts_with(kWideDigitLead) && i + 2 < text.size() &&
                   text[i + 2] >= '\x90' && text[i + 2] <= '\x99') {
            digits += static_cast<char>('0' + (text[i + 2] - '\x90'));
            i += 2;
        } else if (!separator || (digits.size() != 4 && digits.size() != 8)) {
            return {};
        }
    }
    return domain::is_personal_number(digits) ? digits : std::string();
}

}  // namespace shikaku::registry

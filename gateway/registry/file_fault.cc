#include "gateway/registry/file_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

struct Fault {
    FileFault fault;
    std::string_view name;
    std::string_view ja, en;
};

constexpr auto kFaults = std::to_array<Fault>({
    {FileFault::nul_byte, "nul_byte",
     "見出し行にNULバイトがあります。テキストファイルではありません。",
     "There is a NUL byte in the header line: this is not a text file."},
    {FileFault::bad_utf8, "bad_utf8", "UTF-8として読めません。文字コードの指定を確かめてください。",
     "This cannot be read as UTF-8. Check the character set given for the file."},
    {FileFault::bad_cp932, "bad_cp932",
     "CP932(Windows-31J)として読めません。文字コードの指定を確かめてください。",
     "This cannot be read as CP932 (Windows-31J). Check the character set given for the file."},
    {FileFault::cut_character, "cut_character", "文字の途中でファイルが終わっています。",
     "The file ends in the middle of a character."},
    {FileFault::open_quote, "open_quote",
     "引用符が閉じられないままファイルが終わっています。途中で切れた可能性があります。",
     "The file ends inside a quoted field; it may have been cut off."},
    {FileFault::line_too_long, "line_too_long",
     "1件が長すぎます(64KiBまで)。引用符の閉じ忘れの可能性があります。",
     "A record is longer than 64 KiB; a closing quote may be missing."},
    {FileFault::too_many_columns, "too_many_columns", "列が多すぎます(64列まで)。",
     "There are more than 64 columns."},
    {FileFault::empty_file, "empty_file", "ファイルが空です。見出し行もありません。",
     "The file is empty; not even a header line is there."},
    {FileFault::bad_header_quoting, "bad_header_quoting", "見出し行の引用符が正しくありません。",
     "The header line is not quoted correctly."},
    {FileFault::unknown_column, "unknown_column", "見出しに知らない列名があります。",
     "The header has a column name that is not known."},
    {FileFault::duplicate_column, "duplicate_column", "見出しに同じ列が2回あります。",
     "The header names a column twice."},
    {FileFault::missing_column, "missing_column", "見出しに必要な列がありません。",
     "The header lacks a required column."},
    {FileFault::utf8_as_cp932, "utf8_as_cp932",
     "CP932(Windows-31J)として送られましたが、中身はUTF-8です。文字コードの指定を直してください。",
     "It was sent as CP932 (Windows-31J), but its content is UTF-8. Correct the character set."},
    {FileFault::cp932_as_utf8, "cp932_as_utf8",
     "UTF-8として送られましたが、中身はCP932(Shift_JIS)です。文字コードの指定を直してください。",
     "It was sent as UTF-8, but its content is CP932 (Shift_JIS). Correct the character set."},
});

const Fault* find(std::string_view name) {
    const auto found = std::ranges::find(kFaults, name, &Fault::name);
    return found == kFaults.end() ? nullptr : &*found;
}

// Our places are "line N" and "column N".
std::string place_ja(std::string_view place) {
    const auto parts = split(place, ' ');
    if (parts.size() != 2) return std::string(place);
    return fmt::format("{}{}", parts[1], parts[0] == "line" ? "行目" : "列目");
}

std::string hint_ja(FileFault fault, std::string_view hint) {
    return fault == FileFault::unknown_column ? fmt::format("「{}」のことですか。", hint)
                                              : fmt::format("列は「{}」です。", hint);
}

std::string hint_en(FileFault fault, std::string_view hint) {
    return fault == FileFault::unknown_column ? fmt::format(" Did you mean \"{}\"?", hint)
                                              : fmt::format(" It is \"{}\".", hint);
}

}  // namespace

Error file_fault(FileFault fault, std::string place, std::string_view hint) {
    const auto found = std::ranges::find(kFaults, fault, &Fault::fault);
    return {ErrorCode::unprocessable,
            hint.empty() ? std::string(found->name) : fmt::format("{}:{}", found->name, hint),
            std::move(place)};
}

bool is_file_fault(const Error& error) {
    return error.code == ErrorCode::unprocessable && find(split(error.detail, ':')[0]) != nullptr;
}

domain::Localized describe_file_fault(const Error& error) {
    const auto parts = split(error.detail, ':');
    const Fault* fault = find(parts[0]);
    if (!fault) return {error.detail, error.detail};
    domain::Localized text{std::string(fault->ja), std::string(fault->en)};
    if (!error.pointer.empty()) {
        text.ja = fmt::format("{}: {}", place_ja(error.pointer), text.ja);
        text.en = fmt::format("{}: {}", error.pointer, text.en);
    }
    if (parts.size() > 1) {
        text.ja += hint_ja(fault->fault, parts[1]);
        text.en += hint_en(fault->fault, parts[1]);
    }
    return text;
}

}  // namespace shikaku::registry

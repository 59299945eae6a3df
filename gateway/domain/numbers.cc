#include "gateway/domain/numbers.h"

#include <algorithm>

#include "gateway/support/bounds.h"
#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

int digit(char c) {
    return c - '0';
}
char to_char(int digit) {
    return static_cast<char>('0' + digit);
}

bool has_shape(std::string_view text, std::size_t length) {
    return text.size() == length && is_digits(text);
}

// The last digit is Luhn's digit of those before it.
bool luhn_ok(std::string_view number) {
    return luhn_check_digit(number.substr(0, number.size() - 1)) == number.back();
}

int two_digits(std::string_view text) {
    return digit(text[0]) * 10 + digit(text[1]);
}

// 都道府県番号 of insurers and institutions: 01-47, or 51-97 when a prefecture's numbers have run
// out.
constexpr int kPrefectures = 47;
constexpr int kSparePrefectures = 50;

int plain_prefecture(int number) {
    return number > kSparePrefectures ? number - kSparePrefectures : number;
}

bool is_prefecture_number(int number) {
    const int plain = plain_prefecture(number);
    return plain >= 1 && plain <= kPrefectures;
}

// 埼玉 11, 千葉 12, 東京 13, 神奈川 14 compute the check digit of an institution over its last six
// digits only: so do all 28,541 medical institutions there, and none of the 67,947 elsewhere.
bool counts_six_digits(int prefecture) {
    return prefecture >= 11 && prefecture <= 14;
}

bool institution_check_digit_ok(std::string_view code) {
    constexpr std::size_t kSixDigitsStart = 3;
    const bool nine_ok = luhn_ok(code);
    const bool six_ok = luhn_ok(code.substr(kSixDigitsStart));
    const int prefecture = two_digits(code);
    if (!counts_six_digits(plain_prefecture(prefecture))) return nine_ok;
    const char kind = code[2];
    if (kind == '4' || kind == '6')
        return true;  // not known which rule, if either: no reason to refuse
    // Whether the spare prefecture numbers of these four follow them is not known: either rule will
    // do.
    return prefecture > kSparePrefectures ? nine_ok || six_ok : six_ok;
}

// s = 6a+5b+4c+3d+2e; digit = (11 - s mod 11) mod 10.
char authority_check_digit(std::string_view body) {
    int sum = 0;
    for (int i = 0; i < 5; ++i)
        sum += digit(body[static_cast<std::size_t>(i)]) * (6 - i);
    return to_char((11 - sum % 11) % 10);
}

// 番号法施行規則: P_n is the n-th body digit from the right, Q_n = n + 1 up to the sixth and n - 5
// beyond; digit = 11 - sum(P_n * Q_n) mod 11, and 0 where the remainder is 0 or 1.
char personal_number_check_digit(std::string_view body) {
    int sum = 0;
    for (int n = 1; n <= 11; ++n) {
        const int weight = n <= 6 ? n + 1 : n - 5;
        sum += digit(body[static_cast<std::size_t>(11 - n)]) * weight;
    }
    const int remainder = sum % 11;
    return to_char(remainder <= 1 ? 0 : 11 - remainder);
}

bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        // U+0080..U+009F are C2 80..C2 9F.
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

// The text with one character a glyph: digits (full-width ones too) as ASCII, spaces as ' ',
// hyphens and what is typed for them as '-', everything else as 'x'.
std::string digit_skeleton(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) < 0x80) {
            const bool kept = (c >= '0' && c <= '9') || c == ' ' || c == '-';
            out += kept ? c : 'x';
            ++i;
            continue;
        }
        const std::string_view three = text.substr(i, 3);
        if (three >= "\uFF10" && three <= "\uFF19") {
            constexpr int kLastByteOfZero = 0x90;
            out += to_char(static_cast<unsigned char>(three[2]) - kLastByteOfZero);
        } else if (three == "\u3000") {
            out += ' ';
        } else if ((three >= "\u2010" && three <= "\u2015") || three == "\u2212" ||
                   three == "\uFF0D" || three == "\u30FC") {
            out += '-';
        } else {
            out += 'x';
            ++i;
            continue;
        }
        i += 3;
    }
    return out;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_separator(char c) {
    return c == ' ' || c == '-';
}

std::size_t digits_from(std::string_view skeleton, std::size_t start) {
    std::size_t end = start;
    while (end < skeleton.size() && is_digit(skeleton[end]))
        ++end;
    return end - start;
}

// A quick look that lets most texts go: full-width digits begin with EF.
bool may_hold_twelve_digits(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return is_digit(c) || c == '\xEF'; }) >= 12;
}

// Three groups of four from `start`, one separator between each; not the middle of a longer number
// written in the same way (a fourth group behind the same separator, before or after).
bool grouped_personal_number(std::string_view skeleton, std::size_t start) {
    constexpr std::size_t kLength = 14;
    if (skeleton.size() - start < kLength) return false;
    const std::string_view groups = skeleton.substr(start, kLength);
    if (!is_separator(groups[4]) || !is_separator(groups[9])) return false;
    if (digits_from(skeleton, start + 5) != 4 || digits_from(skeleton, start + 10) != 4)
        return false;

    const std::size_t end = start + kLength;
    const bool goes_on =
        end < skeleton.size() && skeleton[end] == groups[9] && digits_from(skeleton, end + 1) == 4;
    if (goes_on) return false;
    const bool began_before = start >= 5 && skeleton[start - 1] == groups[4] &&
                              digits_from(skeleton, start - 5) == 4 &&
                              (start == 5 || !is_digit(skeleton[start - 6]));
    if (began_before) return false;

    std::string digits(groups.substr(0, 4));
    digits += groups.substr(5, 4);
    digits += groups.substr(10, 4);
    return is_personal_number(digits);
}

}  // namespace

char luhn_check_digit(std::string_view body) {
    int sum = 0;
    bool doubled = true;
    for (std::size_t i = body.size(); i-- > 0; doubled = !doubled) {
        const int product = digit(body[i]) * (doubled ? 2 : 1);
        sum += product / 10 + product % 10;
    }
    return to_char((10 - sum % 10) % 10);
}

std::optional<PayerNumber> PayerNumber::parse(std::string_view text) {
    if (!has_shape(text, 8)) return std::nullopt;
    return PayerNumber(text);
}

bool PayerNumber::check_digit_ok() const {
    return luhn_ok(text());
}

std::optional<RecipientNumber> RecipientNumber::parse(std::string_view text) {
    if (text.empty() || !is_valid_utf8(text) || has_control_character(text)) return std::nullopt;
    if (utf8_length(text) > bounds::kRecipientNumberMax) return std::nullopt;
    if (contains_personal_number(text)) return std::nullopt;
    return RecipientNumber(std::string(text));
}

bool RecipientNumber::national_form_ok() const {
    return has_shape(text_, 7) && luhn_ok(text_);
}

std::optional<InsurerNumber> InsurerNumber::parse(std::string_view text) {
    if (!has_shape(text, 8) && !has_shape(text, 6)) return std::nullopt;
    return InsurerNumber(std::string(text));
}

std::string_view InsurerNumber::prefecture() const {
    return std::string_view(text_).substr(is_national_health() ? 0 : 2, 2);
}

bool InsurerNumber::check_digit_ok() const {
    return luhn_ok(text_);
}

std::optional<InstitutionCode> InstitutionCode::parse(std::string_view text) {
    constexpr std::string_view kKinds = "1346";
    if (!has_shape(text, 10) || !is_prefecture_number(two_digits(text))) return std::nullopt;
    if (!kKinds.contains(text[2]) || !institution_check_digit_ok(text)) return std::nullopt;
    return InstitutionCode(text);
}

std::string InstitutionCode::prefecture() const {
    const int number = plain_prefecture(two_digits(text()));
    return {to_char(number / 10), to_char(number % 10)};
}

InstitutionCode::Kind InstitutionCode::kind() const {
    return static_cast<Kind>(digit(text()[2]));
}

std::optional<AuthorityCode> AuthorityCode::parse(std::string_view text) {
    if (!has_shape(text, 6)) return std::nullopt;
    const int prefecture = two_digits(text);
    if (prefecture < 1 || prefecture > kPrefectures) return std::nullopt;
    if (authority_check_digit(text.substr(0, 5)) != text[5]) return std::nullopt;
    return AuthorityCode(text);
}

AuthorityCode AuthorityCode::prefecture_authority() const {
    std::string code(prefecture());
    code += "000";
    code += authority_check_digit(code);
    return AuthorityCode(code);
}

bool is_personal_number(std::string_view text) {
    return has_shape(text, 12) && personal_number_check_digit(text.substr(0, 11)) == text[11];
}

bool contains_personal_number(std::string_view text) {
    if (!may_hold_twelve_digits(text)) return false;
    const std::string skeleton = digit_skeleton(text);
    for (std::size_t i = 0; i < skeleton.size(); ++i) {
        const std::size_t digits = digits_from(skeleton, i);
        if (digits == 0) continue;
        if (digits == 12 && is_personal_number(std::string_view(skeleton).substr(i, 12)))
            return true;
        if (digits == 4 && grouped_personal_number(skeleton, i)) return true;
        i += digits;
    }
    return false;
}

}  // namespace shikaku::domain

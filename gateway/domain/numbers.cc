#include "gateway/domain/numbers.h"

#include <algorithm>
#include <array>

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

// What stands in a number beside its digits, as typed and as seen.
struct Glyph {
    std::string_view text;
    char seen;  // '\0': nothing
};
constexpr Glyph kGlyphs[] = {
    {"\u00A0", ' '}, {"\u2009", ' '}, {"\u202F", ' '}, {"\u3000", ' '}, {"\u2010", '-'},
    {"\u2011", '-'}, {"\u2012", '-'}, {"\u2013", '-'}, {"\u2014", '-'}, {"\u2015", '-'},
    {"\u2212", '-'}, {"\uFF0D", '-'}, {"\u30FC", '-'}, {"\uFF0C", ','}, {"\uFF0E", '.'},
    {"\uFF0B", '+'}, {"\uFF25", 'E'}, {"\uFF45", 'E'}, {"\u00AD", 0},   {"\u200B", 0},
    {"\u200C", 0},   {"\u200D", 0},   {"\u200E", 0},   {"\u200F", 0},   {"\u202A", 0},
    {"\u202B", 0},   {"\u202C", 0},   {"\u202D", 0},   {"\u202E", 0},   {"\u2060", 0},
    {"\u2066", 0},   {"\u2067", 0},   {"\u2068", 0},   {"\u2069", 0},   {"\uFEFF", 0},
};

// The text with one character a glyph: digits (full-width ones too) as ASCII, what may stand
// between or behind them as one of " -,.+E", spaces in a row as one, what cannot be seen not at all
// or as 'x', everything else as 'x'.
enum class Unseen : std::uint8_t { left_out, shown };
std::string digit_skeleton(std::string_view text, Unseen unseen = Unseen::left_out) {
    constexpr std::string_view kPlain = "0123456789 -,.+E";
    std::string out;
    out.reserve(text.size());
    const auto add = [&out](char seen) {
        if (seen != 0 && !(seen == ' ' && out.ends_with(' '))) out += seen;
    };
    while (!text.empty()) {
        const char c = text.front();
        if (static_cast<unsigned char>(c) < 0x80) {
            add(kPlain.contains(c) ? c : c == 'e' ? 'E' : 'x');
            text.remove_prefix(1);
            continue;
        }
        const std::string_view three = text.substr(0, 3);
        if (three >= "\uFF10" && three <= "\uFF19") {
            constexpr int kLastByteOfZero = 0x90;
            add(to_char(static_cast<unsigned char>(three[2]) - kLastByteOfZero));
            text.remove_prefix(3);
            continue;
        }
        constexpr std::string_view kLeads = "\xC2\xE2\xE3\xEF";
        const auto* glyph =
            kLeads.contains(c)
                ? std::ranges::find_if(
                      kGlyphs, [text](const Glyph& one) { return text.starts_with(one.text); })
                : std::end(kGlyphs);
        const bool known = glyph != std::end(kGlyphs);
        const bool shown = known && (glyph->seen != 0 || unseen == Unseen::left_out);
        add(shown ? glyph->seen : 'x');
        text.remove_prefix(known ? glyph->text.size() : 1);
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

// How often bytes of each kind stand in a text, counted side by side in one word: digits,
// exponents, what a spreadsheet's exponents have (point or plus), and BC, the second byte of
// full-width digits, points and letters.
constexpr int kCountBits = 16;
constexpr std::array<std::uint64_t, 256> kByteKinds = [] {
    std::array<std::uint64_t, 256> kinds{};
    for (unsigned char c = '0'; c <= '9'; ++c)
        kinds[c] = 1;
    kinds['E'] = kinds['e'] = 1ULL << kCountBits;
    kinds['.'] = kinds['+'] = 1ULL << 2 * kCountBits;
    kinds[0xBC] = 1ULL << 3 * kCountBits;
    return kinds;
}();

// A quick look that lets most texts go: eleven digits, or a few and an exponent.
bool may_hold_a_number(std::string_view text) {
    constexpr std::size_t kCounted = (1U << kCountBits) - 1;
    if (text.size() > kCounted) return true;
    std::uint64_t counts = 0;
    for (const char c : text)
        counts += kByteKinds[static_cast<unsigned char>(c)];
    const auto count = [counts](int kind) { return counts >> kind * kCountBits & kCounted; };
    const std::uint64_t digits = count(0) + count(3);
    const bool exponent = (count(1) > 0 && count(2) > 0) || count(3) >= 3;
    return digits >= 11 || (digits >= 3 && exponent);
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

// Four groups of three from `start`, the same separator between them; not part of a longer number.
bool thousands_personal_number(std::string_view skeleton, std::size_t start) {
    constexpr std::size_t kLength = 15;
    if (skeleton.size() - start < kLength) return false;
    const char separator = skeleton[start + 3];
    if (separator != ',' && !is_separator(separator)) return false;
    std::string digits;
    for (std::size_t at = start; at < start + kLength; at += 4) {
        if (digits_from(skeleton, at) != 3 || (at > start && skeleton[at - 1] != separator))
            return false;
        digits += skeleton.substr(at, 3);
    }
    const std::size_t end = start + kLength;
    const bool goes_on = end + 1 < skeleton.size() && skeleton[end] == separator &&
                         digits_from(skeleton, end + 1) == 3;
    const bool began_before =
        start >= 2 && skeleton[start - 1] == separator && is_digit(skeleton[start - 2]);
    return !goes_on && !began_before && is_personal_number(digits);
}

// 8.95463115289E+11, whose digits begin at `start`. A spreadsheet writes a point or a plus sign;
// a code such as 8E11 has neither.
PersonalNumberTrace scientific_trace(std::string_view skeleton, std::size_t start) {
    using enum PersonalNumberTrace;
    if (start > 0 && skeleton[start - 1] == '.') return none;
    std::size_t at = start + digits_from(skeleton, start);
    std::string digits(skeleton.substr(start, at - start));
    auto magnitude = digits.size();  // digits before the point
    bool as_spreadsheets_do = false;
    if (at < skeleton.size() && skeleton[at] == '.') {
        const std::size_t fraction = digits_from(skeleton, at + 1);
        digits += skeleton.substr(at + 1, fraction);
        at += 1 + fraction;
        as_spreadsheets_do = true;
    }
    if (at >= skeleton.size() || skeleton[at] != 'E') return none;
    ++at;
    if (at < skeleton.size() && skeleton[at] == '+') {
        as_spreadsheets_do = true;
        ++at;
    }
    const std::size_t exponent = digits_from(skeleton, at);
    if (!as_spreadsheets_do || exponent == 0 || exponent > 3) return none;
    int power = 0;
    for (const char c : skeleton.substr(at, exponent))
        power = power * 10 + digit(c);
    magnitude += static_cast<std::size_t>(power);
    const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
    digits.erase(0, zeros);
    magnitude -= std::min(magnitude, zeros);
    constexpr std::size_t kDigits = 12;
    if (digits.empty() || magnitude < kDigits - 1 || magnitude > kDigits) return none;
    if (digits.size() < magnitude) return shortened;
    if (digits.find_first_not_of('0', magnitude) != std::string::npos) return none;  // a fraction
    digits.resize(magnitude);
    if (magnitude < kDigits) digits.insert(0, 1, '0');
    return is_personal_number(digits) ? written : none;
}

PersonalNumberTrace trace_in(std::string_view skeleton) {
    using enum PersonalNumberTrace;
    PersonalNumberTrace found = none;
    for (std::size_t i = 0; i < skeleton.size(); ++i) {
        const std::size_t digits = digits_from(skeleton, i);
        if (digits == 0) continue;
        if (digits == 12 && is_personal_number(skeleton.substr(i, 12))) return written;
        if (digits == 4 && grouped_personal_number(skeleton, i)) return written;
        if (digits == 3 && thousands_personal_number(skeleton, i)) return written;
        const PersonalNumberTrace scientific = scientific_trace(skeleton, i);
        if (scientific == written) return written;
        if (scientific == shortened) found = shortened;
        i += digits;
    }
    return found;
}

// 95463115289, also '95463115289, ="95463115289", 95,463,115,289 and 95463115289.0.
bool has_lost_a_zero(std::string_view text) {
    constexpr std::string_view kAround = "'\"= +\t";
    constexpr std::size_t kDigits = 11;
    constexpr std::size_t kLongest = 64;  // full-width
    const auto first = text.find_first_not_of(kAround);
    if (first == std::string_view::npos || text.size() > kLongest) return false;
    const std::string whole =
        digit_skeleton(text.substr(first, text.find_last_not_of(kAround) + 1 - first));
    std::string_view skeleton = whole;
    if (const auto point = skeleton.find('.'); point != std::string_view::npos) {
        if (skeleton.find_first_not_of('0', point + 1) != std::string_view::npos) return false;
        skeleton = skeleton.substr(0, point);
    }
    std::string digits = "0";
    const bool grouped = skeleton.size() == kDigits + 3;  // 95,463,115,289
    for (std::size_t i = 0; i < skeleton.size(); ++i) {
        const bool comma = grouped && (i == 2 || i == 6 || i == 10);
        if (comma ? skeleton[i] != ',' : !is_digit(skeleton[i])) return false;
        if (!comma) digits += skeleton[i];
    }
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

PersonalNumberTrace find_personal_number(std::string_view text) {
    using enum PersonalNumberTrace;
    if (!may_hold_a_number(text)) return none;
    const PersonalNumberTrace found = trace_in(digit_skeleton(text));
    // What cannot be seen may also part a number from other digits.
    const bool plain =
        std::ranges::all_of(text, [](char c) { return static_cast<signed char>(c) >= 0; });
    if (!plain && found != written && trace_in(digit_skeleton(text, Unseen::shown)) == written)
        return written;
    return found == none && has_lost_a_zero(text) ? zero_lost : found;
}

bool contains_personal_number(std::string_view text) {
    return find_personal_number(text) == PersonalNumberTrace::written;
}

}  // namespace shikaku::domain

// The numbers of the field and their check digits (MHLW 別添2 設定要領; 総務省
// 全国地方公共団体コード).
//
// Strong types over digits: a value of such a type has the right shape. Check digits are a separate
// question, because the national API passes numbers on unchanged and its own sample fails them:
// where a rule says "refuse", parse() refuses; where it says "warn", check_digit_ok() answers. None
// of these types has a formatter, so they cannot be logged by accident.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shikaku::domain {

// Luhn's digit for a body of ASCII digits: weights 2,1,2,1 from the right, digit sums.
[[nodiscard]] char luhn_check_digit(std::string_view body);

namespace detail {
template <class Tag, std::size_t kLength>
class Digits {
  public:
    static constexpr std::size_t kDigits = kLength;
    [[nodiscard]] std::string_view text() const { return {digits_.data(), kLength}; }
    auto operator<=>(const Digits&) const = default;

  private:
    friend Tag;
    explicit Digits(std::string_view text) { text.copy(digits_.data(), kLength); }

    std::array<char, kLength> digits_{};
};
}  // namespace detail

// 公費負担者番号: 法別2 + 都道府県2 + 実施機関3 + 検証1.
class PayerNumber : public detail::Digits<PayerNumber, 8> {
  public:
    [[nodiscard]] static std::optional<PayerNumber> parse(std::string_view text);
    [[nodiscard]] std::string_view law_code() const { return text().substr(0, 2); }  // 法別番号
    [[nodiscard]] std::string_view prefecture() const { return text().substr(2, 2); }
    [[nodiscard]] bool check_digit_ok() const;

  private:
    using Digits::Digits;
};

// 公費負担医療の受給者番号: nationally 7 digits with a check digit, locally any text up to 30
// characters.
class RecipientNumber {
  public:
    // Up to 30 characters, no control characters; never a valid 個人番号.
    [[nodiscard]] static std::optional<RecipientNumber> parse(std::string_view text);
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool national_form_ok() const;  // 7 digits with a right check digit
    auto operator<=>(const RecipientNumber&) const = default;

  private:
    explicit RecipientNumber(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// 保険者番号: 8 digits (法別2 + 都道府県2 + 3 + 検証1), or 6 digits for 国保 (都道府県2 + 3 +
// 検証1).
class InsurerNumber {
  public:
    [[nodiscard]] static std::optional<InsurerNumber> parse(std::string_view text);
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_national_health() const { return text_.size() == 6; }  // 国保
    [[nodiscard]] std::string_view prefecture() const;
    [[nodiscard]] bool check_digit_ok() const;
    auto operator<=>(const InsurerNumber&) const = default;

  private:
    explicit InsurerNumber(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// 医療機関コード: 都道府県2 + 点数表1 + 郡市区2 + 番号4 + 検証1. The check digit covers all nine
// digits, but only the six after 点数表 in Saitama, Chiba, Tokyo and Kanagawa (11-14).
class InstitutionCode : public detail::Digits<InstitutionCode, 10> {
  public:
    enum class Kind : std::uint8_t { medical = 1, dental = 3, pharmacy = 4, home_nursing = 6 };

    // Refused: wrong shape, unknown prefecture (01-47, 51-97) or 点数表, wrong check digit where
    // the rule is known. For pharmacies and visiting nurses in 11-14 it is unknown: any digit
    // passes; in the spare prefectures 61-64 either rule will do.
    [[nodiscard]] static std::optional<InstitutionCode> parse(std::string_view text);
    [[nodiscard]] std::string prefecture() const;  // "13"; 51-97 are given as 01-47
    [[nodiscard]] Kind kind() const;

  private:
    using Digits::Digits;
};

// 全国地方公共団体コード: 5 digits + check digit; prefectures end in 000 + check digit.
class AuthorityCode : public detail::Digits<AuthorityCode, 6> {
  public:
    [[nodiscard]] static std::optional<AuthorityCode> parse(std::string_view text);
    [[nodiscard]] std::string_view prefecture() const { return text().substr(0, 2); }
    [[nodiscard]] bool is_prefecture() const { return text().substr(2, 3) == "000"; }
    [[nodiscard]] AuthorityCode prefecture_authority() const;  // 132012 -> 130001

  private:
    using Digits::Digits;
};

// 個人番号 (番号法): 12 digits with the check digit of 番号法施行規則. Exists only to be refused,
// or turned into a link key at the municipality's edge.
[[nodiscard]] bool is_personal_number(std::string_view text);
// What there is of a 個人番号 in a text, as people and spreadsheets write it.
enum class PersonalNumberTrace : std::uint8_t {
    none,
    // Twelve digits that are a valid one, digits on neither side: in one run, in groups of four
    // (spaces, hyphens) or of three (commas, spaces, hyphens), full-width, with characters between
    // that cannot be seen, or in scientific notation (8.95463115289E+11).
    written,
    // Scientific notation of so great a number that lost some of its digits (8.95463E+11): what
    // they were cannot be told.
    shortened,
    // The whole text is a number of eleven digits that is a valid one with the leading zero which
    // spreadsheets drop. Where such numbers are usual it means nothing.
    zero_lost,
};
[[nodiscard]] PersonalNumberTrace find_personal_number(std::string_view text);
[[nodiscard]] bool contains_personal_number(std::string_view text);  // written

}  // namespace shikaku::domain

#include "gateway/domain/copay_text.h"

#include <catch2/catch.hpp>

namespace shikaku::domain {
namespace {

Copay written(Copay copay) {
    write_copay_text(copay);
    return copay;
}

Copay of(Copay::Kind kind, std::optional<int> amount = {}, std::optional<int> percent = {}) {
    Copay copay;
    copay.kind = kind;
    copay.amount_yen = amount;
    copay.percent = percent;
    return copay;
}

TEST_CASE("each shape of co-payment has its words") {
    using Kind = Copay::Kind;
    const auto text = [](const Copay& copay) { return written(copay).text; };
    CHECK(text(of(Kind::free)) == Localized{"自己負担なし", "no charge"});
    CHECK(text(of(Kind::per_visit, 200)) == Localized{"1回につき200円", "200 yen per visit"});
    CHECK(text(of(Kind::first_visit, 580)) ==
          Localized{"初診時のみ580円", "580 yen at the first visit only"});
    CHECK(text(of(Kind::percentage, {}, 10)) == Localized{"医療費の1割", "10% of the total"});
    CHECK(text(of(Kind::percentage, {}, 5)) == Localized{"医療費の5%", "5% of the total"});
    CHECK(text(of(Kind::insurance_share)) ==
          Localized{"保険の自己負担割合どおり", "the ordinary insurance share"});
    CHECK(text(of(Kind::not_covered)).ja == "助成の対象外");
    CHECK(text(of(Kind::unknown)).ja == "自己負担額は受給者証で確認");
}

TEST_CASE("a daily charge says for how many days") {
    Copay copay = of(Copay::Kind::per_day, 500);
    copay.days_per_month = 2;
    copay.cap_person_monthly_yen = 2500;
    copay.person_cap_by_refund = true;
    CHECK(
        written(copay).text ==
        Localized{
            "1日につき500円(1医療機関につき月2日まで、3日目から無料)、全医療機関の合計で月2,500円を"
            "超えた分は後日払い戻し",
            "500 yen a day (at most 2 days per institution and month, free from day 3); what "
            "exceeds 2,500 yen a month over all institutions is paid back"});
    copay.up_to = true;
    CHECK(written(copay).text.ja.starts_with("1日につき最大500円"));
    CHECK(written(copay).text.en.starts_with("up to 500 yen a day"));
}

TEST_CASE(
    "caps follow the percentage, and the certificate's own cap takes the monthly one's place") {
    Copay copay = of(Copay::Kind::percentage, {}, 10);
    copay.cap_monthly_yen = 57600;
    copay.cap_many_times_yen = 44400;
    copay.cap_yearly_yen = 144000;
    copay.year_starts_month = 8;
    const Copay result = written(copay);
    CHECK(result.text.ja ==
          "医療費の1割、月額上限57,600円、多数回該当の月は上限44,400円、年間上限144,000円("
          "8月から翌年7月)");
    CHECK(
        result.text.en ==
        "10% of the total; at most 57,600 yen a month; at most 44,400 yen in months that count as "
        "many-times; at most 144,000 yen a year (August to July)");
    CHECK(result.text_without_cap.ja == "医療費の1割、年間上限144,000円(8月から翌年7月)");
    CHECK(own_cap_clause(5000).ja == "、受給者証の月額上限5,000円");
}

TEST_CASE("a calendar year and a person's cap on the slip are said as such") {
    Copay copay = of(Copay::Kind::insurance_share);
    copay.cap_yearly_yen = 1000000;
    CHECK(written(copay).text.ja.ends_with("年間上限1,000,000円(1月から12月)"));
    copay = of(Copay::Kind::percentage, {}, 20);
    copay.cap_person_monthly_yen = 10000;
    CHECK(written(copay).text.ja ==
          "医療費の2割、月額上限10,000円(全医療機関の合計、上限額管理票で管理)");
    CHECK(written(copay).text_without_cap.ja == "医療費の2割");
}

TEST_CASE("hospital meals are mentioned when it is known whether they are covered") {
    Copay copay = of(Copay::Kind::free);
    CHECK(written(copay).text.ja.find("食事") == std::string::npos);
    copay.food_covered = false;
    CHECK(written(copay).text.ja == "自己負担なし、入院時の食事代は対象外");
    copay.food_covered = true;
    CHECK(written(copay).text.en == "no charge; hospital meals are covered");
}

TEST_CASE("thousands are separated") {
    CHECK(with_thousands(0) == "0");
    CHECK(with_thousands(999) == "999");
    CHECK(with_thousands(1000) == "1,000");
    CHECK(with_thousands(144000) == "144,000");
    CHECK(with_thousands(10'000'000) == "10,000,000");
}

}  // namespace
}  // namespace shikaku::domain

#include "municipal-mocks/population/demo_cards.h"

#include "gateway/support/json.h"

namespace shikaku::mocks {
namespace {

// 医療機関コード of certs/make.sh, and of a hospital besides.
constexpr const char* kDesignated = "1312345676;1318814790";  // clinic-a
constexpr const char* kMitaka = "132047";
constexpr const char* kTachikawa = "132021";

// People in the ages that the cards are about, whatever day it is.
class Cast {
  public:
    Cast(domain::Date today, Dice& dice, Certificates& certificates)
        : today_(today), dice_(dice), certificates_(certificates) {}

    Resident born(int years_ago, int months_ago = 0) {
        return {.personal_number = dice_.personal_number(),
                .birth_date = today_.plus_years(-years_ago).plus_months(-months_ago)};
    }
    Resident child(int years_ago) {
        Resident person = born(years_ago, 3);
        person.hachioji.push_back(*certificates_.child(person.birth_date));
        return person;
    }
    Resident child_valid(int from_days, int to_days) {
        Resident person = child(9);
        person.hachioji.back().valid_from = today_.plus_days(from_days);
        person.hachioji.back().valid_to = today_.plus_days(to_days);
        return person;
    }
    Resident patient() {
        Resident person = born(44);
        person.tokyo.push_back(certificates_.intractable_disease(kDesignated));
        return person;
    }
    Resident patient_and_parent() {
        Resident person = patient();
        person.hachioji.push_back(certificates_.single_parent(true));
        return person;
    }
    Resident revoked() {
        Resident person = patient();
        person.tokyo.back().deleted = true;
        return person;
    }
    Resident ambiguous() {
        Resident person = born(70);
        person.ambiguous_in_tokyo = true;
        return person;
    }

    // Invited to two checkups of this fiscal year, one of which was taken; synthetic values.
    Resident invited(std::string key) {
        Resident person = born(58);
        const auto ymd = today_.plus_months(-3).ymd();
        const int year = static_cast<int>(ymd.year());
        const domain::Date from = *domain::Date::parse_iso(std::to_string(year) + "-04-01");
        const domain::Date to = from.plus_years(1).plus_days(-1);
        person.checkups.push_back({.history_key = "C" + key + "-1",
                                   .checkup_id = "colorectal",
                                   .fiscal_year = std::to_string(year),
                                   .invited_from = from,
                                   .invited_to = to,
                                   .ticket_number = "26-" + key,
                                   .own_payment_yen = 500});
        person.checkups.push_back({.history_key = "C" + key + "-2",
                                   .checkup_id = "lung",
                                   .fiscal_year = std::to_string(year),
                                   .invited_from = from,
                                   .invited_to = to,
                                   .own_payment_yen = 0,
                                   .examined_on = today_.plus_days(-30),
                                   .institution_name = "保健センター",
                                   .items = "xray:E1;smoking:600:H",
                                   .judgement = "recall",
                                   .detailed_exam = "1"});
        return person;
    }

  private:
    domain::Date today_;
    Dice& dice_;
    Certificates& certificates_;
};

void add_children(std::vector<DemoCard>& cards, Cast& cast) {
    const Resident child = cast.child(8);
    cards.push_back({.id = "01-child-eligible",
                     .ja = "小学生・マル子を使える",
                     .en = "School child, subsidy usable",
                     .person = child,
                     .outcome = "eligible",
                     .reason = "ACTIVE"});
    cards.push_back({.id = "03-consent-refused",
                     .ja = "情報提供に同意しない",
                     .en = "Consent refused",
                     .person = cast.child(10),
                     .consent = false,
                     .outcome = "unknown",
                     .reason = "CONSENT_REFUSED"});
    cards.push_back({.id = "04-expired",
                     .ja = "有効期限切れ",
                     .en = "Certificate expired",
                     .person = cast.child_valid(-365, -20),
                     .outcome = "not_eligible",
                     .reason = "EXPIRED"});
    cards.push_back({.id = "05-not-yet-valid",
                     .ja = "有効期間がまだ始まっていない",
                     .en = "Certificate not yet valid",
                     .person = cast.child_valid(10, 375),
                     .outcome = "not_eligible",
                     .reason = "NOT_YET_VALID"});
    cards.push_back({.id = "09-out-of-prefecture",
                     .ja = "都外の医療機関・償還払い",
                     .en = "Outside the prefecture: paid back later",
                     .person = child,
                     .clinic = "clinic-kanagawa",
                     .outcome = "eligible",
                     .reason = "ACTIVE_REIMBURSEMENT"});
    cards.push_back({.id = "11-pharmacy",
                     .ja = "薬局・負担なし",
                     .en = "Pharmacy: no charge",
                     .person = child,
                     .setting = "pharmacy",
                     .clinic = "pharmacy-a",
                     .outcome = "eligible",
                     .reason = "ACTIVE"});
    cards.push_back({.id = "14-infant",
                     .ja = "乳幼児・マル乳・負担なし",
                     .en = "Infant: no charge",
                     .person = cast.child(2),
                     .outcome = "eligible",
                     .reason = "ACTIVE"});
}

void add_patients(std::vector<DemoCard>& cards, Cast& cast) {
    const Resident both = cast.patient_and_parent();
    cards.push_back({.id = "02-two-subsidies",
                     .ja = "指定難病(都・照会)とマル親(市・公開)の併用",
                     .en = "Two subsidies in order: intractable disease, then single parent",
                     .person = both,
                     .outcome = "eligible",
                     .reason = "ACTIVE"});
    cards.push_back({.id = "08-source-down-with-cache",
                     .ja = "都のシステム停止中・前回の回答を使う",
                     .en = "Tokyo's system is down: the cached answer",
                     .person = both,
                     .outcome = "eligible",
                     .reason = "ACTIVE",
                     .phase = 2});
    cards.push_back({.id = "12-revoked",
                     .ja = "取り消された資格",
                     .en = "Entitlement taken back",
                     .person = cast.revoked(),
                     .outcome = "not_eligible",
                     .reason = "REVOKED"});
    cards.push_back({.id = "13-not-designated",
                     .ja = "指定医療機関ではない",
                     .en = "Not a designated institution",
                     .person = cast.patient(),
                     .clinic = "clinic-b",
                     .outcome = "not_eligible",
                     .reason = "NOT_DESIGNATED"});
}

void add_unknown(std::vector<DemoCard>& cards, Cast& cast) {
    cards.push_back({.id = "06-not-connected",
                     .ja = "住所地の市が未接続(三鷹市)",
                     .en = "Municipality not connected (Mitaka)",
                     .person = cast.born(9),
                     .residence = kMitaka,
                     .outcome = "unknown",
                     .reason = "NOT_CONNECTED"});
    cards.push_back({.id = "07-source-down",
                     .ja = "住所地の市のシステム停止中(立川市)",
                     .en = "Municipality's system is down (Tachikawa)",
                     .person = cast.born(9),
                     .residence = kTachikawa,
                     .outcome = "unknown",
                     .reason = "SOURCE_UNAVAILABLE"});
    cards.push_back({.id = "10-no-record",
                     .ja = "どこにも登録がない",
                     .en = "Nobody knows a subsidy",
                     .person = cast.born(52),
                     .outcome = "not_eligible",
                     .reason = "NO_RECORD"});
    cards.push_back({.id = "15-ambiguous",
                     .ja = "複数の人が該当",
                     .en = "Several people match",
                     .person = cast.ambiguous(),
                     .outcome = "unknown",
                     .reason = "AMBIGUOUS_SUBJECT"});
}

void add_checkups(std::vector<DemoCard>& cards, Cast& cast) {
    cards.push_back({.id = "16-checkups",
                     .ja = "検診の案内と結果・情報提供に同意",
                     .en = "Checkups: an invitation and a result, consent given",
                     .person = cast.invited("1001"),
                     .consent_checkups = true,
                     .outcome = "found",
                     .reason = "FOUND",
                     .phase = 3});
    cards.push_back({.id = "17-checkups-refused",
                     .ja = "医療費助成には同意・検診には同意しない",
                     .en = "Consent for subsidies, but not for checkups",
                     .person = cast.invited("1002"),
                     .outcome = "unknown",
                     .reason = "CONSENT_REFUSED",
                     .phase = 3});
}

}  // namespace

std::string DemoCard::json() const {
    Json card{{"id", id},
              {"title", {{"ja", ja}, {"en", en}}},
              {"personal_number", person.personal_number},
              {"birth_date", person.birth_date.iso()},
              {"residence", residence},
              {"consent", consent},
              {"consent_checkups", consent_checkups},
              {"proof", "face"},
              {"insurance",
               {{"insurer_number", "01130012"},  // 協会けんぽ東京支部
                {"symbol", "12345678"},
                {"number", "1234567"},
                {"branch", "00"}}},
              {"question", {{"setting", setting}, {"clinic", clinic}}},
              {"expect", {{"outcome", outcome}, {"reason", reason}, {"phase", phase}}}};
    return card.dump(2) + "\n";
}

std::vector<DemoCard> demo_cards(domain::Date today, Dice& dice, Certificates& certificates) {
    Cast cast(today, dice, certificates);
    std::vector<DemoCard> cards;
    add_children(cards, cast);
    add_patients(cards, cast);
    add_unknown(cards, cast);
    add_checkups(cards, cast);
    return cards;
}

}  // namespace shikaku::mocks

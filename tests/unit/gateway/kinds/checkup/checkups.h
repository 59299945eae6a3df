// A checkup pack and rows for tests: synthetic codes, no municipality's.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "gateway/kinds/checkup/checkup_pack.h"

namespace checkup_test {

using namespace shikaku;

inline const domain::AuthorityCode kHachioji = *domain::AuthorityCode::parse("132012");

inline constexpr std::string_view kPack = R"({"authority":"132012","checkups":[
    {"id":"lung","name":{"ja":"肺がん検診","en":"Lung cancer screening"},"source":"test",
     "items":[
        {"code":"xray","name":{"ja":"胸部X線","en":"Chest X-ray"},"form":"choice",
         "choices":["A","B","E1"]},
        {"code":"packs","name":{"ja":"喫煙指数","en":"Smoking index"},"unit":"本・年",
         "form":"number"},
        {"code":"note","name":{"ja":"所見","en":"Findings"},"form":"text"}],
     "item_judgements":[{"code":"H","name":{"ja":"高値","en":"High"}}],
     "judgements":[{"code":"ok","name":{"ja":"異常認めず","en":"Nothing found"}},
                   {"code":"recall","name":{"ja":"要精密検査","en":"Needs a detailed examination"}}],
     "outcomes":[{"code":"none","name":{"ja":"異常なし","en":"Nothing found"}}]},
    {"id":"dental","name":{"ja":"歯周疾患検診","en":"Dental checkup"},"source":"test"}],
  "examples":[
    {"row":{"checkup_id":"lung","fiscal_year":"2026","invited_from":"2026-06-01",
            "invited_to":"2027-02-28","ticket_number":"T-1","own_payment_yen":500},
     "expect":{"invitation":true,"result":false}},
    {"row":{"checkup_id":"lung","fiscal_year":"R8","examined_on":"R8.7.1",
            "items":["xray:E1","packs:400:H"],"judgement":"recall","detailed_exam":true},
     "expect":{"result":true,"judgement":"要精密検査","detailed_exam":true}},
    {"row":{"checkup_id":"lung","fiscal_year":"2026","examined_on":"2026-07-01","items":"ct:A"},
     "expect":{"refused":["unknown_item"]}}]})";

inline std::shared_ptr<const checkup::CheckupPack> pack() {
    const auto read = checkup::read_checkup_pack(kPack, kHachioji, "v", checkup::Examples::run);
    for (const auto& problem : read.problems)
        UNSCOPED_INFO(problem.pointer + " " + problem.text.en);
    REQUIRE(read.pack);
    REQUIRE(read.examples_run == 3);
    return read.pack;
}

}  // namespace checkup_test

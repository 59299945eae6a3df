#include "gateway/identity/caller.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace shikaku::identity {
namespace {

Result<Caller> identify_uris(std::vector<std::string> uris, const Withdrawn& withdrawn = {}) {
    const crypto::Certificate certificate{
        .sha256 = {7}, .uris = std::move(uris), .serial_hex = "01", .is_authority = false};
    return identify(certificate, withdrawn);
}

TEST_CASE("each role is read from its URI") {
    const auto clinic = identify_uris({"https://x.example", "urn:shikaku:institution:1312345676"});
    REQUIRE(clinic);
    CHECK(clinic->role == Role::institution);
    CHECK(clinic->institution == domain::InstitutionCode::parse("1312345676"));
    CHECK(clinic->certificate == Hash256{7});
    CHECK(clinic->label() == "institution:1312345676");

    const auto authority = identify_uris({"urn:shikaku:authority:132012"});
    REQUIRE(authority);
    CHECK(authority->role == Role::authority);
    CHECK(authority->authority == domain::AuthorityCode::parse("132012"));
    CHECK(authority->label() == "authority:132012");

    const auto auditor = identify_uris({"urn:shikaku:auditor:auditor-a"});
    REQUIRE(auditor);
    CHECK(auditor->role == Role::auditor);
    CHECK(auditor->name == "auditor-a");
    CHECK(auditor->label() == "auditor:auditor-a");

    const auto op = identify_uris({"urn:shikaku:operator:" + std::string(64, '9')});
    REQUIRE(op);
    CHECK(op->role == Role::operator_);
    CHECK(op->label() == "operator:" + std::string(64, '9'));
    CHECK(name(Role::operator_) == "operator");
}

TEST_CASE("a certificate without one well-formed role is refused") {
    const std::vector<std::vector<std::string>> table = {
        {},
        {""},
        {"https://x.example"},
        {"urn:shikak:auditor:a"},
        {"urn:shikaku"},
        {"urn:shikaku:"},
        {"urn:shikaku:auditor"},
        {"urn:shikaku:auditor:"},
        {"urn:shikaku::a"},
        {"urn:shikaku:citizen:a"},
        {"urn:shikaku:Auditor:a"},
        {"URN:SHIKAKU:auditor:a"},
        {"urn:Shikaku:auditor:a"},
        {" urn:shikaku:auditor:a"},
        {"urn:shikaku:auditor:a "},
        {"urn:shikaku:auditor:a:b"},
        {"urn:shikaku:auditor:A"},
        {"urn:shikaku:auditor:a_b"},
        {"urn:shikaku:auditor:a%62"},
        {"urn:shikaku:auditor:a?=x"},
        {"urn:shikaku:auditor:監査"},
        {"urn:shikaku:operator:" + std::string(65, 'a')},
        {"urn:shikaku:institution:131234567"},
        {"urn:shikaku:institution:13123456760"},
        {"urn:shikaku:institution:1312345675"},
        {"urn:shikaku:institution:4812345676"},
        {"urn:shikaku:institution:131234567X"},
        {"urn:shikaku:institution:"},
        {"urn:shikaku:authority:132013"},
        {"urn:shikaku:authority:13201"},
        {"urn:shikaku:authority:1320120"},
        {"urn:shikaku:auditor:a", "urn:shikaku:auditor:a"},
        {"urn:shikaku:auditor:a", "urn:shikaku:operator:a"},
        {"urn:shikaku:auditor:a", "URN:shikaku:operator:a"},
        {"urn:shikaku:auditor:a", "urn:shikaku:"},
        {"urn:shikaku:auditor:a\n"},
        {"urn:shikaku:auditor:a\r"},
        {"urn:shikaku:auditor:a\x7f"},
        {std::string("urn:shikaku:auditor:a\0", 22)},
        {std::string("urn:shikaku:auditor:a\0b", 23)},
        {"urn:shikaku:institution:1312345676\t"},
        {"\turn:shikaku:operator:a"},
        {"urn:shikaku:auditor:a", "\turn:shikaku:operator:a"},
        {"urn:shikaku:auditor:a", " urn:shikaku:operator:a"},
        {"urn:shikaku:auditor:a", std::string("\0urn:shikaku:operator:a", 23)},
        {"urn:shikaku:auditor:a", std::string("urn:\0shikaku:operator:a", 23)},
        {"urn:shikaku:auditor:a", "https://x.example/\n"},
        {"urn:shikaku:auditor:a", "https://x.example/\xe3\x81\x82"},
        {"urn:shikaku:auditor:a", "\x80"},
    };
    for (const auto& uris : table) {
        INFO((uris.empty() ? std::string("no URI") : uris.back()));
        const auto caller = identify_uris(uris);
        REQUIRE_FALSE(caller);
        CHECK(caller.error().code == ErrorCode::client_certificate_required);
        CHECK_FALSE(caller.error().detail.empty());
    }
}

TEST_CASE("an authority's certificate is no client's, whatever its role") {
    const crypto::Certificate certificate{.sha256 = {7},
                                          .uris = {"urn:shikaku:institution:1312345676"},
                                          .serial_hex = "01",
                                          .is_authority = true};
    const auto caller = identify(certificate, {});
    REQUIRE_FALSE(caller);
    CHECK(caller.error().code == ErrorCode::client_certificate_required);
    CHECK(caller.error().detail.find("CA:TRUE") != std::string::npos);
}

TEST_CASE("labels are those that a certificate's holder can have") {
    for (const char* good :
         {"institution:1312345676", "authority:132012", "auditor:a", "operator:operator-a"}) {
        INFO(good);
        CHECK(is_label(good));
    }
    for (const char* bad :
         {"", "institution", "institution:", "institution:1312345675", "institution:131234567",
          "institution:１３１２３４５６７６", "Institution:1312345676", "authority:132013",
          "authority:*", "auditor:A", "auditor:a b", "auditor:a\n", " auditor:a", "citizen:a",
          "urn:shikaku:auditor:a", "*", "certificate:00"}) {
        INFO(bad);
        CHECK_FALSE(is_label(bad));
    }
}

TEST_CASE("a withdrawn holder is told so, others are not touched") {
    const Withdrawn withdrawn = {"institution:1312345676", "auditor:a"};
    CHECK(identify_uris({"urn:shikaku:institution:1312345676"}, withdrawn).error().code ==
          ErrorCode::institution_withdrawn);
    CHECK(identify_uris({"urn:shikaku:auditor:a"}, withdrawn).error().code ==
          ErrorCode::institution_withdrawn);
    CHECK(identify_uris({"urn:shikaku:operator:a"}, withdrawn));
    CHECK(identify_uris({"urn:shikaku:institution:1313100245"}, withdrawn));
}

}  // namespace
}  // namespace shikaku::identity

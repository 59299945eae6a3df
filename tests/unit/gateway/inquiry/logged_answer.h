// Answers as the log keeps them, and what each reader gets of them, without a log.
#pragma once

#include <catch2/catch.hpp>

#include "gateway/audit/opening.h"
#include "gateway/inquiry/answer_entry.h"
#include "gateway/inquiry/share.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::inquiry::test {

using namespace shikaku::domain::test;

inline const crypto::KeyRing& keys() {
    static const auto ring = [] {
        const shikaku::testing::TemporaryFolder folder;
        const auto file = folder.path() / "keyring.json";
        REQUIRE(write_file(file, crypto::KeyRing::generate_json(), 0600));
        return crypto::KeyRing::load(file).value();
    }();
    return *ring;
}

inline identity::Caller caller(identity::Role role, std::string_view who) {
    identity::Caller caller{.role = role, .institution = {}, .authority = {}, .name = {}};
    if (role == identity::Role::institution) {
        caller.institution = institution(who);
        caller.certificate = crypto::sha256(as_bytes(who));
    } else if (role == identity::Role::authority) {
        caller.authority = authority(who);
    } else {
        caller.name = who;
    }
    return caller;
}
inline identity::Caller clinic(std::string_view code = kClinic) {
    return caller(identity::Role::institution, code);
}

inline audit::Detail detail_of(const domain::Case& facts, const domain::RuleBook& rules,
                               std::string_view link_key = "link-key",
                               std::string_view request_id = "request-1",
                               std::string answer_id = "01ANSWER") {
    const identity::Caller asking = clinic(facts.query.institution.text());
    identity::CardToken token{
        .issuer = {}, .token_id = {}, .residence = {}, .birth_date = {}, .insurance = {}};
    const Hash256 key = crypto::sha256(as_bytes(link_key));
    std::ranges::copy(key, token.link_key.begin());
    const Answer answer = derive_answer(facts, rules, std::move(answer_id), instant("2026-11-20"));
    return eligibility_detail({.caller = asking,
                               .request_id = request_id,
                               .token = token,
                               .priority = domain::Priority::walk_in,
                               .facts = facts,
                               .rules = rules,
                               .answer = answer,
                               .answered = instant("2026-11-20")},
                              keys());
}

// An answer as the first entries in parts held it: what was decided in each authority's part.
inline audit::Detail with_decided_in_parts(audit::Detail detail) {
    Json rest = parse_json(detail.rest).value();
    for (std::string& text : detail.authorities) {
        Json part = parse_json(text).value();
        part["decided"] = Json::array();
        for (Json one : rest.at("decided")) {
            if (one.at("authority") != part.at("authority")) continue;
            one.erase("authority");
            part["decided"].push_back(std::move(one));
        }
        text = part.dump();
    }
    rest.erase("decided");
    detail.rest = rest.dump();
    return detail;
}

// One entry, committed to.
struct Logged {
    Bytes committed;
    audit::Leaf leaf;

    explicit Logged(const audit::Detail& detail, audit::Kind kind = audit::Kind::eligibility)
        : committed(audit::lay_out(detail).bytes) {
        leaf = {.time = instant("2026-11-20"),
                .kind = kind,
                .commitment = audit::commitment_of(audit::read_parts(committed).value())};
    }
    // As entries were written before they had parts.
    Logged(std::string_view text, audit::Kind kind, std::uint8_t salt) : committed(32, salt) {
        const BytesView bytes = as_bytes(text);
        committed.insert(committed.end(), bytes.begin(), bytes.end());
        leaf = {.time = instant("2026-11-20"),
                .kind = kind,
                .commitment = crypto::sha256(committed),
                .version = audit::kLeafWhole};
    }
    [[nodiscard]] audit::OpenedEntry entry() const {
        return {.index = 7,
                .leaf = leaf,
                .opened = audit::Opened::all,
                .detail = audit::check_detail(leaf, committed).value()};
    }
    // The `extra` of the receipt that this caller gets; nullopt: not their data.
    [[nodiscard]] std::optional<Bytes> extra(const identity::Caller& reader) const {
        const auto share = share_of(reader, entry());
        if (!share) {
            CHECK(share.error().code == ErrorCode::not_your_data);
            return std::nullopt;
        }
        return audit::encode_opening(leaf, committed, *share);
    }
    [[nodiscard]] std::optional<audit::OpenedEntry> seen_by(const identity::Caller& reader) const {
        const auto bytes = extra(reader);
        if (!bytes) return std::nullopt;
        return audit::decode_opening(7, *bytes).value();
    }
};

}  // namespace shikaku::inquiry::test

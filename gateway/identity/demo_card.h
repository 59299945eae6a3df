// A demo card: a synthetic person as a file, with the question to ask about them and the answer to
// expect. For developers only; a real card's number never lies in a file.
//
//   {"id": "01-child-eligible", "title": {"ja": "…", "en": "…"}, "personal_number": "<12 digits>",
//    "birth_date": "2018-05-01", "residence": "132012", "consent": true,
//    "consent_checkups": true, "proof": "face",
//    "insurance": {"insurer_number": "…", "symbol": "…", "number": "…", "branch": "…"},
//    "question": {…}, "expect": {…}}
//
// Required: id, personal_number, birth_date, consent, proof. `question` and `expect` are for
// whoever runs the demo and only have to be objects. Unknown members are refused (invalid_field,
// with a JSON pointer), so that a misspelt "residence" does not silently mean none.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "gateway/identity/card_token.h"
#include "gateway/identity/linkage.h"

namespace shikaku::identity {

struct DemoCard {
    std::string id;
    std::string title_ja, title_en;
    std::string personal_number;
    domain::Date birth_date;
    std::optional<domain::AuthorityCode> residence;
    bool consent = true;
    bool consent_checkups = false;
    ProofMethod proof = ProofMethod::face;
    std::optional<domain::Insurance> insurance;
    Json question = Json::object();
    Json expect = Json::object();
};

[[nodiscard]] Result<DemoCard> parse_demo_card(std::string_view text);
[[nodiscard]] Result<DemoCard> load_demo_card(const std::filesystem::path& file);
[[nodiscard]] std::string to_json(const DemoCard& card);  // the file's content

// A random 個人番号 with a right check digit, for synthetic cards only.
[[nodiscard]] std::string random_personal_number();

// The card's side of a token: link key, a new token id, proof and consent at `now_s`. Issuer and
// expiry are the card issuer's to fill in.
[[nodiscard]] Result<CardToken> tap(const DemoCard& card, const LinkageSecret& linkage,
                                    std::int64_t now_s);

}  // namespace shikaku::identity

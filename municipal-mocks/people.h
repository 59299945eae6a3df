// Whom a municipal system knows: link key (base64url) -> what it says about the person.
//
// From a JSON file,
//   {"people": [{"linkKey": "...", "records": [{...}]}, {"linkKey": "...", "ambiguous": true}]},
// whose records go out as they stand, in the names of the national registration API; or from a CSV
// file in UTF-8 with the recipient columns of the publication (history_key, link_key, ...).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/support/result.h"

namespace shikaku::mocks {

struct Person {
    bool ambiguous = false;
    std::string records = "[]";  // JSON
};

class People {
  public:
    // bad_configuration: not readable, not of one of the two forms.
    [[nodiscard]] static Result<People> load(const std::filesystem::path& file);
    [[nodiscard]] static Result<People> from_json(std::string_view text);
    [[nodiscard]] static Result<People> from_csv(std::string_view text);

    // Null: unknown.
    [[nodiscard]] const Person* find(const std::string& link_key) const;
    [[nodiscard]] std::size_t size() const { return people_.size(); }

  private:
    std::unordered_map<std::string, Person> people_;
};

}  // namespace shikaku::mocks

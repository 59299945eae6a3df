// How a municipal system names things in its JSON: our name -> a path of member names with dots
// between them ("basicFiveInfo.dateOfBirth"). Defaults are the names of the national registration
// API (PMH 医療費助成対象者差分履歴情報, 2024-07-08); what stands inside its maxCopaymentAmount is
// not public, so "maxCopaymentAmount.monthly" is a choice of ours.
//
// Our names are those of gateway/domain/entitlement_fields.h, where the defaults stand too, and
// answer.link_key, answer.as_of, answer.records and answer.ambiguous for what is around the
// records.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/entitlement_fields.h"
#include "gateway/support/json.h"

namespace shikaku::adapters::rest {

using Path = std::vector<std::string>;

class FieldMap {
  public:
    // `changes` replace defaults. bad_configuration: an unknown name of ours, an empty or bad path.
    [[nodiscard]] static Result<FieldMap> make(const std::map<std::string, std::string>& changes);

    struct Field {
        std::string_view ours;
        domain::Form form;
        Path path;
    };
    [[nodiscard]] const std::vector<Field>& of_record() const { return of_record_; }
    [[nodiscard]] const Path& link_key() const { return around_.at("answer.link_key"); }
    [[nodiscard]] const Path& as_of() const { return around_.at("answer.as_of"); }
    [[nodiscard]] const Path& records() const { return around_.at("answer.records"); }
    [[nodiscard]] const Path& ambiguous() const { return around_.at("answer.ambiguous"); }

  private:
    std::vector<Field> of_record_;
    std::map<std::string, Path, std::less<>> around_;
};

// The value at the path: null when it is absent or null; source_malformed when something on the way
// is no object.
[[nodiscard]] Result<const Json*> find(const Json& root, const Path& path);

[[nodiscard]] std::string join(const Path& path);

}  // namespace shikaku::adapters::rest

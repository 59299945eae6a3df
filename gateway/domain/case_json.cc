#include "gateway/domain/case_json.h"

#include <array>

#include "gateway/domain/field_json.h"
#include "gateway/support/bounds.h"

namespace shikaku::domain {
namespace {

std::int64_t milliseconds(Instant instant) {
    return instant.time_since_epoch().count();
}

void write_if(JsonWriter& out, std::string_view key, bool value) {
    if (value) out.field(key, true);
}

void write_if(JsonWriter& out, std::string_view key, const std::string& value) {
    if (!value.empty()) out.field(key, value);
}

void write_insurance(JsonWriter& out, const Insurance& insurance) {
    out.begin_object().field("st", name(insurance.status));
    if (insurance.insurer) out.field("i", insurance.insurer->text());
    write_if(out, "sy", insurance.symbol);
    write_if(out, "no", insurance.number);
    write_if(out, "br", insurance.branch);
    if (insurance.copay_ratio_percent) out.field("cr", *insurance.copay_ratio_percent);
    write_if(out, "src", insurance.from_source);
    if (insurance.as_of != Instant{}) out.field("as", milliseconds(insurance.as_of));
    out.end_object();
}

template <class Value>
bool read_parsed(const Json& json, std::optional<Value>& out,
                 std::optional<Value> (*parse)(std::string_view)) {
    const auto* const text = json.get_ptr<const std::string*>();
    if (text == nullptr) return false;
    out = parse(*text);
    return out.has_value();
}

// Takes the members of one object; at the end all of them must have been taken.
class Members {
  public:
    explicit Members(const Json& json) : object_(json.get_ptr<const Json::object_t*>()) {}

    [[nodiscard]] const Json* take(std::string_view key) {
        if (object_ == nullptr) return nullptr;
        for (const auto& [name, value] : *object_) {
            if (name != key) continue;
            ++taken_;
            return &value;
        }
        return nullptr;
    }
    // Optional members: absent is fine, a wrong value is not.
    template <class Value>
    void maybe(std::string_view key, Value& out) {
        const Json* const value = take(key);
        if (value != nullptr && !domain::take(*value, out)) good_ = false;
    }
    template <class Value>
    void maybe(std::string_view key, std::optional<Value>& out,
               std::optional<Value> (*parse)(std::string_view)) {
        const Json* const value = take(key);
        if (value != nullptr && !read_parsed(*value, out, parse)) good_ = false;
    }
    void require(bool present) { good_ = good_ && present; }
    [[nodiscard]] bool done() const {
        return good_ && object_ != nullptr && taken_ == object_->size();
    }

  private:
    const Json::object_t* object_;
    std::size_t taken_ = 0;
    bool good_ = true;
};

std::unexpected<Error> corrupt() {
    return fail(ErrorCode::corrupt, "not a case of the log");
}

Result<Insurance> read_insurance(const Json& json) {
    Insurance insurance;
    Members members(json);
    std::optional<Insurance::Status> status;
    members.maybe("st", status, parse_insurance_status);
    members.require(status.has_value());
    insurance.status = status.value_or(Insurance::Status::unknown);
    members.maybe("i", insurance.insurer);
    members.maybe("sy", insurance.symbol);
    members.maybe("no", insurance.number);
    members.maybe("br", insurance.branch);
    members.maybe("cr", insurance.copay_ratio_percent);
    members.maybe("src", insurance.from_source);
    members.maybe("as", insurance.as_of);
    if (!members.done()) return corrupt();
    return insurance;
}

Result<Query> read_query(const Json& json) {
    Members members(json);
    std::optional<InstitutionCode> institution;
    std::optional<Date> service_date;
    std::optional<Date> today;
    std::optional<Setting> setting;
    members.maybe("i", institution);
    members.maybe("d", service_date);
    members.maybe("t", today);
    members.maybe("s", setting, parse_setting);
    if (!institution || !service_date || !today || !setting) return corrupt();
    Query query{.institution = *institution,
                .service_date = *service_date,
                .today = *today,
                .setting = *setting,
                .residence = {},
                .birth_date = {},
                .insurance = {}};
    members.maybe("c", query.consent);
    members.maybe("r", query.residence);
    members.maybe("b", query.birth_date);
    members.maybe("x", query.explain);
    if (const Json* const insurance = members.take("n")) {
        auto read = read_insurance(*insurance);
        if (!read) return corrupt();
        query.insurance = std::move(*read);
    }
    if (!members.done()) return corrupt();
    return query;
}

Result<Finding> read_finding(const Json& json) {
    Members members(json);
    std::optional<AuthorityCode> authority;
    std::optional<SourceStatus> status;
    std::optional<Freshness> freshness;
    members.maybe("a", authority);
    members.maybe("st", status, parse_source_status);
    members.maybe("fr", freshness, parse_freshness);
    if (!authority || !status || !freshness) return corrupt();
    Finding finding{.authority = *authority,
                    .status = *status,
                    .kind = {},
                    .freshness = *freshness,
                    .entitlements = {}};
    members.maybe("k", finding.kind);
    members.maybe("as", finding.as_of);
    members.maybe("ms", finding.elapsed_ms);
    members.maybe("bp", finding.beyond_policy);
    members.maybe("am", finding.ambiguous);
    members.maybe("ol", finding.other_linkage);
    if (const Json* const list = members.take("e")) {
        if (!list->is_array() || list->size() > bounds::kEntitlementsPerAuthority) return corrupt();
        for (const Json& item : *list) {
            auto entitlement = read_entitlement(item);
            if (!entitlement) return corrupt();
            finding.entitlements.push_back(std::move(*entitlement));
        }
    }
    if (!members.done()) return corrupt();
    return finding;
}

}  // namespace

void write_query(JsonWriter& out, const Query& query) {
    out.begin_object()
        .field("i", query.institution.text())
        .field("d", query.service_date.iso())
        .field("t", query.today.iso())
        .field("s", name(query.setting));
    write_if(out, "c", query.consent);
    if (query.residence) out.field("r", query.residence->text());
    if (query.birth_date) out.field("b", query.birth_date->iso());
    if (query.insurance) {
        out.key("n");
        write_insurance(out, *query.insurance);
    }
    write_if(out, "x", query.explain);
    out.end_object();
}

void write_finding(JsonWriter& out, const Finding& finding) {
    out.begin_object().field("a", finding.authority.text()).field("st", name(finding.status));
    write_if(out, "k", finding.kind);
    out.field("fr", name(finding.freshness)).field("as", milliseconds(finding.as_of));
    if (finding.elapsed_ms != 0) out.field("ms", finding.elapsed_ms);
    write_if(out, "bp", finding.beyond_policy);
    write_if(out, "am", finding.ambiguous);
    write_if(out, "ol", finding.other_linkage);
    if (!finding.entitlements.empty()) {
        out.key("e").begin_array();
        for (const Entitlement& entitlement : finding.entitlements)
            write_entitlement(out, entitlement);
        out.end_array();
    }
    out.end_object();
}

void write_case(JsonWriter& out, const Case& facts) {
    out.begin_object().key("q");
    write_query(out, facts.query);
    out.key("f").begin_array();
    for (const Finding& finding : facts.findings)
        write_finding(out, finding);
    out.end_array().end_object();
}

Result<Case> read_case(const Json& json) {
    Members members(json);
    const Json* const query_json = members.take("q");
    const Json* const list = members.take("f");
    if (query_json == nullptr || list == nullptr || !members.done() || !list->is_array() ||
        list->size() > bounds::kAuthoritiesPerQuestion)
        return corrupt();
    auto query = read_query(*query_json);
    if (!query) return corrupt();
    Case facts{.query = std::move(*query), .findings = {}};
    for (const Json& item : *list) {
        auto finding = read_finding(item);
        if (!finding) return corrupt();
        facts.findings.push_back(std::move(*finding));
    }
    return facts;
}

}  // namespace shikaku::domain

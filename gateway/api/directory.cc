#include "gateway/api/directory.h"

#include "gateway/domain/answer_writer.h"
#include "gateway/domain/authority_names.h"
#include "gateway/support/json.h"

namespace shikaku::api {
namespace {

void write_schemes(JsonWriter& json, const domain::SchemePack* pack) {
    json.key("schemes").begin_array();
    if (pack != nullptr) {
        for (const domain::Scheme& scheme : pack->schemes) {
            json.begin_object().field("id", scheme.id).field("law_code", scheme.law_code);
            domain::write_text(json, "name", scheme.name);
            json.end_object();
        }
    }
    json.end_array();
}

}  // namespace

HandlerResult Directory::list(Context&) {
    const auto connections = sources_.connections();
    const auto since = since_();
    const auto rules = registry_.rules();
    std::map<domain::AuthorityCode, registry::AuthorityState> known;
    for (const registry::AuthorityState& state : registry_.authorities())
        known.emplace(state.authority, state);
    for (const auto& [code, connected] : *connections)
        known.emplace(code, registry::AuthorityState{.authority = code,
                                                     .generation = 0,
                                                     .switched_at = {},
                                                     .rows = 0,
                                                     .pack_version = {},
                                                     .pack_accepted = {}});

    http::Response response;
    JsonWriter json(response.body);
    json.begin_object().key("authorities").begin_array();
    for (const auto& [code, state] : known) {
        const auto connection = connections->find(code);
        const auto pack = rules->packs.find(code);
        json.begin_object()
            .field("code", code.text())
            .key("name")
            .begin_object()
            .field("ja", domain::authority_name(code))
            .end_object()
            .field("adapter", connection == connections->end()
                                  ? std::string_view("published")
                                  : connection->second.adapter->kind());
        json.field("state", sources_.state(code));
        if (const auto date = since->find(code); date != since->end())
            json.field("connected_since", date->second.iso());
        if (state.generation > 0) {
            json.key("last_publication")
                .begin_object()
                .field("generation", state.generation)
                .field("at", to_rfc3339_jst(state.switched_at))
                .field("rows", state.rows)
                .end_object();
        }
        if (!state.pack_version.empty())
            json.field("pack_version", state.pack_version)
                .field("pack_accepted", to_rfc3339_jst(state.pack_accepted));
        write_schemes(json, pack == rules->packs.end() ? nullptr : pack->second.get());
        json.end_object();
    }
    json.end_array().end_object();
    co_return response;
}

}  // namespace shikaku::api

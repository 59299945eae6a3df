// What the tests of the running gateway share: its configuration edited, its outcome judged.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/reliability/report.h"

namespace shikaku::reliability {

// What a program says is wrong, or the last line it wrote: without the test's folder, fit for a
// cell of a table.
inline std::string last_words(std::string text, const std::filesystem::path& folder) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    if (const auto at = text.rfind("shikaku: "); at != std::string::npos) {
        text = text.substr(at + 9, text.find('\n', at) - at - 9);
    } else if (const auto line = text.rfind('\n'); line != std::string::npos) {
        text.erase(0, line + 1);
    }
    const std::string path = folder.string() + "/";
    for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;)
        text.erase(at, path.size());
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos;)
        text[at] = '/';
    return text;
}

inline void configure(const test::GatewayFixture& gateway, const std::string& old_text,
                      const std::string& new_text) {
    const auto file = gateway.folder() / "shikaku.toml";
    std::ifstream in(file);
    std::string text(std::istreambuf_iterator<char>(in), {});
    const auto at = text.find(old_text);
    if (at == std::string::npos) throw std::runtime_error("not in the configuration: " + old_text);
    text.replace(at, old_text.size(), new_text);
    std::ofstream(file) << text;
}

// The data directory of the stopped gateway and the log's anchor beside it.
inline void copy_data(const std::filesystem::path& from, const std::filesystem::path& to) {
    namespace fs = std::filesystem;
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
    const fs::path anchor = from.string() + ".anchor", copy = to.string() + ".anchor";
    fs::remove(copy);
    if (fs::exists(anchor)) fs::copy_file(anchor, copy);
}

// Empty: it started. Else its last words.
inline std::string try_start(test::GatewayFixture& gateway) {
    try {
        gateway.start();
        return {};
    } catch (const std::exception& refused) {
        return last_words(refused.what(), gateway.folder());
    }
}

// "eligible ACTIVE", "unknown CONSENT_REFUSED", or "HTTP 503".
inline std::string answer_to(test::GatewayFixture& gateway, const identity::DemoCard& card) {
    const auto response = gateway.ask("clinic-a", card);
    if (response.status != 200) return "HTTP " + std::to_string(response.status);
    const auto answer = parse_json(response.body);
    return answer->at("outcome").get<std::string>() + " " + answer->at("reason").get<std::string>();
}

// Whether a receipt opens the entry of that answer.
inline bool receipt_names(const std::string& receipt, const std::string& answer_id) {
    const std::size_t extra = receipt.find("extra ");
    if (extra == std::string::npos) return false;
    const auto opening =
        from_base64(receipt.substr(extra + 6, receipt.find('\n', extra) - extra - 6));
    return opening && as_text(*opening).find(answer_id) != std::string_view::npos;
}

}  // namespace shikaku::reliability

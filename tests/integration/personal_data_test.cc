// Marked identities go through the gateway in every way a user can send them, good and bad;
// afterwards none is found in the process log, metrics, error bodies, log entries, or in clear in
// any file.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using http::Method;
using test::GatewayFixture;

struct Marked {
    identity::DemoCard child = test::person();
    std::string name = "資格試験太郎マーカー";
    std::string recipient = "MARK-7654321-K";
    std::string insured = "記号マーカー";
    std::string insured_number = "31415926535";
    std::string link_key = test::link_key_text(child);

    Marked() {
        child.insurance = domain::Insurance{.status = domain::Insurance::Status::valid,
                                            .insurer = domain::InsurerNumber::parse("138057"),
                                            .symbol = insured,
                                            .number = insured_number,
                                            .branch = "01",
                                            .copay_ratio_percent = {},
                                            .from_source = false,
                                            .as_of = {}};
    }
    [[nodiscard]] std::vector<std::string> marks() const {
        const auto raw = from_base64url(link_key);
        return {name,     child.personal_number,      recipient,   insured, insured_number,
                link_key, std::string(as_text(*raw)), to_hex(*raw)};
    }
};

std::string content(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void none_in(const std::string& where, const std::string& text, const Marked& marked) {
    int number = 0;
    for (const std::string& mark : marked.marks()) {
        CAPTURE(where, number++);
        CHECK(text.find(mark) == std::string::npos);
    }
}

TEST_CASE("no planted identity is found where it must not be") {
    const Marked marked;
    GatewayFixture gateway;
    gateway.start();
    std::string row = test::csv_row(marked.child, "h-1", marked.recipient);
    const auto certificate = row.find("マル子医療証");
    REQUIRE(certificate != std::string::npos);
    row.replace(certificate, std::string("マル子医療証").size(), marked.name);
    gateway.publish_hachioji(test::csv_header() + row);

    // Answers may carry the recipient number: they are for the desk. Error bodies may not.
    const auto answer = gateway.ask("clinic-a", marked.child, {{"Prefer", "receipt"}});
    REQUIRE(answer.status == 200);
    CHECK(answer.body.find(marked.recipient) != std::string::npos);
    CHECK(answer.body.find(marked.link_key) == std::string::npos);

    std::vector<http::ClientResponse> refused;
    const auto post = [&](const std::string& body) {
        refused.push_back(gateway.call("clinic-a", Method::post, "/v1/eligibility", body,
                                       {{"X-Request-ID", marked.child.personal_number}}));
    };
    const std::string token = gateway.token("clinic-a", marked.child);
    post(GatewayFixture::question(token, marked.child.personal_number));
    post(GatewayFixture::question(token, marked.recipient));
    post(R"({"card_token":")" + marked.link_key + R"(","setting":"outpatient"})");
    post(R"({")" + marked.name + R"(":1,"card_token":"x","setting":"outpatient"})");
    post("{\"" + marked.child.personal_number);
    refused.push_back(gateway.call("clinic-a", Method::get, "/v1/" + marked.link_key));
    refused.push_back(
        gateway.call("clinic-a", Method::get, "/v1/authorities/" + marked.child.personal_number));
    for (const std::string& bad_row :
         {marked.child.personal_number + ",T1," + marked.link_key + "," + marked.name + "\n",
          "h-2,T1," + marked.child.personal_number + ",maru-ko,88131248," + marked.recipient + "," +
              marked.name + ",,,,,0,,x,y,0,z,0\n"}) {
        refused.push_back(gateway.upload(test::csv_header() + bad_row, "delta"));
    }
    for (const auto& response : refused) {
        CAPTURE(response.status, response.body);
        none_in("error body", response.body, marked);
        for (const auto& header : response.headers)
            none_in("header", header.value, marked);
    }

    none_in("metrics", gateway.ops("/metrics").body, marked);
    const auto bundle_size =
        gateway.call("auditor-a", Method::get, "/log/checkpoint").body;  // size is on line 2
    const auto first_end = bundle_size.find('\n');
    const std::string size =
        bundle_size.substr(first_end + 1, bundle_size.find('\n', first_end + 1) - first_end - 1);
    const auto bundle = gateway.call("auditor-a", Method::get, "/log/tile/entries/000.p/" + size);
    REQUIRE(bundle.status == 200);
    none_in("log entries", bundle.body, marked);

    REQUIRE(gateway.terminate() == 0);
    none_in("process log", gateway.process_log(), marked);
    int files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(gateway.data())) {
        if (!file.is_regular_file()) continue;
        ++files;
        none_in(file.path().filename().string(), content(file.path()), marked);
    }
    CHECK(files >= 3);
}

}  // namespace

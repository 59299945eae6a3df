#include "tests/integration/gateway_fixture.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "gateway/support/file.h"

namespace shikaku::test {
namespace {

namespace fs = std::filesystem;

template <class T>
T must(Result<T> result) {
    if (!result)
        throw std::runtime_error(
            fmt::format("{}: {}", name(result.error().code), result.error().detail));
    return std::move(*result);
}

// The last "listening" line of the process log.
std::optional<Json> listening(const fs::path& log) {
    std::ifstream in(log);
    std::optional<Json> found;
    for (std::string line; std::getline(in, line);) {
        const auto json = parse_json(line);
        if (json && json->is_object() && json->value("message", std::string()) == "listening")
            found = *json;
    }
    return found;
}

std::int64_t now_s() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())
        .time_since_epoch()
        .count();
}

}  // namespace

const fs::path& certs() {
    static const fs::path folder = [] {
        const fs::path made = fs::path(SHIKAKU_BINARY_DIR) / "test-certs";
        const Finished finished =
            run({"bash", fs::path(SHIKAKU_SOURCE_DIR) / "certs" / "make.sh", made});
        if (finished.exit_code != 0) throw std::runtime_error("certs/make.sh: " + finished.output);
        return made;
    }();
    return folder;
}

std::string program(const std::string& name) {
    return (fs::path(SHIKAKU_BINARY_DIR) / "bin" / name).string();
}

GatewayFixture::GatewayFixture(const std::string& extra_config) {
    std::string name = (fs::temp_directory_path() / "shikaku-gateway-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
    write_config(extra_config);
    const auto pem = must(read_secret_file(certs() / "card-issuer.key"));
    issuer_ = std::make_unique<identity::CardIssuer>(must(identity::CardIssuer::create(
        must(crypto::SigningKey::from_pem(pem)), crypto::Algorithm::RS256, "card-issuer-rs256")));
    linkage_ = std::make_unique<identity::LinkageSecret>(
        must(identity::LinkageSecret::load(certs() / "linkage.secret")));
}

GatewayFixture::~GatewayFixture() {
    process_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void GatewayFixture::write_config(const std::string& extra) {
    std::ofstream(folder_ / "shikaku.toml") << fmt::format(
        R"([server]
listen = "127.0.0.1:0"
threads = 2
certificate = "{0}/server.crt"
key = "{0}/server.key"
client_ca = "{0}/ca.crt"
crl = "{0}/crl.pem"
[ops]
listen = "127.0.0.1:0"
[data]
directory = "data"
[keys]
ring = "{0}/keyring.json"
log_signer = "{0}/log-signer.key"
[log]
origin = "shikaku.example/log"
file = "process.log"
[[issuer]]
name = "https://card-issuer.shikaku.example"
jwks = "{0}/card-issuer.jwks.json"
[[authority]]
code = "132012"
adapter = "published"
since = "2026-04-01"
{1}
)",
        certs().string(), extra);
}

void GatewayFixture::start(const std::vector<std::string>& arguments) {
    fs::remove(folder_ / "process.log");
    if (!std::exchange(made_, true)) {
        const Finished made =
            run({program("shikaku"), "init", "--config", (folder_ / "shikaku.toml").string()});
        if (made.exit_code != 0) throw std::runtime_error("shikaku init: " + made.output);
    }
    std::vector<std::string> command{program("shikaku"), "serve", "--config",
                                     (folder_ / "shikaku.toml").string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    process_ = std::make_unique<Process>(std::move(command), folder_ / "output");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (true) {
        if (const auto line = listening(folder_ / "process.log")) {
            api_port_ = line->at("api_port").get<std::uint16_t>();
            ops_port_ = line->at("ops_port").get<std::uint16_t>();
            break;
        }
        if (!process_->running() || std::chrono::steady_clock::now() > deadline) {
            std::ifstream in(folder_ / "output");
            std::ostringstream output;
            output << in.rdbuf();
            throw std::runtime_error("the gateway did not start: " + output.str());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    clients_.clear();
}

void GatewayFixture::kill9() {
    process_->kill9();
}

int GatewayFixture::terminate() {
    process_->signal(SIGTERM);
    return process_->wait();
}

std::string GatewayFixture::url() const {
    return fmt::format("https://127.0.0.1:{}", api_port_);
}

http::Client& GatewayFixture::as(const std::string& certificate) {
    auto& client = clients_[certificate];
    if (!client) {
        auto tls = must(http::TlsContext::client({.certificate = certs() / (certificate + ".crt"),
                                                  .key = certs() / (certificate + ".key"),
                                                  .ca = certs() / "ca.crt",
                                                  .crl = {}}));
        client = must(http::Client::make(url(), std::move(tls)));
    }
    return *client;
}

http::ClientResponse GatewayFixture::call(const std::string& certificate, http::Method method,
                                          const std::string& target, std::string body,
                                          std::vector<http::Header> headers) {
    http::ClientRequest request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    if (!body.empty()) request.content_type = "application/json";
    request.body = std::move(body);
    return must(as(certificate).send_and_wait(std::move(request)));
}

http::ClientResponse GatewayFixture::ops(const std::string& path) {
    const auto client =
        must(http::Client::make(fmt::format("http://127.0.0.1:{}", ops_port_), nullptr));
    http::ClientRequest request;
    request.target = path;
    return must(client->send_and_wait(std::move(request)));
}

std::string GatewayFixture::token(const std::string& certificate, const identity::DemoCard& card,
                                  std::string token_id) const {
    const std::int64_t now = now_s();
    identity::CardToken person = must(identity::tap(card, *linkage_, now));
    person.issuer = "https://card-issuer.shikaku.example";
    person.token_id = std::move(token_id);
    person.expires_s = now + 300;
    return issuer_->issue(
        {.person = std::move(person),
         .audience = "shikaku",
         .issued_s = now,
         .client_certificate =
             must(crypto::Certificate::from_pem_file(certs() / (certificate + ".crt"))).sha256});
}

std::string GatewayFixture::question(const std::string& token, const std::string& setting) {
    return fmt::format(R"({{"card_token":"{}","setting":"{}"}})", token, setting);
}

http::ClientResponse GatewayFixture::ask(const std::string& certificate,
                                         const identity::DemoCard& card,
                                         std::vector<http::Header> headers) {
    return call(certificate, http::Method::post, "/v1/eligibility",
                question(token(certificate, card)), std::move(headers));
}

void GatewayFixture::publish_hachioji(const std::string& csv) {
    const auto pack = must(
        read_file(fs::path(SHIKAKU_SOURCE_DIR) / "municipal-mocks" / "schemes" / "132012.json"));
    const auto accepted = call("authority-132012", http::Method::put, "/v1/schemes", pack);
    if (accepted.status != 200) throw std::runtime_error("pack refused: " + accepted.body);
    const auto published = upload(csv, "full");
    const auto report = parse_json(published.body);
    if (published.status != 202 || !report || report->value("state", "") != "active")
        throw std::runtime_error("publication refused: " + published.body);
}

http::ClientResponse GatewayFixture::upload(const std::string& csv, const std::string& mode,
                                            std::vector<http::Header> headers) {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.target = "/v1/publications?mode=" + mode;
    request.headers = std::move(headers);
    request.headers.push_back({"Idempotency-Key", identity::random_token_id()});
    request.content_type = "text/csv; charset=utf-8";
    request.body = csv;
    return must(as("authority-132012").send_and_wait(std::move(request)));
}

std::string GatewayFixture::vkey() const {
    return listening(folder_ / "process.log")->at("log").get<std::string>();
}

std::string GatewayFixture::process_log() const {
    std::string all;
    for (const char* file : {"process.log", "output"}) {
        std::ifstream in(folder_ / file);
        all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
}

Finished GatewayFixture::verify_log() const {
    return run({program("shikaku-audit"), "verify", "--database", (data() / "log.db").string(),
                "--vkey", vkey(), "--keyring", (certs() / "keyring.json").string()});
}

identity::DemoCard person(const std::string& birth_date) {
    return {.id = "person",
            .title_ja = "八王子市の子ども",
            .title_en = "A child of Hachioji",
            .personal_number = identity::random_personal_number(),
            .birth_date = *domain::Date::parse_iso(birth_date),
            .residence = domain::AuthorityCode::parse("132012"),
            .consent = true,
            .proof = identity::ProofMethod::face,
            .insurance = {}};
}

std::string link_key_text(const identity::DemoCard& card) {
    const auto linkage = must(identity::LinkageSecret::load(certs() / "linkage.secret"));
    return to_base64url(must(linkage.link_key(card.personal_number)));
}

std::string csv_header() {
    return "history_key,certificate_type_id,link_key,scheme_id,payer_number,recipient_number,"
           "certificate_name,segment,income_segment,additional_conditions,designated_institutions,"
           "always_reimbursement,cap_monthly_yen,valid_from,valid_to,not_disclosed,birth_date,"
           "deleted\n";
}

std::string csv_row(const identity::DemoCard& card, const std::string& history_key,
                    const std::string& recipient_number) {
    return fmt::format(
        "{},T1,{},maru-ko,88131248,{},マル子医療証,,,,,0,,2020-04-01,2030-03-31,0,{},0\n",
        history_key, link_key_text(card), recipient_number, card.birth_date.iso());
}

}  // namespace shikaku::test

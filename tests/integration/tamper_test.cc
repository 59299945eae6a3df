// What shikaku-audit says, and with which exit code, when a log's files were edited behind the
// gateway's back, when an older copy stands in for the log, and when the server it asks lies. And
// that the gateway does not start over any of it, but says what is wrong.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "gateway/http/server.h"
#include "gateway/storage/sqlite/database.h"
#include "gateway/storage/sqlite/log_schema.h"
#include "gateway/support/file.h"
#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using http::Method;
using test::GatewayFixture;
namespace fs = std::filesystem;

constexpr int kAnswers = 8;

// A gateway that has answered some questions.
struct Answered {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();
    std::vector<std::uint64_t> answers;  // their indexes in the log
    std::string vkey;

    Answered() {
        gateway.start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
        ask(kAnswers);
        vkey = gateway.vkey();
    }
    void ask(int count) {
        for (int i = 0; i < count; ++i) {
            const auto answer = parse_json(gateway.ask("clinic-a", child).body);
            REQUIRE(answer.has_value());
            answers.push_back(answer->at("evidence").at("index").get<std::uint64_t>());
        }
    }
    [[nodiscard]] fs::path file(const std::string& name) const { return gateway.folder() / name; }
    [[nodiscard]] fs::path log_db() const { return gateway.data() / "log.db"; }
    [[nodiscard]] fs::path log_entries() const { return gateway.data() / "log.entries"; }
    void keep_data(const std::string& name) const {
        fs::copy(gateway.data(), file(name), fs::copy_options::recursive);
    }
    void put_back(const std::string& name) const {
        fs::remove_all(gateway.data());
        fs::copy(file(name), gateway.data(), fs::copy_options::recursive);
    }
    [[nodiscard]] std::string fetch(const std::string& target) {
        const auto response = gateway.call("auditor-a", Method::get, target);
        REQUIRE(response.status == 200);
        return response.body;
    }
    // A receipt is there when a checkpoint covers its entry.
    [[nodiscard]] std::string receipt(std::uint64_t index) {
        return fetch("/v1/receipts/" + std::to_string(index));
    }

    [[nodiscard]] test::Finished audit(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), test::program("shikaku-audit"));
        return test::run(std::move(arguments), {"SHIKAKU_LOG_VKEY=" + vkey});
    }
    [[nodiscard]] test::Finished verify_files(std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments = {"verify",     "--json",
                                              "--database", log_db(),
                                              "--keyring",  test::certs() / "keyring.json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return audit(std::move(arguments));
    }
    [[nodiscard]] static std::vector<std::string> at(const std::string& url) {
        return {"--url",  url,
                "--ca",   test::certs() / "ca.crt",
                "--cert", test::certs() / "auditor-a.crt",
                "--key",  test::certs() / "auditor-a.key"};
    }
    [[nodiscard]] test::Finished ask_server(const std::string& url,
                                            std::vector<std::string> arguments) const {
        for (const std::string& one : at(url))
            arguments.push_back(one);
        return audit(std::move(arguments));
    }
    void sql(const std::string& statement) const {
        auto database = storage::Database::open(storage::log_database(log_db(), false));
        REQUIRE(database);
        REQUIRE(database->execute(statement));
        REQUIRE(database->changes() > 0);
    }
    [[nodiscard]] std::int64_t number(const std::string& query) const {
        auto database = storage::Database::open(storage::log_database(log_db(), true));
        REQUIRE(database);
        auto statement = database->prepare(query);
        REQUIRE(statement);
        REQUIRE(statement->step().value());
        return statement->integer(0);
    }
    void change_entries(const std::function<void(std::string&)>& change) const {
        std::string bytes = read_file(log_entries()).value();
        change(bytes);
        std::ofstream(log_entries(), std::ios::binary | std::ios::trunc) << bytes;
    }
};

// What verify prints with --json, behind the process log of the libraries it uses.
Json result(const test::Finished& finished) {
    const auto at = finished.output.find("{\"");
    REQUIRE(at != std::string::npos);
    const auto json = parse_json(finished.output.substr(at, finished.output.find('\n', at) - at));
    REQUIRE(json.has_value());
    return *json;
}

// Answers GET with the bodies it was given, whatever was asked for.
class Liar final : public http::Service {
  public:
    std::map<std::string, std::string> bodies;

    Result<http::BodyPlan> plan(http::Request&) override { return http::BodyPlan{}; }
    boost::asio::awaitable<http::Response> serve(http::Request& request) override {
        http::Response response;
        const auto found = bodies.find(request.path);
        response.status = found == bodies.end() ? 404 : 200;
        response.content_type = "text/plain";
        if (found != bodies.end()) response.body = found->second;
        co_return response;
    }
    boost::asio::awaitable<http::Response> refuse(Error, http::Request&) override {
        http::Response response;
        response.status = 400;
        co_return response;
    }
};

struct LyingServer {
    Liar service;
    http::Server server;

    LyingServer()
        : server({},
                 http::TlsContext::server({.certificate = test::certs() / "server.crt",
                                           .key = test::certs() / "server.key",
                                           .ca = test::certs() / "ca.crt",
                                           .crl = {}})
                     .value(),
                 service) {
        REQUIRE(server.start());
    }
    [[nodiscard]] std::string url() const {
        return fmt::format("https://127.0.0.1:{}", server.port());
    }
};

TEST_CASE_METHOD(Answered,
                 "edited files of a log are not verified, and the first bad entry is named") {
    REQUIRE(gateway.terminate() == 0);
    keep_data("good");
    const auto good = verify_files();
    INFO(good.output);
    REQUIRE(good.exit_code == 0);
    const auto size = result(good)["size"].get<std::uint64_t>();
    REQUIRE(result(good)["records"] == size);
    REQUIRE(result(good)["opened"] == size);
    const std::uint64_t entry = answers[2];
    const std::string where = " WHERE idx=" + std::to_string(entry);
    const auto at = static_cast<std::size_t>(number("SELECT at FROM entry" + where));

    struct Edit {
        const char* what;
        std::function<void()> make;
        int exit_code;
        std::optional<std::uint64_t> first_bad;
    };
    const Edit edits[] = {
        {"a leaf", [&] { sql("UPDATE entry SET leaf=zeroblob(42)" + where); }, 1, entry},
        {"a token", [&] { sql("UPDATE entry SET token=zeroblob(32)" + where); }, 1, entry},
        {"a place", [&] { sql("UPDATE entry SET at=at+1" + where); }, 1, entry},
        {"an erasure that no entry tells of", [&] { sql("UPDATE entry SET size=-size" + where); },
         1, entry},
        {"a row gone", [&] { sql("DELETE FROM entry" + where); }, 1, entry},
        {"the checkpoints gone", [&] { sql("DELETE FROM checkpoint"); }, 1, {}},
        {"a byte of a detail", [&] { change_entries([&](auto& all) { all[at + 9] ^= 1; }); }, 1,
         entry},
        {"a byte of a record", [&] { change_entries([&](auto& all) { all[at - 1] ^= 1; }); }, 1,
         entry},
        {"log.entries cut", [&] { change_entries([&](auto& all) { all.resize(at); }); }, 1, entry},
        {"log.entries emptied", [&] { change_entries([&](auto& all) { all.clear(); }); }, 1, 0},
        {"bytes behind the last entry", [&] { change_entries([&](auto& all) { all += "x"; }); }, 1,
         size},
        {"log.entries gone", [&] { fs::remove(log_entries()); }, 3, {}},
        {"log.db gone", [&] { fs::remove(log_db()); }, 3, {}},
        {"both gone", [&] { fs::remove_all(gateway.data()); }, 3, {}},
    };
    for (const Edit& edit : edits) {
        put_back("good");
        edit.make();
        const auto verified = verify_files();
        INFO(edit.what << ": " << verified.output);
        CHECK(verified.exit_code == edit.exit_code);
        const Json json = result(verified);
        CHECK(json["verified"] == false);
        REQUIRE(json.contains("first_bad_index") == edit.first_bad.has_value());
        if (edit.first_bad) CHECK(json["first_bad_index"] == *edit.first_bad);
    }
    fs::create_directory(file("no-tiles"));
    CHECK(audit({"verify", "--tiles", file("no-tiles")}).exit_code == 3);
}

TEST_CASE_METHOD(Answered, "a log is held against what was kept of it, from files and over HTTP") {
    std::ofstream(file("receipt")) << receipt(answers.back());
    REQUIRE(gateway.terminate() == 0);
    keep_data("older");
    gateway.start();
    ask(3);
    static_cast<void>(receipt(answers.back()));
    std::ofstream(file("checkpoint")) << fetch("/log/checkpoint");

    const std::vector<std::string> since = {"--since", file("checkpoint"), "--since",
                                            file("receipt")};
    const auto over_http = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"verify", "--json"});
        return ask_server(gateway.url(), std::move(more));
    };
    for (const auto& verified : {verify_files(since), over_http(since)}) {
        INFO(verified.output);
        CHECK(verified.exit_code == 0);
        CHECK(result(verified)["kept"] == 2);
    }

    std::ofstream(file("garbage")) << "garbage";
    std::string other = read_file(file("checkpoint")).value();
    other.replace(0, other.find('\n'), "other.example/log");
    std::ofstream(file("of-another-log")) << other;
    CHECK(verify_files({"--since", file("garbage")}).exit_code == 1);
    CHECK(verify_files({"--since", file("is-not-there")}).exit_code == 2);
    const auto another = over_http({"--since", file("of-another-log")});
    CHECK(another.exit_code == 1);
    CHECK(another.output.find("another log: other.example/log") != std::string::npos);

    // An older copy is whole in itself; only what was kept tells.
    REQUIRE(gateway.terminate() == 0);
    put_back("older");
    CHECK(verify_files().exit_code == 0);
    CHECK(verify_files({"--since", file("receipt")}).exit_code == 0);
    const auto smaller = verify_files(since);
    INFO(smaller.output);
    CHECK(smaller.exit_code == 1);
    CHECK(smaller.output.find("the log is smaller than it was") != std::string::npos);
}

// Two copies of the data, an older and a newer one, and the newest anchor beside.
struct Copied : Answered {
    std::string older_checkpoint;
    std::uint64_t older_size = 0;

    Copied() {
        static_cast<void>(receipt(answers.back()));
        older_checkpoint = fetch("/log/checkpoint");
        older_size = std::stoull(older_checkpoint.substr(older_checkpoint.find('\n') + 1));
        REQUIRE(gateway.terminate() == 0);
        keep_data("older");
        gateway.start();
        ask(3);
        REQUIRE(gateway.terminate() == 0);
        keep_data("good");
        fs::copy_file(anchor(), file("good.anchor"));
    }
    [[nodiscard]] fs::path anchor() const { return file("data.anchor"); }
    void restore() const {
        put_back("good");
        fs::copy_file(file("good.anchor"), anchor(), fs::copy_options::overwrite_existing);
    }
    void log_of(const std::string& copy) const {
        for (const char* name : {"log.db", "log.entries"})
            fs::copy_file(file(copy) / name, gateway.data() / name,
                          fs::copy_options::overwrite_existing);
    }
    void older_checkpoint_again() const {
        sql("DELETE FROM checkpoint");
        sql(fmt::format("INSERT INTO checkpoint VALUES (29918880, {}, '{}')", older_size,
                        older_checkpoint));
    }
    void cut_from(std::uint64_t index) const {
        const auto end = number(fmt::format("SELECT at+size FROM entry WHERE idx={}", index - 1));
        sql(fmt::format("DELETE FROM entry WHERE idx>={}", index));
        change_entries([&](auto& all) { all.resize(static_cast<std::size_t>(end)); });
    }
    // Why the gateway does not start; empty: it did.
    [[nodiscard]] std::string refusal() {
        try {
            gateway.start();
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        gateway.terminate();
        return {};
    }
};

TEST_CASE_METHOD(Copied, "the gateway does not start over less or other than was signed") {
    struct Edit {
        const char* what;
        std::function<void()> make;
        const char* words;
    };
    const Edit edits[] = {
        {"an older log.db with its log.entries", [&] { log_of("older"); },
         "shorter than what was signed"},
        {"an older data directory", [&] { put_back("older"); }, "shorter than what was signed"},
        {"the end of both files cut off",
         [&] {
             older_checkpoint_again();
             cut_from(older_size);
         },
         "shorter than what was signed"},
        {"the newest checkpoint gone and a later leaf changed",
         [&] {
             older_checkpoint_again();
             sql(fmt::format(
                 "UPDATE entry SET leaf=CAST(substr(leaf, 1, 10)||zeroblob(32) AS BLOB) "
                 "WHERE idx={}",
                 older_size));
         },
         "log.entries"},
        {"a later record changed in both files",
         [&] {
             older_checkpoint_again();
             const auto where = fmt::format(" FROM entry WHERE idx={}", older_size + 1);
             const auto at = static_cast<std::size_t>(number("SELECT at" + where));
             cut_from(older_size);
             change_entries([&](auto& all) {
                 const auto whole = read_file(file("good") / "log.entries").value();
                 all = whole;
                 all[at - 1] ^= 1;
             });
         },
         "log.entries"},
        {"log.db gone", [&] { fs::remove(log_db()); }, "log"},
        {"log.entries gone", [&] { fs::remove(log_entries()); }, "log.entries"},
        {"log.entries emptied", [&] { change_entries([](auto& all) { all.clear(); }); },
         "log.entries"},
        {"both gone, as when a volume is not mounted",
         [&] {
             fs::remove(log_db());
             fs::remove(log_entries());
         },
         "no log here"},
        {"an empty data directory",
         [&] {
             fs::remove_all(gateway.data());
             fs::create_directory(gateway.data());
         },
         "no log here"},
        {"registry.db gone", [&] { fs::remove(gateway.data() / "registry.db"); }, "registry.db"},
        {"the anchor gone", [&] { fs::remove(anchor()); }, "is not kept here"},
        {"the anchor edited",
         [&] {
             std::string other = older_checkpoint;
             other.front() = 'x';
             std::ofstream(anchor()) << other;
         },
         "data.anchor"},
    };
    for (const Edit& edit : edits) {
        restore();
        edit.make();
        const std::string words = refusal();
        INFO(edit.what << ": " << words);
        CHECK(words.find(edit.words) != std::string::npos);
        CHECK(words.find("terminate called") == std::string::npos);
    }
    restore();
    REQUIRE(refusal().empty());
    REQUIRE(verify_files({"--since", anchor()}).exit_code == 0);
}

TEST_CASE_METHOD(Answered, "another entry's receipt and another pack prove nothing") {
    const std::uint64_t asked = answers[0];
    const std::string index = std::to_string(asked);
    const std::string own = receipt(asked);
    const std::string others = receipt(answers[1]);
    std::ofstream(file("own")) << own;
    std::ofstream(file("others")) << others;
    CHECK(audit({"proof", "verify", file("own"), "--index", index}).exit_code == 0);
    CHECK(audit({"proof", "verify", file("others")}).exit_code == 0);
    const auto offline = audit({"proof", "verify", file("others"), "--index", index});
    INFO(offline.output);
    CHECK(offline.exit_code == 1);
    CHECK(offline.output.find("entry " + index + " was asked for") != std::string::npos);

    const auto directory = parse_json(fetch("/v1/authorities")).value();
    const std::string version = directory.at("authorities").at(0).at("pack_version");
    CHECK(version.size() == 64);
    const std::string pack_path = "/v1/schemes/132012/" + version;
    const std::string pack = fetch(pack_path);

    LyingServer liar;
    const auto replay = [&] { return ask_server(liar.url(), {"replay", "--index", index}); };
    const auto proof = [&] { return ask_server(liar.url(), {"proof", "--index", index}); };
    liar.service.bodies = {{"/v1/receipts/" + index, own}, {pack_path, pack}};
    CHECK(proof().exit_code == 0);
    const auto truthful = replay();
    INFO(truthful.output);
    CHECK(truthful.exit_code == 0);

    liar.service.bodies[pack_path] = pack + "\n";
    const auto other_pack = replay();
    CHECK(other_pack.exit_code == 1);
    CHECK(other_pack.output.find("another one than its version says") != std::string::npos);

    liar.service.bodies = {{"/v1/receipts/" + index, others}, {pack_path, pack}};
    for (const auto& refused : {replay(), proof()}) {
        CHECK(refused.exit_code == 1);
        CHECK(refused.output.find("entry " + index + " was asked for") != std::string::npos);
        CHECK(refused.output.find("c2sp.org/tlog-proof") == std::string::npos);
    }
}

TEST_CASE_METHOD(Answered, "a tile that is not there yet is 404, and no entry of the log") {
    const auto metric = [&](const std::string& name) {
        const std::string all = gateway.ops("/metrics").body;
        const auto at = all.find("\n" + name);
        return at == std::string::npos ? 0.0 : std::stod(all.substr(all.find(' ', at + 1)));
    };
    const double entries = metric("shikaku_log_entries_total");
    const double misses = metric("shikaku_log_tile_misses_total");
    int asked = 0;
    for (const char* path : {"0/999", "0/000", "entries/000.p/200", "7/000.p/1", "0/0", "x"}) {
        INFO(path);
        const auto response =
            gateway.call("auditor-a", Method::get, std::string("/log/tile/") + path);
        CHECK(response.status == 404);
        CHECK(parse_json(response.body)->at("code") == "not_found");
        ++asked;
    }
    CHECK(metric("shikaku_log_tile_misses_total") == misses + asked);
    CHECK(metric("shikaku_log_entries_total") == entries);
    CHECK(metric("shikaku_denials_total") == 0);
    // Another path that is not there is a denial like any other.
    CHECK(gateway.call("auditor-a", Method::get, "/log/elsewhere").status == 404);
    CHECK(metric("shikaku_log_entries_total") == entries + 1);
}

}  // namespace

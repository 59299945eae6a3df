// load: asks a server over mutual TLS as fast, or at the rate, that is wanted and prints figures as
// JSON. Also makes what such a run needs: an issuer of card tokens and a population to publish.
//
// Exit code 1 when an answer was not as expected, so that a wrong answer is never a fast one.
#include <sched.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <limits>

#include "tests/bench/load/attack.h"
#include "tests/bench/load/population.h"
#include "tests/bench/load/runner.h"
#include "tests/bench/load/silence.h"
#include "tests/bench/load/stampede.h"
#include "tests/bench/load/tokens.h"

namespace {

using namespace shikaku::bench;

struct Arguments {
    EndpointOptions endpoint;
    RunOptions run;
    TokenPlan tokens;
    AttackOptions attack;
    std::string path;
    std::string hostile;
    std::size_t requests = 20'000;
    std::size_t batch = 0;
    double seconds = 3;
    double warm_up_seconds = 0.3;
    bool receipt = false;
    int cpu = -1;
    std::string folder;
    std::string silent_at = "127.0.0.1";
    std::uint16_t silent_udp = 0;
    std::uint16_t silent_tcp = 0;
    PopulationPlan population;
};

void pin_to(int cpu) {
    if (cpu < 0) {
        return;
    }
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    sched_setaffinity(0, sizeof set, &set);
}

void raise_file_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

Requests make_requests(const Arguments& arguments, const Endpoint& endpoint) {
    if (!arguments.path.empty()) {
        return Requests::get(endpoint.host, arguments.path);
    }
    if (!arguments.hostile.empty()) {
        return Requests::hostile(endpoint.host, arguments.hostile);
    }
    TokenPlan plan = arguments.tokens;
    plan.certificate_thumbprint = endpoint.certificate_thumbprint;
    if (arguments.batch > 0) {
        return Requests::batches(endpoint.host, plan, arguments.requests, arguments.batch);
    }
    return Requests::questions(endpoint.host, plan, arguments.requests, arguments.receipt);
}

void print(const std::map<int, std::uint64_t>& statuses) {
    std::cout << "\"statuses\": {";
    const char* comma = "";
    for (const auto& [status, count] : statuses) {
        std::cout << comma << "\"" << status << "\": " << count;
        comma = ", ";
    }
    std::cout << "}}" << '\n' << std::flush;
}

void print(const RunResult& result, std::size_t questions_in_each) {
    const std::uint64_t answered = result.latency.count() - result.late;
    const auto answers = static_cast<double>(answered);
    const auto microseconds = [&](double share) {
        return static_cast<double>(result.latency.quantile(share)) / 1e3;
    };
    std::cout << "{\"answers\": " << answered << ", \"seconds\": " << result.seconds
              << ", \"per_second\": " << answers / result.seconds << ", \"questions_per_second\": "
              << answers * static_cast<double>(questions_in_each) / result.seconds
              << ", \"p50_us\": " << microseconds(0.5) << ", \"p90_us\": " << microseconds(0.9)
              << ", \"p99_us\": " << microseconds(0.99) << ", \"p999_us\": " << microseconds(0.999)
              << ", \"max_us\": " << static_cast<double>(result.latency.max()) / 1e3
              << ", \"asked\": " << result.asked << ", \"unexpected\": " << result.unexpected
              << ", \"lost\": " << result.lost << ", \"late\": " << result.late
              << ", \"ran_out\": " << (result.ran_out ? "true" : "false")
              << ", \"resumed\": " << result.resumed << ", \"body_bytes\": " << result.body_bytes
              << ", \"load_cpu\": " << result.own_cpu_seconds / result.seconds
              << ", \"server_cpu\": " << result.server_cpu_seconds / result.seconds
              << ", \"server_us_each\": "
              << (answered == 0 ? 0 : result.server_cpu_seconds * 1e6 / answers) << ", ";
    print(result.statuses);
}

int run_load(Arguments& arguments) {
    raise_file_limit();
    const Endpoint endpoint = make_endpoint(arguments.endpoint);
    Requests requests = make_requests(arguments, endpoint);
    pin_to(arguments.cpu);  // after signing, which takes all cores
    arguments.run.duration = std::chrono::milliseconds(static_cast<long>(arguments.seconds * 1e3));
    arguments.run.warm_up =
        std::chrono::milliseconds(static_cast<long>(arguments.warm_up_seconds * 1e3));
    const RunResult result = run(endpoint, requests, arguments.run);
    if (result.latency.count() == result.late && arguments.run.rate == 0 &&
        !arguments.run.whatever_comes) {
        throw std::runtime_error("no answer inside the window: more --requests, or less --warm-up");
    }
    print(result, std::max<std::size_t>(1, arguments.batch));
    if (result.unexpected > 0) {
        std::cerr << result.unexpected
                  << " answers were not as expected, the first: " << result.first_unexpected
                  << "\n";
        return 1;
    }
    return 0;
}

int hold_connections(const Arguments& arguments) {
    raise_file_limit();
    const Endpoint endpoint = make_endpoint(arguments.endpoint);
    Requests requests = make_requests(arguments, endpoint);
    pin_to(arguments.cpu);
    return hold(endpoint, requests, arguments.run.connections) == arguments.run.connections ? 0 : 1;
}

int run_attack(Arguments& arguments) {
    raise_file_limit();
    pin_to(arguments.cpu);
    arguments.attack.connections = arguments.run.connections;
    arguments.attack.duration =
        std::chrono::milliseconds(static_cast<long>(arguments.seconds * 1e3));
    const AttackResult result = attack(arguments.endpoint, arguments.attack);
    std::cout << "{\"seconds\": " << result.seconds << ", \"opened\": " << result.tally.opened
              << ", \"ended\": " << result.tally.ended << ", \"ready\": " << result.tally.ready
              << ", \"open_at_end\": " << result.open_at_end
              << ", \"key_updates\": " << result.tally.key_updates
              << ", \"sent_bytes\": " << result.tally.sent_bytes << ", ";
    print(result.tally.statuses);
    return 0;
}

int run_stampede(const Arguments& arguments) {
    raise_file_limit();
    const Endpoint endpoint = make_endpoint(arguments.endpoint);
    Requests requests = make_requests(arguments, endpoint);
    pin_to(arguments.cpu);
    const StampedeResult result = stampede(endpoint, requests, arguments.run.connections);
    std::cout << "{\"seconds\": " << result.seconds << ", \"half_seconds\": " << result.half_seconds
              << ", \"answered\": " << result.answered << ", \"lost\": " << result.lost << ", ";
    print(result.statuses);
    return result.answered == arguments.run.connections ? 0 : 1;
}

void add_endpoint(CLI::App& command, Arguments& arguments) {
    command.add_option("--url", arguments.endpoint.url, "https://ADDRESS:PORT")->required();
    CLI::Option* const key = command.add_option("--key", arguments.endpoint.key);
    command.add_option("--cert", arguments.endpoint.certificate, "without: a client without one")
        ->needs(key);
    command.add_option("--ca", arguments.endpoint.ca, "check the server's chain against these");
    command.add_option("--connections", arguments.run.connections);
    command.add_option("--cpu", arguments.cpu, "run on this core");
    command.add_option("--get", arguments.path, "ask this path, instead of questions");
}

void add_questions(CLI::App& command, Arguments& arguments) {
    command.add_option("--issuer-key", arguments.tokens.issuer_key, "PEM, RSA or P-256");
    command.add_option("--residence", arguments.tokens.residence);
    command.add_option("--first-person", arguments.tokens.first_person);
    command.add_option("--people", arguments.tokens.people)->check(CLI::PositiveNumber);
    command.add_option("--requests", arguments.requests,
                       "signed before the run; it ends with them");
    command.add_option("--batch", arguments.batch, "questions in each request");
    command.add_flag("--receipt", arguments.receipt);
    command.add_flag("--expired", arguments.tokens.expired, "tokens that must be refused");
    command.add_flag("--forged", arguments.tokens.forged, "tokens with a wrong ES384 signature");
}

void add_window(CLI::App& command, Arguments& arguments) {
    command.add_option("--seconds", arguments.seconds);
    command.add_option("--warm-up", arguments.warm_up_seconds, "seconds before, not counted");
    command.add_option("--rate", arguments.run.rate, "requests/s; without, as fast as answered");
    command.add_flag("--reconnect", arguments.run.reconnect, "a connection for each request");
    command.add_flag("--resume", arguments.run.resume, "with --reconnect: by session ticket");
    command.add_option("--expect-status", arguments.run.expected_status);
    command.add_option("--sent-away", arguments.run.sent_away_status,
                       "a status that is expected as well, and no answer");
    command.add_flag("--whatever-comes", arguments.run.whatever_comes,
                     "no answer is wrong and connections may end");
    command.add_option("--hostile", arguments.hostile, "send this body, instead of questions")
        ->check(CLI::IsMember(hostile_bodies()));
    command.add_option("--expect", arguments.run.expected_text, "text that must be in each body");
    command.add_option("--server-pid", arguments.run.server, "report its CPU time too");
}

int dispatch(int argc, char** argv) {
    CLI::App app("Load generator and its material for the gateway's figures", "load");
    app.require_subcommand(1);
    Arguments arguments;

    CLI::App* const run = app.add_subcommand("run", "ask and measure");
    add_endpoint(*run, arguments);
    add_questions(*run, arguments);
    add_window(*run, arguments);

    CLI::App* const hold = app.add_subcommand("hold", "open connections and keep them idle");
    add_endpoint(*hold, arguments);

    CLI::App* const attack = app.add_subcommand("attack", "do anything but ask");
    add_endpoint(*attack, arguments);
    attack->add_option("--kind", arguments.attack.kind)
        ->required()
        ->check(CLI::IsMember(attacks()));
    attack->add_option("--addresses", arguments.attack.addresses, "of 127.1.0.0/16 to come from")
        ->check(CLI::Range(1, 65'000));
    attack->add_option("--seconds", arguments.seconds);

    CLI::App* const stampede = app.add_subcommand(
        "stampede", "one question on each of many connections that all begin at once");
    add_endpoint(*stampede, arguments);
    add_questions(*stampede, arguments);

    CLI::App* const silence = app.add_subcommand("silence", "be a server that never answers");
    silence->add_option("--address", arguments.silent_at);
    silence->add_option("--udp", arguments.silent_udp, "port");
    silence->add_option("--tcp", arguments.silent_tcp, "port");

    CLI::App* const issuer = app.add_subcommand("issuer", "make signing keys and their JWKS");
    issuer->add_option("--out", arguments.folder, "folder")->required();

    CLI::App* const population = app.add_subcommand("population", "make a recipients CSV");
    add_population_options(*population, arguments.population);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (run->parsed()) {
        return run_load(arguments);
    }
    if (hold->parsed()) {
        return hold_connections(arguments);
    }
    if (attack->parsed()) {
        return run_attack(arguments);
    }
    if (stampede->parsed()) {
        return run_stampede(arguments);
    }
    if (silence->parsed()) {
        be_silent(arguments.silent_at.c_str(), arguments.silent_udp, arguments.silent_tcp);
    } else if (issuer->parsed()) {
        make_issuer(arguments.folder);
    } else {
        write_population(arguments.population);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        std::signal(SIGPIPE, SIG_IGN);  // a server may end any connection at any time
        return dispatch(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "load: " << error.what() << "\n";
        return 3;
    }
}

// load: asks a server over mutual TLS as fast, or at the rate, that is wanted and prints figures as
// JSON. Also makes what such a run needs: an issuer of card tokens and a population to publish.
//
// Exit code 1 when an answer was not as expected, so that a wrong answer is never a fast one.
#include <sched.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <limits>

#include "tests/bench/load/population.h"
#include "tests/bench/load/runner.h"
#include "tests/bench/load/tokens.h"

namespace {

using namespace shikaku::bench;

struct Arguments {
    EndpointOptions endpoint;
    RunOptions run;
    TokenPlan tokens;
    std::string path;
    std::size_t requests = 20'000;
    std::size_t batch = 0;
    double seconds = 3;
    double warm_up_seconds = 0.3;
    bool receipt = false;
    int cpu = -1;
    std::string folder;
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
    TokenPlan plan = arguments.tokens;
    plan.certificate_thumbprint = endpoint.certificate_thumbprint;
    if (arguments.batch > 0) {
        return Requests::batches(endpoint.host, plan, arguments.requests, arguments.batch);
    }
    return Requests::questions(endpoint.host, plan, arguments.requests, arguments.receipt);
}

void print(const RunResult& result, std::size_t questions_in_each) {
    const auto answers = static_cast<double>(result.latency.count() - result.late);
    const auto microseconds = [&](double share) {
        return static_cast<double>(result.latency.quantile(share)) / 1e3;
    };
    std::cout << "{\"answers\": " << answers << ", \"seconds\": " << result.seconds
              << ", \"per_second\": " << answers / result.seconds << ", \"questions_per_second\": "
              << answers * static_cast<double>(questions_in_each) / result.seconds
              << ", \"p50_us\": " << microseconds(0.5) << ", \"p90_us\": " << microseconds(0.9)
              << ", \"p99_us\": " << microseconds(0.99) << ", \"p999_us\": " << microseconds(0.999)
              << ", \"max_us\": " << static_cast<double>(result.latency.max()) / 1e3
              << ", \"unexpected\": " << result.unexpected << ", \"lost\": " << result.lost
              << ", \"late\": " << result.late << ", \"resumed\": " << result.resumed
              << ", \"body_bytes\": " << result.body_bytes
              << ", \"load_cpu\": " << result.own_cpu_seconds / result.seconds
              << ", \"server_cpu\": " << result.server_cpu_seconds / result.seconds
              << ", \"server_us_each\": " << result.server_cpu_seconds * 1e6 / answers
              << ", \"statuses\": {";
    const char* comma = "";
    for (const auto& [status, count] : result.statuses) {
        std::cout << comma << "\"" << status << "\": " << count;
        comma = ", ";
    }
    std::cout << "}}" << std::endl;
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
    if (result.latency.count() == result.late) {
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

void add_endpoint(CLI::App& command, Arguments& arguments) {
    command.add_option("--url", arguments.endpoint.url, "https://ADDRESS:PORT")->required();
    command.add_option("--cert", arguments.endpoint.certificate)->required();
    command.add_option("--key", arguments.endpoint.key)->required();
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
}

void add_window(CLI::App& command, Arguments& arguments) {
    command.add_option("--seconds", arguments.seconds);
    command.add_option("--warm-up", arguments.warm_up_seconds, "seconds before, not counted");
    command.add_option("--rate", arguments.run.rate, "requests/s; without, as fast as answered");
    command.add_flag("--reconnect", arguments.run.reconnect, "a connection for each request");
    command.add_flag("--resume", arguments.run.resume, "with --reconnect: by session ticket");
    command.add_option("--expect-status", arguments.run.expected_status);
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
    if (issuer->parsed()) {
        make_issuer(arguments.folder);
    } else {
        write_population(arguments.population);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return dispatch(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "load: " << error.what() << "\n";
        return 3;
    }
}

// shikaku-desk: the program of clinics and pharmacies.
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/programs/desk/batch.h"
#include "gateway/programs/desk/check.h"
#include "gateway/programs/desk/checkups.h"
#include "gateway/programs/desk/receipt.h"
#include "gateway/support/broken_pipe.h"
#include "gateway/support/version.h"

int main(int argc, char** argv) {
    shikaku::survive_broken_pipes();
    // NOLINTNEXTLINE(google-build-using-namespace): a program
    using namespace shikaku::programs;
    CLI::App program{
        "Ask about a patient's subsidies and checkups / 患者の医療費助成と検診を照会する"};
    program.set_version_flag("--version", shikaku::version());
    program.require_subcommand(1);

    DeskCheck check;
    check.add_to(*program.add_subcommand("check", "One patient / 一人を照会する"));
    DeskBatch batch;
    batch.add_to(*program.add_subcommand("batch", "Many patients / まとめて照会する"));
    DeskCheckups checkups;
    checkups.add_to(
        *program.add_subcommand("checkups", "Checkups of one patient / 検診を照会する"));
    DeskReceipt receipt;
    receipt.add_to(*program.add_subcommand("receipt", "Receipts / 受領証"));
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return end_parsing(program, error);
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
    const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    if (program.got_subcommand("check")) return check.run(colour);
    if (program.got_subcommand("batch")) return batch.run(colour);
    if (program.got_subcommand("checkups")) return checkups.run(colour);
    return receipt.run();
}

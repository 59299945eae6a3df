// shikaku-audit: the auditor's program.
#include <CLI/CLI.hpp>

#include "gateway/programs/audit/proof.h"
#include "gateway/programs/audit/replay.h"
#include "gateway/programs/audit/verify.h"
#include "gateway/support/broken_pipe.h"
#include "gateway/support/version.h"

int main(int argc, char** argv) {
    shikaku::survive_broken_pipes();
    // NOLINTNEXTLINE(google-build-using-namespace): a program
    using namespace shikaku::programs;
    CLI::App program{"Verify the log / ログを検証する"};
    program.set_version_flag("--version", shikaku::version());
    program.require_subcommand(1);

    AuditVerify verify;
    verify.add_to(*program.add_subcommand("verify", "The whole log / ログ全体を検証する"));
    AuditProof proof;
    proof.add_to(*program.add_subcommand("proof", "One entry / 記録一件の証明"));
    AuditReplay replay;
    replay.add_to(*program.add_subcommand("replay", "Derive an answer again / 回答を導き直す"));
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return end_parsing(program, error);
    }
    if (program.got_subcommand("verify")) return verify.run();
    if (program.got_subcommand("replay")) return replay.run();
    return proof.run();
}
